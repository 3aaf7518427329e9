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
import statistics
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ioc.geometry import bounds, pairwise_iou, stands_in
from ioc.ports import Gauge, Needs, RuleSetup, Stage, Watched
from ioc.state_table import BEGIN, Move, State, StateTable
from ioc.temporal import Latch, Window, in_seconds
from ioc.types import Alert, Box, Evidence, Json, Observation, Phase, Severity

KIND = "overcrowding"
DENSITY = "density"
NEEDS = Needs(labels=frozenset({"person"}), readings=frozenset({DENSITY}))

BLIND = timedelta(seconds=5)
"""Nobody looked for longer than this: what held before is no longer known to hold."""

MISSED = timedelta(seconds=1)
"""A person missed for no longer than this has not gone."""
SAME_PERSON = 0.3
"""Overlap (IoU) of a person missed and one seen now who are the same."""
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


class Detector:
    """Counts the people in one zone of one camera; without a zone, in the whole picture."""

    def __init__(self, setup: RuleSetup, config: Config) -> None:
        self._setup, self._config = setup, config
        self._limit = config.limit(setup.area)
        self._low = config.low(self._limit)
        self._latch = Latch(self._patience, config.clear_after)
        self._counts: Window[int] = Window(config.smooth)
        self._heads: Window[float] = Window(config.smooth)
        self._heat: tuple[datetime, Json] | None = None
        """Where people were when the density was last read, and when that was."""
        self._seen: dict[str, tuple[datetime, Box]] = {}
        self._run: str | None = None
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
        blind = obs.run != self._run or (self._last is not None and obs.at - self._last > BLIND)
        if blind:
            self._start_counting()
        self._run, self._last = obs.run, obs.at
        people = self._people(obs)
        self._counts.add(obs.at, len(people))
        self._read(obs)
        count = self._many()
        before = self._latch.began
        self._latch.update(obs.at, rising=count > self._limit, falling=count <= self._low)
        self._count, self._fell_short = count, self._shortfall(obs.at, rising, blind)
        self._remember(obs, count, people)
        began = self._latch.began
        if began is not None and began != before:
            yield self._alert(Phase.RAISED, began, obs, people, count)
        elif began is None and before is not None:
            yield self._alert(Phase.CLEARED, before, obs, people, count)
        elif began is not None and self._is_news(obs.at):
            yield self._alert(Phase.UPDATED, began, obs, people, count)

    def _is_news(self, at: datetime) -> bool:
        """Return whether a breach that goes on has become worse, or was told long ago."""
        weight = self._config.weight(self._peak, self._setup.area)
        return weight is not self._weight or (self._told is not None and at - self._told >= self._config.update_every)

    def watched(self) -> Iterator[Watched]:
        """Yield where the count stands."""
        if self._last is None:
            return
        since = self._latch.rising_since
        lasted = (self._last - since).total_seconds() if since else 0.0
        state, why = self._standing()
        yield Watched(
            subject=self._subject,
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
        return [box for box in (*now.values(), *missed) if stands_in(self._setup.polygon, box)]

    def _read(self, obs: Observation) -> None:
        """Remember for a while what is told of heads; not every observation tells of them."""
        for reading in obs.readings:
            if reading.kind == DENSITY and isinstance(reading.value, dict):
                self._heads.add(obs.at, reading.value["people"].get(self._setup.zone or "", 0.0))
                self._heat = obs.at, reading.value["heat"]
        if self._heat is not None and obs.at - self._heat[0] > BLIND:
            self._heads, self._heat = Window(self._config.smooth), None

    def _many(self) -> int:
        """Return how many people there are, counted one by one or by their heads."""
        heads = statistics.fmean(self._heads) if self._heat else 0.0
        return max(math.floor(statistics.median(self._counts)), round(heads))

    def _start_counting(self) -> None:
        """Forget what was seen before a gap or in another run; a breach already told stays open."""
        self._seen = {}
        self._counts, self._heads = Window(self._config.smooth), Window(self._config.smooth)
        self._heat = None
        self._latch.restart()
        if not self._latch.on:
            self._entry = None

    def _remember(self, obs: Observation, count: int, people: list[Box]) -> None:
        """Keep the first picture and the greatest count of the breach that is, or that may be beginning."""
        if count > self._limit or self._latch.on:
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
        details: dict[str, Json] = {"count": count, "peak": self._peak, "at_most": self._limit}
        if self._setup.area is not None:
            details["per_m2"] = round(count / self._setup.area, 2)
        if self._heat is not None:
            details["heat"] = self._heat[1]
        self._told, self._weight = obs.at, self._config.weight(self._peak, self._setup.area)
        if phase is Phase.CLEARED:
            self._entry, self._told, self._peak = None, None, 0
        return Alert(
            rule=self._setup.name,
            kind=KIND,
            camera=obs.camera,
            subject=self._subject,
            phase=phase,
            severity=self._weight,
            began=began,
            at=obs.at,
            box=now.box,
            details=details,
            evidence=evidence,
        )


def _array(boxes: Sequence[Box]) -> npt.NDArray[np.float64]:
    return np.array([box.as_tuple() for box in boxes])
