"""What a report tells of the things that a rule watched: their readings, and their attempts at becoming an alert.

Times are seconds of media time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise

from ioc.ports import Stage
from ioc.site import RuleEntry
from ioc.stories import Change, Curve, Story
from ioc.types import Box

BEFORE, AFTER = 3.0, 3.0
"""Seconds that a curve shows around what it explains."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A rule changed its mind."""

    at: float
    stage: Stage
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class Line:
    """A part of a curve."""

    name: str
    unit: str
    limit: float
    release: float | None
    points: tuple[tuple[float, float], ...]

    def between(self, begin: float, end: float) -> list[tuple[float, float]]:
        """Return the points from `begin` to `end`, and where the curve is at these two."""
        inner = [point for point in self.points if begin < point[0] < end]
        return [(begin, self._at(begin)), *inner, (end, self._at(end))]

    def peak(self, begin: float, end: float) -> float:
        """Return the highest value from `begin` to `end`."""
        return max(value for _, value in self.between(begin, end))

    def _at(self, when: float) -> float:
        for (t1, y1), (t2, y2) in pairwise(self.points):
            if t1 <= when <= t2:
                return y1 + (y2 - y1) * (when - t1) / (t2 - t1)
        return self.points[0][1] if when < self.points[0][0] else self.points[-1][1]


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that a rule watched, from its first reading to its last; `steady` when it is always there."""

    rule: RuleEntry
    name: str
    box: Box | None
    begin: float
    end: float
    lines: tuple[Line, ...]
    last: str
    steady: bool
    near: bool
    """Whether it ever came near an alert."""


@dataclass(frozen=True)
class Attempt:
    """A stretch in which something that a rule watched was on its way to an alert, or told of."""

    rule: RuleEntry
    subject: str
    box: Box | None
    moments: tuple[Moment, ...]
    end: float
    lines: tuple[Line, ...]

    @property
    def begin(self) -> float:
        """When it began."""
        return self.moments[0].at

    @property
    def told_at(self) -> float | None:
        """When it was told of; None when it never was."""
        return next((moment.at for moment in self.moments if moment.stage is Stage.TOLD), None)

    @property
    def why(self) -> str:
        """Why it was told of, or was not."""
        if self.told_at is not None:
            return next(moment.why for moment in self.moments if moment.stage is Stage.TOLD)
        last = self.moments[-1]
        if last.stage in {Stage.QUIET, Stage.OVER}:
            return last.why
        return f"the recording ended before: {last.state} ({last.why})"

    @cached_property
    def nearness(self) -> float:
        """The part of its first limit that it reached."""
        first = self.lines[0]
        return first.peak(self.begin, self.end) / first.limit if first.limit else 1.0


def subject_of(rule: RuleEntry, story: Story, start: datetime) -> Subject:
    """Return what a story tells of its subject, in a recording that began at `start`."""
    begin, end = seconds_of(story.changes[0].at, start), seconds_of(story.last, start)
    lines = tuple(_line(curve, start, begin, end) for curve in story.curves.values())
    last = story.changes[-1]
    return Subject(
        rule=rule,
        name=story.subject,
        box=story.box,
        begin=begin,
        end=end,
        lines=lines,
        last=last.why or last.state,
        steady=story.began is None,
        near=any(True for _ in story.attempts()),
    )


def attempts_of(rule: RuleEntry, story: Story, start: datetime) -> Iterator[Attempt]:
    """Yield the story's attempts."""
    for changes in story.attempts():
        moments = tuple(_moment(change, start) for change in changes)
        going_on = moments[-1].stage not in {Stage.QUIET, Stage.OVER}
        end = seconds_of(story.last, start) if going_on else moments[-1].at
        lines = tuple(_line(curve, start, moments[0].at - BEFORE, end + AFTER) for curve in story.curves.values())
        yield Attempt(rule, story.subject, story.box, moments, end, lines)


def _moment(change: Change, start: datetime) -> Moment:
    return Moment(seconds_of(change.at, start), change.stage, change.state, change.why)


def _line(curve: Curve, start: datetime, begin: float, end: float) -> Line:
    """Return the part of the curve from `begin` to `end`, with the points between which these lie."""
    points = [(seconds_of(at, start), value) for at, value in curve.points]
    first = max((n for n, (at, _) in enumerate(points) if at <= begin), default=0)
    last = min((n for n, (at, _) in enumerate(points) if at >= end), default=len(points) - 1)
    return Line(curve.name, curve.unit, curve.limit, curve.release, tuple(points[first : last + 1]))


def seconds_of(at: datetime, start: datetime) -> float:
    """Return a time as seconds of media time."""
    return round((at - start).total_seconds(), 6)
