"""Crops of plates that a user has labelled: a folder with `texts.csv`, to measure the plate reader on."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from ioc.errors import ModelError
from ioc.plate_grammar import CHARACTERS, normalise
from models.training.plate_crops import Crop

TABLE = "texts.csv"
COLUMNS = ("file", "upper", "lower")


def read_own_crops(folder: Path) -> list[Crop]:
    """Return the crops of a folder whose `texts.csv` has the columns file, upper and lower.

    `file` is a picture in the folder, `upper` the upper line or all of a one-line plate, whose `lower` is empty. Raises
    ModelError with the first line that is wrong.
    """
    table = folder / TABLE
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if not set(COLUMNS) <= set(rows.fieldnames or ()):
            raise ModelError(f"{table}: expected the columns {', '.join(COLUMNS)}, got {rows.fieldnames or 'nothing'}")
        crops = [_crop(folder, row, f"{table}, line {rows.line_num}") for row in rows]
    if not crops:
        raise ModelError(f"{table} names no crop: give a line for each")
    return crops


def _crop(folder: Path, row: Mapping[str, str | None], where: str) -> Crop:
    name, *lines = ((row[column] or "").strip() for column in COLUMNS)
    upper, lower = map(normalise, lines)
    if not upper or set(upper + lower) - set(CHARACTERS):
        raise ModelError(f"{where}: {' '.join(lines)!r} is no text that the reader knows: it has {CHARACTERS}")
    if not name or not (folder / name).is_file():
        raise ModelError(f"{where}: there is no picture {name!r} in the folder")
    return Crop(folder.name, folder / name, upper, lower, held_back=True)
