"""Real crops of plates with their texts, and the split by text that keeps what is held back unseen.

Two sets are read from the data folder:

- `plates_gate`: `texts.csv` with a text per file, `crops` as a detector cut them, and `images` whole, with the plate's
  box in `labels`. Where there is a whole picture, the crop is cut again and again with other margins.
- `plate_chars`: crops with a box per character; the text and its lines follow from where the boxes lie.

A text, and every text one character away from it (a machine's reading may be wrong in one place), is either learnt or
held back, in all sets together: who reads a plate that was learnt has shown memory, not reading.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from ioc.errors import ModelError
from ioc.plate_grammar import CHARACTERS
from models.training.plate_drawing import Image

HELD_BACK_OF_TEN = 2
"""So many of ten groups of texts are held back."""

UPPER_OF_KIND = {"moto2": 4, "car1": None}
"""How many characters stand above in the kinds of `plates_gate` that have texts, None for one line."""

LAYOUT = re.compile(r"\d\d[A-Z]\d{4,5}/|\d\d(?:[A-Z]|[A-Z][A-Z0-9]|MD\d)/\d{4,5}")
"""Upper and lower line as Vietnam's plates have them: other texts of `plate_chars` miss characters or are foreign."""

UPPER_OF_CAR = {"CarLongPlate84": 4, "CarLongPlate325": 3}
"""Pictures among the one-line plates of `plates_gate` that show two lines, and how many characters are above."""

_MISLABELLED = (
    "CarLongPlate434 CarLongPlate507 10xemay2052 1xemay564 2xemay1949 2xemay2009 2xemay2412 3xemay1484 4xemay2207 "
    "5CarLongPlate197 5CarLongPlate491 5CarLongPlate571 ndata131 ndata146 ndata185 ndata246 ndata261 ndata278 ndata304 "
    "ndata414 ndata430 ndata462 ndata482 ndata528 ndata573 ndata95"
)
MISLABELLED = frozenset(_MISLABELLED.split())
"""Pictures whose label plainly says another text than they show; a person looked at each."""

UPPER_SHOWN = {"ndata212": "29M1"}
"""Upper lines that a person sees plainly where the label has another first digit, here 49M1."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in fractions of the picture."""


@dataclass(frozen=True, slots=True)
class Crop:
    """A real plate: a picture, where in it the plate lies (None: the picture is a detector's crop), what it says."""

    source: str
    path: Path
    upper: str
    lower: str
    box: Box | None = None
    sure: bool = True
    """Whether the text was confirmed twice."""
    held_back: bool = False

    @property
    def text(self) -> str:
        """The whole text."""
        return self.upper + self.lower

    @property
    def lines(self) -> int:
        """The number of lines."""
        return 2 if self.lower else 1

    def read(self) -> Image:
        """Return the picture (H, W, 3) BGR. Raises ModelError when it is none."""
        image = cv2.imread(str(self.path), cv2.IMREAD_COLOR)
        if image is None:
            raise ModelError(f"{self.path} cannot be read as a picture: remove it or replace it")
        return np.asarray(image, np.uint8)


def read_crops(data: Path) -> list[Crop]:
    """Return every real crop under the data folder, split. Raises ModelError when a set is missing."""
    labelled = split(correct(read_gate(data / "plates_gate") + read_characters(data / "plate_chars")))
    return [put_right(crop) for crop in labelled]


def put_right(crop: Crop) -> Crop:
    """Return the crop with the upper line that it shows, where its label is wrong; the split knows the label alone."""
    return replace(crop, upper=UPPER_SHOWN.get(crop.path.stem, crop.upper))


def read_gate(folder: Path) -> list[Crop]:
    """Return the barrier cameras' plates: detector's crops, and whole pictures that hold one plate."""
    table = folder / "texts.csv"
    if not table.is_file():
        raise ModelError(f"{table} is missing: give the data folder that holds plates_gate")
    found = []
    with table.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            stem = Path(row["file"]).stem
            lines = _gate_lines(row["kind"], row["text"], UPPER_OF_CAR.get(stem))
            if lines is None or stem in MISLABELLED:
                continue
            sure = row["text_status"] == "two-source"
            crop, picture = folder / "crops" / row["file"], folder / "images" / row["file"]
            if crop.is_file():
                found.append(Crop("gate", crop, *lines, sure=sure))
            box = _only_box(folder / "labels" / f"{picture.stem}.txt") if picture.is_file() else None
            if box is not None:
                found.append(Crop("gate_whole", picture, *lines, box=box, sure=sure))
    return found


def _gate_lines(kind: str, text: str, upper: int | None) -> tuple[str, str] | None:
    """Return the upper and the lower line; motorbikes of this set have four characters above."""
    if not text or set(text) - set(CHARACTERS) or kind not in UPPER_OF_KIND:
        return None
    upper = upper or UPPER_OF_KIND[kind]
    return (text, "") if upper is None else (text[:upper], text[upper:])


def _only_box(labels: Path) -> Box | None:
    rows = [[float(word) for word in line.split()] for line in labels.read_text().splitlines() if line.strip()]
    if len(rows) != 1:
        return None
    _, x, y, width, height = rows[0]
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def read_characters(folder: Path) -> list[Crop]:
    """Return the crops with a box per character; those whose boxes make no one or two lines are left out."""
    names = folder / "classes.txt"
    if not names.is_file():
        raise ModelError(f"{names} is missing: give the data folder that holds plate_chars")
    classes = names.read_text().split()
    found = []
    for path in sorted(folder.glob("*/images/*")):
        labels = path.parent.parent / "labels" / f"{path.stem}.txt"
        rows = np.array([[float(word) for word in line.split()] for line in labels.read_text().splitlines()])
        lines = lines_of(rows, classes) if len(rows) else None
        if lines is not None and LAYOUT.fullmatch("/".join(lines)) and path.stem not in MISLABELLED:
            found.append(Crop("characters", path, *lines, sure=False))
    return found


def correct(crops: Sequence[Crop]) -> list[Crop]:
    """Return the crops with the texts of `plate_chars` corrected by those that were confirmed twice.

    Its pictures of barrier cameras bear the name of the crop in `plates_gate` that they show, behind a number.
    """
    confirmed = {crop.path.stem: crop for crop in crops if crop.source == "gate" and crop.sure}
    corrected = []
    for crop in crops:
        other = confirmed.get(re.sub(r"^\d+(?=[A-Za-z])", "", crop.path.stem)) if crop.source == "characters" else None
        corrected.append(crop if other is None else replace(crop, upper=other.upper, lower=other.lower, sure=True))
    return corrected


def lines_of(rows: np.ndarray[tuple[int, ...], np.dtype[np.float64]], classes: Sequence[str]) -> tuple[str, str] | None:
    """Return the upper and lower text of characters, (class, x, y, width, height) a row, or None if they make none.

    The plate may be tilted: of all slopes, the one is taken that leaves the widest gap between two lines.
    """
    if not 5 <= len(rows) <= 10:
        return None
    across, down, tall = rows[:, 1], rows[:, 2], float(np.median(rows[:, 4]))
    best_gap, best_lower = 0.0, np.zeros(len(rows), bool)
    for slope in np.linspace(-0.4, 0.4, 41):
        level = down - slope * across
        order = np.sort(level)
        gaps = np.diff(order)
        widest = int(gaps.argmax())
        if gaps[widest] > best_gap:
            best_gap, best_lower = float(gaps[widest]), level > (order[widest] + order[widest + 1]) / 2
    two = best_gap > 0.45 * tall and 2 <= best_lower.sum() <= len(rows) - 2
    lower = best_lower if two else np.zeros(len(rows), bool)
    order = np.argsort(across)
    text = ["".join(classes[int(rows[i, 0])] for i in order if lower[i] == below) for below in (False, True)]
    overlap = any(_crowded(rows[lower == below]) for below in (False, True))
    return None if overlap else (text[0], text[1])


def _crowded(rows: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> bool:
    """Return whether two characters of a line lie on one another: a mark drawn twice, or two plates."""
    if len(rows) < 2:
        return False
    across = np.sort(rows[:, 1])
    return bool(np.diff(across).min() < 0.35 * float(np.median(rows[:, 3])))


def split(crops: Iterable[Crop]) -> list[Crop]:
    """Return the crops with `held_back` set by groups of texts; a group hangs together by one-character differences."""
    crops = list(crops)
    group = _groups({crop.text for crop in crops})
    return [replace(crop, held_back=_drawn_out(group[crop.text])) for crop in crops]


def _drawn_out(text: str) -> bool:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % 10 < HELD_BACK_OF_TEN


def _groups(texts: set[str]) -> dict[str, str]:
    """Return for each text its group's first text; texts one change, gap or addition apart share a group."""
    parent = {text: text for text in texts}

    def root(text: str) -> str:
        while parent[text] != text:
            parent[text] = parent[parent[text]]
            text = parent[text]
        return text

    def join(one: str, other: str) -> None:
        first, second = sorted((root(one), root(other)))
        parent[second] = first

    holes: dict[str, str] = {}
    for text in sorted(texts):
        for place in range(len(text)):
            join(text, holes.setdefault(f"{text[:place]}*{text[place + 1 :]}", text))
            shorter = text[:place] + text[place + 1 :]
            if shorter in parent:
                join(text, shorter)
    return {text: root(text) for text in texts}
