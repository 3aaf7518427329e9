"""Measure finding and reading together, from the picture to the text, ours beside a published pair of models.

    python -m models.training.plate_pair --data DIR [--finder FILE --reader FILE] [--size PX]... [--errors] [--json]

On pictures that were held back: of the barrier cameras (`gate` are a detector's crops, `gate_whole` the whole pictures)
and crops with a box per character. Of each picture the surest plate counts, with its whole text. Ours is what
`ioc plates` does. `--finder` is a published detector in YOLO's layout with one label, as the recipe writes its start
weights (`plate_finder --hours 0`), `--reader` a published reader (see `plate_evaluate`); the pair is measured at every
`--size` that is given. It reads the surest box as it is, and the whole picture where it finds none.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import cv2

from ioc.errors import UsageError
from ioc.plate_grammar import parse
from ioc.types import Image
from models.plate_reader import PlateReader
from models.plate_voting import WHOLE, cut
from models.plates import PlateSight
from models.training.ending import one_line
from models.training.plate_crops import Crop, read_crops
from models.training.plate_evaluate import Read, Truth, confusion_lines, measure, peer_reader, summary, table
from models.training.plate_finder_evaluate import open_finder

SIZES = (384, 640)
"""Long sides at which the published detector is measured; it was trained at the first."""

FOUND = 0.25
"""Below this score the pair's detector counts as having found nothing."""


def whole_pictures(crops: Iterable[Crop]) -> Iterator[tuple[Truth, Image]]:
    """Yield real pictures with what the plate in them says: in groups by set, and there by lines and by vehicle."""
    for crop in crops:
        name = "characters" if crop.source == "characters" else "gate"
        groups = (f"{name}, all", f"{name}, {crop.lines}-line", f"{name}, {vehicle_of(crop)}")
        whole = ("gate, whole pictures",) if crop.source == "gate_whole" else ()
        yield Truth(str(crop.path), crop.upper, crop.lower, (*groups, *whole)), crop.read()


def vehicle_of(crop: Crop) -> str:
    """Return which vehicle bears such a plate."""
    return "motorbike" if parse(crop.text, len(crop.upper)).kind.startswith("moto") else "car"


def as_the_product(finder: Path) -> Callable[[Image], Read]:
    """Return what `ioc plates` says of a picture's surest plate; the text is empty where it finds none."""
    sight = PlateSight(open_finder(finder), PlateReader.load(provider="cpu"))

    def read(image: Image) -> Read:
        said = next((seen.said for seen in sight.look(image)), None)
        return ("", None) if said is None else (said.text, said.upper_len)

    return read


def published_pair(finder: Path, reader: Path, size: int) -> Callable[[Image], Read]:
    """Return what a published detector and reader say of a picture's surest plate."""
    detector, read_crop = open_finder(finder), peer_reader(reader)

    def read(image: Image) -> Read:
        (found,) = detector.detect([image], threshold=FOUND, size=size)
        best = max(found, key=lambda seen: seen.score, default=None)
        return read_crop(cut(image, WHOLE if best is None else best.box))

    return read


@one_line
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m models.training.plate_pair",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with plates_gate and plate_chars")
    parser.add_argument("--weights", type=Path, default=Path("models/weights/plate.onnx"), help="our detector")
    parser.add_argument("--finder", type=Path, help="a published detector's ONNX file")
    parser.add_argument("--reader", type=Path, help="a published reader's ONNX file")
    parser.add_argument("--size", type=int, action="append", help="long side in pixels; may be given again")
    parser.add_argument("--errors", action="store_true", help="list what is read wrong")
    parser.add_argument("--json", action="store_true", help="print JSON, with the confusion matrices")
    chosen = parser.parse_args(arguments)
    if (chosen.finder is None) != (chosen.reader is None):
        raise UsageError("--finder and --reader belong together: a detector and the reader of what it finds")
    cv2.setNumThreads(1)
    ways = {"ours": as_the_product(chosen.weights)}
    if chosen.finder is not None:
        ways |= {f"pair {size}": published_pair(chosen.finder, chosen.reader, size) for size in chosen.size or SIZES}
    pictures = list(whole_pictures(crop for crop in read_crops(chosen.data) if crop.held_back))
    named = {name: measure(pictures, read) for name, read in ways.items()}
    if chosen.json:
        sys.stdout.write(json.dumps({name: summary(figures) for name, figures in named.items()}) + "\n")
        return 0
    sys.stdout.write(table(named) + "\n")
    for name, figures in named.items():
        sys.stdout.write(f"\nConfusions of {name}:\n{confusion_lines(figures.confusions)}\n")
        for truth, read in figures.errors if chosen.errors else ():
            sys.stdout.write(f"{truth.name}: {truth.upper} {truth.lower} read as {read}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
