"""The texts that a plate's text may be a misread of, or that may be misreads of it: what a search looks up by name.

Single errors are all written out. Of pairs of errors only the likeliest are, and among the plates that the text may be
a misread of only those that plates look like: there are thirty times as many others, which no vehicle bears.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ioc.plate_confusion import LEAST, NOTHING, Confusions
from ioc.plate_grammar import CHARACTERS

SOURCES, READS = 4000, 500
"""Pairs of errors that are written out: that may have led to the text, and that may be made of it."""

LOOKS = re.compile(r"00A[0A]?0{4,5}|00AA0{5,6}|0{5}AA0{2,3}|A0{4,8}|AA{1,2}0{3,6}(AA)?")
"""What plates look like, 0 for any digit, A for any letter: see `ioc.plate_grammar`."""

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


class Neighbour(NamedTuple):
    """What it costs that one text is read for another, both ways: see `ioc.plate_confusion`."""

    as_source: float
    """That this text is shown, and the one in question read."""
    as_read: float
    """That the one in question is shown, and this text read."""


@dataclass(frozen=True, slots=True)
class _Edit:
    """What is put in the place of the characters from `begin` to `end`, which does not count."""

    begin: int
    end: int
    own: str
    costs: Neighbour

    def applied(self, text: str) -> str:
        return text[: self.begin] + self.own + text[self.end :]

    def looks(self) -> tuple[int, int, str]:
        """Return what it changes in the look of a text."""
        return self.begin, self.end, look(self.own)


def neighbours(text: str, confusions: Confusions, doubts: Sequence[float]) -> dict[str, Neighbour]:
    """Return texts within two errors of a canonical text, without itself; `doubts` are as `Confusions.doubts` says."""
    edits = sorted(_edits(text, confusions, doubts), key=lambda edit: (edit.begin, edit.end))
    found: dict[str, Neighbour] = {}
    for edit in edits:
        _keep(found, edit.applied(text), edit.costs)
    for first, second in _pairs(text, edits):
        written = text[: first.begin] + first.own + text[first.end : second.begin] + second.own + text[second.end :]
        (source, read), (other_source, other_read) = first.costs, second.costs
        _keep(found, written, Neighbour(source + other_source, read + other_read))
    found.pop(text, None)
    return found


def _keep(found: dict[str, Neighbour], text: str, costs: Neighbour) -> None:
    """Put a text among those found, at the least that either way to it costs."""
    known = found.setdefault(text, costs)
    if known is not costs:
        found[text] = Neighbour(min(known.as_source, costs.as_source), min(known.as_read, costs.as_read))


def _edits(text: str, confusions: Confusions, doubts: Sequence[float]) -> Iterator[_Edit]:
    """Yield every single error."""
    places = [(place, place + 1, own, doubts[place]) for place, own in enumerate(text)]
    places += [(place, place, NOTHING, 0.0) for place in range(len(text) + 1)]
    for begin, end, here, doubt in places:
        for own in (*CHARACTERS, NOTHING):
            if own != here:
                as_source = max(confusions.cost(own, here) + doubt, LEAST)
                yield _Edit(begin, end, own, Neighbour(as_source, confusions.cost(here, own)))


def _pairs(text: str, edits: Sequence[_Edit]) -> Iterator[tuple[_Edit, _Edit]]:
    """Yield the likeliest pairs of edits at different places, the first place first; `edits` are in order of place."""
    begin, end = np.array([edit.begin for edit in edits]), np.array([edit.end for edit in edits])
    same = (begin[:, None] == begin) & (end[:, None] == end)
    apart = (end[:, None] <= begin) & ~same
    as_source, as_read = (np.array([getattr(edit.costs, name) for edit in edits]) for name in ("as_source", "as_read"))
    chosen = np.concatenate(
        (_cheapest(as_source, apart & _plate_like(text, edits), SOURCES), _cheapest(as_read, apart, READS))
    )
    for first, second in zip(*np.divmod(np.unique(chosen), len(edits)), strict=True):
        yield edits[first], edits[second]


def _cheapest(costs: Floats, allowed: Bools, most: int) -> Ints:
    """Return the numbers of the cheapest pairs, counted along the rows of a square of pairs."""
    pairs = np.flatnonzero(allowed)
    sums = (costs[:, None] + costs).ravel()[pairs]
    return pairs if len(pairs) <= most else pairs[np.argpartition(sums, most)[:most]]


def _plate_like(text: str, edits: Sequence[_Edit]) -> Bools:
    """Return which pairs of edits make a text that looks like a plate's."""
    looks = [edit.looks() for edit in edits]
    kinds = {look: number for number, look in enumerate(dict.fromkeys(looks))}
    fits = np.zeros((len(kinds), len(kinds)), bool)
    shown = look(text)
    for (one, first), (other, second) in combinations_with_replacement(kinds.items(), 2):
        changed = shown
        for begin, end, own in sorted((one, other), reverse=True):
            changed = changed[:begin] + own + changed[end:]
        fits[first, second] = fits[second, first] = LOOKS.fullmatch(changed) is not None
    numbers = np.array([kinds[look] for look in looks])
    allowed: Bools = fits[numbers[:, None], numbers]
    return allowed


def look(text: str) -> str:
    """Return what a text looks like: 0 for a digit, A for a letter."""
    return "".join("0" if own.isdigit() else "A" for own in text)
