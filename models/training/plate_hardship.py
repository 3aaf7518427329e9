"""Measure how turned, small and blurred a plate may be and still be read, on real crops that were held back.

    python -m models.training.plate_hardship --data DIR

Whole pictures are turned about their plate, or sheared, or squeezed to the width of a plate seen from aside and then
turned; each plate is read as it is, and as the product reads it, made upright where it lies askew. Then all crops are
shrunk, blurred and packed as JPEG by lot, and it is counted how many reads are right below the limits of
`models.plate_legibility`, and of those above them by the reader's score.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from ioc.types import Box, Image
from models.plate_legibility import Limits, legibility
from models.plate_quad import Quad
from models.plate_reader import PlateReader
from models.plate_voting import MARGINS, WHOLE, believed, read_plate
from models.training.ending import one_line
from models.training.plate_crops import Crop, read_crops
from models.training.plate_evaluate import cut_out

Turn: TypeAlias = npt.NDArray[np.float64]
"""(2, 2): where a step to the right and a step down lead."""

ANGLES = (0, 10, 15, 20, 25, 30)
ASIDE = 0.7
"""How wide a plate looks beside what it is, seen from 45° aside."""
SEED = 20
SCALES = (1.0, 0.7, 0.5, 0.35, 0.25, 0.18)
BLURS = (0.0, 0.0, 0.0, 0.8, 1.5, 2.5)
"""Standard deviations in pixels."""
TWICE = 2
"""Each crop is worn so often."""
LEAST = 3
"""Pixels that a crop has at least."""
CLEAR, SURE, UNSURE = 0.95, 0.8, 0.05


def rotation(degrees: float) -> Turn:
    """Return the turn, clockwise in the picture, of what a camera that hangs askew sees."""
    angle = math.radians(degrees)
    return np.array(((math.cos(angle), -math.sin(angle)), (math.sin(angle), math.cos(angle))))


def shear(degrees: float) -> Turn:
    """Return the turn after which lines fall to the right and upright strokes stay upright."""
    return np.array(((1.0, 0.0), (math.tan(math.radians(degrees)), 1.0)))


def aside(degrees: float) -> Turn:
    """Return the turn of a plate seen from aside by a camera that hangs askew."""
    return np.asarray(rotation(degrees) @ np.diag((ASIDE, 1.0)))


TURNS = {"turned": rotation, "sheared": shear, "from aside and turned": aside}


def turned(image: Image, box: tuple[float, float, float, float], turn: Turn) -> tuple[Image, Box]:
    """Return a picture turned about what a box holds, and the upright box around that."""
    height, width = image.shape[:2]
    x1, y1, x2, y2 = np.array(box) * (width, height, width, height)
    middle = np.array(((x1 + x2) / 2, (y1 + y2) / 2))
    shift = middle - turn @ middle
    matrix = np.hstack((turn, shift[:, None]))
    picture = cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    corners = np.array(((x1, y1), (x2, y1), (x2, y2), (x1, y2))) @ turn.T + shift
    around = Box.clipped(*(corners.min(axis=0) / (width, height)), *(corners.max(axis=0) / (width, height)))
    return np.asarray(picture, np.uint8), around or WHOLE


def worn(image: Image, rng: np.random.Generator) -> Image:
    """Return a crop shrunk and blurred by lot, one in two packed as JPEG too."""
    scale, blur = float(rng.choice(SCALES)), float(rng.choice(BLURS))
    size = (max(round(image.shape[1] * scale), LEAST), max(round(image.shape[0] * scale), LEAST))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    if blur:
        small = np.asarray(cv2.GaussianBlur(small, (0, 0), blur), np.uint8)
    if rng.random() < 0.5:
        _, packed = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 90))])
        small = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return small


@dataclass(frozen=True, slots=True)
class Trial:
    """How one worn crop was judged and read: with one look, and as the product reads."""

    fault: str | None
    one_score: float
    one_right: bool
    score: float
    right: bool


def tried(reader: PlateReader, crops: Iterable[Crop]) -> list[Trial]:
    """Return what comes of all crops, worn."""
    rng = np.random.default_rng(SEED)
    trials = []
    for crop in crops:
        for _ in range(TWICE):
            image = worn(cut_out(crop), rng)
            view = legibility(image, WHOLE, Limits(edge=-1.0))
            one = read_plate(reader, image, WHOLE, MARGINS[1:2], view.quad)
            read = read_plate(reader, image, WHOLE, MARGINS, view.quad)
            trials.append(Trial(view.fault, one.score, one.text == crop.text, read.score, read.text == crop.text))
    return trials


def limits_table(trials: Sequence[Trial]) -> str:
    """Return how many reads are right below the limits, and above them by the reader's score."""
    legible = [trial for trial in trials if trial.fault is None]
    rows = {
        "too small": [trial.right for trial in trials if trial.fault == "small"],
        "blurred": [trial.right for trial in trials if trial.fault == "blurred"],
        f"legible, score below {UNSURE}": [trial.right for trial in legible if trial.score < UNSURE],
        f"legible, score between {UNSURE} and {SURE}": [t.right for t in legible if UNSURE <= t.score < SURE],
        f"legible, score of {SURE} and more": [trial.right for trial in legible if trial.score >= SURE],
        f"legible, one look, {CLEAR} and more": [trial.one_right for trial in legible if trial.one_score >= CLEAR],
    }
    return "\n".join(f"{name:40}{sum(right):>6} of {len(right)}" for name, right in rows.items())


def turned_table(reader: PlateReader, crops: Sequence[Crop], angles: Sequence[int] = ANGLES) -> str:
    """Return how many plates are read whole as they are, and made upright, by how they are turned."""
    rows = [f"{'':34}" + "".join(f"{angle:>15}°" for angle in angles)]
    for name, make in TURNS.items():
        for lines, words in ((1, "one line"), (2, "two lines")):
            own = [crop for crop in crops if crop.lines == lines]
            cells = [f"{_right(reader, own, make(angle)):>16}" for angle in angles]
            rows.append(f"{name + ', ' + words:34}{''.join(cells)}")
    return "\n".join(rows)


def _right(reader: PlateReader, crops: Iterable[Crop], turn: Turn) -> str:
    """Return how many of the whole pictures' plates are read right after a turn."""
    as_it_is = upright = count = 0
    for crop in crops:
        if crop.box is not None:
            image, box = turned(crop.read(), crop.box, turn)
            as_it_is += believed(read_plate(reader, image, box, quad=Quad())).text == crop.text
            upright += believed(read_plate(reader, image, box)).text == crop.text
            count += 1
    return f"{as_it_is} → {upright} of {count}"


@one_line
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m models.training.plate_hardship", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with plates_gate and plate_chars")
    chosen = parser.parse_args(arguments)
    crops = [crop for crop in read_crops(chosen.data) if crop.held_back]
    reader = PlateReader.load(provider="cpu")
    sys.stdout.write(f"Read as it is → made upright:\n{turned_table(reader, crops)}\n\n")
    sys.stdout.write(f"Right, of worn crops:\n{limits_table(tried(reader, crops))}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
