"""Who stands where, and since when: the clock belongs to the place and not to the track.

A vehicle that is missed for a while, hidden by passing traffic, followed under another identity, or found again where
it stood when the camera comes back, goes on standing. Pure; what that means is a rule's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from pydantic import TypeAdapter, ValidationError

from ioc.geometry import iou
from ioc.plate_pass import Look
from ioc.stay import FADE, SETTLE, SWAP, Past, Stay, share
from ioc.types import Box, Json, Observation, Track

SAME_PLACE = 0.55
"""Overlap (IoU) with its place of a vehicle that has stayed there."""
PARTLY = 0.2
"""Least overlap (IoU) with its place of a vehicle of which only a part can be seen."""
QUEUE_LONGEST = timedelta(seconds=180)
"""Who has stood for longer does not wait in a queue."""
QUEUE_REACH = 3.0
"""How near the others in a queue are, in box sizes."""


@dataclass(frozen=True, slots=True)
class _State:
    """What outlives the program: when it was looked last, and who stood where."""

    at: datetime | None
    stays: list[Stay]


_STATE: TypeAdapter[_State] = TypeAdapter(_State)


class Places:
    """The places where one camera's vehicles stand.

    A vehicle that cannot be seen is remembered for `memory`; one that drove off has left when its place was seen empty
    for `grace`. For each observation `follow` comes first, then `renew`.
    """

    def __init__(self, memory: timedelta, grace: timedelta) -> None:
        self._memory, self._grace = memory, grace
        self.at: datetime | None = None
        """When it was looked last."""
        self.since_last = timedelta(0)
        """How long before that it was looked."""
        self.stays: list[Stay] = []
        self.ended: list[Stay] = []
        """Those that the last observation ended."""
        self._run: str | None = None
        self._past: dict[str, Past] = {}

    def follow(self, obs: Observation, vehicles: Sequence[Track], looks: Sequence[Look] = ()) -> None:
        """Go on with the stays, with a vehicle there or without; the vehicles come from left to right."""
        self.ended = []
        if obs.run != self._run:
            self._start_run(obs)
        self.since_last = obs.at - self.at if self.at is not None else timedelta(0)
        self.at = obs.at
        self._remember(obs.at, vehicles, looks)
        for stay, track in self._match(obs.at, vehicles):
            stay.take(obs.at, track, self._past[track.id])
        for stay in self.stays:
            if stay.last_seen != obs.at:
                stay.miss(obs.tracks, self.since_last)
        self._count_others(obs.at)

    def renew(self, obs: Observation, vehicles: Sequence[Track]) -> None:
        """Begin stays where vehicles have come to stand, and end those that are over."""
        taken = {stay.owner for stay in self.stays if stay.last_seen == obs.at}
        self.end(self._begin(obs, [track for track in vehicles if track.id not in taken]), "another took its place")
        over = [stay for stay in self.stays if stay.over(obs.at, self._memory, self._grace)]
        self.end([stay for stay in over if stay.left], "left")
        self.end([stay for stay in over if not stay.left], "not seen there any more")

    def end(self, stays: list[Stay], how: str) -> None:
        """End these stays."""
        for stay in stays:
            stay.ended = how
        self.ended += stays
        self.stays = [stay for stay in self.stays if stay not in stays]

    def _count_others(self, at: datetime) -> None:
        """Count for each stay the others that are as fresh and close by; over a new run the last count stands."""
        for stay in self.stays:
            stay.others = stay.others if stay.broken else 0
        fresh = [
            stay
            for stay in self.stays
            if stay.came and at - stay.began < QUEUE_LONGEST and at - stay.last_seen <= SWAP and not stay.broken
        ]
        for a, b in combinations(fresh, 2):
            if _near(a.place, b.place):
                a.others += 1
                b.others += 1

    def state(self) -> Json:
        """Return what must outlive the program."""
        state: Json = _STATE.dump_python(_State(self.at, self.stays), mode="json")
        return state

    def restore(self, state: Json) -> None:
        """Go on from there; raises ValueError when it is no state."""
        try:
            known = _STATE.validate_python(state)
        except ValidationError as error:
            raise ValueError(f"no state of places: {error.error_count()} wrong values") from None
        self.at, self.stays = known.at, known.stays

    def _start_run(self, obs: Observation) -> None:
        """Know the vehicles no longer by their identities; who stood there may be there still."""
        self._run, self._past = obs.run, {}
        if self.at is not None and obs.at < self.at:
            self.end(self.stays, "the clock was set back")
            self.at = None
        for stay in self.stays:
            stay.owner, stay.broken = None, True

    def _remember(self, at: datetime, vehicles: Sequence[Track], looks: Sequence[Look]) -> None:
        for track in vehicles:
            if track.id not in self._past:
                began = track.first_seen if at - track.first_seen <= SETTLE else at
                self._past[track.id] = Past(track.box, began, at)
            self._past[track.id].add(at, track.box)
        for look in looks:
            if look.vehicle is not None:
                self._past[look.vehicle.id].read(look)
        self._past = {name: past for name, past in self._past.items() if at - past.last <= FADE}

    def _match(self, at: datetime, vehicles: Sequence[Track]) -> list[tuple[Stay, Track]]:
        """Return which vehicle stands at which known place: its own first, then the best overlap."""
        ranked = []
        for row, stay in enumerate(self.stays):
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
        return [(self.stays[row], vehicles[column]) for row, column in pairs.items()]

    def _goes_on(self, at: datetime, stay: Stay, track: Track, overlap: float) -> bool:
        """Return whether the vehicle may be the one that stands at the place."""
        past = self._past[track.id]
        if overlap < SAME_PLACE and (past.moving or share(track.box, stay.place) < 0.8):
            # Not even the visible part of it.
            return False
        if track.id == stay.owner:
            return True
        known_to_stand = past.standing if stay.broken else not past.moving
        return known_to_stand and stay.inherits(at, track, past)

    def _begin(self, obs: Observation, vehicles: Sequence[Track]) -> list[Stay]:
        """Begin a stay for each vehicle that stands at no known place; return the stays that these replace."""
        replaced: list[Stay] = []
        for track in vehicles:
            past = self._past[track.id]
            if not past.standing:
                continue
            new = Stay.of(obs, track, past)
            rivals = [s for s in self.stays if s not in replaced and iou(s.place, new.place) >= SAME_PLACE]
            if any(stay.last_seen == obs.at for stay in rivals):
                # A second box around a vehicle that stands there.
                continue
            known = next((stay for stay in rivals if stay.inherits(obs.at, track, past)), None)
            if known is not None:
                known.take(obs.at, track, past)
                continue
            replaced += rivals
            self.stays.append(new)
        return replaced


def _near(a: Box, b: Box) -> bool:
    """Return whether the feet of two boxes lie within each other's reach."""
    if abs(a.y2 - b.y2) > QUEUE_REACH * max(a.height, b.height):
        return False
    return abs((a.x1 + a.x2) / 2 - (b.x1 + b.x2) / 2) <= QUEUE_REACH * max(a.width, b.width)
