"""One vehicle's last moments, and one stay: a place where a vehicle stands, with a clock of its own.

`ioc.standing` says which vehicle is at which place.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ioc.geometry import iou, mean_box, shared
from ioc.plate_pass import Look, Pass
from ioc.temporal import Window
from ioc.types import Box, Evidence, Observation, Track

WINDOW = timedelta(seconds=1)
"""Stillness is judged over this time."""
STILL = 0.7
"""Overlap (IoU) of the first and the second half of the window of a vehicle that stands."""
SEEN_STILL = 0.8 * WINDOW
"""A vehicle must have been seen for so long before it can be said to stand."""
STILL_THERE = 0.7
"""Overlap (IoU) with its place of a vehicle that is found there when the camera comes back."""
SETTLE = timedelta(seconds=3)
"""A place is where the vehicle stood in the first seconds; creeping out of it ends the stay."""
SWAP = timedelta(seconds=2)
"""A vehicle seen to arrive takes over another's clock only after a gap this short: identities were mixed up."""
FADE = timedelta(seconds=5)
"""Even a short stay is remembered this long."""
HIDES = 0.3
"""Share of a place that something in front of it covers when the place cannot be judged."""
SURE_PLATE = 0.3
"""Least score of a plate that is told with its vehicle."""


@dataclass(frozen=True, slots=True)
class Borne:
    """The plate of a vehicle, as its reads say together, and where it is seen best."""

    text: str
    score: float
    seen: Evidence


@dataclass(slots=True)
class Past:
    """The last moments of one track."""

    first: Box
    began: datetime
    last: datetime
    recent: Window[Box] = field(default_factory=lambda: Window(WINDOW))
    came: bool = False
    """Whether it was seen to move away from where it was first seen."""
    reads: Pass | None = None
    """What was read of its plate."""

    def add(self, at: datetime, box: Box) -> None:
        """Take where it is now."""
        self.recent.add(at, box)
        self.last = at
        self.came = self.came or iou(self.first, box) < 0.2

    def read(self, look: Look) -> None:
        """Take what was read of its plate."""
        if self.reads is None:
            self.reads = Pass(look)
        else:
            self.reads.take(look)

    @property
    def plate(self) -> Borne | None:
        """Its plate, when the reads say one that there can be."""
        reads = self.reads
        if reads is None or not reads.plate.valid or reads.elected.guess.score < SURE_PLATE:
            return None
        best = reads.best
        return Borne(reads.text, round(reads.elected.guess.score, 3), Evidence("crop", best.seq, best.at, best.box))

    @property
    def moving(self) -> bool:
        """Whether its box changed over the window."""
        boxes = list(self.recent)
        half = len(boxes) // 2
        return half > 0 and iou(mean_box(boxes[:half]), mean_box(boxes[half:])) < STILL

    @property
    def standing(self) -> bool:
        """Whether it has been seen to stand still for a moment."""
        return self.recent.covers >= SEEN_STILL and not self.moving

    @property
    def still_since(self) -> datetime:
        """Since when it stands; from the first picture when it never moved."""
        return self.began if self.recent.whole else self.recent.since


@dataclass(slots=True, eq=False)
class Stay:
    """A place where a vehicle stands."""

    place: Box
    began: datetime
    entry: Evidence
    owner: str | None
    came: bool
    last_seen: datetime
    subject: str
    scores: dict[str, float]
    """Sums of the scores of its vehicle, by what it was taken for ..."""
    looked: int = 1
    """... in so many pictures that could show it."""
    held: timedelta = timedelta(0)
    """How much of the time does not count."""
    others: int = 0
    """How many others arrived like it and stand close by."""
    plate: Borne | None = None
    """What was read of its plate."""
    empty: timedelta = timedelta(0)
    """For how long the place has been seen without a vehicle."""
    left: bool = False
    """Whether its vehicle was seen elsewhere."""
    broken: bool = False
    """Whether the camera began a new run since the vehicle was last seen there."""
    told: datetime | None = None
    ended: str = ""
    """How it ended."""

    @classmethod
    def of(cls, obs: Observation, track: Track, past: Past) -> Stay:
        """Begin where the vehicle has been standing for a moment."""
        place = mean_box(list(past.recent))
        return cls(
            place=place,
            began=past.still_since,
            entry=Evidence("frame", obs.seq, obs.at, place),
            owner=track.id,
            came=past.came,
            last_seen=obs.at,
            subject=f"place:{round(1000 * place.foot.x)},{round(1000 * place.foot.y)}",
            scores={track.label: track.score},
        )

    def take(self, at: datetime, track: Track, past: Past) -> None:
        """Go on with the vehicle that is there now."""
        if at - self.began <= SETTLE and track.id == self.owner:
            self.place = mean_box(list(past.recent))
        self.owner, self.last_seen = track.id, at
        self.left, self.broken, self.empty = False, False, timedelta(0)
        self.plate = past.plate or self.plate
        self.scores[track.label] = self.scores.get(track.label, 0.0) + track.score
        self.looked += 1

    def miss(self, tracks: Sequence[Track], since_last: timedelta) -> None:
        """Go on without a vehicle there; note whether it was seen to leave, or may be hidden."""
        hidden = False
        for track in tracks:
            if track.id == self.owner:
                self.left = self.left or iou(track.box, self.place) < 0.2
            elif not hidden and (self.broken or track.box.y2 > self.place.y2):
                hidden = share(self.place, track.box) >= HIDES
        if not hidden:
            self.looked += 1
            self.empty += min(since_last, WINDOW)

    @property
    def counted(self) -> timedelta:
        """How long its vehicle has been seen to stand there, without the time that does not count."""
        return max(self.last_seen - self.began - self.held, timedelta(0))

    @property
    def label(self) -> str:
        """What its vehicle is taken for, by most of what was seen."""
        return max(self.scores, key=self.scores.__getitem__)

    def sureness(self, labels: Collection[str]) -> float:
        """Return the mean score of its vehicle as one of these, in the pictures that could show it."""
        return sum(score for label, score in self.scores.items() if label in labels) / self.looked

    def inherits(self, at: datetime, track: Track, past: Past) -> bool:
        """Return whether its clock may go on with a vehicle known by another identity."""
        if self.broken:
            return not past.came and iou(self.place, track.box) >= STILL_THERE
        return not past.came or at - self.last_seen <= SWAP

    def over(self, at: datetime, memory: timedelta, grace: timedelta) -> bool:
        """Return whether the vehicle has left, or cannot be believed to be there any more."""
        patience = grace if self.left else max(self.last_seen - self.began, FADE)
        return self.empty >= patience or at - self.last_seen > memory


def share(box: Box, other: Box) -> float:
    """Return the share of `box` that `other` covers."""
    return shared(box, other) / box.area
