"""Loitering: somebody stays in a zone for long.

Watches: the people whose feet are in the zone, or in the picture when the rule names no zone.

Fires: when somebody has been there for `after`. Who cannot be seen there for no longer than `missed` has not gone: who
steps out for a moment, is hidden, or is found near by under another identity goes on staying. Told once, cleared when
they have gone. Where the person goes within the zone does not matter. A new run of the camera restarts every clock.

Needs: tracks of people.

Known false alarms and misses: who works there, waits for a bus, or sits down for a rest stays as well: the rule knows
no intent. Where people stand close together one may go on with the clock of another who left behind somebody's back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from ioc.geometry import shared, stands_in, widened
from ioc.ports import Gauge, Needs, RuleSetup, Stage, Watched
from ioc.state_table import BEGIN, Move, State, StateTable
from ioc.temporal import in_seconds
from ioc.types import Alert, Box, Evidence, Observation, Phase, Severity, Track

KIND = "loitering"
PERSON = "person"
NEEDS = Needs(labels=frozenset({PERSON}))

UNSEEN = timedelta(seconds=1)
"""Who has not been seen there for longer may have gone."""
NEAR, DOWN = 1.0, 0.3
"""So many of their own widths, and heights, from where they were last seen people are found again."""

STATES = StateTable(
    {
        "in the zone": State(Stage.RISING, "the clock runs"),
        "out of sight": State(Stage.HELD, "not seen in the zone for a second"),
        "loitering": State(Stage.TOLD, "told, until they have gone"),
        "left": State(Stage.OVER, "not seen in the zone for `missed`"),
        "the camera began a new run": State(Stage.OVER, "who is there now has a clock that begins now"),
    },
    (
        Move((BEGIN, "out of sight"), "in the zone", "seen in the zone"),
        Move(("in the zone",), "out of sight", "not seen there for a second"),
        Move(("in the zone", "out of sight"), "loitering", "there for `after`"),
        Move(("in the zone", "out of sight", "loitering"), "left", "not seen there for `missed`"),
        Move(("in the zone", "out of sight", "loitering"), "the camera began a new run", "the camera was lost"),
    ),
)


class Config(BaseModel):
    """What a `loitering` rule takes from the site file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after: timedelta = Field(timedelta(minutes=2), gt=timedelta(0), description="how long somebody may stay")
    missed: timedelta = Field(
        timedelta(seconds=5), ge=timedelta(0), description="who is not seen there for no longer has not gone"
    )
    severity: Severity = Field(Severity.LOW, description="how much the alert matters")


@dataclass(slots=True)
class _Visit:
    """Somebody's time in the zone."""

    box: Box
    began: datetime
    seen: datetime
    """When they were last seen in the zone."""
    entry: Evidence
    outside: bool = False
    """Whether they were seen out of the zone since."""
    told: bool = False
    ended: str = ""

    @property
    def subject(self) -> str:
        """Name it by where it began."""
        foot = (self.entry.box or self.box).foot
        return f"place:{round(1000 * foot.x)},{round(1000 * foot.y)}"

    @property
    def stayed(self) -> timedelta:
        """For how long they have been seen there."""
        return self.seen - self.began


class Detector:
    """Watches one zone of one camera, or the whole picture."""

    def __init__(self, setup: RuleSetup, config: Config) -> None:
        self._setup, self._config = setup, config
        self._run: str | None = None
        self._at: datetime | None = None
        self._visits: dict[str, _Visit] = {}
        """By the identity under which somebody was last seen."""
        self._ended: list[_Visit] = []

    def observe(self, obs: Observation) -> Iterator[Alert]:
        """Take the next observation; yield the alerts that visits make due."""
        self._ended, self._at = [], obs.at
        if obs.run != self._run:
            self._run = obs.run
            self._end([*self._visits], "the camera began a new run")
        for track in obs.tracks:
            if track.label == PERSON and stands_in(self._setup.polygon, track.box):
                self._see(obs, track)
            elif track.id in self._visits:
                self._visits[track.id].outside = True
        self._end([name for name, visit in self._visits.items() if obs.at - visit.seen > self._config.missed], "left")
        for visit in self._visits.values():
            if not visit.told and visit.seen == obs.at and visit.stayed >= self._config.after:
                visit.told = True
                yield self._alert(Phase.RAISED, obs, visit)
        for visit in self._ended:
            if visit.told:
                yield self._alert(Phase.CLEARED, obs, visit)

    def watched(self) -> Iterator[Watched]:
        """Yield who is in the zone, and who ceased to be."""
        for visit in (*self._visits.values(), *self._ended):
            state, why = self._standing(visit)
            stayed = Gauge("stayed", visit.stayed.total_seconds(), self._config.after.total_seconds(), "s")
            yield Watched(visit.subject, visit.began, STATES.stage(state), state, why, (stayed,), visit.box)

    def _standing(self, visit: _Visit) -> tuple[str, str]:
        """Return in which of STATES a visit is, and why."""
        after = in_seconds(self._config.after)
        if visit.ended:
            return visit.ended, "" if visit.told else f"stayed for {in_seconds(visit.stayed)} of {after}"
        if visit.told:
            return "loitering", f"has been there for {after}"
        if self._at is not None and self._at - visit.seen > UNSEEN:
            return "out of sight", "hidden, missed, or gone"
        return "in the zone", f"told after {after}"

    def _see(self, obs: Observation, track: Track) -> None:
        """Go on with somebody's visit, under another identity perhaps, or begin it."""
        before = track.id if track.id in self._visits else self._vanished_near(obs, track)
        if before is None:
            began = Evidence("frame", obs.seq, obs.at, track.box)
            visit = _Visit(track.box, obs.at, obs.at, began)
        else:
            visit = self._visits.pop(before)
            visit.box, visit.seen, visit.outside = track.box, obs.at, False
        self._visits[track.id] = visit

    def _vanished_near(self, obs: Observation, track: Track) -> str | None:
        """Return who vanished in the zone, near by, before that track began: the last; None where nobody did."""
        vanished = self._visits.keys() - {other.id for other in obs.tracks}
        found = [
            name
            for name in sorted(vanished)
            if self._visits[name].seen < track.first_seen
            and not self._visits[name].outside
            and shared(widened(self._visits[name].box, NEAR, DOWN), track.box) > 0
        ]
        return max(found, key=lambda name: self._visits[name].seen, default=None)

    def _end(self, names: list[str], how: str) -> None:
        for name in names:
            visit = self._visits.pop(name)
            visit.ended = how
            self._ended.append(visit)

    def cited(self) -> Iterator[Evidence]:
        """Yield the pictures in which visits began that may yet be told."""
        for visit in self._visits.values():
            if not visit.told:
                yield visit.entry

    def _alert(self, phase: Phase, obs: Observation, visit: _Visit) -> Alert:
        now = Evidence("frame", obs.seq, obs.at, visit.box)
        return Alert(
            rule=self._setup.name,
            kind=KIND,
            camera=obs.camera,
            subject=visit.subject,
            phase=phase,
            severity=self._config.severity,
            began=visit.began,
            at=obs.at,
            box=visit.box,
            details={"stayed_s": round(visit.stayed.total_seconds(), 1)},
            evidence=(visit.entry, now) if phase is Phase.RAISED else (now,),
        )
