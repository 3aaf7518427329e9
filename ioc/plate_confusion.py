"""What a plate reader takes for what, measured, and what that says of two texts that are almost the same.

A cost is how much rarer an error is than reading the character right, as a natural logarithm: 0 for the same character,
about 3 for one error in twenty. The costs of several errors add up. Texts are canonical: see `ioc.plate_grammar`.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.resources import files
from itertools import pairwise

from pydantic import TypeAdapter, ValidationError

from ioc.plate_grammar import CHARACTERS

NOTHING = ""
"""Stands for a character that was left out, or where none is."""

UNSEEN = 0.05
"""How often each error is taken to have happened beside those that were counted: none is impossible."""

STRANGE = 5.0
"""What it costs to take a character for one that the reader does not know, as people do who write O for 0."""

LEAST = 0.1
"""No error costs less."""

UNSURE = 0.0001
"""A reader is never surer than this of a character, nor less sure."""


@dataclass(frozen=True, slots=True)
class Sureness:
    """How sure a reader is of the characters that it reads right, and of those that it does not: counts of scores.

    `bounds` are scores from 0 to 1 by rising size, one more than there are counts.
    """

    bounds: tuple[float, ...] = (0.0, 1.0)
    right: tuple[int, ...] = (1,)
    wrong: tuple[int, ...] = (1,)


@dataclass(frozen=True)
class Confusions:
    """What a reader reads where what is shown: counts of (shown, read), right ones included, and how sure it is."""

    counts: Mapping[tuple[str, str], int]
    sureness: Sureness = Sureness()

    @staticmethod
    def from_json(text: str) -> Confusions:
        """Return those of JSON as `to_json` writes it; raises ValueError for another."""
        try:
            told = _FILE.validate_json(text)
        except ValidationError as error:
            raise ValueError(f"expected counted errors and scores, got {error.errors()[0]['msg']}") from None
        counts = {}
        for key, count in told.errors.items():
            shown, arrow, read = key.partition(">")
            if not arrow or not {shown, read} <= {*CHARACTERS, NOTHING} or not count >= 0:
                raise ValueError(f'expected counts such as "A>4": 3, got {key!r}: {count!r}')
            counts[shown, read] = count
        return Confusions(counts, told.scores)

    def to_json(self) -> str:
        """Return the same as JSON, in order, one count a line."""
        errors = {f"{shown}>{read}": count for (shown, read), count in sorted(self.counts.items())}
        return json.dumps({"errors": errors, "scores": asdict(self.sureness)}, indent=0) + "\n"

    @staticmethod
    def measured() -> Confusions:
        """Return those of the bundled reader, as `ioc models eval plate_reader --confusions` wrote them."""
        return Confusions.from_json((files("ioc") / "plate_confusions.json").read_text("utf-8"))

    def cost(self, shown: str, read: str) -> float:
        """Return what it costs that `read` is read for `shown`; either may be NOTHING, not both."""
        return 0.0 if shown == read else self._costs.get((shown, read), STRANGE)

    @cached_property
    def _costs(self) -> dict[tuple[str, str], float]:
        total = Counter[str]()
        for (shown, _), count in self.counts.items():
            total[shown] += count
        costs = {}
        for shown in (*CHARACTERS, NOTHING):
            # Where nothing is shown, nothing is read right once for every character there is.
            seen = total[shown] if shown else sum(total.values())
            right = self.counts.get((shown, shown), 0) if shown else seen
            for read in (*CHARACTERS, NOTHING):
                if read != shown:
                    often = self.counts.get((shown, read), 0) + UNSEEN
                    costs[shown, read] = max(math.log((right + 1) / often), LEAST)
        return costs

    def distance(self, shown: str, read: str) -> float:
        """Return the least cost at which `shown` is read as `read` (Wagner and Fischer, 1974, with these costs)."""
        row = [0.0]
        for own in read:
            row.append(row[-1] + self.cost(NOTHING, own))
        for wanted in shown:
            before, row = row, [row[0] + self.cost(wanted, NOTHING)]
            for own, (aslant, above) in zip(read, pairwise(before), strict=True):
                made_up = row[-1] + self.cost(NOTHING, own)
                row.append(min(aslant + self.cost(wanted, own), above + self.cost(wanted, NOTHING), made_up))
        return row[-1]

    def doubts(self, read: str, scores: Sequence[float]) -> list[float]:
        """Return what is added to the cost of an error at each character of a read.

        `scores` are the reader's own, 0 to 1, one a character. What it was sure of is the less doubted. Without them
        every character is as sure as the reader is on the whole.
        """
        return [_odds(score) - self._usual for score in scores] if len(scores) == len(read) else [0.0] * len(read)

    @cached_property
    def _usual(self) -> float:
        """The odds that the reader reads a character right, as a natural logarithm."""
        right = sum(count for (shown, read), count in self.counts.items() if shown == read)
        return math.log((right + 1) / (sum(self.counts.values()) - right + 1))


def _odds(score: float) -> float:
    bounded = min(max(score, UNSURE), 1 - UNSURE)
    return math.log(bounded / (1 - bounded))


@dataclass(frozen=True, slots=True)
class _File:
    errors: dict[str, int]
    scores: Sureness


_FILE = TypeAdapter(_File)
