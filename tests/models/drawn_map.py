"""A tiny network of maps that tests draw: coloured squares are its water, or its heads.

Its input is cut into cells of 8 × 8 pixels, and each answers how much colour is in it: the brightest channel less the
darkest, 0 to 1, so that grey answers nothing. So a test paints squares and knows exactly what must be found.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from models.dense import DenseModel
from models.manifest import ModelEntry
from models.session import Session
from tests.models.drawn_model import _constant, _door, _int, _ints, _model, _node

CELL = 8


@dataclass(frozen=True)
class Saturation:
    """The network; its fields make it wrong in one way each."""

    tall: int = CELL
    """Height of a cell; another than CELL is not square."""
    channels: int = 1
    """How many times the answer is given."""
    factor: float = 1.0
    """What the answer is multiplied by."""

    def onnx(self) -> bytes:
        """Return the file's content."""
        pool = _ints("kernel_shape", (self.tall, CELL)), _ints("strides", (self.tall, CELL))
        nodes = [
            _node("AveragePool", "images", "cells", *pool),
            _node("ReduceMax", "cells", "most", _ints("axes", (1,)), _int("keepdims", 1)),
            _node("ReduceMin", "cells", "least", _ints("axes", (1,)), _int("keepdims", 1)),
            _node("Sub", "most least", "colour"),
            _node("Mul", "colour factor", "answer"),
            _node("Concat", " ".join(["answer"] * self.channels), "output0", _int("axis", 1)),
        ]
        doors = _door(11, "images", ("batch", 3, "height", "width"))
        doors += _door(12, "output0", ("batch", self.channels, "rows", "columns"))
        return _model(b"".join(nodes) + _constant("factor", [self.factor], [1]) + doors)


def model(folder: Path, network: Saturation | None = None, **changes: object) -> DenseModel:
    """Write a network's file and open it, by default as a mask at 320 pixels."""
    content = (network or Saturation()).onnx()
    path = folder / "map.onnx"
    path.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    words: dict[str, object] = {
        "name": "map",
        "file": path.name,
        "sha256": sha256,
        "layout": "mask",
        "labels": ["water"],
        "size": 320,
        "licence": "AGPL-3.0-or-later",
    }
    entry = ModelEntry.model_validate({**words, **changes})
    return DenseModel(entry, Session(path, sha256, provider="cpu"))
