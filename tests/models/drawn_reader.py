"""A tiny reader that tests draw: coloured squares are its characters.

It answers in the layout `ctc`. Its input is cut into an upper and a lower half and into columns of four pixels; red,
green and blue are the characters R, G and B, as probable as the place is full of that colour, and what is left says
that there is none. So a test paints squares and knows exactly what must be read.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ioc.types import Image
from models.manifest import ModelEntry
from models.plate_reader import PlateReader
from models.session import Session
from tests.models.drawn_model import _constant, _door, _int, _ints, _model, _node

SIZE = 160
SHADES = {"R": (0, 0, 255), "G": (0, 255, 0), "B": (255, 0, 0), " ": (0, 0, 0)}


@dataclass(frozen=True)
class Squares:
    """The network; its fields make it wrong in one way each."""

    characters: int = 3
    """How many characters it tells apart: more than three are copies of the last."""
    poisoned: bool = False
    """Whether bright pictures give NaN, as a broken network does."""

    def onnx(self) -> bytes:
        """Return the file's content."""
        pool = _ints("kernel_shape", (32, 4)), _ints("strides", (32, 4))
        nodes = [
            _node("AveragePool", "images", "cells", *pool),
            _node("ReduceMin", "cells", "grey", _ints("axes", (1,)), _int("keepdims", 1)),
            _node("Sub", "cells grey", "plain"),
            _node("ReduceMax", "plain", "fullest", _ints("axes", (1,)), _int("keepdims", 1)),
            _node("Sub", "one fullest", "none"),
            _node("Sub", "limit cells", "room"),
            _node("Sqrt", "room", "root"),
            _node("Mul", "root zero", "poison"),
            _node("Add", "plain poison", "scores"),
            _node("Concat", "scores" + " none" * (self.characters - 2), "places", _int("axis", 1)),
            _node("Transpose", "places", "output0", _ints("perm", (0, 2, 3, 1))),
        ]
        constants = [
            _constant("one", [1.0], [1]),
            _constant("zero", [0.0], [1]),
            _constant("limit", [0.9 if self.poisoned else 1.5], [1]),
        ]
        doors = _door(11, "images", ("batch", 3, "height", "width"))
        doors += _door(12, "output0", ("batch", 2, "places", self.characters + 1))
        return _model(b"".join(nodes) + b"".join(constants) + doors)


def write(folder: Path, network: Squares | None = None) -> tuple[Path, str]:
    """Write a network's file and return its path and digest."""
    content = (network or Squares()).onnx()
    path = folder / "squares.onnx"
    path.write_bytes(content)
    return path, hashlib.sha256(content).hexdigest()


def entry(sha256: str, **changes: object) -> ModelEntry:
    """Return the manifest's words for the network."""
    words: dict[str, object] = {
        "name": "squares",
        "file": "squares.onnx",
        "sha256": sha256,
        "layout": "ctc",
        "labels": ("R", "G", "B"),
        "size": SIZE,
        "licence": "AGPL-3.0-or-later",
        "card": "squares.md",
    }
    return ModelEntry.model_validate({**words, **changes})


def reader(folder: Path, network: Squares | None = None, **changes: object) -> PlateReader:
    """Return a reader that has the network."""
    path, sha256 = write(folder, network)
    return PlateReader(entry(sha256, **changes), Session(path, sha256, provider="cpu"))


def painted(*lines: str, fullness: float = 1.0) -> Image:
    """Return a crop with an upper and, if given, a lower line of squares, as strong as `fullness`."""
    image = np.zeros((64, SIZE, 3), np.uint8)
    for number, line in enumerate(lines):
        for place, character in enumerate(line):
            left = 8 + 16 * place
            image[32 * number : 32 * number + 32, left : left + 8] = np.array(SHADES[character]) * fullness
    return image
