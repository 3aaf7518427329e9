"""Runs a network by OpenVINO behind the few methods of ONNX Runtime's session that `models.session` needs.

Floats stay 32 bits wide (`INFERENCE_PRECISION_HINT`): where a CPU has bfloat16, OpenVINO would take it unasked, and
the same picture would give other boxes on another machine. One stream, and as many threads as are asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

KINDS = {"f32": "tensor(float)", "f16": "tensor(float16)"}
"""OpenVINO's names of numbers, and ONNX Runtime's."""

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Door:
    """An input or output: its name, its sizes (None where free) and its kind of numbers."""

    name: str
    shape: list[int | None]
    type: str


class OpenVinoSession:
    """A compiled network. Raises RuntimeError, as OpenVINO does, when it cannot be compiled."""

    def __init__(self, content: bytes, threads: int) -> None:
        import openvino  # noqa: PLC0415  (an extra)

        core = openvino.Core()
        settings = {
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
        }
        self._network = core.compile_model(core.read_model(content, b""), "CPU", settings)
        self._request = self._network.create_infer_request()

    def get_inputs(self) -> list[Door]:
        """Return the inputs."""
        return [_door(port) for port in self._network.inputs]

    def get_outputs(self) -> list[Door]:
        """Return the outputs."""
        return [_door(port) for port in self._network.outputs]

    def run(self, outputs: Sequence[str], inputs: Mapping[str, Array]) -> list[Array]:
        """Return the named outputs for the inputs; they are the caller's own."""
        found = self._request.infer(dict(inputs))
        return [np.array(found[name]) for name in outputs]


def _door(port: Any) -> Door:
    sizes = [None if size.is_dynamic else int(size.get_length()) for size in port.get_partial_shape()]
    kind = port.get_element_type().get_type_name()
    return Door(port.get_any_name(), sizes, KINDS.get(kind, kind))
