"""Scores alerts against the truth, event by event: what was right, false, doubled and missed, and how late.

An alert is right when its kind is the event's, it is raised from `EARLY` before to `LATE` after it is due (the window
of Korea's KISA tests), and its box touches the event's. One alert serves one event; a further one is a duplicate and
counts as false.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import fmean, median
from typing import NamedTuple

from ioc import intervals
from ioc.intervals import Interval
from ioc.truth import Corners, Event, Truth

EARLY, LATE = 2.0, 10.0
"""Seconds around the time when an alert is due."""

OPERATIONAL, RECORDING = 0.5, 60.0
"""Recall bias of the two roles of i-LIDS (UK Home Office): an alert that a person must answer, where precision counts
more, and one that only starts a recording, where hardly anything but recall counts."""

HOURS_A_DAY = 24

PLATE = "plate"
"""The kind of alert that tells of a plate: a hit."""


class Raised(NamedTuple):
    """An alert as it was raised; `media_s` in seconds since the recording's first frame."""

    kind: str
    media_s: float
    box: Corners | None


class Outcome(StrEnum):
    """What became of an alert; what is ignored counts neither way."""

    RIGHT = "right"
    FALSE = "false"
    DOUBLED = "doubled"
    IGNORED = "ignored"


class Verdict(NamedTuple):
    """One alert and what became of it; `event` is the event's number in the truth that it answered, if any."""

    alert: Raised
    outcome: Outcome
    event: int | None = None

    @property
    def wrong(self) -> bool:
        """Whether a person answers it in vain."""
        return self.outcome in {Outcome.FALSE, Outcome.DOUBLED}


@dataclass(slots=True)
class Tally:
    """What became of one kind's alerts and events."""

    right: int = 0
    false: int = 0
    doubled: int = 0
    missed: int = 0
    delays: list[float] = field(default_factory=list)
    """Seconds from due to raised, one for each alert that was right."""

    def add(self, other: Tally) -> None:
        """Take the counts of other recordings in."""
        self.right += other.right
        self.false += other.false
        self.doubled += other.doubled
        self.missed += other.missed
        self.delays += other.delays

    @property
    def wrong(self) -> int:
        """Alerts that a person answers in vain."""
        return self.false + self.doubled

    @property
    def precision(self) -> float | None:
        """The part of the alerts that was right; None without an alert."""
        return _part(self.right, self.right + self.wrong)

    @property
    def recall(self) -> float | None:
        """The part of the events that was found; None without an event."""
        return _part(self.right, self.right + self.missed)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; None without an alert or event."""
        return _part(2 * self.right, 2 * self.right + self.wrong + self.missed)

    def f(self, bias: float) -> float | None:
        """Return F with a recall bias, (bias + 1) R P / (R + bias P); None without an alert or event."""
        weighed = (bias + 1) * self.right
        return _part(weighed, weighed + self.missed * bias + self.wrong)

    @property
    def f1_interval(self) -> Interval | None:
        """F1's interval at 95 %: F1 is 2 J / (1 + J), with J the part of right ones among alerts and missed events."""
        within = intervals.share(self.right, self.right + self.wrong + self.missed)
        return within and (2 * within[0] / (1 + within[0]), 2 * within[1] / (1 + within[1]))

    def figures(self, hours: float) -> dict[str, object]:
        """Return all figures by name; `hours` is how long the cameras were watched in all."""
        low, high = (HOURS_A_DAY * limit / hours for limit in intervals.count(self.wrong))
        return {
            "tp": self.right,
            "fp": self.false,
            "duplicates": self.doubled,
            "fn": self.missed,
            "precision": self.precision,
            "precision_95": intervals.share(self.right, self.right + self.wrong),
            "recall": self.recall,
            "recall_95": intervals.share(self.right, self.right + self.missed),
            "f1": self.f1,
            "f1_95": self.f1_interval,
            "f_operational_alert": self.f(OPERATIONAL),
            "f_event_recording": self.f(RECORDING),
            "mean_delay_s": fmean(self.delays) if self.delays else None,
            "median_delay_s": median(self.delays) if self.delays else None,
            "median_delay_s_95": intervals.median(self.delays),
            "false_per_hour": self.wrong / hours,
            "false_per_camera_day": HOURS_A_DAY * self.wrong / hours,
            "false_per_camera_day_95": (low, high),
        }


def judge(truth: Truth, alerts: Iterable[Raised]) -> list[Verdict]:
    """Return what became of each alert of one recording, in the order of time; an event that none names is missed."""
    served: set[int] = set()
    verdicts = []
    for alert in sorted(alerts, key=lambda alert: alert.media_s):
        due = [index for index, event in enumerate(truth.events) if _answers(alert, event)]
        waiting = [index for index in due if index not in served]
        if waiting:
            served.add(waiting[0])
            verdicts.append(Verdict(alert, Outcome.RIGHT, waiting[0]))
        elif due:
            verdicts.append(Verdict(alert, Outcome.DOUBLED, due[0]))
        else:
            # Hits are judged by the passes where the truth lists them: `ioc.scoring_plates`.
            hit = alert.kind == PLATE and truth.plates is not None
            unjudged = hit or ignored(truth, alert.kind, alert.media_s)
            verdicts.append(Verdict(alert, Outcome.IGNORED if unjudged else Outcome.FALSE))
    return verdicts


def tallied(truth: Truth, verdicts: Iterable[Verdict]) -> dict[str, Tally]:
    """Return one recording's tally of each kind that it shows or of which an alert was judged."""
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    for event in truth.events:
        tallies[event.kind].missed += 1
    for alert, outcome, index in verdicts:
        if outcome is Outcome.IGNORED:
            continue
        tally = tallies[alert.kind]
        tally.false += outcome is Outcome.FALSE
        tally.doubled += outcome is Outcome.DOUBLED
        if outcome is Outcome.RIGHT and index is not None:
            tally.right += 1
            tally.missed -= 1
            tally.delays.append(alert.media_s - truth.events[index].due_s)
    return dict(tallies)


def score(truth: Truth, alerts: Iterable[Raised]) -> dict[str, Tally]:
    """Return one recording's tally of each kind that it shows or of which an alert was judged."""
    return tallied(truth, judge(truth, alerts))


def total(scores: Sequence[Mapping[str, Tally]]) -> dict[str, Tally]:
    """Return the recordings' tallies added up, kinds in the order of the alphabet."""
    sums: defaultdict[str, Tally] = defaultdict(Tally)
    for tallies in scores:
        for kind, tally in tallies.items():
            sums[kind].add(tally)
    return dict(sorted(sums.items()))


def _answers(alert: Raised, event: Event) -> bool:
    in_time = event.due_s - EARLY <= alert.media_s <= event.due_s + LATE
    return alert.kind == event.kind and in_time and touch(alert.box, event.box)


def touch(a: Corners | None, b: Corners | None) -> bool:
    """Return whether two boxes overlap; none stands for anywhere."""
    return a is None or b is None or (a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3])


def ignored(truth: Truth, kind: str, media_s: float) -> bool:
    """Return whether alerts of that kind are not judged at that time."""
    return any(stretch.kind == kind and stretch.start_s <= media_s <= stretch.end_s for stretch in truth.ignore)


def _part(numerator: float, denominator: float) -> float | None:
    return numerator / denominator if denominator else None
