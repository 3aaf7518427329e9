"""What a report tells of one replayed recording: alerts and what became of them, and what came near one and why not.

Times are seconds of media time.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from ioc.report_subjects import Attempt, Subject, attempts_of, seconds_of, subject_of
from ioc.scoring import EARLY, LATE, Outcome, Raised, judge, touch
from ioc.site import RuleEntry
from ioc.stories import Told
from ioc.truth import Corners, Event, Truth
from ioc.types import Alert, Box, Phase

MOST_NEAR = 200
"""So many of what came near an alert of one rule are told of, those that came nearest."""


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


@dataclass(frozen=True)
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

    def nearest(self, rule: RuleEntry) -> tuple[Attempt, ...]:
        """Return the MOST_NEAR that came nearest, in the order of time."""
        kept = sorted(self.near(rule), key=lambda attempt: -attempt.nearness)[:MOST_NEAR]
        return tuple(sorted(kept, key=lambda attempt: attempt.begin))

    def explains(self, attempt: Attempt) -> bool:
        """Return whether a page says more of it: it led to an alert, or is among those that came nearest."""
        return id(attempt) in self._explained

    @cached_property
    def _explained(self) -> frozenset[int]:
        led = (id(incident.attempt) for incident in self.incidents)
        return frozenset((*led, *(id(attempt) for rule in self.rules for attempt in self.nearest(rule))))


def facts(
    rules: Sequence[RuleEntry], told: Sequence[Told], alerts: Sequence[Alert], start: datetime, truth: Truth | None
) -> Facts:
    """Return what the rules, in the order of `told`, watched and made of a recording that began at `start`."""
    stories = [(rule, story) for rule, one in zip(rules, told, strict=True) for story in one.stories]
    found = (attempt for rule, story in stories for attempt in attempts_of(rule, story, start))
    attempts = tuple(sorted(found, key=lambda attempt: attempt.begin))
    subjects = tuple(subject_of(rule, story, start) for rule, story in stories)
    incidents = tuple(_incidents(rules, alerts, attempts, start))
    if truth is None:
        return Facts(tuple(rules), incidents, subjects, attempts, None)
    judged = _judged(incidents, truth)
    answered = {incident.event for incident in judged if incident.outcome is Outcome.RIGHT}
    missed = (event for number, event in enumerate(truth.events) if number not in answered)
    misses = tuple(_miss(event, rules, subjects, attempts) for event in missed)
    return Facts(tuple(rules), judged, subjects, attempts, truth, misses)


def _incidents(
    rules: Sequence[RuleEntry], alerts: Iterable[Alert], attempts: Sequence[Attempt], start: datetime
) -> Iterator[Incident]:
    by_name = {rule.name: rule for rule in rules}
    grouped: dict[object, list[Alert]] = {}
    for alert in alerts:
        grouped.setdefault((alert.rule, alert.id), []).append(alert)
    for number, own in enumerate(grouped.values(), 1):
        raised = own[0]
        phases = tuple((seconds_of(alert.at, start), alert.phase) for alert in own)
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
