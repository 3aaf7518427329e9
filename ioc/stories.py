"""What a rule watched, told over time: its readings against their limits, and when it changed its mind and why.

Only who asks pays: `Told` wraps a rule and asks it after each observation what it watches (`ports.Watching`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from ioc.ports import Gauge, Overseer, Rule, Stage, Watched, Watching
from ioc.types import Alert, Box, Observation

FINE = 200
"""A curve is kept to this part of its limit."""


class Curve:
    """One gauge over time, thinned: between the points that are kept a straight line is right to a FINE of the limit.

    By a swinging door (E. H. Bristol, US patent 4,669,097, 1987): a point is left out as long as one line from the last
    point kept passes near enough to all that were left out.
    """

    def __init__(self, gauge: Gauge) -> None:
        self.name, self.unit, self.limit, self.release = gauge.name, gauge.unit, gauge.limit, gauge.release
        self._near = abs(gauge.limit) / FINE
        self._kept: list[tuple[datetime, float]] = []
        self._last: tuple[datetime, float] | None = None
        self._low, self._high = float("-inf"), float("inf")

    @property
    def points(self) -> tuple[tuple[datetime, float], ...]:
        """The points kept, and the last one."""
        return (*self._kept, *([self._last] if self._last else []))

    def add(self, at: datetime, value: float) -> None:
        """Take the next reading; what is not later than the last one is left out."""
        if not self._kept:
            self._kept.append((at, value))
            return
        if at <= self.points[-1][0]:  # a new run of the camera may begin before the old one ended
            return
        if not self._low <= self._slope(at, value) <= self._high and self._last is not None:
            self._kept.append(self._last)
            self._low, self._high = float("-inf"), float("inf")
        self._low = max(self._low, self._slope(at, value - self._near))
        self._high = min(self._high, self._slope(at, value + self._near))
        self._last = (at, value)

    def _slope(self, at: datetime, value: float) -> float:
        since, before = self._kept[-1]
        return (value - before) / (at - since).total_seconds()


@dataclass(frozen=True, slots=True)
class Change:
    """The rule began to see a subject otherwise."""

    at: datetime
    stage: Stage
    state: str
    why: str


@dataclass(slots=True)
class Story:
    """One thing that a rule watched, from its first reading to its last."""

    subject: str
    began: datetime | None
    box: Box | None
    last: datetime
    curves: dict[str, Curve] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    def take(self, at: datetime, watched: Watched) -> None:
        """Note where it stands now."""
        self.box, self.last = watched.box, at
        for gauge in watched.gauges:
            if gauge.name not in self.curves:
                self.curves[gauge.name] = Curve(gauge)
            self.curves[gauge.name].add(at, gauge.value)
        before = self.changes[-1] if self.changes else None
        if before is None or (before.stage, before.state) != (watched.stage, watched.state):
            self.changes.append(Change(at, watched.stage, watched.state, watched.why))

    def attempts(self) -> Iterator[tuple[Change, ...]]:
        """Yield each stretch in which it was on its way to an alert, or told of, with the change that ended it."""
        changes = self.changes
        for quiet, group in groupby(range(len(changes)), lambda n: changes[n].stage in {Stage.QUIET, Stage.OVER}):
            numbers = list(group)
            if not quiet:
                yield tuple(changes[numbers[0] : numbers[-1] + 2])


class Told:
    """A rule that folds as ever while what it watches is noted down."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        if isinstance(rule, Overseer):
            self.trust, self.silent = rule.trust, rule.silent
        self._open: dict[tuple[str, datetime | None], Story] = {}
        self.stories: list[Story] = []
        """What it watched, in the order in which it came up."""

    def observe(self, obs: Observation) -> Iterator[Alert]:
        """Yield what the rule yields."""
        yield from self._rule.observe(obs)
        if isinstance(self._rule, Watching):
            self._note(obs.at, self._rule)

    def _note(self, at: datetime, rule: Watching) -> None:
        going_on: dict[tuple[str, datetime | None], Story] = {}
        for watched in rule.watched():
            key = (watched.subject, watched.began)
            story = self._open.get(key)
            if story is None:
                story = Story(watched.subject, watched.began, watched.box, at)
                self.stories.append(story)
            story.take(at, watched)
            if watched.stage is not Stage.OVER:
                going_on[key] = story
        self._open = going_on
