"""Curves against their limits, as numbers that a report puts into SVG; times in seconds of media time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ioc.report_axis import Tick, ticks
from ioc.report_facts import AFTER, BEFORE, Attempt, Line

WIDTH, HEIGHT = 352.0, 96.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 334.0, 6.0, 78.0
"""Where the curve is drawn; figures stand to its left and below."""
HEADROOM = 1.15
"""How high a chart reaches, as a multiple of the highest that it shows."""


@dataclass(frozen=True, slots=True)
class CurveChart:
    """One reading against its limit around what it explains; `told` is where the alert was told."""

    name: str
    unit: str
    points: str
    limit: float
    limit_text: str
    release: float | None
    told: float | None
    ticks: tuple[Tick, ...]
    begin: float
    end: float
    highest: float
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = RIGHT
    top: float = TOP
    bottom: float = BOTTOM


def curve_chart(attempt: Attempt, line: Line) -> CurveChart:
    """Return the chart of one of an attempt's curves."""
    begin, end = _shown(attempt, line)
    points = tuple(_within(line.points, begin, end))
    highest = HEADROOM * max(line.limit, *(value for _, value in points)) or 1.0

    def across(at: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * (at - begin) / (end - begin), 1)

    def up(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * value / highest, 1)

    return CurveChart(
        name=line.name,
        unit=line.unit,
        points=" ".join(f"{across(at)},{up(value)}" for at, value in points),
        limit=up(line.limit),
        limit_text=f"{line.limit:.3g}",
        release=None if line.release is None else up(line.release),
        told=None if attempt.told_at is None else across(attempt.told_at),
        ticks=ticks(begin, end, 4, across),
        begin=begin,
        end=end,
        highest=highest,
    )


def _shown(attempt: Attempt, line: Line) -> tuple[float, float]:
    """Return from when to when a curve is drawn: how an alert came about, or all of what came to none."""
    first, last = line.points[0][0], line.points[-1][0]
    told = attempt.told_at
    end = attempt.end if told is None else min(attempt.end, told + max((told - attempt.begin) / 2, AFTER))
    begin = max(first, attempt.begin - BEFORE)
    return begin, max(min(last, end + AFTER), begin + 1e-3)


def _within(points: Sequence[tuple[float, float]], begin: float, end: float) -> Iterable[tuple[float, float]]:
    """Yield the curve's points from `begin` to `end`, and where it is at these two."""
    inner = [point for point in points if begin < point[0] < end]
    yield begin, _value_at(points, begin)
    yield from inner
    yield end, _value_at(points, end)


def _value_at(points: Sequence[tuple[float, float]], when: float) -> float:
    for (t1, y1), (t2, y2) in pairwise(points):
        if t1 <= when <= t2:
            return y1 + (y2 - y1) * (when - t1) / (t2 - t1)
    return points[0][1] if when < points[0][0] else points[-1][1]
