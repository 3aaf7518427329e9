"""Tiny networks that tests draw: ONNX files written byte by byte, so that no test needs the package `onnx`.

The colour network answers in any layout of a detector. It cuts its input into cells of 32 × 32 pixels and gives one
place a cell: the cell as the box, and for the labels red, green and blue how much of that colour is in it, 0 to 1. So a
test paints a square and knows exactly what must be found.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.manifest import ModelEntry

CELL = 32
FRACTIONS_OF = (320, 320)
"""Width and height of the input."""
LABELS = ("red", "green", "blue")
FLOAT, INT64, FLOAT16 = 1, 7, 10
Dim = int | str


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes | str) -> bytes:
    content = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _ints(name: str, values: Sequence[int]) -> bytes:
    return _bytes(5, _bytes(1, name) + b"".join(_number(8, value) for value in values) + _number(20, 7))


def _int(name: str, value: int) -> bytes:
    return _bytes(5, _bytes(1, name) + _number(3, value) + _number(20, 2))


def _node(kind: str, inputs: str, output: str, *attributes: bytes) -> bytes:
    doors = b"".join(_bytes(1, name) for name in inputs.split()) + _bytes(2, output)
    return _bytes(1, doors + _bytes(4, kind) + b"".join(attributes))


def _split(inputs: str, outputs: str) -> bytes:
    """A Split along the channels."""
    doors = b"".join(_bytes(1, name) for name in inputs.split()) + b"".join(_bytes(2, o) for o in outputs.split())
    return _bytes(1, doors + _bytes(4, "Split") + _int("axis", 1))


def _constant(name: str, values: Sequence[float] | Sequence[int], shape: Sequence[int]) -> bytes:
    whole = all(isinstance(value, int) for value in values)
    raw = struct.pack(f"<{len(values)}{'q' if whole else 'f'}", *values)
    dims = b"".join(_number(1, size) for size in shape)
    return _bytes(5, dims + _number(2, INT64 if whole else FLOAT) + _bytes(8, name) + _bytes(9, raw))


def _door(field: int, name: str, shape: Sequence[Dim], kind: int = FLOAT) -> bytes:
    dims = b"".join(_bytes(1, _number(1, d) if isinstance(d, int) else _bytes(2, d)) for d in shape)
    tensor = _number(1, kind) + _bytes(2, dims)
    return _bytes(field, _bytes(1, name) + _bytes(2, _bytes(1, tensor)))


def _model(graph: bytes) -> bytes:
    return _number(1, 8) + _bytes(8, _bytes(1, "") + _number(2, 17)) + _bytes(7, _bytes(2, "drawn") + graph)


@dataclass(frozen=True)
class Colours:
    """The colour network; its fields make it wrong in one way each."""

    input: str = "images"
    output: str = "output0"
    shape: tuple[Dim, ...] = ("batch", 3, "height", "width")
    half: bool = False
    """It takes pictures in 16-bit floats."""
    more_outputs: tuple[str, ...] = ()
    """Further outputs, which say nothing of use."""
    layout: str = "yolo"
    """How it answers; those in fractions do so of FRACTIONS_OF."""
    box: float = float(CELL)
    """Width and height of every box in pixels; only the part of it that lies in the picture counts."""
    down: float = 0.0
    """How far below its cell every box lies, in pixels."""
    fails_above: float | None = None
    """Pictures with a cell that is brighter than this in any colour give NaN, as a broken network does."""

    def onnx(self) -> bytes:
        """Return the file's content."""
        pool = _ints("kernel_shape", (CELL, CELL)), _ints("strides", (CELL, CELL))
        nodes = [
            _node("Cast", self.input, "images_32", _int("to", FLOAT)),
            _node("AveragePool", "images_32", "cells", *pool),
            _node("Mul", "cells zero", "nothing"),
            _node("ReduceMax", "nothing", "blank", _ints("axes", (1,)), _int("keepdims", 1)),
            _node("Add", "blank one", "ones"),
            _node("CumSum", "ones axis_x", "column"),
            _node("CumSum", "ones axis_y", "row"),
            _node("Sub", "column half", "cell_x"),
            _node("Sub", "row above", "cell_y"),
            _node("Mul", "cell_x cell", "x"),
            _node("Mul", "cell_y cell", "y"),
            _node("Mul", "ones box", "extent"),
            *self._scores(),
            _node("Concat", "x y extent extent scores", "grid", _int("axis", 1)),
            _node("Reshape", "grid flat", "plain_form"),
            *self._answer(),
            *(_node("Identity", "cells", name) for name in self.more_outputs),
        ]
        constants = [
            *(_constant(name, [value], [1]) for name, value in self._floats().items()),
            _constant("axis_x", [3], []),
            _constant("axis_y", [2], []),
            _constant("flat", [0, 4 + len(LABELS), -1], [3]),
            _constant("fractions", [1 / side for side in FRACTIONS_OF] * 2, [1, 4, 1]),
            _constant("halves", [0.5, 0.5], [1, 2, 1]),
            _constant("parts", [2, 2, len(LABELS)], [3]),
            _constant("parts_of_all", [4, len(LABELS)], [2]),
        ]
        doors = [
            _door(11, self.input, self.shape, FLOAT16 if self.half else FLOAT),
            *(_door(12, name, ("batch", 3, "rows", "columns")) for name in self.more_outputs),
            _door(12, self.output, ("batch", "rows", "columns")),
        ]
        return _model(b"".join((*nodes, *constants, *doors)))

    def _answer(self) -> list[bytes]:
        """From the layout `yolo` to the one that is asked for."""
        if self.layout == "yolo":
            return [_node("Identity", "plain_form", self.output)]
        nodes = [
            _split("plain_form parts", "middle extents label_scores"),
            _split("plain_form parts_of_all", "in_pixels all_scores"),
            _node("ReduceMax", "label_scores", "best", _ints("axes", (1,)), _int("keepdims", 1)),
            _node("ArgMax", "label_scores", "number_64", _int("axis", 1), _int("keepdims", 1)),
            _node("Cast", "number_64", "number", _int("to", FLOAT)),
            _node("Mul", "extents halves", "half_extents"),
            _node("Sub", "middle half_extents", "upper_left"),
            _node("Add", "middle half_extents", "lower_right"),
            _node("Mul", "in_pixels fractions", "parts_of_input"),
            _node("Mul", "best zero", "none"),
            _node("Add", "none one", "sure"),
        ]
        columns = {
            "yolov5": "in_pixels sure label_scores",
            "yolo-end2end": "upper_left lower_right best number",
            "rtdetr": "parts_of_input label_scores",
            "rtdetr-end2end": "parts_of_input best number",
        }[self.layout]
        joined = _node("Concat", columns, "answer", _int("axis", 1))
        return [*nodes, joined, _node("Transpose", "answer", self.output, _ints("perm", (0, 2, 1)))]

    def _scores(self) -> list[bytes]:
        """A cell's colour, its mean grey taken off; NaN where a root is taken of less than nothing."""
        plain = [
            _node("ReduceMin", "cells", "grey", _ints("axes", (1,)), _int("keepdims", 1)),
            _node("Sub", "cells grey", "plain"),
        ]
        if self.fails_above is None:
            return [*plain, _node("Identity", "plain", "scores")]
        return [
            *plain,
            _node("Sub", "limit cells", "room"),
            _node("Sqrt", "room", "root"),
            _node("Mul", "root zero", "poison"),
            _node("Add", "plain poison", "scores"),
        ]

    def _floats(self) -> dict[str, float]:
        limit = 1.0 if self.fails_above is None else self.fails_above
        return {
            "zero": 0.0,
            "one": 1.0,
            "half": 0.5,
            "above": 0.5 - self.down / CELL,
            "cell": float(CELL),
            "box": self.box,
            "limit": limit,
        }


def write(folder: Path, network: Colours | None = None) -> tuple[Path, str]:
    """Write a network's file and return its path and digest."""
    content = (network or Colours()).onnx()
    path = folder / "colours.onnx"
    path.write_bytes(content)
    return path, hashlib.sha256(content).hexdigest()


def entry(sha256: str, **changes: object) -> ModelEntry:
    """Return the manifest's words for the colour network."""
    words: dict[str, object] = {
        "name": "colours",
        "file": "colours.onnx",
        "sha256": sha256,
        "layout": "yolo",
        "labels": LABELS,
        "size": 320,
        "licence": "AGPL-3.0-or-later",
        "card": "colours.md",
    }
    return ModelEntry.model_validate({**words, **changes})
