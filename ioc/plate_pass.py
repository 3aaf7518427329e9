"""One vehicle's pass, from the reads of its plate: which reads belong to it, what they say, and whether it is one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, cast

from ioc.geometry import iou, shared
from ioc.plate_ballot import Elected, Guess, Vote, elect, most_said
from ioc.plate_grammar import Plate, normalise
from ioc.text_edits import edits
from ioc.types import Box, Observation, Track

HOLDS = 0.7
"""Share of a plate that lies in the box of the vehicle that bears it."""
ALIKE = 2
"""Texts with no more differences than this may be reads of one plate."""
SURE = 0.6
"""Two reads that are as sure as this and not alike are of two plates."""
SWAP = timedelta(seconds=2)
"""Reads that are alike, not the same, are of one plate only after a gap this short."""
REACH, SPEED = 2.0, 30.0
"""How far a plate is found from where it was last seen: so many of its widths, and so many more each second."""
LEFT = 0.7
"""A vehicle that is seen so many widths of a plate from where it was has left what has not moved a third as far."""
SIGN = 1 / 3
"""Share of such views from which what was read is no plate of those vehicles."""
FOLLOWED = timedelta(seconds=1)
"""A plate alone, found near by after a gap no longer than this, is the same, whatever it is read as."""
SAME_PLACE = 0.5
"""Overlap (IoU) of the boxes of something that has not moved."""
MOVED = 1.0
"""A plate that is seen so many of its widths from where it was has moved."""
STANDS = timedelta(seconds=3)
"""What has not moved for so long stands ..."""
STOOD = timedelta(minutes=5)
"""... and is remembered for so long at its place when it cannot be seen."""
MOST_LOOKS = 40
"""The clearest views of a plate that are kept."""
SHORTEST, LONGEST = 4, 12
"""Texts with fewer characters, or more, are on no plate."""
AGREE = 3
"""So many reads must agree on a text that no plate of Vietnam bears ..."""
AGREED = 0.7
"""... and so large a share of all."""


@dataclass(frozen=True, slots=True)
class Look:
    """One legible view of a plate, and the vehicle that bears it where one was found."""

    seq: int
    at: datetime
    box: Box
    vote: Vote
    colour: str
    vehicle: Track | None
    label: str | None
    """What kind of vehicle bears it."""

    @property
    def text(self) -> str:
        """What was read."""
        return self.vote.guess.text

    @property
    def worth(self) -> float:
        """How well it shows what was read."""
        return self.vote.clarity * self.vote.guess.score


def looks(obs: Observation, vehicles: Sequence[Track]) -> list[Look]:
    """Return the legible plates of an observation, each with the vehicle whose box holds it best.

    A smaller box is another's only where two overlap: a motorcycle before a car bears the plate before both.
    """
    read = [
        (reading.box, reading.score, cast("Mapping[str, Any]", reading.value))
        for reading in obs.readings
        if reading.kind == "plate" and reading.box is not None
    ]
    legible = [(box, score, value) for box, score, value in read if normalise(value["text"])]
    borne = _bearers([box for box, _, _ in legible], vehicles)
    return [_look(obs, box, score, value, borne.get(number)) for number, (box, score, value) in enumerate(legible)]


def _look(obs: Observation, box: Box, score: float, value: Mapping[str, Any], vehicle: Track | None) -> Look:
    vote = Vote(
        guess=Guess(value["text"], value["upper_len"], score),
        scores=tuple(value["scores"]),
        alternatives=tuple(Guess(*other) for other in value["alternatives"] if other[0]),
        height=value["height"],
        sharpness=value["sharpness"],
    )
    return Look(obs.seq, obs.at, box, vote, value["colour"], vehicle, vehicle.label if vehicle else value["vehicle"])


def _bearers(plates: Sequence[Box], vehicles: Sequence[Track]) -> dict[int, Track]:
    """Return which vehicle bears each plate, by the plate's number; none bears two."""
    ranked = sorted(
        (vehicle.box.area, abs(plate.centre.x - vehicle.box.centre.x) / vehicle.box.width, number, column)
        for number, plate in enumerate(plates)
        for column, vehicle in enumerate(vehicles)
        if shared(plate, vehicle.box) >= HOLDS * plate.area
    )
    borne: dict[int, int] = {}
    for _, _, number, column in ranked:
        if number not in borne and column not in borne.values():
            borne[number] = column
    return {number: vehicles[column] for number, column in borne.items()}


@dataclass(slots=True)
class _Anchor:
    """Where something has been since it last moved."""

    box: Box
    since: datetime

    def see(self, at: datetime, box: Box) -> None:
        if iou(self.box, box) < SAME_PLACE:
            self.box, self.since = box, at


class Pass:
    """A vehicle's pass before the camera, as far as its plate was read.

    `rival` says that another plate was read on the same track before.
    """

    def __init__(self, first: Look, *, rival: bool = False) -> None:
        self.first = self.last = first
        self.last_seen = first.at
        self.looks: list[Look] = []
        """Its clearest views, as long as nothing was told of it."""
        self.text = ""
        """What it is told under, or would be now."""
        self.told: datetime | None = None
        self.direction: str | None = None
        self.track: str | None = None
        self._rival = rival
        self._reads = self._alone = self._left_behind = 0
        self._moved = self._stood_alone = False
        self._alone_since: datetime | None = None
        self._borne: Look | None = None
        self._stands = _Anchor(first.vehicle.box if first.vehicle else first.box, first.at)
        self.take(first)

    def take(self, look: Look) -> None:
        """Take the next read of its plate; what comes after it was told changes nothing that was said."""
        self.last, self.last_seen = look, look.at
        self._reads += 1
        self._moved = self._moved or _widths_apart(look.box, self.first.box) >= MOVED
        if look.vehicle is None:
            self._stand_alone(look)
        else:
            self._be_borne(look, look.vehicle)
        if self.told is None:
            self.looks = sorted([*self.looks, look], key=lambda own: (-own.vote.clarity, own.at))[:MOST_LOOKS]
            self.__dict__.pop("elected", None)
            self.text = self.plate.key

    def _stand_alone(self, look: Look) -> None:
        self._alone += 1
        self._alone_since = self._alone_since or look.at
        self._stood_alone = self._stood_alone or look.at - self._alone_since >= STANDS
        self._stands.see(look.at, look.box)

    def _be_borne(self, look: Look, vehicle: Track) -> None:
        self._alone_since = None
        self.track = vehicle.id
        self._stands.see(look.at, vehicle.box)
        self._borne = self._borne or look
        self._left_behind += _is_left_behind(self._borne, look)

    def follow(self, at: datetime, vehicles: Mapping[str, Track]) -> None:
        """See whether its vehicle is still there."""
        vehicle = vehicles.get(self.track or "")
        if vehicle is not None:
            self.last_seen = at
            self._stands.see(at, vehicle.box)

    def forget_track(self) -> None:
        """Know its vehicle no longer by its identity: the camera has begun a new run."""
        self.track = None

    @cached_property
    def elected(self) -> Elected:
        """What its reads say together."""
        best = max(look.vote.sharpness for look in self.looks) or 1.0
        return elect([_relative(look.vote, best) for look in self.looks])

    @property
    def plate(self) -> Plate:
        """What that means."""
        return self.elected.guess.plate

    @property
    def best(self) -> Look:
        """The clearest view of what it is told under, or the clearest of all."""
        said = self.elected.guess.text
        return max(self.looks, key=lambda own: (own.text == said, own.worth, own.vehicle is not None))

    @property
    def vehicle(self) -> str | None:
        """What kind of vehicle it is, by most of its views."""
        return most_said((look.label, 1.0) for look in self.looks if look.label)

    @property
    def colour(self) -> str:
        """Its plate's colour, by the views in which that can be told."""
        known = ((look.colour, look.vote.clarity) for look in self.looks if look.colour != "unknown")
        return most_said(known) or "unknown"

    @property
    def stands(self) -> bool:
        """Whether it has stood still for a while."""
        return self.last_seen - self._stands.since >= STANDS

    def over(self, at: datetime, again: timedelta) -> bool:
        """Return whether what comes now can be no part of it any more."""
        stays = self.stands or self._stood_alone or self._left_behind
        return at - self.last_seen > (max(STOOD, again) if stays else again)

    def fits(self, look: Look, again: timedelta) -> int:
        """Return how well a read fits it; 0 when it is of another plate."""
        own, here = self._bears(look), self._is_here(look)
        if look.text == self.text and (own or here or look.at - self.last_seen <= again):
            return 5 if own else 4
        if alike(look.text, self.text):
            if own:
                return 3
            return 2 if here or (self._near(look) and look.at - self.last_seen <= SWAP) else 0
        return 1 if own and not self._is_another(look) else 0

    def _bears(self, look: Look) -> bool:
        """Return whether the read is on its track, or follows its plate where there is none."""
        if look.vehicle is not None and self.track is not None:
            return look.vehicle.id == self.track
        if look.at - self.last.at > FOLLOWED:
            return False
        both_alone = look.vehicle is None and self.track is None
        return self._near(look) if both_alone else _widths_apart(look.box, self.last.box) <= REACH

    def _is_here(self, look: Look) -> bool:
        """Return whether the read is where a vehicle stands, or where what is read has never moved from."""
        if self.stands and look.vehicle is not None and iou(look.vehicle.box, self._stands.box) >= SAME_PLACE:
            return True
        return not self._moved and iou(look.box, self.last.box) >= SAME_PLACE

    def _near(self, look: Look) -> bool:
        gap = (look.at - self.last.at).total_seconds()
        return _widths_apart(look.box, self.last.box) <= REACH + SPEED * gap

    def _is_another(self, look: Look) -> bool:
        """Return whether a read on its track is so sure of something else that identities must be mixed up."""
        guess = look.vote.guess
        return guess.plate.valid and guess.score >= SURE and self.elected.guess.score >= SURE

    def objection(self, least: float) -> str:
        """Return why it is no vehicle's pass, or not told of yet; nothing when it may be told."""
        count = len(self.looks)
        if not SHORTEST <= len(self.text) <= LONGEST:
            return f"{len(self.text)} characters are on no plate"
        if self._left_behind and self._left_behind >= SIGN * self._reads and not self._moved:
            return "stands still while vehicles move, as signs and captions do"
        if (self._stood_alone or 2 * self._alone > self._reads) and not self._moved:
            return "stands still by itself, as signs and captions do"
        if self._rival and count < 2:
            return "read once where another plate was read"
        if not self.plate.valid and (self._agreeing < max(AGREE, AGREED * count) or not self._moved):
            return f"no plate of Vietnam says so, and {self._agreeing} of {count} reads agree"
        if self.elected.guess.score < least:
            return f"too unsure: {self.elected.guess.score:.2f}, {least:.2f} needed"
        return ""

    @property
    def _agreeing(self) -> int:
        return sum(look.text == self.elected.guess.text for look in self.looks)


def alike(one: str, other: str) -> bool:
    """Return whether two texts may be reads of one plate."""
    if one == other:
        return True
    return abs(len(one) - len(other)) <= ALIKE and sum(a != b for a, b in edits(one, other)) <= ALIKE


def _relative(vote: Vote, sharpest: float) -> Vote:
    return Vote(vote.guess, vote.scores, vote.alternatives, vote.height, vote.sharpness / sharpest)


def _widths_apart(one: Box, other: Box) -> float:
    """Return how far two plates' middles lie apart, in widths of the larger one."""
    return _apart(one, other) / max(one.width, other.width)


def _apart(one: Box, other: Box) -> float:
    return math.hypot(one.centre.x - other.centre.x, one.centre.y - other.centre.y)


def _is_left_behind(first: Look, look: Look) -> bool:
    """Return whether the vehicle is elsewhere than in the first look, and the plate is not, or not nearly as far."""
    if first.vehicle is None or look.vehicle is None:
        return False
    plate = max(first.box.width, look.box.width)
    drove = _apart(first.vehicle.box, look.vehicle.box)
    return drove >= LEFT * plate and 3 * _apart(first.box, look.box) < drove
