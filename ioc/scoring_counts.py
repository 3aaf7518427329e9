"""Scores counts of people against how many there were."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import TypeAlias

from ioc.truth import Count

Readings: TypeAlias = Mapping[str | None, Sequence[tuple[float, float]]]
"""For each zone (None is the whole picture) seconds of media time and people counted, in the order of time."""

NEAR = 1.0
"""Seconds around a moment within which a reading is of it."""


@dataclass(slots=True)
class CountTally:
    """How far the counts were off."""

    errors: list[float] = field(default_factory=list)
    """People counted less people there, one for each count of the truth that was read."""
    unread: int = 0
    """Counts of the truth without a reading within NEAR."""

    def add(self, other: CountTally) -> None:
        """Take the counts of other recordings in."""
        self.errors += other.errors
        self.unread += other.unread

    def figures(self) -> dict[str, object]:
        """Return all figures by name."""
        return {
            "read": len(self.errors),
            "unread": self.unread,
            "mean_absolute_error": fmean(map(abs, self.errors)) if self.errors else None,
            "bias": fmean(self.errors) if self.errors else None,
        }


def score_counts(counts: Iterable[Count], readings: Readings) -> CountTally:
    """Return one recording's tally: each count against the reading of its zone that is nearest in time."""
    tally = CountTally()
    for own in counts:
        read = _nearest(readings.get(own.zone, ()), own.at_s)
        if read is None:
            tally.unread += 1
        else:
            tally.errors.append(read - own.people)
    return tally


def _nearest(readings: Sequence[tuple[float, float]], at_s: float) -> float | None:
    place = bisect_left(readings, (at_s,))
    around = [(abs(media_s - at_s), people) for media_s, people in readings[max(place - 1, 0) : place + 1]]
    distance, people = min(around, default=(NEAR + 1, 0.0))
    return people if distance <= NEAR else None
