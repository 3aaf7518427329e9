"""Illegal parking: a vehicle that stands in a zone where it may not.

Watches: the places where vehicles stand still (see `ioc.standing`). The clock belongs to the place and not to the
track: a vehicle that is missed for a while, hidden by passing traffic, followed under another identity or found again
when the camera or the program comes back goes on standing.

Fires: when a vehicle whose contact with the ground lies in the zone has stood there for `after`. What stands
there in the first picture counts from the first picture. One stay is one alert: told again every
`update_every`, cleared when the place has been seen empty for `grace` after the vehicle drove off, or when it
has not been seen for as long as it stood, at most `memory`. Short stops and creeping traffic do not fire. A
break of the camera for longer than `memory` restarts every clock. Out of `hours` and `days` no clock runs, and what
was told is over.

A queue is not parking: the clock of a vehicle that was seen to arrive is held while `queue` other vehicles of any kind
that were seen to arrive as well stand close to it, for as long as all of them have stood for less than QUEUE_LONGEST.

Needs: tracks of vehicles and a zone; readings `plate` when another rule of the camera has them read.

Known false alarms and misses: a queue whose vehicles stood before the camera looked, or fewer than `queue`
vehicles waiting at a light, count as parked: draw the zone where nobody waits. Several vehicles that park one
after the other side by side are taken for a queue and told of up to QUEUE_LONGEST late. A vehicle that parks
where another left unseen, unseen itself, inherits its clock. Something else that the detector takes for a
vehicle stands for ever; `sure` drops what it sees only now and then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ioc.active_hours import ActiveHours, Days, Hours
from ioc.geometry import covered
from ioc.plate_pass import looks
from ioc.ports import Gauge, Needs, RuleSetup, Stage, Watched
from ioc.standing import Places
from ioc.state_table import BEGIN, Move, State, StateTable
from ioc.stay import WINDOW, Stay
from ioc.temporal import in_seconds
from ioc.types import Alert, Box, Evidence, Json, Observation, Phase, Point, Severity

KIND = "illegal_parking"
Vehicle = Literal["car", "bus", "truck", "motorcycle", "bicycle"]
ZoneKind = Literal[
    "no_park", "no_stop", "junction_5m", "crossing", "gate_5m", "bus_stop", "double", "pavement", "hydrant"
]
NEEDS = Needs(labels=frozenset({"car", "bus", "truck", "motorcycle", "bicycle"}))

CONTACT = 0.2
"""The lower part of the box that touches the ground."""
INSIDE = 0.5
"""How much of that must lie in the zone."""
NO_STOPPING = frozenset({"no_stop", "junction_5m", "crossing", "gate_5m", "bus_stop", "double"})
"""Zones where a vehicle may not even stop ..."""
STOP = timedelta(seconds=20)
"""... and for how long it may stand there, unless `after` says so."""

ON = ("standing", "in a queue", "not seen", "unsure", "not in force")
STATES = StateTable(
    {
        "outside": State(Stage.QUIET, "its foot is not in the zone: nothing to tell"),
        "standing": State(Stage.RISING, "its clock runs"),
        "in a queue": State(Stage.HELD, "others stand close by: its clock waits"),
        "not seen": State(Stage.HELD, "hidden, missed or gone for more than a second"),
        "unsure": State(Stage.HELD, "it stood for long enough, but its mean score is too low"),
        "not in force": State(Stage.HELD, "out of hours: its clock waits"),
        "parked": State(Stage.TOLD, "told, until its place is empty or the hours end"),
        "left": State(Stage.OVER, "the stay has ended; the report says how"),
    },
    (
        Move((BEGIN,), "standing", "in the zone and still for a second"),
        Move((BEGIN, *ON), "outside", "less than half its foot in the zone"),
        Move(("outside", *ON), "standing", "seen, in the zone, in force, in no queue"),
        Move((BEGIN, "outside", *ON), "in a queue", "others that arrived like it close by"),
        Move((BEGIN, "outside", *ON), "not seen", "not seen for a second"),
        Move(("outside", *ON), "unsure", "stood for long enough, hardly seen"),
        Move((BEGIN, "outside", *ON), "not in force", "out of hours"),
        Move((BEGIN, *ON), "parked", "stood for `after`"),
        Move(("outside", *ON, "parked"), "left", "drove off, gone, replaced"),
    ),
)


class Config(BaseModel):
    """What an `illegal_parking` rule takes from the site file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after: timedelta = Field(
        timedelta(seconds=60),
        gt=timedelta(0),
        description="how long a vehicle may stand; PT20S where `zone_kind` forbids to stop",
    )
    zone_kind: ZoneKind = Field("no_park", description="what the zone is, for `after` and for the alert")
    hours: tuple[Hours, ...] = Field((), description="when the rule is in force, by the city's clock; always if empty")
    days: Days = Field("all", description="on which days of the month: `all`, `odd` or `even`")
    labels: frozenset[Vehicle] = Field(
        frozenset[Vehicle]({"car", "bus", "truck"}), min_length=1, description="which vehicles may not stand there"
    )
    memory: timedelta = Field(
        timedelta(seconds=60), ge=timedelta(0), description="how long a vehicle that cannot be seen is remembered"
    )
    grace: timedelta = Field(
        timedelta(seconds=3), ge=timedelta(0), description="how long its place must be empty once it drove off"
    )
    sure: float = Field(
        0.35, ge=0, le=1, description="least mean score of the vehicle in the pictures that could show it; 0 if missed"
    )
    queue: int = Field(
        2, ge=0, description="how many others standing close by make it a queue, which is no parking; 0: never"
    )
    update_every: timedelta = Field(
        timedelta(seconds=60), gt=timedelta(0), description="how often a stay that goes on is told again"
    )
    severity: Severity = Field(Severity.MEDIUM, description="how much the alert matters")

    @model_validator(mode="before")
    @classmethod
    def _after_by_zone(cls, values: Any) -> Any:
        if isinstance(values, Mapping) and values.get("zone_kind") in NO_STOPPING:
            return {"after": STOP, **values}
        return values


class Detector:
    """Watches one no-parking zone of one camera."""

    def __init__(self, setup: RuleSetup, config: Config) -> None:
        if setup.polygon is None:
            raise ValueError('zone: is missing; name a zone drawn under the camera, as zone = "kerb"')
        self._setup, self._config, self._polygon = setup, config, setup.polygon
        self._active = ActiveHours.of(config.hours, config.days, setup.time_zone)
        self._places = Places(config.memory, config.grace)
        self._in_force = True

    def observe(self, obs: Observation) -> Iterator[Alert]:
        """Take the next observation; yield the alerts that stays make due."""
        places = self._places
        vehicles = sorted((t for t in obs.tracks if t.label in NEEDS.labels), key=lambda t: t.box.as_tuple())
        self._in_force = self._active is None or self._active.holds(obs.at)
        places.follow(obs, vehicles, looks(obs, vehicles))
        for stay in places.stays:
            if self._waits(stay):
                stay.held += places.since_last
        if not self._in_force:
            places.end([stay for stay in places.stays if stay.told is not None], "no longer forbidden")
        places.renew(obs, vehicles)
        if not self._in_force:
            for stay in places.stays:
                stay.held = obs.at - stay.began
        for stay in places.stays:
            yield from self._tell(obs, stay)
        for stay in places.ended:
            if stay.told is not None:
                yield self._alert(Phase.CLEARED, obs, stay)

    def state(self) -> Json:
        """Return the clocks, so that they outlive the program."""
        return self._places.state()

    def restore(self, state: Json) -> None:
        """Go on with the clocks of an earlier life; raises ValueError when that is no state of this rule."""
        self._places.restore(state)

    def cited(self) -> Iterator[Evidence]:
        """Yield the pictures in which stays began that may yet be told."""
        for stay in self._places.stays:
            if stay.told is None and self._concerns(stay) and self._inside(stay) >= INSIDE:
                yield stay.entry

    def _waits(self, stay: Stay) -> bool:
        """Return whether it stands in a queue."""
        return 0 < self._config.queue <= stay.others

    def _concerns(self, stay: Stay) -> bool:
        """Return whether what stands there was taken, once at least, for a vehicle that may not."""
        return not self._config.labels.isdisjoint(stay.scores)

    def _sureness(self, stay: Stay) -> float:
        """Return how sure it is that a vehicle stands there that may not."""
        return stay.sureness(self._config.labels)

    def _tell(self, obs: Observation, stay: Stay) -> Iterator[Alert]:
        if not self._in_force or stay.last_seen != obs.at or self._sureness(stay) < self._config.sure:
            return
        if stay.told is not None:
            if obs.at - stay.told >= self._config.update_every:
                yield self._alert(Phase.UPDATED, obs, stay)
        elif stay.counted >= self._config.after and self._inside(stay) >= INSIDE:
            yield self._alert(Phase.RAISED, obs, stay)

    def watched(self) -> Iterator[Watched]:
        """Yield the places where something stands that may not, and those where it ceased to."""
        for stay in (*self._places.stays, *self._places.ended):
            if not self._concerns(stay):
                continue
            state, why = self._standing(stay)
            gauges = (
                Gauge("stood", stay.counted.total_seconds(), self._config.after.total_seconds(), "s"),
                Gauge("mean score", self._sureness(stay), self._config.sure),
                Gauge("in the zone", self._inside(stay), INSIDE),
            )
            yield Watched(stay.subject, stay.began, STATES.stage(state), state, why, gauges, stay.place)

    def _standing(self, stay: Stay) -> tuple[str, str]:
        """Return in which of STATES a stay is, and why."""
        after = self._config.after
        if stay.ended:
            return "left", self._reason(stay)
        if stay.told is not None:
            return "parked", f"a {stay.label} stood there for {in_seconds(after)}"
        if self._inside(stay) < INSIDE:
            return "outside", f"{self._inside(stay):.0%} of its foot in the zone, {INSIDE:.0%} needed"
        return self._held_back(stay) or ("standing", f"a {stay.label}: told after {in_seconds(after)}")

    def _held_back(self, stay: Stay) -> tuple[str, str] | None:
        """Return what keeps a stay in the zone from being told, and why; None when its clock runs."""
        at = self._places.at
        if not self._in_force:
            return "not in force", "out of hours: its clock waits"
        if at is not None and at - stay.last_seen > WINDOW:
            return "not seen", "hidden, missed, or gone: its clock waits"
        if self._waits(stay):
            return "in a queue", f"{stay.others} others stand close by: its clock waits"
        if self._sureness(stay) < self._config.sure and stay.counted >= self._config.after:
            return "unsure", f"mean score {self._sureness(stay):.2f}, {self._config.sure:.2f} needed"
        return None

    def _reason(self, stay: Stay) -> str:
        """Return why a stay that ended was, or was not, told of."""
        counted, after = in_seconds(stay.counted), in_seconds(self._config.after)
        if stay.told is not None:
            return f"{stay.ended} after {in_seconds(stay.last_seen - stay.began)}"
        if self._inside(stay) < INSIDE:
            return f"stood outside: {self._inside(stay):.0%} of its foot in the zone, {INSIDE:.0%} needed"
        if stay.counted >= self._config.after:
            return f"too unsure: mean score {self._sureness(stay):.2f}, {self._config.sure:.2f} needed"
        where = "in a queue" if self._active is None else "in a queue or out of hours"
        held = f"; {in_seconds(stay.held)} {where} did not count" if stay.held else ""
        return f"{stay.ended} after {counted} of {after}{held}"

    def _inside(self, stay: Stay) -> float:
        """Return how much of the vehicle's contact with the ground lies in the zone."""
        return _foot_in(stay.place, self._polygon)

    def _alert(self, phase: Phase, obs: Observation, stay: Stay) -> Alert:
        stay.told = obs.at
        now = Evidence("frame", obs.seq, obs.at, stay.place)
        plate = stay.plate
        details: dict[str, Json] = {
            "label": stay.label,
            "zone_kind": self._config.zone_kind,
            "stood_s": round((stay.last_seen - stay.began).total_seconds(), 1),
            "held_s": round(stay.held.total_seconds(), 1),
        }
        if plate is not None:
            details |= {"plate": plate.text, "plate_score": plate.score}
        before = (stay.entry, *([plate.seen] if plate else [])) if phase is Phase.RAISED else ()
        return Alert(
            rule=self._setup.name,
            kind=KIND,
            camera=obs.camera,
            subject=stay.subject,
            phase=phase,
            severity=self._config.severity,
            began=stay.began,
            at=obs.at,
            box=stay.place,
            details=details,
            evidence=(*before, now),
        )


@lru_cache(4096)
def _foot_in(place: Box, polygon: tuple[Point, ...]) -> float:
    """Return how much of the contact with the ground of what stands at the place lies in the polygon."""
    return covered(Box(place.x1, place.y2 - CONTACT * place.height, place.x2, place.y2), polygon)
