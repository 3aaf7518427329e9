"""Flood: water on a road or a place that is dry as a rule.

Watches: which part of a zone is under water, or how deep it is at a ruler, by slow looks that nothing moving hides.

Fires: with a ruler, when the water has been as deep as the class `at_least` for `after`. Without one, when it has
covered `share` of the zone for so long, and `rise` more than is usual for the camera. What is usual is learnt over half
an hour: a pale square that is taken for water now and then is soon part of it. What is smooth while more than `people`
stand on it is a floor, and what comes from one look to the next is a cut, a spray or a reflection and has to stay for
eight seconds. Told again when it has changed to another class for `after`, and every `update_every`; cleared when it
has gone down for `clear_after`.

Needs: readings `water` and `water_level`, tracks of people, and of vehicles that may hide a ruler.

Known false alarms and misses: a polished or wet floor that is seen for the first time and empty of people. Water that
lies in a zone as a rule, a river say, must be left out of the zone. Rain alone is no flood as long as the road shows
through. At night water that nothing lights is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from ioc import ports
from ioc.flood_gauges import Gauge, GaugeState, RulerGauge, ZoneGauge, level_of
from ioc.ports import Needs, RuleSetup, Stage, Watched
from ioc.state_table import BEGIN, Move, State, StateTable
from ioc.temporal import Lasting, in_seconds
from ioc.types import Alert, Evidence, Json, Observation, Phase
from ioc.water_trend import WaterTrend

KIND = "flood"
NEEDS = Needs(
    labels=frozenset({"person", "bicycle", "motorcycle", "car", "bus", "truck"}), readings=frozenset({"water"})
)

LEAST_LOOKS = 3
"""However seldom is looked, so many looks must have agreed."""
BLIND = timedelta(seconds=30)
"""After so long without a look nothing is known of what was between."""

STATES = StateTable(
    {
        "dry": State(Stage.QUIET, "less water than the limit"),
        "wet": State(Stage.RISING, "so much water, and nothing speaks against it: its clock runs"),
        "a floor": State(Stage.HELD, "it is smooth, and people stand on it"),
        "came at once": State(
            Stage.HELD, "it came from one look to the next: a cut, a spray or a reflection, unless it stays"
        ),
        "flooded": State(Stage.TOLD, "told, and not over yet"),
    },
    (
        Move((BEGIN, "wet", "a floor", "came at once"), "dry", "less water than the limit"),
        Move((BEGIN, "dry", "a floor", "came at once"), "wet", "so much water"),
        Move((BEGIN, "dry", "wet", "came at once"), "a floor", "so much that is smooth, with people on it"),
        Move((BEGIN, "dry", "wet", "a floor"), "came at once", "so much from one look to the next"),
        Move(("dry", "wet", "a floor", "came at once"), "flooded", "so much for `after`"),
        Move(("flooded",), "dry", "clearly less for `clear_after`"),
    ),
)


class Config(BaseModel):
    """What a `flood` rule takes from the site file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after: timedelta = Field(
        timedelta(seconds=60), ge=timedelta(0), description="how long there must have been so much water"
    )
    ruler: str | None = Field(None, description="the camera's ruler that the depth is read from")
    at_least: Literal["wet", "ankle", "kerb", "axle", "impassable"] = Field(
        "ankle", description="with a ruler: the least class that is told"
    )
    share: float = Field(0.25, gt=0, le=1, description="without: which part of the zone must be under water")
    rise: float = Field(0.15, ge=0, le=1, description="without: by how much that must be more than usual")
    people: int = Field(3, ge=0, description="without: what is smooth and more than that stand on it is a floor")
    clear_after: timedelta = Field(
        timedelta(seconds=60), ge=timedelta(0), description="how long it must have gone down to be over"
    )
    update_every: timedelta = Field(
        timedelta(minutes=5), gt=timedelta(0), description="how often a flood that goes on is told again"
    )


@dataclass(slots=True)
class _Incident:
    """What has been told and is not over."""

    began: datetime
    level: int
    told: datetime
    peak: float


@dataclass(frozen=True, slots=True)
class _Memory:
    gauge: GaugeState
    incident: _Incident | None
    agreed: int
    since: tuple[datetime | None, datetime | None, datetime | None]
    """Since when it has been high, low and of another level."""
    last: datetime | None


_MEMORY = TypeAdapter(_Memory)


class Detector:
    """Watches one zone of one camera, the whole picture, or one ruler."""

    def __init__(self, setup: RuleSetup, config: Config) -> None:
        self._setup, self._config = setup, config
        self._gauge = _gauge(setup, config)
        self._incident: _Incident | None = None
        self._begin_again()

    def _begin_again(self) -> None:
        self._gauge.restart()
        self._trend = WaterTrend()
        self._high, self._low, self._other = Lasting(), Lasting(), Lasting()
        self._agreed = 0
        self._last: datetime | None = None

    def observe(self, obs: Observation) -> Iterator[Alert]:
        """Take the next observation; yield a flood's beginning, how it goes on, and its end."""
        if self._last is not None and not timedelta(0) <= obs.at - self._last <= BLIND:
            self._begin_again()
        gauge = self._gauge
        if not gauge.take(obs):
            return
        if self._incident is None:
            gauge.learn()
        self._last = obs.at
        self._trend.add(obs.at, gauge.now)
        high = self._high.update(obs.at, holds=gauge.now >= gauge.limit)
        self._agreed = self._agreed + 1 if self._high.since else 0
        if self._incident is not None:
            yield from self._goes_on(obs, self._incident)
        elif self._high.since and self._is_sure(high):
            level = level_of(gauge.levels, gauge.now, 0, gauge.slack)
            self._incident = _Incident(self._high.since, level, obs.at, gauge.now)
            self._low, self._other = Lasting(), Lasting()
            yield self._alert(Phase.RAISED, obs, self._incident)

    def _is_sure(self, lasted: timedelta) -> bool:
        return self._agreed >= LEAST_LOOKS and lasted >= self._config.after and self._gauge.doubts() is None

    def _goes_on(self, obs: Observation, incident: _Incident) -> Iterator[Alert]:
        gauge, config = self._gauge, self._config
        incident.peak = max(incident.peak, gauge.now)
        level = level_of(gauge.levels, gauge.now, incident.level, gauge.slack)
        low = self._low.update(obs.at, holds=gauge.now < gauge.release)
        other = self._other.update(obs.at, holds=level != incident.level and self._low.since is None)
        if self._low.since and low >= config.clear_after:
            self._incident = None
            yield self._alert(Phase.CLEARED, obs, incident)
        elif (self._other.since and other >= config.after) or obs.at - incident.told >= config.update_every:
            incident.level, incident.told, self._other = level, obs.at, Lasting()
            yield self._alert(Phase.UPDATED, obs, incident)

    def state(self) -> Json:
        """Return the clocks, what is usual and what has been told, so that they outlive the program."""
        since = (self._high.since, self._low.since, self._other.since)
        memory = _Memory(self._gauge.state(), self._incident, self._agreed, since, self._last)
        state: Json = _MEMORY.dump_python(memory, mode="json")
        return state

    def restore(self, state: Json) -> None:
        """Go on with an earlier life; raises ValueError when that is no state of this rule."""
        try:
            memory = _MEMORY.validate_python(state)
        except ValidationError as error:
            raise ValueError(f"no state of water: {error.error_count()} wrong values") from None
        self._gauge.restore(memory.gauge)
        self._incident, self._agreed, self._last = memory.incident, memory.agreed, memory.last
        self._high.since, self._low.since, self._other.since = memory.since

    def watched(self) -> Iterator[Watched]:
        """Yield how much water there is."""
        if self._last is None:
            return
        gauge, since = self._gauge, self._high.since
        lasted = (self._last - since).total_seconds() if since else 0.0
        state, why = self._standing()
        gauges = (
            ports.Gauge("under water for", lasted, self._config.after.total_seconds(), "s"),
            ports.Gauge("water", round(gauge.now, 3), gauge.limit, gauge.unit, release=gauge.release),
        )
        yield Watched(self._subject, None, STATES.stage(state), state, why, gauges, gauge.box)

    def _standing(self) -> tuple[str, str]:
        """Return in which of STATES it is, and why."""
        gauge, doubts = self._gauge, self._gauge.doubts()
        needed = f"{gauge.limit:.3g} {gauge.unit}".rstrip()
        if self._incident is not None:
            return "flooded", f"{needed} and more for {in_seconds(self._config.after)}"
        if self._high.since is None:
            return "dry", f"{gauge.now:.3g}, {needed} needed"
        return doubts or ("wet", f"told after {in_seconds(self._config.after)}")

    @property
    def _subject(self) -> str:
        if self._config.ruler is not None:
            return f"ruler:{self._config.ruler}"
        return self._setup.subject

    def _alert(self, phase: Phase, obs: Observation, incident: _Incident) -> Alert:
        gauge = self._gauge
        level = gauge.levels[incident.level]
        rule, camera, subject = self._setup.name, obs.camera, self._subject
        details = {"level": level.name, **gauge.details(incident.peak, self._trend)}
        shown = () if phase is Phase.CLEARED else (Evidence("frame", obs.seq, obs.at, gauge.box),)
        began, at = incident.began, obs.at
        return Alert(rule, KIND, camera, subject, phase, level.severity, began, at, gauge.box, details, shown)


def _gauge(setup: RuleSetup, config: Config) -> Gauge:
    if config.ruler is None:
        return ZoneGauge(setup, share=config.share, rise=config.rise, people=config.people)
    ruler = next((one for one in setup.rulers if one.name == config.ruler), None)
    if ruler is None:
        known = ", ".join(one.name for one in setup.rulers) or "none"
        raise ValueError(f"ruler: camera {setup.camera!r} has no ruler {config.ruler!r}; it has: {known}")
    return RulerGauge(ruler, config.at_least)
