"""Overcrowding: more people in a zone than it may hold.

Watches: how many people are in the zone, or in the whole picture when the rule names no zone: those who are found
one by one or, where that is more, those whom the density of heads tells of.

Fires: when there have been more than may be for `after`: more than `at_most`, or more than `per_m2` a square metre of
a zone whose ground was measured. Who is missed for a second still counts. People are counted by the median of some
seconds and the density by its mean, so that one picture decides nothing. One breach is one alert, however the count
flickers around the limit: it is cleared only when the count has stayed at or below the leave threshold for
`clear_after`. It is told again when it has become worse.

Needs: readings `density`, tracks labelled `person`. A rider is part of its two-wheeler and is no track of its own.

Known false alarms and misses: people drawn on posters count as people. Faces close to the camera, hidden by one
another and out of focus, are found by neither way of counting.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from ioc.crowd_count import BLIND, DENSITY, MISSED, PERSON, Counted, CrowdCount
from ioc.geometry import bounds
from ioc.ports import Gauge, Needs, RuleSetup, Stage, Watched
from ioc.state_table import BEGIN, Move, State, StateTable
from ioc.temporal import Latch, in_seconds
from ioc.types import Alert, Box, Evidence, Json, Observation, Phase, Severity

KIND = "overcrowding"
NEEDS = Needs(labels=frozenset({PERSON}), readings=frozenset({DENSITY}))

SWING = 2
"""A breach goes on while the count is not this far below the limit: it swings by one around any ..."""
SMALL = 3
"""... but a limit as small as this."""


STATES = StateTable(
    {
        "within the limit": State(Stage.QUIET, "no more people than may be there"),
        "filling": State(Stage.RISING, "too many: its clock runs"),
        "too full": State(Stage.TOLD, "told, until few enough have been there for `clear_after`"),
        "emptying": State(Stage.TOLD, "few enough have left: over after `clear_after` of that"),
    },
    (
        Move((BEGIN, "filling", "emptying"), "within the limit", "few enough again, or nobody looked"),
        Move((BEGIN, "within the limit"), "filling", "more than the limit"),
        Move(("filling", "emptying"), "too full", "more for `after` and a second, or again"),
        Move(("too full",), "emptying", "`leave` × the limit or fewer"),
    ),
)


class Config(BaseModel):
    """What an `overcrowding` rule takes from the site file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_most: int | None = Field(None, ge=0, description="how many people the zone may hold")
    per_m2: float | None = Field(
        None, gt=0, description="how many a square metre, instead, where the camera's ground was measured"
    )
    after: timedelta = Field(
        timedelta(seconds=10), ge=timedelta(0), description="how long there must be more people than that"
    )
    leave: float = Field(
        0.9, ge=0, le=1, description="the breach ends at or below this share of the limit, so that it does not flicker"
    )
    clear_after: timedelta = Field(
        timedelta(seconds=5), ge=timedelta(0), description="how long the count must be that low before it is cleared"
    )
    smooth: timedelta = Field(timedelta(seconds=2), ge=timedelta(0), description="the count is taken over this time")
    update_every: timedelta = Field(
        timedelta(seconds=60), gt=timedelta(0), description="how often a breach that goes on is told again"
    )
    severity: Severity | None = Field(
        None, description="how much the alert matters; left out, `high`, or what the people a square metre say"
    )
    high_per_m2: float = Field(3.6, gt=0, description="from so many people a square metre on it is `high`")
    critical_per_m2: float = Field(5.5, gt=0, description="from so many on it is `critical`")

    @model_validator(mode="after")
    def _check_limit(self) -> Self:
        if (self.at_most is None) == (self.per_m2 is None):
            raise ValueError("expected either at_most (people) or per_m2 (people a square metre)")
        return self

    def limit(self, area: float | None) -> int:
        """Return how many people a zone of so many m² may hold; raises ValueError when that cannot be known."""
        if self.at_most is not None:
            return self.at_most
        if area is None or self.per_m2 is None:
            raise ValueError("per_m2: expected a zone that lies on the ground of a camera with [camera.ground]")
        return math.floor(self.per_m2 * area)

    def low(self, limit: int) -> int:
        """Return how many people are few enough for a breach of that limit to end."""
        low = math.ceil(limit * self.leave)
        return low if limit <= SMALL else min(low, limit - SWING)

    def weight(self, people: int, area: float | None) -> Severity:
        """Return how much so many people in a zone of so many m² matter."""
        if self.severity is not None or area is None:
            return self.severity or Severity.HIGH
        density = people / area
        if density >= self.critical_per_m2:
            return Severity.CRITICAL
        return Severity.HIGH if density >= self.high_per_m2 else Severity.MEDIUM


@dataclass(frozen=True, slots=True)
class _State:
    """What outlives the program."""

    last: datetime | None
    counted: Counted
    began: datetime | None
    rising: datetime | None
    falling: datetime | None
    entry: Evidence | None
    told: datetime | None
    peak: int


_STATE = TypeAdapter(_State)


class Detector:
    """Counts the people in one zone of one camera; without a zone, in the whole picture."""

    def __init__(self, setup: RuleSetup, config: Config) -> None:
        self._setup, self._config = setup, config
        self._limit = config.limit(setup.area)
        self._low = config.low(self._limit)
        self._latch = Latch(self._patience, config.clear_after)
        self._crowd = CrowdCount(setup, config.smooth)
        self._last: datetime | None = None
        self._entry: Evidence | None = None
        self._told: datetime | None = None
        self._weight = config.weight(0, setup.area)
        self._peak = 0
        self._count = 0
        self._fell_short = ""
        """Why the last observation ended what might have become a breach."""

    def observe(self, obs: Observation) -> Iterator[Alert]:
        """Take the next observation; yield the breach's beginning, its updates and its end."""
        rising = self._latch.rising_since
        blind = self._last is not None and obs.at - self._last > BLIND
        if blind:
            self._start_counting()
        self._last = obs.at
        count = self._crowd.take(obs)
        before = self._latch.began
        self._latch.update(obs.at, rising=count > self._limit, falling=count <= self._low)
        self._count, self._fell_short = count, self._shortfall(obs.at, rising, blind)
        self._remember(obs, count)
        began = self._latch.began
        if began is not None and began != before:
            yield self._alert(Phase.RAISED, began, obs, count)
        elif began is None and before is not None:
            yield self._alert(Phase.CLEARED, before, obs, count)
        elif began is not None and self._is_news(obs.at):
            yield self._alert(Phase.UPDATED, began, obs, count)

    def _is_news(self, at: datetime) -> bool:
        """Return whether a breach that goes on has become worse, or was told long ago."""
        weight = self._config.weight(self._peak, self._setup.area)
        return weight is not self._weight or (self._told is not None and at - self._told >= self._config.update_every)

    def cited(self) -> Iterator[Evidence]:
        """Yield the picture in which a breach began that may yet be told."""
        if self._entry is not None and self._told is None:
            yield self._entry

    def state(self) -> Json:
        """Return the clocks and what has been told, so that they outlive the program."""
        known = _State(
            last=self._last,
            counted=self._crowd.state(),
            began=self._latch.began,
            rising=self._latch.rising_since,
            falling=self._latch.falling_since,
            entry=self._entry,
            told=self._told,
            peak=self._peak,
        )
        state: Json = _STATE.dump_python(known, mode="json")
        return state

    def restore(self, state: Json) -> None:
        """Go on with the breach of an earlier life; raises ValueError when that is no state of this rule."""
        try:
            known = _STATE.validate_python(state)
        except ValidationError as error:
            raise ValueError(f"no state of a crowd: {error.error_count()} wrong values") from None
        self._last, self._entry, self._told, self._peak = known.last, known.entry, known.told, known.peak
        self._crowd.restore(known.counted)
        self._latch.resume(known.began, known.rising, known.falling)
        self._weight = self._config.weight(self._peak, self._setup.area)

    def watched(self) -> Iterator[Watched]:
        """Yield where the count stands."""
        if self._last is None:
            return
        since = self._latch.rising_since
        lasted = (self._last - since).total_seconds() if since else 0.0
        state, why = self._standing()
        yield Watched(
            subject=self._setup.subject,
            began=None,
            stage=STATES.stage(state),
            state=state,
            why=why,
            gauges=(
                Gauge("too many for", lasted, self._patience.total_seconds(), "s"),
                Gauge("people", self._count, self._limit + 1, release=self._low),
            ),
            box=bounds(self._setup.polygon) if self._setup.polygon is not None else None,
        )

    def _standing(self) -> tuple[str, str]:
        """Return in which of STATES the count is, and why."""
        if self._latch.on and self._latch.falling_since is not None:
            return "emptying", f"{self._low} or fewer: over after {in_seconds(self._config.clear_after)} of that"
        if self._latch.on:
            return "too full", f"more than {self._limit} for {in_seconds(self._patience)}"
        if self._latch.rising_since is not None:
            return "filling", f"more than {self._limit}: told after {in_seconds(self._patience)} of that"
        return "within the limit", self._fell_short

    def _shortfall(self, at: datetime, rising: datetime | None, blind: bool) -> str:
        if rising is None or self._latch.on or self._latch.rising_since == rising:
            return ""
        how = "nobody looked for a while" if blind else f"no more than {self._limit} again"
        return f"{how} after {in_seconds(at - rising)} of {in_seconds(self._patience)}"

    @property
    def _patience(self) -> timedelta:
        """How long there must be too many; people who left still count for a moment, which must not make it long."""
        return self._config.after + MISSED

    def _start_counting(self) -> None:
        """Forget what was seen before a gap; a breach already told stays open."""
        self._crowd.forget()
        self._latch.restart()
        if not self._latch.on:
            self._entry = None

    def _remember(self, obs: Observation, count: int) -> None:
        """Keep the first picture and the greatest count of the breach that is, or that may be beginning."""
        if count > self._limit or self._latch.on:
            self._entry = self._entry or Evidence("frame", obs.seq, obs.at, self._box())
            self._peak = max(self._peak, count)
        elif self._entry is not None and self._told is None:
            self._entry, self._peak = None, 0

    def _box(self) -> Box | None:
        if self._setup.polygon is not None:
            return bounds(self._setup.polygon)
        if not self._crowd.people:
            return None
        x1, y1, x2, y2 = zip(*(box.as_tuple() for box in self._crowd.people), strict=True)
        return Box(min(x1), min(y1), max(x2), max(y2))

    def _alert(self, phase: Phase, began: datetime, obs: Observation, count: int) -> Alert:
        now = Evidence("frame", obs.seq, obs.at, self._box())
        evidence = (self._entry, now) if phase is Phase.RAISED and self._entry else (now,)
        details: dict[str, Json] = {"count": count, "peak": self._peak, "at_most": self._limit}
        if self._setup.area is not None:
            details["per_m2"] = round(count / self._setup.area, 2)
        if self._crowd.heat is not None:
            details["heat"] = self._crowd.heat
        self._told, self._weight = obs.at, self._config.weight(self._peak, self._setup.area)
        if phase is Phase.CLEARED:
            self._entry, self._told, self._peak = None, None, 0
        return Alert(
            rule=self._setup.name,
            kind=KIND,
            camera=obs.camera,
            subject=self._setup.subject,
            phase=phase,
            severity=self._weight,
            began=began,
            at=obs.at,
            box=now.box,
            details=details,
            evidence=evidence,
        )
