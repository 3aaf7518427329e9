"""Illegal parking: a vehicle that stands in a zone where it may not.

Watches: the places where vehicles stand still. The clock belongs to the place and not to the track: a vehicle
that is missed for a while, hidden by passing traffic or followed under another identity goes on standing.

Fires: when a vehicle whose contact with the ground lies in the zone has stood there for `after`. What stands
there in the first picture counts from the first picture. One stay is one alert: told again every
`update_every`, cleared when the place has been seen empty for `grace` after the vehicle drove off, or when it
has not been seen for as long as it stood, at most `memory`. Short stops and creeping traffic do not fire. A
new run of the camera restarts the clock of everything not yet told.

A queue is not parking: the clock of a vehicle that was seen to arrive is held while `queue` others that were
seen to arrive as well stand close to it, for as long as all of them have stood for less than QUEUE_LONGEST.

Needs: tracks of vehicles and a zone.

Known false alarms and misses: a queue whose vehicles stood before the camera looked, or fewer than `queue`
vehicles waiting at a light, count as parked: draw the zone where nobody waits. Several vehicles that park one
after the other side by side are taken for a queue and told of up to QUEUE_LONGEST late. A vehicle that parks
where another left unseen, unseen itself, inherits its clock. Something else that the detector takes for a
vehicle stands for ever; `sure` drops what it sees only now and then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ioc.geometry import covered, iou, mean_box, shared
from ioc.ports import Gauge, Needs, RuleSetup, Stage, Watched
from ioc.temporal import Window, in_seconds
from ioc.types import Alert, Box, Evidence, Observation, Phase, Severity, Track

KIND = "illegal_parking"
Vehicle = Literal["car", "bus", "truck", "motorcycle", "bicycle"]
NEEDS = Needs(labels=frozenset({"car", "bus", "truck", "motorcycle", "bicycle"}))

WINDOW = timedelta(seconds=1)
"""Stillness is judged over this time."""
STILL = 0.7
"""Overlap (IoU) of the first and the second half of the window of a vehicle that stands."""
SEEN_STILL = 0.8 * WINDOW
"""A vehicle must have been seen for so long before it can be said to stand."""
SAME_PLACE = 0.55
"""Overlap (IoU) with its place of a vehicle that has stayed there."""
PARTLY = 0.2
"""Least overlap (IoU) with its place of a vehicle of which only a part can be seen."""
SETTLE = timedelta(seconds=3)
"""A place is where the vehicle stood in the first seconds; creeping out of it ends the stay."""
SWAP = timedelta(seconds=2)
"""A vehicle seen to arrive takes over another's clock only after a gap this short: identities were mixed up."""
FADE = timedelta(seconds=5)
"""Even a short stay is remembered this long."""
CONTACT = 0.2
"""The lower part of the box that touches the ground."""
INSIDE = 0.5
"""How much of that must lie in the zone."""
HIDES = 0.3
"""Share of a place that something in front of it covers when the place cannot be judged."""
QUEUE_LONGEST = timedelta(seconds=180)
"""Who has stood for longer does not wait in a queue."""
QUEUE_REACH = 3.0
"""How near the others in a queue are, in box sizes."""


class Config(BaseModel):
    """What an `illegal_parking` rule takes from the site file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after: timedelta = Field(timedelta(seconds=60), gt=timedelta(0), description="how long a vehicle may stand")
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


@dataclass(slots=True)
class _Past:
    """The last moments of one track."""

    first: Box
    began: datetime
    last: datetime
    recent: Window[Box] = field(default_factory=lambda: Window(WINDOW))
    came: bool = False
    """Whether it was seen to move away from where it was first seen."""

    def add(self, at: datetime, box: Box) -> None:
        self.recent.add(at, box)
        self.last = at
        self.came = self.came or iou(self.first, box) < 0.2

    @property
    def moving(self) -> bool:
        boxes = list(self.recent)
        half = len(boxes) // 2
        return half > 0 and iou(mean_box(boxes[:half]), mean_box(boxes[half:])) < STILL

    @property
    def standing(self) -> bool:
        return self.recent.covers >= SEEN_STILL and not self.moving

    @property
    def still_since(self) -> datetime:
        return self.began if self.recent.whole else self.recent.since


@dataclass(slots=True, eq=False)
class _Stay:
    """A place where a vehicle stands."""

    place: Box
    began: datetime
    entry: Evidence
    label: str
    owner: str | None
    came: bool
    last_seen: datetime
    subject: str
    score: float
    """Sum of the scores of its vehicle ..."""
    looked: int = 1
    """... in so many pictures that could show it."""
    held: timedelta = timedelta(0)
    """How much of the time it stood in a queue."""
    empty: timedelta = timedelta(0)
    """For how long the place has been seen without a vehicle."""
    left: bool = False
    """Whether its vehicle was seen elsewhere."""
    told: datetime | None = None
    ended: str = ""
    """How it ended."""
    judged: Box | None = None
    """The place of which `inside` says ..."""
    inside: float = 0.0
    """... how much of its contact with the ground lies in the zone."""

    @classmethod
    def of(cls, obs: Observation, track: Track, past: _Past, place: Box) -> _Stay:
        """Begin where the vehicle has been standing for a moment."""
        return cls(
            place=place,
            began=past.still_since,
            entry=Evidence("frame", obs.seq, obs.at, place),
            label=track.label,
            owner=track.id,
            came=past.came,
            last_seen=obs.at,
            subject=f"place:{round(1000 * place.foot.x)},{round(1000 * place.foot.y)}",
            score=track.score,
        )

    def take(self, at: datetime, track: Track, past: _Past) -> None:
        """Go on with the vehicle that is there now."""
        if at - self.began <= SETTLE and track.id == self.owner:
            self.place = mean_box(list(past.recent))
        self.owner, self.label, self.last_seen = track.id, track.label, at
        self.left, self.empty = False, timedelta(0)
        self.score += track.score
        self.looked += 1

    def miss(self, tracks: Sequence[Track], since_last: timedelta) -> None:
        """Go on without a vehicle there; note whether it was seen to leave, or may be hidden."""
        hidden = False
        for track in tracks:
            if track.id == self.owner:
                self.left = self.left or iou(track.box, self.place) < 0.2
            elif not hidden and track.box.y2 > self.place.y2:
                hidden = _share(self.place, track.box) >= HIDES
        if not hidden:
            self.looked += 1
            self.empty += min(since_last, WINDOW)

    @property
    def counted(self) -> timedelta:
        """How long its vehicle has been seen to stand there, without the time in a queue."""
        return max(self.last_seen - self.began - self.held, timedelta(0))

    @property
    def sureness(self) -> float:
        """The mean score of its vehicle in the pictures that could show it."""
        return self.score / self.looked

    def over(self, at: datetime, config: Config) -> bool:
        """Return whether the vehicle has left, or cannot be believed to be there any more."""
        patience = config.grace if self.left else max(self.last_seen - self.began, FADE)
        return self.empty >= patience or at - self.last_seen > config.memory


class Detector:
    """Watches one no-parking zone of one camera."""

    def __init__(self, setup: RuleSetup, config: Config) -> None:
        if setup.polygon is None:
            raise ValueError('zone: is missing; name a zone drawn under the camera, as zone = "kerb"')
        self._setup, self._config, self._polygon = setup, config, setup.polygon
        self._run: str | None = None
        self._at: datetime | None = None
        self._past: dict[str, _Past] = {}
        self._stays: list[_Stay] = []
        self._ended: list[_Stay] = []
        """Those that the last observation ended."""

    def observe(self, obs: Observation) -> Iterator[Alert]:
        """Take the next observation; yield the alerts that stays make due."""
        self._ended = []
        if obs.run != self._run:
            self._start_run(obs.run)
        since_last = obs.at - self._at if self._at is not None else timedelta(0)
        self._at = obs.at
        vehicles = sorted((t for t in obs.tracks if t.label in self._config.labels), key=lambda t: t.box.as_tuple())
        self._follow(obs.at, vehicles)
        here = self._match(obs.at, vehicles)
        for stay, track in here:
            stay.take(obs.at, track, self._past[track.id])
        for stay in self._stays:
            if stay.last_seen != obs.at:
                stay.miss(obs.tracks, since_last)
        for stay in self._queueing(obs.at):
            stay.held += since_last
        taken = {track.id for _, track in here}
        self._end(self._begin(obs, [track for track in vehicles if track.id not in taken]), "another took its place")
        over = [stay for stay in self._stays if stay.over(obs.at, self._config)]
        self._end([stay for stay in over if stay.left], "left")
        self._end([stay for stay in over if not stay.left], "not seen there any more")
        for stay in self._stays:
            yield from self._tell(obs, stay)
        for stay in self._ended:
            if stay.told is not None:
                yield self._alert(Phase.CLEARED, obs, stay)

    def _start_run(self, run: str) -> None:
        """Forget all clocks; what was told already is told when it ends."""
        self._run, self._at, self._past = run, None, {}
        self._end([stay for stay in self._stays if stay.told is None], "the camera began a new run")
        for stay in self._stays:
            stay.owner = None

    def _end(self, stays: list[_Stay], how: str) -> None:
        for stay in stays:
            stay.ended = how
        self._ended += stays
        self._stays = [stay for stay in self._stays if stay not in stays]

    def _follow(self, at: datetime, vehicles: Sequence[Track]) -> None:
        for track in vehicles:
            if track.id not in self._past:
                began = track.first_seen if at - track.first_seen <= SETTLE else at
                self._past[track.id] = _Past(track.box, began, at)
            self._past[track.id].add(at, track.box)
        self._past = {name: past for name, past in self._past.items() if at - past.last <= FADE}

    def _match(self, at: datetime, vehicles: Sequence[Track]) -> list[tuple[_Stay, Track]]:
        """Return which vehicle stands at which known place: its own first, then the best overlap."""
        ranked = []
        for row, stay in enumerate(self._stays):
            for column, track in enumerate(vehicles):
                if track.box.x1 >= stay.place.x2:
                    # They come from left to right: so do all that follow.
                    break
                overlap = iou(stay.place, track.box)
                if overlap >= PARTLY and self._goes_on(at, stay, track, overlap):
                    ranked.append((track.id != stay.owner, -overlap, row, column))
        pairs: dict[int, int] = {}
        for _, _, row, column in sorted(ranked):
            if row not in pairs and column not in pairs.values():
                pairs[row] = column
        return [(self._stays[row], vehicles[column]) for row, column in pairs.items()]

    def _goes_on(self, at: datetime, stay: _Stay, track: Track, overlap: float) -> bool:
        """Return whether the vehicle may be the one that stands at the place."""
        past = self._past[track.id]
        if overlap < SAME_PLACE and (past.moving or _share(track.box, stay.place) < 0.8):
            # Not even the visible part of it.
            return False
        if track.id == stay.owner:
            return True
        return not past.moving and self._inherits(at, stay, past)

    @staticmethod
    def _inherits(at: datetime, stay: _Stay, past: _Past) -> bool:
        """Return whether the clock of a place may go on with a vehicle known by another identity."""
        return not past.came or at - stay.last_seen <= SWAP

    def _begin(self, obs: Observation, vehicles: Sequence[Track]) -> list[_Stay]:
        """Begin a stay for each vehicle that stands at no known place; return the stays that these replace."""
        replaced: list[_Stay] = []
        for track in vehicles:
            past = self._past[track.id]
            if not past.standing:
                continue
            place = mean_box(list(past.recent))
            rivals = [s for s in self._stays if s not in replaced and iou(s.place, place) >= SAME_PLACE]
            if any(stay.last_seen == obs.at for stay in rivals):
                # A second box around a vehicle that stands there.
                continue
            known = next((stay for stay in rivals if self._inherits(obs.at, stay, past)), None)
            if known is not None:
                known.take(obs.at, track, past)
                continue
            replaced += rivals
            self._stays.append(_Stay.of(obs, track, past, place))
        return replaced

    def _queueing(self, at: datetime) -> dict[_Stay, int]:
        """Return the stays of vehicles that wait among others that arrived like them, and how many these are."""
        if not self._config.queue:
            return {}
        fresh = [s for s in self._stays if s.came and at - s.began < QUEUE_LONGEST and at - s.last_seen <= SWAP]
        others = dict.fromkeys(fresh, 0)
        for a, b in combinations(fresh, 2):
            if _near(a.place, b.place):
                others[a] += 1
                others[b] += 1
        return {stay: count for stay, count in others.items() if count >= self._config.queue}

    def _tell(self, obs: Observation, stay: _Stay) -> Iterator[Alert]:
        if stay.last_seen != obs.at or stay.score < self._config.sure * stay.looked:
            return
        if stay.told is not None:
            if obs.at - stay.told >= self._config.update_every:
                yield self._alert(Phase.UPDATED, obs, stay)
        elif obs.at - stay.began - stay.held >= self._config.after and self._inside(stay) >= INSIDE:
            yield self._alert(Phase.RAISED, obs, stay)

    def watched(self) -> Iterator[Watched]:
        """Yield the places where something stands, and those where it ceased to."""
        waiting = self._queueing(self._at) if self._at is not None else {}
        for stay in (*self._stays, *self._ended):
            stage, state, why = self._standing(stay, waiting.get(stay, 0))
            gauges = (
                Gauge("stood", stay.counted.total_seconds(), self._config.after.total_seconds(), "s"),
                Gauge("mean score", stay.sureness, self._config.sure),
                Gauge("in the zone", self._inside(stay), INSIDE),
            )
            yield Watched(stay.subject, stay.began, stage, state, why, gauges, stay.place)

    def _standing(self, stay: _Stay, others: int) -> tuple[Stage, str, str]:
        """Return where a stay stands, how the rule calls that, and why."""
        after = self._config.after
        if stay.ended:
            return Stage.OVER, stay.ended, self._reason(stay)
        if stay.told is not None:
            return Stage.TOLD, "parked", f"a {stay.label} stood there for {in_seconds(after)}"
        if self._inside(stay) < INSIDE:
            return Stage.QUIET, "outside", f"{self._inside(stay):.0%} of its foot in the zone, {INSIDE:.0%} needed"
        if self._at is not None and self._at - stay.last_seen > WINDOW:
            return Stage.HELD, "not seen", "hidden, missed, or gone: its clock waits"
        if others:
            return Stage.HELD, "in a queue", f"{others} others stand close by: its clock waits"
        if stay.sureness < self._config.sure and stay.counted >= after:
            return Stage.HELD, "unsure", f"mean score {stay.sureness:.2f}, {self._config.sure:.2f} needed"
        return Stage.RISING, "standing", f"a {stay.label}: told after {in_seconds(after)}"

    def _reason(self, stay: _Stay) -> str:
        """Return why a stay that ended was, or was not, told of."""
        counted, after = in_seconds(stay.counted), in_seconds(self._config.after)
        if stay.told is not None:
            return f"{stay.ended} after {in_seconds(stay.last_seen - stay.began)}"
        if self._inside(stay) < INSIDE:
            return f"stood outside: {self._inside(stay):.0%} of its foot in the zone, {INSIDE:.0%} needed"
        if stay.counted >= self._config.after:
            return f"too unsure: mean score {stay.sureness:.2f}, {self._config.sure:.2f} needed"
        queue = f"; {in_seconds(stay.held)} in a queue did not count" if stay.held else ""
        return f"{stay.ended} after {counted} of {after}{queue}"

    def _inside(self, stay: _Stay) -> float:
        """Return how much of the vehicle's contact with the ground lies in the zone; worked out once a place."""
        place = stay.place
        if stay.judged is not place:
            contact = Box(place.x1, place.y2 - CONTACT * place.height, place.x2, place.y2)
            stay.judged, stay.inside = place, covered(contact, self._polygon)
        return stay.inside

    def _alert(self, phase: Phase, obs: Observation, stay: _Stay) -> Alert:
        stay.told = obs.at
        now = Evidence("frame", obs.seq, obs.at, stay.place)
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
            details={
                "label": stay.label,
                "stood_s": round((stay.last_seen - stay.began).total_seconds(), 1),
                "held_s": round(stay.held.total_seconds(), 1),
            },
            evidence=(stay.entry, now) if phase is Phase.RAISED else (now,),
        )


def _share(box: Box, other: Box) -> float:
    """Return the share of `box` that `other` covers."""
    return shared(box, other) / box.area


def _near(a: Box, b: Box) -> bool:
    """Return whether the feet of two boxes lie within each other's reach."""
    if abs(a.y2 - b.y2) > QUEUE_REACH * max(a.height, b.height):
        return False
    return abs((a.x1 + a.x2) / 2 - (b.x1 + b.x2) / 2) <= QUEUE_REACH * max(a.width, b.width)
