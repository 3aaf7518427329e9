"""The trade-off as a chart: how much is found against how many false alarms there are; geometry alone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ioc import intervals
from ioc.intervals import Interval
from ioc.scoring import HOURS_A_DAY, Tally

WIDTH, HEIGHT = 640.0, 380.0
LEFT, RIGHT, TOP, BOTTOM = 56.0, 24.0, 16.0, 48.0
"""Margins around the plane, which hold the scales."""

LINE, NEAR = 16.0, 110.0
"""A label's height, and how far from each other labels must be to stand in one line."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One set of alerts in the plane, in false alarms a camera and day and in recall.

    `look` is a class of the page's style; `title` is told by the pointer, `label` stands beside it.
    """

    false: float
    recall: float
    look: str
    title: str
    label: str = ""
    false_95: Interval | None = None
    recall_95: Interval | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A mark on the page, in its units; `across` and `up` are the ends of its intervals."""

    x: float
    y: float
    mark: Mark
    across: Interval | None
    up: Interval | None


@dataclass(frozen=True, slots=True)
class Label:
    """A mark's label, where it covers no other; `anchor` is the end that lies at `x`."""

    x: float
    y: float
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of a scale."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that a page draws; `line` joins the marks that nothing beats, as an SVG's points."""

    marks: tuple[Placed, ...]
    labels: tuple[Label, ...]
    line: str
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]

    width = WIDTH
    height = HEIGHT
    left, right = LEFT, WIDTH - RIGHT
    top, bottom = TOP, HEIGHT - BOTTOM


def mark(
    tally: Tally, hours: float, look: str, title: str, label: str = "", *, with_intervals: bool = False
) -> Mark | None:
    """Return where a tally lies; None without an event, which leaves no recall."""
    recall, rate = tally.recall, HOURS_A_DAY / hours
    if recall is None:
        return None
    low, high = intervals.count(tally.wrong)
    own = Mark(rate * tally.wrong, recall, look, title, label)
    if not with_intervals:
        return own
    return replace(
        own, false_95=(rate * low, rate * high), recall_95=intervals.share(tally.right, tally.right + tally.missed)
    )


def chart(marks: Sequence[Mark], line: Iterable[Mark] = ()) -> Chart:
    """Return the chart of the marks, drawn in their order, and the line through some of them.

    It is as wide as the marks want; of an interval that goes on beyond, the part within is drawn.
    """
    most = max((own.false for own in marks), default=0.0)
    most = most or max((own.false_95[1] for own in marks if own.false_95), default=0.0)
    step = _step(most)
    limit = step * max(math.ceil(most / step), 1)

    def x(false: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * min(false / limit, 1.0), 1)

    def y(recall: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * recall, 1)

    def placed(own: Mark) -> Placed:
        across = own.false_95 and (x(own.false_95[0]), x(own.false_95[1]))
        up = own.recall_95 and (y(own.recall_95[0]), y(own.recall_95[1]))
        return Placed(x(own.false), y(own.recall), own, across, up)

    drawn = tuple(map(placed, marks))
    return Chart(
        drawn,
        tuple(_labels(drawn)),
        " ".join(f"{x(own.false)},{y(own.recall)}" for own in line),
        tuple(Tick(x(value), f"{value:g}") for value in _ticks(step, limit)),
        tuple(Tick(y(value), f"{value:g}") for value in (0.0, 0.25, 0.5, 0.75, 1.0)),
    )


def _labels(drawn: Iterable[Placed]) -> Iterator[Label]:
    """Yield the labels, each a line below those that it would cover."""
    taken: list[tuple[float, float]] = []
    for own in drawn:
        if own.mark.label:
            x, y = own.x, own.y + LINE
            while any(abs(x - other_x) < NEAR and abs(y - other_y) < LINE for other_x, other_y in taken):
                y += LINE
            taken.append((x, y))
            left = x > WIDTH - NEAR
            yield Label(x - 9 if left else x + 9, y, "end" if left else "start", own.mark.label)


def _step(most: float) -> float:
    """Return a step of 1, 2 or 5 and zeros that divides up to `most` into four to ten; 1 for next to nothing."""
    if most < 1e-6:
        return 1.0
    size = 10.0 ** math.floor(math.log10(most / 4))
    return max((factor * size for factor in (1, 2, 5) if factor * size <= most / 4), default=size)


def _ticks(step: float, limit: float) -> Iterator[float]:
    yield from (round(step * number, 9) for number in range(round(limit / step) + 1))
