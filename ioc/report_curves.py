"""Curves against their limits, as numbers that a report puts into SVG; times in seconds of media time."""

from __future__ import annotations

from dataclasses import dataclass

from ioc.report_axis import Tick, ticks
from ioc.report_subjects import AFTER, BEFORE, Attempt, Line

HEIGHT, MARGIN = 96.0, 18.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 334.0, 6.0, 78.0
"""Where a curve is drawn; figures stand to its left and below."""
WHOLE_RIGHT = 1060.0
"""Where one ends that shows the whole recording."""
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
    right: float
    width: float
    height: float = HEIGHT
    left: float = LEFT
    top: float = TOP
    bottom: float = BOTTOM


def curve_chart(attempt: Attempt, line: Line) -> CurveChart:
    """Return the chart of one of an attempt's curves."""
    begin, end = _shown(attempt, line)
    return _chart(line, begin, end, attempt.told_at, RIGHT)


def whole_chart(line: Line, seconds: float) -> CurveChart:
    """Return the chart of a curve over the whole of a recording of so many seconds."""
    return _chart(line, 0.0, max(seconds, 1e-3), None, WHOLE_RIGHT)


def _chart(line: Line, begin: float, end: float, told: float | None, right: float) -> CurveChart:
    points = line.between(begin, end)
    highest = HEADROOM * max(line.limit, *(value for _, value in points)) or 1.0

    def across(at: float) -> float:
        return round(LEFT + (right - LEFT) * (at - begin) / (end - begin), 1)

    def up(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * value / highest, 1)

    return CurveChart(
        name=line.name,
        unit=line.unit,
        points=" ".join(f"{across(at)},{up(value)}" for at, value in points),
        limit=up(line.limit),
        limit_text=f"{line.limit:.3g}",
        release=None if line.release is None else up(line.release),
        told=None if told is None else across(told),
        ticks=ticks(begin, end, 4 if right == RIGHT else 10, across),
        begin=begin,
        end=end,
        highest=highest,
        right=right,
        width=right + MARGIN,
    )


def _shown(attempt: Attempt, line: Line) -> tuple[float, float]:
    """Return from when to when a curve is drawn: how an alert came about, or all of what came to none."""
    first, last = line.points[0][0], line.points[-1][0]
    told = attempt.told_at
    end = attempt.end if told is None else min(attempt.end, told + max((told - attempt.begin) / 2, AFTER))
    begin = max(first, attempt.begin - BEFORE)
    return begin, max(min(last, end + AFTER), begin + 1e-3)
