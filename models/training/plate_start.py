"""The arrays of a plate reader that was exported before, so that training can go on where its checkpoint is lost.

The export folds every normalisation into the convolution before it. What is read here is therefore pairs of weight and
bias, in the order in which the network computes; `plate_net.started` makes a network of them that can learn again.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from google.protobuf.message import DecodeError
from onnx import numpy_helper

from ioc.errors import ModelError

Array = npt.NDArray[np.float32]

OWN = "network."
"""How the export begins the names of arrays that it keeps as they are."""


@dataclass(frozen=True, slots=True)
class Exported:
    """An exported reader's arrays."""

    convolutions: list[tuple[Array, Array]]
    """Weight and bias of every convolution with a normalisation folded in, in the order of computing."""
    places: Array
    """What is added to the upper and the lower line, (1, 2, width, 1)."""
    named: dict[str, Array]
    """The other arrays by their names in the network."""


def read_exported(path: Path) -> Exported:
    """Return the arrays of a reader that this recipe exported.

    Raises ModelError when the file is missing or holds something else.
    """
    if not path.is_file():
        raise ModelError(f"{path} is missing: give an exported plate reader with --start")
    try:
        graph = onnx.load(str(path)).graph
    except DecodeError as error:
        raise ModelError(f"{path} is no ONNX file ({error}): give an exported plate reader with --start") from error
    arrays = {array.name: np.array(numpy_helper.to_array(array), np.float32) for array in graph.initializer}
    named = {name.removeprefix(OWN): array for name, array in arrays.items() if name.startswith(OWN)}
    folded = [name for name in arrays if not name.startswith(OWN)]
    convolutions = [
        (arrays[node.input[1]], arrays[node.input[2]])
        for node in graph.node
        if node.op_type == "Conv" and node.input[1] in folded
    ]
    places = [arrays[node.input[1]] for node in graph.node if node.op_type == "Add" and node.input[1] in folded]
    if "height" not in named or len(places) != 2 or not convolutions:
        raise ModelError(f"{path} is another network than this recipe exports: give --start a plate reader of its own")
    return Exported(convolutions, np.stack(places, axis=1), named)
