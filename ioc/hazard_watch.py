"""What the rules `fire` and `smoke` share: from single looks to one incident that begins, grows and ends.

No single look is believed. What is found at one place in enough of the looks of some seconds begins an incident. It is
told again when it grows, and cleared when it has not been found for a while although somebody looked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from ioc.geometry import covered
from ioc.ports import Gauge, RuleSetup, Stage, Watched
from ioc.sightings import Repeated, Sighting, Sightings
from ioc.state_table import BEGIN, Move, State, StateTable
from ioc.temporal import in_seconds
from ioc.types import Alert, Box, Evidence, Json, Observation, Phase, Reading, Severity

LOOK = "hazard"
INSIDE = 0.1
"""So much of it must lie in the zone."""
GROWN = 2.0
"""When it has grown so many times as large as it was told of, it is told again, as worse."""
NOTHING, SEEN = "nothing", "seen"
BLIND = timedelta(seconds=5)
"""After so long without a look nothing is known of what was between."""
UNSEEN = timedelta(minutes=5)
"""An incident that nobody could look at for so long is no longer said to go on."""


class HazardConfig(BaseModel):
    """What the rules `fire` and `smoke` take from the site file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after: timedelta = Field(
        timedelta(seconds=3), ge=timedelta(0), description="how long it must have been found at one place"
    )
    score: float = Field(0.2, gt=0, le=1, description="least score of what counts as found")
    share: float = Field(0.5, gt=0, le=1, description="in which part of the looks meanwhile it must have been found")
    looks: int = Field(3, ge=1, description="however seldom is looked, it must have been found so often")
    lively: float = Field(
        1.2, ge=0, description="grey levels that it must change by between two pictures: pictures of it hold still"
    )
    large: float = Field(0.05, gt=0, le=1, description="from this part of the picture on it is critical")
    clear_after: timedelta = Field(
        timedelta(seconds=30), gt=timedelta(0), description="how long it must not have been found to be over"
    )
    update_every: timedelta = Field(
        timedelta(seconds=60), gt=timedelta(0), description="how often one that goes on is told again"
    )
    severity: Severity = Field(Severity.HIGH, description="how much the alert matters while it is small")


def states(told: str) -> StateTable:
    """Return the states of a rule that calls what it has told of by that word."""
    return StateTable(
        {
            NOTHING: State(Stage.QUIET, "not found in the last look, or nobody has looked"),
            SEEN: State(Stage.RISING, "found in the last look, and perhaps in others"),
            told: State(Stage.TOLD, "told, and not over yet"),
        },
        (
            Move((BEGIN, SEEN), NOTHING, "a look does not find it"),
            Move((BEGIN, NOTHING), SEEN, "a look finds it"),
            Move((SEEN, NOTHING), told, "found in `share` of the looks of `after`"),
            Move((told,), NOTHING, "not found for `clear_after`"),
        ),
    )


@dataclass(frozen=True, slots=True)
class Found:
    """A flame, or smoke, in one look."""

    score: float
    box: Box
    lively: float


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the picture or at a part of it."""

    part: Box
    whole: bool
    flames: tuple[Found, ...]
    smoke: tuple[Found, ...]


def looks_of(obs: Observation) -> list[Look]:
    """Return the looks of an observation, as `models.hazard_sight` tells of them."""
    return [
        Look(reading.box, whole, _found(obs, "flame", whole=whole), _found(obs, "smoke", whole=whole))
        for reading in obs.readings
        if reading.kind == LOOK and reading.box is not None
        for whole in (_value(reading, "whole") > 0,)
    ]


def _found(obs: Observation, kind: str, *, whole: bool) -> tuple[Found, ...]:
    return tuple(
        Found(reading.score, reading.box, _value(reading, "lively"))
        for reading in obs.readings
        if reading.kind == kind and reading.box is not None and (_value(reading, "whole") > 0) == whole
    )


def _value(reading: Reading, name: str) -> float:
    value = reading.value.get(name) if isinstance(reading.value, dict) else None
    return float(value) if isinstance(value, int | float) else 0.0


@dataclass(slots=True)
class _Incident:
    """What has been told and is not over."""

    began: datetime
    entry: Evidence
    box: Box
    area: float
    """Its area when it was last told of."""
    first_area: float
    peak: float
    seen: datetime
    told: datetime
    severity: Severity


class HazardWatch:
    """Folds the looks of one camera into the incidents of one rule.

    `kind` is that of its alerts, and `told` its word for what it has told of.
    """

    def __init__(self, kind: str, told: str, setup: RuleSetup, config: HazardConfig) -> None:
        self._kind, self._told, self._setup, self._config = kind, told, setup, config
        self._states = states(told)
        self._run: str | None = None
        self._last: datetime | None = None
        self._begin_again()
        self._incident: _Incident | None = None

    def _begin_again(self) -> None:
        span = 2 * self._config.after
        self._whole, self._parts = Sightings(span), Sightings(max(span, timedelta(seconds=self._config.looks + 2)))
        self._best: Repeated | None = None

    def observe(self, obs: Observation, looks: Sequence[tuple[Look, Sequence[Found]]]) -> Iterator[Alert]:
        """Take the looks of the next observation with what is to be believed of each; yield what is to be told."""
        if obs.run != self._run or (self._last is not None and obs.at - self._last > BLIND):
            self._begin_again()
            self._run, self._last = obs.run, None
        incident = self._incident
        if incident is not None and obs.at - incident.seen >= max(self._config.clear_after, UNSEEN):
            yield self._over(obs, incident)
        for look, found in looks:
            self._last = obs.at
            yield from self._look(obs, look, [Sighting(one.score, one.box) for one in found if self._counts(one)])

    def _counts(self, found: Found) -> bool:
        zone = self._setup.polygon
        return found.lively >= self._config.lively and (zone is None or covered(found.box, zone) >= INSIDE)

    def _look(self, obs: Observation, look: Look, found: Sequence[Sighting]) -> Iterator[Alert]:
        sightings = self._whole if look.whole else self._parts
        sightings.add(obs.at, found, look.part)
        repeated = sightings.repeated(self._config.after)
        self._best = repeated[0] if repeated else None
        incident = self._incident
        if incident is None:
            sure = next((one for one in repeated if self._is_sure(obs.at, one)), None)
            if sure is not None:
                yield self._raised(obs, sure)
        elif found:
            yield from self._goes_on(obs, incident, max(found, key=lambda one: one.score))
        elif obs.at - incident.seen >= self._config.clear_after:
            yield self._over(obs, incident)

    def _over(self, obs: Observation, incident: _Incident) -> Alert:
        self._incident = None
        self._begin_again()
        return self._alert(Phase.CLEARED, obs, incident, ())

    def _is_sure(self, at: datetime, one: Repeated) -> bool:
        config = self._config
        return at - one.since >= config.after and one.hits >= max(config.looks, config.share * one.looks)

    def _raised(self, obs: Observation, sure: Repeated) -> Alert:
        area = sure.box.area
        severity = self._severity(area, area)
        entry = Evidence("frame", obs.seq, obs.at, sure.box)
        incident = _Incident(sure.since, entry, sure.box, area, area, area, obs.at, obs.at, severity)
        self._incident = incident
        return self._alert(Phase.RAISED, obs, incident, (entry,))

    def _goes_on(self, obs: Observation, incident: _Incident, now: Sighting) -> Iterator[Alert]:
        incident.seen, incident.box = obs.at, now.box
        incident.peak = max(incident.peak, now.box.area)
        severity = self._severity(now.box.area, incident.first_area)
        worse = severity is not incident.severity and severity is Severity.CRITICAL
        if worse or obs.at - incident.told >= self._config.update_every:
            incident.severity = severity if worse else incident.severity
            incident.area, incident.told = now.box.area, obs.at
            yield self._alert(Phase.UPDATED, obs, incident, (Evidence("frame", obs.seq, obs.at, now.box),))

    def _severity(self, area: float, first: float) -> Severity:
        grown = area >= GROWN * first and area >= self._config.large / GROWN
        return Severity.CRITICAL if area >= self._config.large or grown else self._config.severity

    def _alert(self, phase: Phase, obs: Observation, incident: _Incident, evidence: tuple[Evidence, ...]) -> Alert:
        details: dict[str, Json] = {
            "area": round(incident.box.area, 4),
            "peak_area": round(incident.peak, 4),
            "growth": round(incident.peak / incident.first_area, 1),
        }
        return Alert(
            rule=self._setup.name,
            kind=self._kind,
            camera=obs.camera,
            subject=self._setup.subject,
            phase=phase,
            severity=incident.severity,
            began=incident.began,
            at=obs.at,
            box=incident.box,
            details=details,
            evidence=evidence,
        )

    def watched(self) -> Iterable[Watched]:
        """Return how far what was found in the last look is from an alert."""
        best, config = self._best, self._config
        if self._last is None:
            return []
        lasted = (self._last - best.since).total_seconds() if best else 0.0
        gauges = (
            Gauge("found for", lasted, config.after.total_seconds(), "s"),
            Gauge("found in looks", best.hits / best.looks if best else 0.0, config.share),
        )
        box = self._incident.box if self._incident else best.box if best else None
        state, why = self._standing(best)
        return [Watched(self._setup.subject, None, self._states.stage(state), state, why, gauges, box)]

    def _standing(self, best: Repeated | None) -> tuple[str, str]:
        """Return in which of its states it is, and why."""
        after = in_seconds(self._config.after)
        if self._incident is not None:
            return self._told, f"found again and again for {after}"
        if best is None:
            return NOTHING, "not found in the last look"
        return SEEN, f"found in {best.hits} of {best.looks} looks: told after {after} of that"
