"""What a report tells of one replayed recording: alerts and what became of them, and what came near one and why not.

Times are seconds of media time.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import pairwise

from ioc.ports import Stage
from ioc.scoring import EARLY, LATE, Outcome, Raised, judge, touch
from ioc.site import RuleEntry
from ioc.stories import Change, Curve, Story, Told
from ioc.truth import Corners, Event, Truth
from ioc.types import Alert, Box, Phase

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


@dataclass(frozen=True, slots=True)
class Incident:
    """An alert from its beginning to its end; without a truth it is not judged."""

    number: int
    rule: RuleEntry
    raised: Alert
    phases: tuple[tuple[float, Phase], ...]
    attempt: Attempt | None
    outcome: Outcome | None = None
    event: int | None = None
    """The number in the truth of the event that it answered."""

    @property
    def at(self) -> float:
        """When it was first told of."""
        return self.phases[0][0]


@dataclass(frozen=True, slots=True)
class Miss:
    """An event that no alert answered, and what the rules of its kind made of it.

    `quiet` holds what was there meanwhile and not on its way to an alert, in words.
    """

    event: Event
    watched: bool
    attempts: tuple[Attempt, ...]
    quiet: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a report tells of the rules."""

    rules: tuple[RuleEntry, ...]
    incidents: tuple[Incident, ...]
    subjects: tuple[Subject, ...]
    attempts: tuple[Attempt, ...]
    truth: Truth | None
    missed: tuple[Miss, ...] = ()

    def of(self, rule: RuleEntry) -> tuple[Incident, ...]:
        """Return the alerts of a rule."""
        return tuple(incident for incident in self.incidents if incident.rule is rule)

    def near(self, rule: RuleEntry) -> tuple[Attempt, ...]:
        """Return what came near an alert of a rule and was not told of."""
        return tuple(attempt for attempt in self.attempts if attempt.rule is rule and attempt.told_at is None)


def facts(
    rules: Sequence[RuleEntry], told: Sequence[Told], alerts: Sequence[Alert], start: datetime, truth: Truth | None
) -> Facts:
    """Return what the rules, in the order of `told`, watched and made of a recording that began at `start`."""
    stories = [(rule, story) for rule, one in zip(rules, told, strict=True) for story in one.stories]
    found = (attempt for rule, story in stories for attempt in _attempts(rule, story, start))
    attempts = tuple(sorted(found, key=lambda attempt: attempt.begin))
    subjects = tuple(_subject(rule, story, start) for rule, story in stories)
    incidents = tuple(_incidents(rules, alerts, attempts, start))
    if truth is None:
        return Facts(tuple(rules), incidents, subjects, attempts, None)
    judged = _judged(incidents, truth)
    answered = {incident.event for incident in judged if incident.outcome is Outcome.RIGHT}
    missed = (event for number, event in enumerate(truth.events) if number not in answered)
    misses = tuple(_miss(event, rules, subjects, attempts) for event in missed)
    return Facts(tuple(rules), judged, subjects, attempts, truth, misses)


def _subject(rule: RuleEntry, story: Story, start: datetime) -> Subject:
    begin, end = _seconds(story.changes[0].at, start), _seconds(story.last, start)
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


def _attempts(rule: RuleEntry, story: Story, start: datetime) -> Iterator[Attempt]:
    for changes in story.attempts():
        moments = tuple(_moment(change, start) for change in changes)
        going_on = moments[-1].stage not in {Stage.QUIET, Stage.OVER}
        end = _seconds(story.last, start) if going_on else moments[-1].at
        lines = tuple(_line(curve, start, moments[0].at - BEFORE, end + AFTER) for curve in story.curves.values())
        yield Attempt(rule, story.subject, story.box, moments, end, lines)


def _moment(change: Change, start: datetime) -> Moment:
    return Moment(_seconds(change.at, start), change.stage, change.state, change.why)


def _line(curve: Curve, start: datetime, begin: float, end: float) -> Line:
    """Return the part of the curve from `begin` to `end`, with the points between which these lie."""
    points = [(_seconds(at, start), value) for at, value in curve.points]
    first = max((n for n, (at, _) in enumerate(points) if at <= begin), default=0)
    last = min((n for n, (at, _) in enumerate(points) if at >= end), default=len(points) - 1)
    return Line(curve.name, curve.unit, curve.limit, curve.release, tuple(points[first : last + 1]))


def _incidents(
    rules: Sequence[RuleEntry], alerts: Iterable[Alert], attempts: Sequence[Attempt], start: datetime
) -> Iterator[Incident]:
    by_name = {rule.name: rule for rule in rules}
    grouped: dict[object, list[Alert]] = {}
    for alert in alerts:
        grouped.setdefault((alert.rule, alert.id), []).append(alert)
    for number, own in enumerate(grouped.values(), 1):
        raised = own[0]
        phases = tuple((_seconds(alert.at, start), alert.phase) for alert in own)
        rule = by_name[raised.rule]
        attempt = next((a for a in attempts if _is_of(a, rule, raised, phases[0][0])), None)
        yield Incident(number, rule, raised, phases, attempt)


def _is_of(attempt: Attempt, rule: RuleEntry, alert: Alert, at: float) -> bool:
    return attempt.rule is rule and attempt.subject == alert.subject and attempt.told_at == at


def _judged(incidents: Sequence[Incident], truth: Truth) -> tuple[Incident, ...]:
    """Return the alerts with what became of them."""
    asked: defaultdict[Raised, deque[int]] = defaultdict(deque)
    for index, incident in enumerate(incidents):
        asked[Raised(incident.raised.kind, incident.at, _corners(incident.raised.box))].append(index)
    judged = list(incidents)
    for alert, outcome, event in judge(truth, [alert for alert, own in asked.items() for _ in own]):
        index = asked[alert].popleft()
        judged[index] = replace(judged[index], outcome=outcome, event=event)
    return tuple(judged)


def _miss(event: Event, rules: Sequence[RuleEntry], subjects: Iterable[Subject], attempts: Iterable[Attempt]) -> Miss:
    own = [rule for rule in rules if rule.kind == event.kind]
    begin = max(event.start_s - EARLY, 0.0)
    end = event.due_s + LATE if event.end_s is None else max(event.end_s, event.due_s + LATE)

    def there(thing: Subject | Attempt) -> bool:
        meanwhile = thing.begin <= end and thing.end >= begin
        return thing.rule in own and meanwhile and touch(_corners(thing.box), event.box)

    near = tuple(filter(there, attempts))
    named = {(id(attempt.rule), attempt.subject) for attempt in near}
    quiet = (thing for thing in filter(there, subjects) if (id(thing.rule), thing.name) not in named)
    return Miss(event, bool(own), near, tuple(_readings(thing, begin, end) for thing in quiet))


def _readings(thing: Subject, begin: float, end: float) -> str:
    """Return how high a subject's readings came from `begin` to `end`, in words."""
    begin, end = max(begin, thing.begin), min(end, thing.end)
    peaks = (
        f"{line.name} reached {line.peak(begin, end):.3g} of {line.limit:.3g} {line.unit}".rstrip()
        for line in thing.lines
    )
    return f"{thing.name}: {', '.join(peaks)} ({thing.last})"


def _corners(box: Box | None) -> Corners | None:
    return None if box is None else box.as_tuple()


def _seconds(at: datetime, start: datetime) -> float:
    return round((at - start).total_seconds(), 6)
