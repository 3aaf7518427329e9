"""Show what several looks, the grammar and several views are each worth: plates read exactly, with and without.

    python -m models.training.plate_ablation --data DIR [--plates N] [--views N]

Looks are cuts of one crop with different margins (`models.plate_voting`), on the real crops that were held back. Views
are what a camera sees while a vehicle passes: drawn plates of every kind that there is, `--plates` of each, worn in
`--views` other ways as in training, of which the clearest is read or all are voted on (`ioc.plate_ballot`). Without the
grammar the likeliest text is taken as it is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ioc.plate_ballot import CREDIT, Guess, Vote, elect
from ioc.types import Image
from models.plate_legibility import Limits, legibility
from models.plate_reader import PlateRead, PlateReader
from models.plate_voting import MARGINS, WHOLE, believed, read_plate
from models.training.ending import one_line
from models.training.figures import markdown
from models.training.plate_crops import read_crops
from models.training.plate_designs import KINDS, design_of
from models.training.plate_drawing import draw_plate
from models.training.plate_evaluate import real_plates
from models.training.plate_wear import Wear

SEED = 990_002
"""Of the drawn plates that are measured; training never gets there."""

MARGINS_OF = {"one look": MARGINS[:1], "three looks": MARGINS}
CREDIT_OF = {"without the grammar": 1.0, "with the grammar": CREDIT}

Right = Mapping[str, Sequence[bool]]
"""For each way of reading, whether each plate was read exactly."""


@dataclass(frozen=True, slots=True)
class Passing:
    """A drawn plate as it is seen several times."""

    text: str
    views: Sequence[Image]


def looks(reader: PlateReader, crops: Iterable[tuple[str, Image]]) -> Right:
    """Return what one look and several get right of crops whose texts are given, without the grammar and with it."""
    right: dict[str, list[bool]] = {}
    for text, image in crops:
        for name, margins in MARGINS_OF.items():
            read = read_plate(reader, image, WHOLE, margins)
            for how, credit in CREDIT_OF.items():
                right.setdefault(f"{name}, {how}", []).append(believed(read, credit).text == text)
    return right


def views(reader: PlateReader, passing: Iterable[Passing]) -> Right:
    """Return what is got right of plates that are seen several times: by one view, by the clearest, and by a vote."""
    right: dict[str, list[bool]] = {}
    for own in passing:
        votes = [vote_of(view, read_plate(reader, view)) for view in own.views]
        clearest = max(votes, key=lambda vote: vote.clarity)
        elected = elect(votes)
        plain = max((elected.guess, *elected.alternatives), key=lambda guess: guess.score)
        said = {
            "first view, without the grammar": votes[0].guess,
            "first view, with the grammar": elect(votes[:1]).guess,
            "clearest view, with the grammar": elect([clearest]).guess,
            "vote, without the grammar": plain,
            "vote, with the grammar": elected.guess,
        }
        for name, guess in said.items():
            right.setdefault(name, []).append(guess.text == own.text)
    return right


def vote_of(view: Image, read: PlateRead) -> Vote:
    """Return how one view of a plate votes."""
    seen = legibility(view, WHOLE, Limits())
    others = tuple(Guess(other.text, other.upper_len, other.score) for other in read.alternatives)
    own = Guess(read.text, read.upper_len, read.score)
    return Vote(own, read.scores, others, height=seen.height, sharpness=seen.sharpness)


def drawn_passing(plates: int, count: int) -> Iterable[Passing]:
    """Yield that many drawn plates of every kind that there is, each worn in `count` ways."""
    wear = Wear()
    for kind in (kind for kind in KINDS if kind != "free"):
        for number in range(plates):
            rng = np.random.default_rng([SEED, KINDS.index(kind), number])
            design = design_of(kind, rng)
            image = draw_plate(design, rng).image
            yield Passing("".join(design.texts), [wear.apply(image, rng) for _ in range(count)])


def rows(right: Right) -> list[list[str]]:
    """Return the rows of a table: how many of how many plates each way reads exactly."""
    return [[name, f"{sum(own)} of {len(own)}", f"{np.mean(own):.3f}"] for name, own in right.items()]


@one_line
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m models.training.plate_ablation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, help="folder with plates_gate and plate_chars; drawn plates only without")
    parser.add_argument("--plates", type=int, default=30, help="drawn plates of every kind (%(default)s)")
    parser.add_argument("--views", type=int, default=5, help="times that each is seen (%(default)s)")
    chosen = parser.parse_args(arguments)
    reader = PlateReader.load(provider="cpu")
    crops = [] if chosen.data is None else [crop for crop in read_crops(chosen.data) if crop.held_back]
    parts: dict[str, Callable[[], Right]] = {
        "real crops": lambda: looks(reader, ((truth.text, image) for truth, image in real_plates(crops))),
        f"drawn plates, {chosen.views} views": lambda: views(reader, drawn_passing(chosen.plates, chosen.views)),
    }
    for name, part in parts.items():
        sys.stdout.write(f"{markdown([[name, 'exact', 'part'], *rows(part())])}\n\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
