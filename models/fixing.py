"""Writes a copy of a model that takes one input shape alone, as accelerators want it. Needs the package onnx."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ioc.errors import ModelError, UsageError
from models.session import read_verified

NEEDS_EXTRA = "export needs the package onnx: pip install 'city-ioc[train]'"


def fix_input(weights: Path, sha256: str, out: Path, shape: tuple[int, int]) -> None:
    """Write the weights to `out` with an input of that height and width, whole or not at all; the batch stays free.

    Raises UsageError when the input is fixed already, and ModelError when the package is missing, the weights are
    not those of that digest, or `out` cannot be written.
    """
    try:
        import onnx  # noqa: PLC0415  (the default install has none)
    except ImportError:
        raise ModelError(NEEDS_EXTRA) from None
    network = onnx.load_model_from_string(read_verified(weights, sha256))
    sides = network.graph.input[0].type.tensor_type.shape.dim[2:]
    if any(side.HasField("dim_value") for side in sides):
        raise UsageError(f"weights {weights}: their input is fixed already; export a model with free sides")
    for side, length in zip(sides, shape, strict=True):
        side.dim_value = length
    network = _with_shapes(onnx, network)
    partial = out.with_name(f".{out.name}.part")
    try:
        onnx.save_model(network, str(partial))
        partial.replace(out)
    except OSError as error:
        raise ModelError(f"{out}: cannot be written: {error.strerror}; choose another by --out") from None
    finally:
        partial.unlink(missing_ok=True)


def _with_shapes(onnx: Any, network: Any) -> Any:
    """Return the network with the shapes that follow from the input's, and none from before."""
    del network.graph.value_info[:]
    for door in network.graph.output:
        for size in door.type.tensor_type.shape.dim:
            if size.HasField("dim_param") and size.dim_param != "batch":
                size.Clear()
    return onnx.shape_inference.infer_shapes(network, data_prop=True)
