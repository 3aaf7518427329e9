"""Littering: something is put down, and whoever put it there goes away.

Watches: what newly stands still in a zone, and the people and vehicles beside it.

Fires: when its owner has been away for `after` and it still lies there. The owner is whoever was beside it when it
came to lie there, people before vehicles; what came with nobody near is no litter. Passers-by change nothing, and
neither does a bag whose owner stays beside it, however long. Told once, cleared when it is picked up. A new run of the
camera ends all that it watches: what lay there is taken for the ground from then on.

Needs: readings `stationary`, tracks of people and vehicles.

Known false alarms and misses: somebody who stands still and is no longer recognised as a person is taken for a thing
of their own. Where people stand close together, one who stays is taken for an owner too, and nothing is told until they
leave. Nothing smaller than a hundredth of the picture's width is seen: a bag near by, a box, a heap from a lorry, never
a cigarette end. What lay there when the camera began is not seen, and neither is what has the colour of the ground.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field

from ioc.geometry import contains, iou, shared, widened
from ioc.ports import Gauge, Needs, RuleSetup, Stage, Watched
from ioc.state_table import BEGIN, Move, State, StateTable
from ioc.temporal import Window, in_seconds
from ioc.types import Alert, Box, Evidence, Json, Observation, Phase, Reading, Severity, Track

KIND = "littering"
PERSON = "person"
VEHICLES = frozenset({"car", "bus", "truck", "motorcycle", "bicycle"})
NEEDS = Needs(labels=VEHICLES | {PERSON}, readings=frozenset({"stationary"}))

TRAIL = timedelta(seconds=6)
"""For so long it is remembered where somebody was."""
BEFORE = timedelta(seconds=2)
"""An owner was beside the thing at most so long before it lay still."""
AGAIN = timedelta(seconds=2)
"""Who appears where an owner was last seen, within so long, is that owner under another identity."""
VANISHED = timedelta(seconds=3)
"""An owner who was last seen beside the thing is taken to be there for so much longer."""
MISSED = timedelta(seconds=1)
"""Somebody missed for no longer than this has not gone."""
GONE = timedelta(seconds=2)
"""What has not been seen for so long lies there no more."""
NEAR, CLOSE = 1.0, 0.4
"""So many of their own widths somebody may be from a thing, across, to be near it, or close to it."""
DROPPED = 0.5
"""What a vehicle drops lies so far within its box at first."""
DOWN = 0.3
"""The same down, in heights."""
LEAVING = timedelta(seconds=0.5)
"""Who has not been with a thing for so long has left it."""
STILL = 0.6
"""Overlap (IoU) with where they were a second ago of somebody who stands still."""
IN_SIGHT = 0.6
"""So much of a thing must be seen for it to be told of, and on the mean over all the time."""
PLACED = 0.05
"""By so much its edge must be sharper than the ground was there: else something went, or only the light changed."""
SAME = 0.3
"""Overlap (IoU) with a vehicle, or with a person, of what is that itself."""
COVERED = 0.4
"""So much of a thing lies in the box of the vehicle or person that it is a part of."""
BUSY = 3
"""Where so many people and vehicles are near, nobody can say what belongs to whom."""


LIES = ("attended", "no litter", "alone")
STATES = StateTable(
    {
        "attended": State(Stage.HELD, "whoever put it there is beside it"),
        "no litter": State(Stage.HELD, "something speaks against it; the report says what"),
        "alone": State(Stage.RISING, "its owner is away: its clock runs"),
        "left behind": State(Stage.TOLD, "told, until it is picked up"),
        "picked up": State(Stage.OVER, "it lies there no more"),
        "the camera began a new run": State(Stage.OVER, "what lay there is taken for the ground from then on"),
    },
    (
        Move((BEGIN, "no litter", "alone"), "attended", "its owner is with it"),
        Move((BEGIN, "attended", "alone"), "no litter", "its owner is away, and it is doubtful"),
        Move((BEGIN, "attended", "no litter"), "alone", "its owner is away"),
        Move(LIES, "left behind", "owner away for `after`"),
        Move((*LIES, "left behind"), "picked up", "not seen for two seconds"),
        Move((*LIES, "left behind"), "the camera began a new run", "the camera was lost"),
    ),
)


class Config(BaseModel):
    """What a `littering` rule takes from the site file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after: timedelta = Field(
        timedelta(seconds=10), gt=timedelta(0), description="how long its owner must have been away"
    )
    largest: float = Field(
        0.7, gt=0, description="how large a thing may be, as a share of the area of whoever put it down"
    )
    severity: Severity = Field(Severity.MEDIUM, description="how much the alert matters")


@dataclass(slots=True)
class _Trail:
    """Where one person or vehicle was in the last moments."""

    label: str
    first: datetime
    places: Window[tuple[datetime, Box]]

    @classmethod
    def of(cls, track: Track) -> _Trail:
        """Begin to follow."""
        return cls(track.label, track.first_seen, Window(TRAIL))

    @property
    def last(self) -> tuple[datetime, Box]:
        """When and where it was seen last."""
        return self.places.last

    @property
    def area(self) -> float:
        """How large it was seen to be, at most."""
        return max(where.area for _, where in self.places)

    def came_near(self, box: Box, since: datetime) -> bool:
        """Return whether it was near a place at any time since; a vehicle must have been over it."""
        if self.label == PERSON:
            return any(at >= since and _within(where, box, NEAR) for at, where in self.places)
        return any(at >= since and shared(where, box) >= DROPPED * box.area for at, where in self.places)

    def stays(self, box: Box, *, away: bool) -> bool:
        """Return whether it was with a thing when it was seen last.

        Who stands still is, near it; who walks, only while close. Who was away is back when standing still close to it:
        walking by is no coming back.
        """
        at, where = self.last
        before = next(earlier for then, earlier in self.places if at - then <= timedelta(seconds=1))
        still = iou(before, where) >= STILL
        if away:
            return still and _within(where, box, CLOSE)
        return _within(where, box, NEAR if still else CLOSE)


@dataclass(slots=True)
class _Thing:
    """Something that somebody put down."""

    box: Box
    began: datetime
    entry: Evidence
    owners: set[str]
    owner: str
    """What put it down: a person, a car …"""
    owner_area: float
    """Area of whoever put it down."""
    near: datetime
    """Until when an owner is known or taken to have been beside it."""
    seen: datetime
    alone: bool = False
    """Whether its owners are away."""
    in_sight: bool = False
    """Whether it can be seen now."""
    looks: int = 0
    """How often its place was looked at ..."""
    visible: float = 0.0
    """... and how much of it could be seen then, in all."""
    placed: float = 0.0
    """From -1 to 1: whether something was put there, or taken away."""
    looks_like: str | None = None
    """What the detector takes it for."""
    told: bool = False
    ended: str = ""

    @property
    def subject(self) -> str:
        """Name it by where it began to lie."""
        foot = self.entry.box.foot if self.entry.box else self.box.foot
        return f"place:{round(1000 * foot.x)},{round(1000 * foot.y)}"


class Detector:
    """Watches one zone of one camera, or the whole picture."""

    def __init__(self, setup: RuleSetup, config: Config) -> None:
        self._setup, self._config = setup, config
        self._run: str | None = None
        self._since: datetime | None = None
        self._trails: dict[str, _Trail] = {}
        self._things: dict[int, _Thing] = {}
        self._nobodys: set[int] = set()
        """Places where something came to stand with nobody near."""
        self._ended: list[_Thing] = []

    def observe(self, obs: Observation) -> Iterator[Alert]:
        """Take the next observation; yield the alerts that things left behind make due."""
        self._ended = []
        if obs.run != self._run:
            self._start_run(obs)
        self._follow(obs)
        places = {_value(reading)["place"]: reading for reading in obs.readings if reading.kind == "stationary"}
        self._nobodys &= places.keys()
        for place, reading in places.items():
            self._see(obs, place, reading)
        for thing in self._things.values():
            self._attend(obs.at, thing)
        self._end([place for place, thing in self._things.items() if obs.at - thing.seen >= GONE], "picked up")
        for thing in self._things.values():
            lies_alone = thing.seen == obs.at and thing.in_sight and self._away(thing) >= self._config.after
            if not thing.told and lies_alone and not self._doubt(thing):
                thing.told = True
                yield self._alert(Phase.RAISED, obs, thing)
        for thing in self._ended:
            if thing.told:
                yield self._alert(Phase.CLEARED, obs, thing)

    def watched(self) -> Iterator[Watched]:
        """Yield what lies there, and what ceased to."""
        for thing in (*self._things.values(), *self._ended):
            state, why = self._standing(thing)
            away = Gauge("owner away", self._away(thing).total_seconds(), self._config.after.total_seconds(), "s")
            yield Watched(thing.subject, thing.began, STATES.stage(state), state, why, (away,), thing.box)

    def _standing(self, thing: _Thing) -> tuple[str, str]:
        """Return in which of STATES a thing is, and why."""
        after, away = in_seconds(self._config.after), in_seconds(self._away(thing))
        doubt = self._doubt(thing)
        if thing.ended:
            return thing.ended, "" if thing.told else doubt or f"its owner was away for {away} of {after}"
        if thing.told:
            return "left behind", f"the {thing.owner} who put it there was away for {after}"
        if not thing.alone:
            return "attended", f"the {thing.owner} who put it there is beside it"
        if doubt:
            return "no litter", doubt
        return "alone", f"told when its owner has been away for {after}"

    def _start_run(self, obs: Observation) -> None:
        self._run, self._since, self._trails, self._nobodys = obs.run, obs.at, {}, set()
        self._end([*self._things], "the camera began a new run")

    def _end(self, places: Sequence[int], how: str) -> None:
        for place in places:
            thing = self._things.pop(place)
            thing.ended = how
            self._ended.append(thing)

    def _follow(self, obs: Observation) -> None:
        for track in obs.tracks:
            if track.label in NEEDS.labels:
                trail = self._trails.setdefault(track.id, _Trail.of(track))
                trail.places.add(obs.at, (obs.at, track.box))
        self._trails = {name: trail for name, trail in self._trails.items() if obs.at - trail.last[0] <= TRAIL}

    def _see(self, obs: Observation, place: int, reading: Reading) -> None:
        """Go on with what lies at a place, or begin with it if somebody put it there."""
        box = reading.box
        if box is None or place in self._nobodys:
            return
        thing = self._things.get(place)
        if thing is None:
            thing = self._begun(obs, box, obs.at - timedelta(seconds=_value(reading)["age"]))
            if thing is None:
                self._nobodys.add(place)
                return
            self._things[place] = thing
        value = _value(reading)
        thing.looks += 1
        thing.visible += value["visible"]
        thing.in_sight = value["visible"] >= IN_SIGHT
        thing.seen, thing.placed, thing.looks_like = obs.at, value["placed"], value["label"]
        if not thing.told:
            thing.box = box

    def _begun(self, obs: Observation, box: Box, began: datetime) -> _Thing | None:
        if self._since is None or began < self._since:
            return None
        beside = {name: trail for name, trail in self._trails.items() if trail.came_near(box, began - BEFORE)}
        owners = {name: trail for name, trail in beside.items() if trail.label == PERSON} or beside
        if not owners:
            return None
        largest = max(owners.values(), key=lambda trail: trail.area)
        return _Thing(
            box=box,
            began=began,
            entry=Evidence("frame", obs.seq, obs.at, box),
            owners=set(owners),
            owner=largest.label,
            owner_area=largest.area,
            near=began,
            seen=obs.at,
        )

    def _attend(self, at: datetime, thing: _Thing) -> None:
        """Note whether an owner is beside the thing, or was when last seen, under whatever identity."""
        for owner in thing.owners & self._trails.keys():
            since, where = self._trails[owner].last
            for name, trail in self._trails.items():
                if timedelta(0) < trail.first - since <= AGAIN and iou(trail.places.first[1], where) >= SAME:
                    thing.owners = thing.owners - {owner} | {name}
        seen = [self._trails[owner] for owner in thing.owners & self._trails.keys()]
        with_it = [trail for trail in seen if trail.stays(thing.box, away=thing.alone)]
        until = max((min(at, trail.last[0] + VANISHED) for trail in with_it), default=thing.near)
        thing.near = max(thing.near, until)
        thing.alone = at - thing.near >= LEAVING

    def _away(self, thing: _Thing) -> timedelta:
        return max(thing.seen - thing.near, timedelta(0))

    def _doubt(self, thing: _Thing) -> str:
        """Return why the thing is none that anybody left behind, or nothing."""
        if self._setup.polygon is not None and not contains(self._setup.polygon, thing.box.foot):
            return "it lies outside the zone"
        if thing.placed < PLACED:
            return "nothing was put there: something went, or the light changed"
        if thing.visible < IN_SIGHT * thing.looks:
            return "hardly anything can be seen there"
        if thing.box.area > self._config.largest * thing.owner_area:
            return f"it is too large for the {thing.owner} who was there"
        here = [trail for trail in self._trails.values() if thing.seen - trail.last[0] <= MISSED]
        itself = next((trail.label for trail in here if self._may_be(thing, trail)), thing.looks_like)
        if itself in NEEDS.labels:
            return f"it is a {itself}, or a part of one"
        around = sum(_within(trail.last[1], thing.box, NEAR) for trail in here)
        return f"{around} stand around it, and any may have brought it" if around >= BUSY else ""

    @staticmethod
    def _may_be(thing: _Thing, trail: _Trail) -> bool:
        where = trail.last[1]
        return iou(where, thing.box) >= SAME or shared(where, thing.box) >= COVERED * thing.box.area

    def _alert(self, phase: Phase, obs: Observation, thing: _Thing) -> Alert:
        now = Evidence("frame", obs.seq, obs.at, thing.box)
        details: dict[str, Json] = {
            "owner": thing.owner,
            "lies_s": round((obs.at - thing.began).total_seconds(), 1),
            "away_s": round(self._away(thing).total_seconds(), 1),
            "placed": thing.placed,
        }
        return Alert(
            rule=self._setup.name,
            kind=KIND,
            camera=obs.camera,
            subject=thing.subject,
            phase=phase,
            severity=self._config.severity,
            began=thing.began,
            at=obs.at,
            box=thing.box,
            details=details,
            evidence=(thing.entry, now) if phase is Phase.RAISED else (now,),
        )


def _value(reading: Reading) -> dict[str, Any]:
    """Return what `models.stationary` says of a place."""
    return cast("dict[str, Any]", reading.value)


def _within(somebody: Box, box: Box, widths: float) -> bool:
    return shared(widened(somebody, widths, DOWN), box) > 0
