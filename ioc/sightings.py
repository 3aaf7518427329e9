"""What is found again and again at one place: k of n looks, for what no single look is to be believed about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ioc.geometry import shared, widened
from ioc.temporal import Window
from ioc.types import Box

NEAR = 0.5
"""So many of its own sizes from it a thing is still at the same place: flames are not found in one spot each time."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """Something found in one look."""

    score: float
    box: Box


@dataclass(frozen=True, slots=True)
class Repeated:
    """What was found at one place in several looks."""

    since: datetime
    """When it was found first within the window."""
    looks: int
    """How often was looked since then ..."""
    hits: int
    """... and how often it was found."""
    score: float
    """The mean score of those."""
    box: Box
    """Where it was found last."""


@dataclass(frozen=True, slots=True)
class _Look:
    at: datetime
    part: Box
    found: tuple[Sighting, ...]


class Sightings:
    """Keeps the looks of the last `span` and says what they agree on."""

    def __init__(self, span: timedelta) -> None:
        self._looks: Window[_Look] = Window(span)
        self._span = span

    def add(self, at: datetime, found: Sequence[Sighting], part: Box) -> None:
        """Add a look at a part of the picture, and what was found in it, if anything."""
        self._looks.add(at, _Look(at, part, tuple(found)))

    def repeated(self, least: timedelta) -> list[Repeated]:
        """Return what the last look found that others found at the same place, the surest first.

        Each is told over that stretch of time, `least` long at least, in which most looks found it; over all that there
        is while it has not been found for so long.
        """
        last = self._looks.last
        looks = [look for look in self._looks if last.at - look.at <= self._span]
        found = (max(_back(looks, one), key=lambda r: _worth(r, last.at, least)) for one in last.found)
        return sorted(found, key=lambda r: _worth(r, last.at, least), reverse=True)


def _worth(one: Repeated, at: datetime, least: timedelta) -> tuple[timedelta, float, int, float]:
    return (min(at - one.since, least), one.hits / one.looks, one.hits, one.score)


def _back(looks: Sequence[_Look], last: Sighting) -> Iterator[Repeated]:
    """Follow one thing back through the looks at its place; yield what they say from each on that found it."""
    hits = count = 0
    total, box = 0.0, last.box
    for look in reversed(looks):
        if shared(look.part, box) == 0:
            continue
        count += 1
        reach = widened(box, NEAR, NEAR)
        here = max(look.found, key=lambda one: shared(one.box, reach), default=None)
        if here is not None and shared(here.box, reach) > 0:
            hits, total, box = hits + 1, total + here.score, here.box
            yield Repeated(look.at, count, hits, total / hits, last.box)
