"""Scores plate hits against the passes that were there: read right, read wrong, doubled, false and missed.

A hit can be of a pass while that lasts, from `EARLY` before to `LATE` after, where their boxes touch. Without boxes its
text must be at least half right too: two vehicles may pass at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from ioc import intervals
from ioc.scoring import EARLY, LATE, PLATE, ignored, touch
from ioc.text_edits import edits
from ioc.truth import Corners, PlatePass, Truth


class Hit(NamedTuple):
    """A plate as it was told of; `text` is canonical, `media_s` in seconds since the recording's first frame."""

    text: str
    media_s: float
    box: Corners | None


@dataclass(slots=True)
class PlateTally:
    """What became of the hits and the passes."""

    right: int = 0
    wrong: int = 0
    """Passes that were read, but not as they are."""
    doubled: int = 0
    false: int = 0
    missed: int = 0
    steps: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(shown, read) characters of the passes that were read; an empty one was left out or made up."""

    def add(self, other: PlateTally) -> None:
        """Take the counts of other recordings in."""
        self.right += other.right
        self.wrong += other.wrong
        self.doubled += other.doubled
        self.false += other.false
        self.missed += other.missed
        self.steps += other.steps

    @property
    def confusions(self) -> list[tuple[str, str, int]]:
        """What was read for what and how often, the most frequent first."""
        wrong = [(shown, read, count) for (shown, read), count in self.steps.items() if shown != read]
        return sorted(wrong, key=lambda one: (-one[2], one[:2]))

    @property
    def character_errors(self) -> float | None:
        """Edits (Levenshtein) a character shown, over the passes that were read; None when there are none."""
        shown = sum(count for (one, _), count in self.steps.items() if one)
        return sum(count for _, _, count in self.confusions) / shown if shown else None

    def figures(self) -> dict[str, object]:
        """Return all figures by name."""
        passes, hits = self.right + self.wrong + self.missed, self.right + self.wrong + self.doubled + self.false
        return {
            "right": self.right,
            "wrong": self.wrong,
            "doubled": self.doubled,
            "false": self.false,
            "missed": self.missed,
            "exact_of_passes": self.right / passes if passes else None,
            "exact_of_passes_95": intervals.share(self.right, passes),
            "exact_of_hits": self.right / hits if hits else None,
            "exact_of_hits_95": intervals.share(self.right, hits),
            "character_error_rate": self.character_errors,
            "confusions": [{"shown": shown, "read": read, "count": count} for shown, read, count in self.confusions],
        }


def score_plates(truth: Truth, hits: Iterable[Hit]) -> PlateTally:
    """Return one recording's tally: each pass takes the hit that is nearest to its text, then the earliest.

    A further hit of a pass that was read is doubled, whatever it says; any other is false, unless it is not judged.
    """
    passes = truth.plates or ()
    ordered = sorted(hits, key=lambda hit: (hit.media_s, hit.text))
    pairs = [
        (_errors(own.text, hit.text), number, place)
        for number, hit in enumerate(ordered)
        for place, own in enumerate(passes)
        if _may_be(own, hit)
    ]
    read: dict[int, int] = {}
    for _, number, place in sorted(pairs):
        if place not in read and number not in read.values():
            read[place] = number
    tally = PlateTally(missed=len(passes) - len(read))
    for place, number in read.items():
        exact = passes[place].text == ordered[number].text
        tally.right += exact
        tally.wrong += not exact
        tally.steps.update(edits(passes[place].text, ordered[number].text))
    seen = {number for _, number, _ in pairs}
    tally.doubled = len(seen - set(read.values()))
    strange = [hit for number, hit in enumerate(ordered) if number not in seen]
    tally.false = sum(not ignored(truth, PLATE, hit.media_s) for hit in strange)
    return tally


def _may_be(own: PlatePass, hit: Hit) -> bool:
    if not (own.start_s - EARLY <= hit.media_s <= own.end_s + LATE and touch(own.box, hit.box)):
        return False
    placed = own.box is not None and hit.box is not None
    return placed or _errors(own.text, hit.text) <= len(own.text) / 2


def _errors(shown: str, read: str) -> int:
    return sum(one != other for one, other in edits(shown, read))
