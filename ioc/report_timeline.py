"""A report's time line, as numbers that a page puts into SVG; times in seconds of media time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ioc.report_axis import Tick, clock, ticks
from ioc.report_facts import Facts
from ioc.report_subjects import Attempt
from ioc.site import RuleEntry

WIDTH, LEFT, RIGHT = 1120.0, 12.0, 12.0
"""A time line's width, and what is left free at its ends."""
HEAD, MARKS, ROW, GAP = 20.0, 10.0, 11.0, 12.0
"""Heights of a lane's heading, of the marks of alerts and of a row of bars, and what lies between two lanes."""
ROWS = 6
"""Rows of a lane; what would need more lies on top of the last one."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of time on a lane; `look` is its class and `target` the part of the page that explains it."""

    x: float
    width: float
    y: float
    look: str
    title: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on a lane."""

    x: float
    y: float
    look: str
    title: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """What belongs to one rule, or to the truth about one kind."""

    name: str
    y: float
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class TimeLine:
    """The whole recording from left to right."""

    height: float
    seconds: float
    ticks: tuple[Tick, ...]
    lanes: tuple[Lane, ...]
    width: float = WIDTH
    left: float = LEFT
    right: float = WIDTH - RIGHT


def time_line(facts: Facts, seconds: float) -> TimeLine:
    """Return the time line of a recording of so many seconds."""
    seconds = max(seconds, 1.0)
    lanes: list[Lane] = []
    y = 26.0
    for rule in facts.rules:
        lane, y = _rule_lane(facts, rule, y, seconds)
        lanes.append(lane)
    if facts.truth is not None:
        for kind in sorted({event.kind for event in facts.truth.events} | {own.kind for own in facts.truth.ignore}):
            lane, y = _truth_lane(facts, kind, y, seconds)
            lanes.append(lane)
    marks = ticks(0.0, seconds, 10, lambda at: _x(at, seconds))
    return TimeLine(y, seconds, marks, tuple(lanes))


def _rule_lane(facts: Facts, rule: RuleEntry, top: float, seconds: float) -> tuple[Lane, float]:
    rows = _Rows()
    below = top + HEAD + MARKS
    bars: list[Bar] = []
    for number, attempt in enumerate(facts.attempts):
        if attempt.rule is rule:
            y = below + ROW * rows.place(attempt.begin, attempt.end)
            bars += _bars(attempt, y, seconds, f"attempt-{number}" if facts.explains(attempt) else "")
    marks = tuple(
        Mark(
            _x(incident.at, seconds),
            below - 1,
            incident.outcome.value if incident.outcome else "told",
            f"alert {incident.number} at {clock(incident.at)}",
            f"alert-{incident.number}",
        )
        for incident in facts.of(rule)
    )
    name = f"{rule.name} ({rule.kind})" if rule.name != rule.kind else rule.name
    return Lane(name, top, tuple(bars), marks), below + ROW * rows.count + GAP


def _bars(attempt: Attempt, y: float, seconds: float, target: str) -> Iterable[Bar]:
    ends = [moment.at for moment in attempt.moments[1:]] + [attempt.end]
    for moment, end in zip(attempt.moments, ends, strict=True):
        if end > moment.at:
            title = f"{clock(moment.at)} {attempt.subject}: {moment.state} – {moment.why}"
            yield _bar(moment.at, end, y, moment.stage.value, title, seconds, target)


def _truth_lane(facts: Facts, kind: str, top: float, seconds: float) -> tuple[Lane, float]:
    assert facts.truth is not None
    rows = _Rows()
    missed = [miss.event for miss in facts.missed]
    bars, marks = [], []
    for own in facts.truth.ignore:
        if own.kind == kind:
            y = top + HEAD + ROW * rows.place(own.start_s, own.end_s)
            bars.append(_bar(own.start_s, own.end_s, y, "ignored", "not judged", seconds))
    for event in sorted(facts.truth.events, key=lambda event: event.start_s):
        if event.kind == kind:
            end = seconds if event.end_s is None else event.end_s
            y = top + HEAD + ROW * rows.place(event.start_s, end)
            look = "missed" if event in missed else "event"
            title = f"{clock(event.start_s)} to {clock(end)}, an alert is due at {clock(event.due_s)}"
            target = f"missed-{missed.index(event) + 1}" if event in missed else ""
            bars.append(_bar(event.start_s, end, y, look, f"{title}: {look}", seconds, target))
            marks.append(Mark(_x(event.due_s, seconds), y, "due", f"due at {clock(event.due_s)}"))
    return Lane(f"truth: {kind}", top, tuple(bars), tuple(marks)), top + HEAD + ROW * rows.count + GAP


class _Rows:
    """Puts stretches of time into as few rows as keep them apart; they come in the order of their beginnings."""

    def __init__(self) -> None:
        self._ends: list[float] = []

    @property
    def count(self) -> int:
        return max(len(self._ends), 1)

    def place(self, begin: float, end: float) -> int:
        """Return the row of the next stretch."""
        free = next((row for row, busy_until in enumerate(self._ends) if busy_until <= begin), len(self._ends))
        if free == len(self._ends) < ROWS:
            self._ends.append(end)
        row = min(free, ROWS - 1)
        self._ends[row] = max(self._ends[row], end)
        return row


def _bar(begin: float, end: float, y: float, look: str, title: str, seconds: float, target: str = "") -> Bar:
    x = _x(begin, seconds)
    return Bar(x, max(round(_x(end, seconds) - x, 1), 2.0), y, look, title, target)


def _x(at: float, seconds: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * min(max(at / seconds, 0.0), 1.0), 1)
