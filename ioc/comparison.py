"""Two settings over the same recordings: which events and false alarms changed hands, and whether it is chance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ioc import intervals, paired
from ioc.intervals import Interval
from ioc.paired import Counts
from ioc.scoring import HOURS_A_DAY, LATE, Outcome, Tally, Verdict, tallied, total, touch
from ioc.truth import Corners, Truth


class Hands(StrEnum):
    """How an event or a false alarm changed hands."""

    RIGHT_IN_A = "right only in A"
    RIGHT_IN_B = "right only in B"
    FALSE_IN_A = "false only in A"
    FALSE_IN_B = "false only in B"


@dataclass(frozen=True, slots=True)
class Both:
    """One recording, and the verdicts on what was raised with A and with B."""

    name: str
    truth: Truth
    a: tuple[Verdict, ...]
    b: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """An event or a false alarm that is in one of the two only; `media_s` is when it is due, or was raised."""

    recording: str
    kind: str
    hands: Hands
    media_s: float
    box: Corners | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of B less that of A, with its interval where there are recordings enough for one."""

    value: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Compared:
    """One kind of alert with A and with B over `hours` of recordings."""

    kind: str
    hours: float
    a: Tally
    b: Tally
    changes: tuple[Change, ...]
    precision: Difference
    recall: Difference
    f1: Difference
    false_per_camera_day: Difference
    delay_s: Difference
    """Median of the seconds by which B is later at an event that both find."""

    def count(self, hands: Hands) -> int:
        """Return how many changed hands so."""
        return sum(change.hands is hands for change in self.changes)

    @property
    def events_p(self) -> float | None:
        """McNemar's p for events found; None where none changed hands."""
        return paired.mcnemar(self.count(Hands.RIGHT_IN_A), self.count(Hands.RIGHT_IN_B))

    @property
    def false_p(self) -> float | None:
        """The same for false alarms."""
        return paired.mcnemar(self.count(Hands.FALSE_IN_A), self.count(Hands.FALSE_IN_B))


def compare(recordings: Sequence[Both]) -> list[Compared]:
    """Return the comparison for each kind that was shown or raised, in the order of the alphabet."""
    by_kind: defaultdict[str, list[Change]] = defaultdict(list)
    for change in (change for both in recordings for change in changes(both)):
        by_kind[change.kind].append(change)
    a = [tallied(both.truth, both.a) for both in recordings]
    b = [tallied(both.truth, both.b) for both in recordings]
    kinds = sorted({kind for tallies in (*a, *b) for kind in tallies})
    return [
        _compared(
            kind,
            recordings,
            [tallies.get(kind, Tally()) for tallies in a],
            [tallies.get(kind, Tally()) for tallies in b],
            by_kind[kind],
        )
        for kind in kinds
    ]


def changes(both: Both) -> Iterator[Change]:
    """Yield what changed hands in one recording: events in the truth's order, then false alarms in that of time."""
    right_a, right_b = _served(both.a), _served(both.b)
    for number, event in enumerate(both.truth.events):
        if (number in right_a) != (number in right_b):
            hands = Hands.RIGHT_IN_A if number in right_a else Hands.RIGHT_IN_B
            yield Change(both.name, event.kind, hands, event.due_s, event.box)
    only_a, only_b = _unmatched([own for own in both.a if own.wrong], [own for own in both.b if own.wrong])
    alone = [(own, Hands.FALSE_IN_A) for own in only_a] + [(own, Hands.FALSE_IN_B) for own in only_b]
    for own, hands in sorted(alone, key=lambda pair: (pair[0].alert.media_s, pair[1])):
        yield Change(both.name, own.alert.kind, hands, own.alert.media_s, own.alert.box)


def _served(verdicts: Iterable[Verdict]) -> dict[int, float]:
    """Return the events that were found, and when."""
    return {own.event: own.alert.media_s for own in verdicts if own.outcome is Outcome.RIGHT and own.event is not None}


def _unmatched(a: Sequence[Verdict], b: Sequence[Verdict]) -> tuple[list[Verdict], list[Verdict]]:
    """Return the false alarms that are in one only: the same one is told by both at about one time and place."""
    only_a, rest = [], list(b)
    for own in a:
        same = [other for other in rest if _alike(own, other)]
        if same:
            rest.remove(min(same, key=lambda other: abs(other.alert.media_s - own.alert.media_s)))
        else:
            only_a.append(own)
    return only_a, rest


def _alike(own: Verdict, other: Verdict) -> bool:
    a, b = own.alert, other.alert
    return a.kind == b.kind and abs(a.media_s - b.media_s) <= LATE and touch(a.box, b.box)


def _compared(
    kind: str, recordings: Sequence[Both], a: Sequence[Tally], b: Sequence[Tally], changed: Sequence[Change]
) -> Compared:
    hours = [both.truth.duration_s / 3600 for both in recordings]
    counts_a, counts_b = _counts(a, hours), _counts(b, hours)

    def gap(figure: Callable[[Counts], Counts]) -> Difference:
        value = float(figure(np.sum(counts_b, axis=0)) - figure(np.sum(counts_a, axis=0)))
        return Difference(None if np.isnan(value) else value, paired.difference(counts_a, counts_b, figure))

    later = [gap for both in recordings for gap in _later(both, kind)]
    return Compared(
        kind,
        sum(hours),
        total([{kind: own} for own in a])[kind],
        total([{kind: own} for own in b])[kind],
        tuple(changed),
        precision=gap(_precision),
        recall=gap(_recall),
        f1=gap(_f1),
        false_per_camera_day=gap(_false_rate),
        delay_s=Difference(float(np.median(later)) if later else None, intervals.median(later)),
    )


def _later(both: Both, kind: str) -> Iterator[float]:
    a, b = _served(both.a), _served(both.b)
    return (b[n] - a[n] for n, event in enumerate(both.truth.events) if event.kind == kind and n in a and n in b)


def _counts(tallies: Sequence[Tally], hours: Sequence[float]) -> list[tuple[float, ...]]:
    """Return each recording's counts: right, wrong, missed, and hours watched."""
    return [(own.right, own.wrong, own.missed, time) for own, time in zip(tallies, hours, strict=True)]


def _precision(counts: Counts) -> Counts:
    return _part(counts[..., 0], counts[..., 0] + counts[..., 1])


def _recall(counts: Counts) -> Counts:
    return _part(counts[..., 0], counts[..., 0] + counts[..., 2])


def _f1(counts: Counts) -> Counts:
    return _part(2 * counts[..., 0], 2 * counts[..., 0] + counts[..., 1] + counts[..., 2])


def _false_rate(counts: Counts) -> Counts:
    return _part(HOURS_A_DAY * counts[..., 1], counts[..., 3])


def _part(part: Counts, whole: Counts) -> Counts:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(whole > 0, part / whole, np.nan))
