"""Overcrowding: more people in a zone than it may hold.

Watches: the people whose feet are in the zone, or in the whole picture when the rule names no zone.

Fires: when more than `at_most` people have been there for `after`. Who is missed for a second still counts, and
the count is the median of a few seconds, so that one picture with people missed or doubled decides nothing. One
breach is one alert, however the count flickers around the limit: it is cleared only when the count has stayed at
or below the leave threshold (`leave` of `at_most`, rounded up) for `clear_after`.

Needs: tracks labelled `person`. A rider is part of its two-wheeler and is not counted.

Known false alarms and misses: people drawn on posters count as people. In a dense crowd people hide each
other and few are found, so the count stays too low: a limit above what the detector can tell apart is never
reached. Counting by boxes suits sparse crowds, up to a few dozen people who stand apart.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from ioc.geometry import bounds, contains, pairwise_iou
from ioc.ports import Gauge, Needs, RuleSetup, Stage, Watched
from ioc.temporal import Latch, Window, in_seconds
from ioc.types import Alert, Box, Evidence, Json, Observation, Phase, Point, Severity

KIND = "overcrowding"
NEEDS = Needs(labels=frozenset({"person"}))

BLIND = timedelta(seconds=5)
"""Nobody looked for longer than this: what held before is no longer known to hold."""

MISSED = timedelta(seconds=1)
"""A person missed for no longer than this has not gone."""
SAME_PERSON = 0.3
"""Overlap (IoU) of a person missed and one seen now who are the same."""


class Config(BaseModel):
    """What an `overcrowding` rule takes from the site file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_most: int = Field(ge=0, description="how many people the zone may hold")
    after: timedelta = Field(
        timedelta(seconds=10), ge=timedelta(0), description="how long there must be more people than that"
    )
    leave: float = Field(
        0.9, ge=0, le=1, description="the breach ends at or below this share of `at_most`, so that it does not flicker"
    )
    clear_after: timedelta = Field(
        timedelta(seconds=5), ge=timedelta(0), description="how long the count must be that low before it is cleared"
    )
    smooth: timedelta = Field(
        timedelta(seconds=2), ge=timedelta(0), description="the count is the median over this time"
    )
    update_every: timedelta = Field(
        timedelta(seconds=60), gt=timedelta(0), description="how often a breach that goes on is told again"
    )
    severity: Severity = Field(Severity.HIGH, description="how much the alert matters")


class Detector:
    """Counts the people in one zone of one camera; without a zone, in the whole picture."""

    def __init__(self, setup: RuleSetup, config: Config) -> None:
        self._setup, self._config = setup, config
        self._latch = Latch(self._patience, config.clear_after)
        self._counts: Window[int] = Window(config.smooth)
        self._seen: dict[str, tuple[datetime, Box]] = {}
        self._run: str | None = None
        self._last: datetime | None = None
        self._entry: Evidence | None = None
        self._told: datetime | None = None
        self._peak = 0
        self._count = 0
        self._fell_short = ""
        """Why the last observation ended what might have become a breach."""

    def observe(self, obs: Observation) -> Iterator[Alert]:
        """Take the next observation; yield the breach's beginning, its updates and its end."""
        config = self._config
        rising = self._latch.rising_since
        blind = obs.run != self._run or (self._last is not None and obs.at - self._last > BLIND)
        if blind:
            self._start_counting()
        self._run, self._last = obs.run, obs.at
        people = self._people(obs)
        self._counts.add(obs.at, len(people))
        count = math.floor(statistics.median(self._counts))
        before = self._latch.began
        self._latch.update(obs.at, rising=count > config.at_most, falling=count <= self._leave)
        self._count, self._fell_short = count, self._shortfall(obs.at, rising, blind)
        self._remember(obs, count, people)
        began = self._latch.began
        if began is not None and began != before:
            yield self._alert(Phase.RAISED, began, obs, people, count)
        elif began is None and before is not None:
            yield self._alert(Phase.CLEARED, before, obs, people, count)
        elif began is not None and self._told is not None and obs.at - self._told >= config.update_every:
            yield self._alert(Phase.UPDATED, began, obs, people, count)

    def watched(self) -> Iterator[Watched]:
        """Yield where the count stands."""
        if self._last is None:
            return
        since = self._latch.rising_since
        lasted = (self._last - since).total_seconds() if since else 0.0
        stage, state, why = self._standing()
        yield Watched(
            subject=self._subject,
            began=None,
            stage=stage,
            state=state,
            why=why,
            gauges=(
                Gauge("too many for", lasted, self._patience.total_seconds(), "s"),
                Gauge("people", self._count, self._config.at_most + 1, release=self._leave),
            ),
            box=bounds(self._setup.polygon) if self._setup.polygon is not None else None,
        )

    def _standing(self) -> tuple[Stage, str, str]:
        at_most = self._config.at_most
        if self._latch.on and self._latch.falling_since is not None:
            return (
                Stage.TOLD,
                "emptying",
                f"{self._leave} or fewer: over after {in_seconds(self._config.clear_after)} of that",
            )
        if self._latch.on:
            return Stage.TOLD, "too full", f"more than {at_most} for {in_seconds(self._patience)}"
        if self._latch.rising_since is not None:
            return Stage.RISING, "filling", f"more than {at_most}: told after {in_seconds(self._patience)} of that"
        return Stage.QUIET, "within the limit", self._fell_short

    def _shortfall(self, at: datetime, rising: datetime | None, blind: bool) -> str:
        if rising is None or self._latch.on or self._latch.rising_since == rising:
            return ""
        how = "nobody looked for a while" if blind else f"no more than {self._config.at_most} again"
        return f"{how} after {in_seconds(at - rising)} of {in_seconds(self._patience)}"

    @property
    def _patience(self) -> timedelta:
        """How long there must be too many; people who left still count for a moment, which must not make it long."""
        return self._config.after + MISSED

    @property
    def _leave(self) -> int:
        return math.ceil(self._config.at_most * self._config.leave)

    @property
    def _subject(self) -> str:
        return f"zone:{self._setup.zone}" if self._setup.zone else "frame"

    def _people(self, obs: Observation) -> list[Box]:
        """Return where the people in the zone are, with those missed for a moment where they were last seen."""
        now = {t.id: t.box for t in obs.tracks if t.label in NEEDS.labels}
        for name, box in now.items():
            self._seen[name] = (obs.at, box)
        self._seen = {name: seen for name, seen in self._seen.items() if obs.at - seen[0] <= MISSED}
        missed = [box for name, (_, box) in self._seen.items() if name not in now]
        if now and missed:
            # Somebody now followed under another name is no second person.
            overlaps = pairwise_iou(_array(missed), _array(list(now.values()))).max(axis=1)
            missed = [box for box, overlap in zip(missed, overlaps.tolist(), strict=True) if overlap < SAME_PERSON]
        return [box for box in (*now.values(), *missed) if self._inside(box)]

    def _start_counting(self) -> None:
        """Forget what was seen before a gap or in another run; a breach already told stays open."""
        self._seen = {}
        self._counts = Window(self._config.smooth)
        self._latch.restart()
        if not self._latch.on:
            self._entry = None

    def _inside(self, box: Box) -> bool:
        # Just above the lower edge: who is cut off by the picture's edge stands in a zone that ends there.
        foot = Point(box.foot.x, box.y2 - 0.01 * box.height)
        return self._setup.polygon is None or contains(self._setup.polygon, foot)

    def _remember(self, obs: Observation, count: int, people: list[Box]) -> None:
        """Keep the first picture and the greatest count of the breach that is, or that may be beginning."""
        if count > self._config.at_most or self._latch.on:
            self._entry = self._entry or Evidence("frame", obs.seq, obs.at, self._box(people))
            self._peak = max(self._peak, count)
        elif self._entry is not None and self._told is None:
            self._entry, self._peak = None, 0

    def _box(self, people: list[Box]) -> Box | None:
        if self._setup.polygon is not None:
            return bounds(self._setup.polygon)
        if not people:
            return None
        x1, y1, x2, y2 = zip(*(box.as_tuple() for box in people), strict=True)
        return Box(min(x1), min(y1), max(x2), max(y2))

    def _alert(self, phase: Phase, began: datetime, obs: Observation, people: list[Box], count: int) -> Alert:
        now = Evidence("frame", obs.seq, obs.at, self._box(people))
        evidence = (self._entry, now) if phase is Phase.RAISED and self._entry else (now,)
        details: dict[str, Json] = {"count": count, "peak": self._peak, "at_most": self._config.at_most}
        self._told = obs.at
        if phase is Phase.CLEARED:
            self._entry, self._told, self._peak = None, None, 0
        return Alert(
            rule=self._setup.name,
            kind=KIND,
            camera=obs.camera,
            subject=self._subject,
            phase=phase,
            severity=self._config.severity,
            began=began,
            at=obs.at,
            box=now.box,
            details=details,
            evidence=evidence,
        )


def _array(boxes: Sequence[Box]) -> npt.NDArray[np.float64]:
    return np.array([box.as_tuple() for box in boxes])
