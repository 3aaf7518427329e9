"""A labelled set and a manifest that tests draw for the colour network: squares are what is to be found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from ioc.types import Image
from tests.models.drawn_model import LABELS, Colours, entry, write

SIDE = 320
CELL = 32
BGR = {"red": (0, 0, 255), "green": (0, 255, 0), "blue": (255, 0, 0)}

Square = tuple[str, int, int]
"""Colour, column and row of a cell."""


def picture(*squares: Square) -> Image:
    """Return a grey picture of 10 × 10 cells with some in a colour."""
    image = np.full((SIDE, SIDE, 3), 114, dtype=np.uint8)
    for colour, column, row in squares:
        image[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL] = BGR[colour]
    return image


def line(label: int, column: int, row: int) -> str:
    """Return a cell's line of a label file."""
    return f"{label} {(column + 0.5) / 10} {(row + 0.5) / 10} 0.1 0.1\n"


def draw_set(
    folder: Path,
    pictures: Mapping[str, Sequence[Square]],
    *,
    classes: Sequence[str] = LABELS,
    labels: Mapping[str, str] | None = None,
) -> Path:
    """Write the pictures, and as their labels what is painted, or the text that `labels` gives for a picture."""
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "classes.txt").write_text("\n".join(classes) + "\n", encoding="utf-8")
    for name, squares in pictures.items():
        cv2.imwrite(str(folder / "images" / f"{name}.png"), picture(*squares))
        painted = "".join(line(LABELS.index(colour), column, row) for colour, column, row in squares)
        text = painted if labels is None or name not in labels else labels[name]
        (folder / "labels" / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def draw_manifest(folder: Path, network: Colours | None = None, *, sha256: str | None = None) -> Path:
    """Write a manifest that lists the colour network, its weights and its card, and return the manifest's path."""
    for part in ("weights", "cards"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    _, digest = write(folder / "weights", network)
    (folder / "cards" / "colours.md").write_text("# colours\n", encoding="utf-8")
    words = entry(sha256 or digest)
    names = ", ".join(f'"{label}"' for label in words.labels)
    path = folder / "models.toml"
    path.write_text(
        f'[[model]]\nname = "{words.name}"\nfile = "{words.file}"\nsha256 = "{words.sha256}"\nlayout = "yolo"\n'
        f'labels = [{names}]\nsize = {words.size}\nlicence = "{words.licence}"\ncard = "{words.card}"\n',
        encoding="utf-8",
    )
    return path
