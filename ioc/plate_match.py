"""Which plates a read may have been: what a watch-list's plates are looked up by.

The errors of our reader are measured (`ioc.plate_confusion`); a read stands for every plate that the reader would take
for it at a cost within a budget. The budget grows with the plate: the more characters were read right, the likelier it
is that the one which was not is an error. At most two errors are thought of. What a plate may have been is written out,
so that it is looked up by name, however many plates are watched for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ioc.plate_confusion import NOTHING, Confusions
from ioc.plate_grammar import CHARACTERS

SHORTEST = 6
"""A plate of fewer characters has too few that could be right: it is matched exactly or not at all."""

LONGEST = 9
"""Characters beyond so many, which Vietnam's plates have, add nothing."""

EACH = 0.6
"""What each character of a plate adds to its budget: with more, false alerts grow faster than right ones do."""


@dataclass(frozen=True, slots=True)
class Error:
    """A character that was taken for another one; either may be NOTHING, not both."""

    shown: str
    read: str
    cost: float
    """How much rarer that is than reading right, as a natural logarithm."""

    @property
    def once_in(self) -> int:
        """Once in how many times the reader does so."""
        return round(math.exp(self.cost)) + 1


@dataclass(frozen=True, slots=True)
class Source:
    """A plate that a read may have been, and the errors that make the read of it: none when it was read exactly."""

    plate: str
    errors: tuple[Error, ...] = ()
    cost: float = 0.0


def budget(plate: str) -> float:
    """Return what misreading a plate may cost at most, for a read to be taken for it."""
    return EACH * min(len(plate), LONGEST) if len(plate) >= SHORTEST else 0.0


class Misreads:
    """Turns a reader's errors around: from what was read to what may have been there."""

    def __init__(self, confusions: Confusions) -> None:
        self._confusions = confusions

    def sources(self, read: str, scores: Sequence[float] = ()) -> list[Source]:
        """Return the plates that a canonical text may be a read of, each within its budget, likeliest first.

        The text itself comes first. `scores` are the reader's own, 0 to 1, one a character: of which it was surer than
        usual costs more to doubt. Without them, or with another number of them, every character is as sure as usual.
        A character that the reader does not know is taken as it is.
        """
        doubts = [max(doubt, 0.0) for doubt in self._confusions.doubts(read, scores)]
        most = budget("0" * (len(read) + 2))
        edits = sorted(self._edits(read, doubts, most), key=lambda edit: edit.cost)
        found = {read: Source(read)}
        for chosen in sorted(_within(edits, most), key=_cost):
            plate, cost = _undone(read, chosen), _cost(chosen)
            if cost <= budget(plate):
                found.setdefault(plate, Source(plate, tuple(edit.error for edit in chosen), cost))
        return list(found.values())

    def _edits(self, read: str, doubts: Sequence[float], most: float) -> Iterator[_Edit]:
        """Yield every single error that may have been made at no more than a cost."""
        places = [(place, place, NOTHING, min(doubts, default=0.0)) for place in range(len(read) + 1)]
        places += [(place, place + 1, own, doubts[place]) for place, own in enumerate(read)]
        for begin, end, own, doubt in places:
            for error in self._likely.get(own, ()):
                if error.cost + doubt > most:
                    break
                yield _Edit(begin, end, error, error.cost + doubt)

    @cached_property
    def _likely(self) -> dict[str, list[Error]]:
        """The errors that there are, likeliest first, by what they make the reader read."""
        every = (NOTHING, *CHARACTERS)
        found = {}
        for read in every:
            errors = [Error(shown, read, self._confusions.cost(shown, read)) for shown in every if shown != read]
            found[read] = sorted(errors, key=lambda error: error.cost)
        return found


@dataclass(frozen=True, slots=True)
class _Edit:
    """An error between two places of a text, and what it costs there."""

    begin: int
    end: int
    error: Error
    cost: float


def _within(edits: Sequence[_Edit], most: float) -> Iterator[tuple[_Edit, ...]]:
    """Yield single edits, cheapest first as they come, and pairs at different places, up to a cost."""
    for number, edit in enumerate(edits):
        yield (edit,)
        for other in edits[number + 1 :]:
            if edit.cost + other.cost > most:
                break
            if (edit.begin, edit.end) != (other.begin, other.end):
                yield edit, other


def _cost(edits: tuple[_Edit, ...]) -> float:
    return sum(edit.cost for edit in edits)


def _undone(read: str, edits: tuple[_Edit, ...]) -> str:
    for edit in sorted(edits, key=lambda edit: (edit.begin, edit.end), reverse=True):
        read = read[: edit.begin] + edit.error.shown + read[edit.end :]
    return read
