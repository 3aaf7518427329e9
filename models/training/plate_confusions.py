"""What the plate reader takes for what, and how sure it is when it is right and when not: for the search of plates.

Counted on plates whose text is known: real crops that were held back, and plates of every kind, drawn and worn as in
training but never drawn there. A read with more than two errors is left out: nobody would find it by its text.
`ioc models eval plate_reader --confusions FILE` writes it down; `ioc.plate_confusion` says how it is used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np

from ioc.plate_confusion import Confusions, Sureness
from ioc.text_edits import edits
from ioc.types import Image
from models.plate_reader import PlateReader
from models.plate_voting import believed, read_plate
from models.training.plate_crops import read_crops
from models.training.plate_evaluate import Figures, Truth, drawn_plates, real_plates
from models.training.plate_own_crops import TABLE, read_own_crops

MOST_ERRORS = 2

BOUNDS = (0.0, 0.3, 0.5, 0.7, 0.9, 0.97, 0.99, 0.999, 1.0)
"""Between which scores of single characters are counted together."""


@dataclass(slots=True)
class Counted:
    """What is counted of one reader's reads."""

    errors: Counter[tuple[str, str]] = field(default_factory=Counter)
    right: list[float] = field(default_factory=list)
    """Scores of characters that were read right."""
    wrong: list[float] = field(default_factory=list)
    """Scores of characters that were read for others, or made up."""

    def add(self, true: str, read: str, scores: Iterable[float]) -> None:
        """Count one read; `scores` are one a character, none at all where they are not known."""
        steps = edits(true, read)
        if sum(shown != own for shown, own in steps) > MOST_ERRORS:
            return
        self.errors.update(steps)
        seen = [shown == own for shown, own in steps if own]
        for right, score in zip(seen, scores, strict=False):
            (self.right if right else self.wrong).append(score)

    def confusions(self) -> Confusions:
        """Return them as the search uses them."""
        right, wrong = (np.histogram(scores, BOUNDS)[0].tolist() for scores in (self.right, self.wrong))
        return Confusions(self.errors, Sureness(BOUNDS, tuple(right), tuple(wrong)))


def known_plates(data: Path | None, drawn: int) -> Iterator[tuple[Truth, Image]]:
    """Return the crops of a folder (see `plate_own_crops`), and that many drawn plates of every kind.

    Of the folder that the reader learnt from, with plates_gate and plate_chars, only what was held back. Raises
    ModelError when the folder holds neither.
    """
    crops = []
    if data is not None:
        crops = read_own_crops(data) if (data / TABLE).is_file() else read_crops(data)
    crops = [crop for crop in crops if crop.held_back]
    return chain(real_plates(crops), drawn_plates(drawn))


def measured(
    plates: Iterable[tuple[Truth, Image]], reader: PlateReader, each: Callable[[], None] = lambda: None
) -> tuple[Figures, Counted]:
    """Return how well a reader reads, as the product does, and what it takes for what; `each` is called a plate."""
    figures, counted = Figures(), Counted()
    for truth, image in plates:
        read = read_plate(reader, image)
        said = believed(read)
        figures.add(truth, (said.text, said.upper_len))
        counted.add(truth.text, said.text, read.scores if said.text == read.text else ())
        each()
    return figures, counted
