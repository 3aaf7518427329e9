"""Measure what the plate reader takes for what, for the search of plates: `ioc.plate_confusion`.

    python -m models.training.plate_confusions [--data DIR] [--drawn N] [--weights FILE] --out ioc/plate_confusions.json

On `--drawn` plates of every kind, drawn and worn as in training but never drawn there, and with `--data` on the real
crops that were held back. A read with more than two errors is left out: nobody would find it by its text.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path

from ioc.plate_confusion import Confusions
from ioc.text_edits import edits
from ioc.types import Image
from models.training.ending import one_line
from models.training.plate_crops import read_crops
from models.training.plate_evaluate import Read, Truth, drawn_plates, own_reader, real_plates

MOST_ERRORS = 2


def confusions(plates: Iterable[tuple[Truth, Image]], read: Callable[[Image], Read]) -> Confusions:
    """Return what a reader takes for what on crops whose text is known."""
    counts: Counter[tuple[str, str]] = Counter()
    for truth, image in plates:
        steps = edits(truth.text, read(image)[0])
        if sum(shown != own for shown, own in steps) <= MOST_ERRORS:
            counts.update(steps)
    return Confusions(counts)


@one_line
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m models.training.plate_confusions",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, help="folder with plates_gate and plate_chars")
    parser.add_argument("--drawn", type=int, default=800, help="drawn plates of every kind (%(default)s)")
    parser.add_argument("--weights", type=Path, help="ONNX file; the bundled reader unless given")
    parser.add_argument("--out", type=Path, required=True, help="JSON file")
    chosen = parser.parse_args(arguments)
    crops = [] if chosen.data is None else [crop for crop in read_crops(chosen.data) if crop.held_back]
    found = confusions(chain(real_plates(crops), drawn_plates(chosen.drawn)), own_reader(chosen.weights))
    chosen.out.write_text(found.to_json(), encoding="utf-8")
    wrong = sum(count for (shown, read), count in found.counts.items() if shown != read)
    sys.stdout.write(f"{chosen.out}: {wrong} errors in {sum(found.counts.values())} characters\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
