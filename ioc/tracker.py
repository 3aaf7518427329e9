"""Gives detections identities within one run of one camera, by time and not by frame count.

Two-stage association after ByteTrack (Zhang et al., 2022, arXiv:2110.06864): sure detections first, then the
doubtful ones for the tracks that are left. The prediction is a constant-velocity Kalman filter whose noise
grows with the time since the last picture and with the object's size, and a pair is judged by its likelihood
under that prediction, so that the pictures may come at any and at an uneven rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from ioc.geometry import pairwise_iou
from ioc.types import Box, Detection, Track

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

VAGUEST = 20.0
"""What the most uncertain prediction costs; beyond it nothing more is held against a track."""


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """How tracks begin, go on and end. Speeds, accelerations and errors are in box sizes (and seconds)."""

    high: float = 0.4
    """A detection of this score or more is sure: it is associated first and may begin a track."""
    low: float = 0.1
    """A detection of a lower score is not looked at."""
    forget: timedelta = timedelta(seconds=2)
    """A track that has not been seen for longer than this is gone for good."""
    confirm_score: float = 1.2
    """A track is believed, and returned, once its detections' scores add up to this ..."""
    confirm_after: timedelta = timedelta(seconds=0.15)
    """... and its first and last one are at least this far apart."""
    confirm_gap: timedelta = timedelta(seconds=0.3)
    """A track that is not yet believed is dropped when it has been missed for longer than this."""
    doubtful_gap: timedelta = timedelta(seconds=1)
    """A doubtful detection continues only tracks that were seen this recently."""
    speed: float = 1.5
    """Standard deviation of a new object's speed."""
    acceleration: float = 0.5
    """Standard deviation of the change of speed in one second."""
    error: float = 0.07
    """Standard deviation of a detection's centre."""
    size_error: float = 0.1
    """Standard deviation of a detection's width and height."""
    gate: float = 20.0
    """Greatest squared Mahalanobis distance (4 degrees of freedom) of a pair."""
    vagueness: float = 1.5
    """How dear an uncertain prediction is: 1 is plain likelihood, more favours the tracks that know better."""
    touch: float = 0.02
    """Least overlap (IoU) of a detection and what a track that was seen twice or more expects."""
    duplicate: float = 0.8
    """A detection that overlaps a followed object of a like label this much (IoU) begins no track."""
    alike: tuple[frozenset[str], ...] = (frozenset({"car", "bus", "truck"}), frozenset({"bicycle", "motorcycle"}))
    """Labels that a detector confuses: they may take turns within one track."""


@dataclass(slots=True)
class _Life:
    """What a track remembers besides its motion."""

    group: str
    first_seen: datetime
    last_seen: datetime
    hits: int = 0
    number: int | None = None
    score: float = 0.0
    votes: dict[str, float] = field(default_factory=dict)

    def see(self, at: datetime, detection: Detection) -> None:
        self.last_seen, self.score = at, detection.score
        self.hits += 1
        self.votes[detection.label] = self.votes.get(detection.label, 0.0) + detection.score

    @property
    def label(self) -> str:
        return max(sorted(self.votes), key=self.votes.__getitem__)


class Tracker:
    """Follows the objects of one camera; a new run drops all tracks. Deterministic."""

    def __init__(self, settings: TrackerSettings | None = None) -> None:
        self._settings = settings or TrackerSettings()
        self._group = {label: min(labels) for labels in self._settings.alike for label in labels}
        self._motion = _Motion(self._settings)
        self._lives: list[_Life] = []
        self._run: str | None = None
        self._at: datetime | None = None
        self._given = 0

    def update(self, run: str, at: datetime, detections: Sequence[Detection]) -> tuple[Track, ...]:
        """Take the detections of the next picture; return the believed tracks that it shows, oldest first.

        Raises ValueError when time falls within a run.
        """
        if run != self._run or self._at is None:
            self._run, self._at = run, at
            self._keep(np.zeros(len(self._lives), dtype=bool))
        if at < self._at:
            raise ValueError(f"time falls within run {run!r}: {at} comes after {self._at}")
        self._keep(np.array([at - life.last_seen <= self._settings.forget for life in self._lives], dtype=bool))
        self._motion.predict((at - self._at).total_seconds())
        self._at = at
        usable = [d for d in detections if d.score >= self._settings.low]
        seen = self._associate(at, usable)
        self._begin(at, usable, seen)
        self._end(at)
        return self._shown(run, at)

    def _associate(self, at: datetime, detections: list[Detection]) -> set[int]:
        """Give detections to tracks; return the indices of those given."""
        if not self._lives or not detections:
            return set()
        scores = np.array([d.score for d in detections])
        boxes = _boxes(detections)
        unlike = np.array([[self._group_of(d) != life.group for d in detections] for life in self._lives])
        moving = np.array([life.hits > 1 for life in self._lives])
        gain = np.where(unlike, 0.0, self._motion.gain(boxes, moving))
        sure = scores >= self._settings.high
        pairs = assign(np.where(sure, gain, 0.0))
        taken = [row for row, _ in pairs]
        recent = np.array([at - life.last_seen <= self._settings.doubtful_gap for life in self._lives])
        recent[taken] = False
        pairs += assign(np.where(recent[:, None] & ~sure, gain, 0.0))
        if pairs:
            rows, columns = (np.array(side) for side in zip(*pairs, strict=True))
            self._motion.correct(rows, boxes[columns])
        for row, column in pairs:
            self._lives[row].see(at, detections[column])
        return {column for _, column in pairs}

    def _begin(self, at: datetime, detections: list[Detection], seen: set[int]) -> None:
        """Begin tracks where sure detections are left over."""
        for index in sorted(range(len(detections)), key=lambda i: -detections[i].score):
            detection = detections[index]
            if index in seen or detection.score < self._settings.high:
                continue
            group = self._group_of(detection)
            beside = [i for i, life in enumerate(self._lives) if life.group == group and life.last_seen == at]
            box = _boxes([detection])
            if beside and pairwise_iou(self._motion.boxes()[beside], box).max() > self._settings.duplicate:
                continue
            life = _Life(group, first_seen=at, last_seen=at)
            life.see(at, detection)
            self._lives.append(life)
            self._motion.add(box)

    def _end(self, at: datetime) -> None:
        """Believe the tracks that have earned it and drop those that did not."""
        settings = self._settings
        for life in self._lives:
            old = life.last_seen - life.first_seen >= settings.confirm_after
            if life.number is None and old and sum(life.votes.values()) >= settings.confirm_score:
                life.number = self._given
                self._given += 1
        # Not yet believed, and missed: forgotten sooner than what is known to be there.
        doubted = [life.number is None and at - life.last_seen > settings.confirm_gap for life in self._lives]
        self._keep(~np.array(doubted, dtype=bool))

    def _keep(self, kept: npt.NDArray[np.bool_]) -> None:
        self._lives = [life for life, keep in zip(self._lives, kept, strict=True) if keep]
        self._motion.keep(kept)

    def _shown(self, run: str, at: datetime) -> tuple[Track, ...]:
        tracks = []
        for life, corners in zip(self._lives, self._motion.boxes().tolist(), strict=True):
            box = Box.clipped(*corners)
            if life.number is not None and life.last_seen == at and box is not None:
                tracks.append(Track(f"{run}-{life.number}", life.label, life.score, box, life.first_seen))
        return tuple(tracks)

    def _group_of(self, detection: Detection) -> str:
        return self._group.get(detection.label, detection.label)


def _boxes(detections: Sequence[Detection]) -> Floats:
    return np.array([d.box.as_tuple() for d in detections], dtype=np.float64).reshape(-1, 4)


class _Motion:
    """Constant-velocity Kalman filters of all tracks at once.

    Centre x, centre y, width and height are filtered independently, so each covariance is a symmetric 2 × 2
    matrix of position and velocity. All arrays are (tracks, 4).
    """

    def __init__(self, settings: TrackerSettings) -> None:
        self._settings = settings
        errors = np.array([settings.error, settings.error, settings.size_error, settings.size_error])
        self._error = errors**2
        self._jerk = settings.acceleration**2 * np.array([1.0, 1.0, 0.1, 0.1])
        empty = np.empty((0, 4))
        self._place, self._velocity = empty, empty
        self._pp, self._pv, self._vv = empty, empty, empty

    def boxes(self) -> Floats:
        """Return the present estimates, (tracks, 4) corners, possibly outside the frame."""
        half = np.maximum(self._place[:, 2:], 1e-6) / 2
        return np.concatenate([self._place[:, :2] - half, self._place[:, :2] + half], axis=1)

    def predict(self, seconds: float) -> None:
        """Move all tracks on; the noise is white acceleration (Bar-Shalom, Li, Kirubarajan 2001, section 6.2)."""
        noise = self._jerk * self._scale()
        self._place = self._place + self._velocity * seconds
        self._pp = self._pp + 2 * seconds * self._pv + seconds**2 * self._vv + noise * seconds**3 / 3
        self._pv = self._pv + seconds * self._vv + noise * seconds**2 / 2
        self._vv = self._vv + noise * seconds

    def gain(self, corners: Floats, moving: npt.NDArray[np.bool_]) -> Floats:
        """Return (tracks, boxes): how much better a pair explains the box than a new object; 0 when it cannot.

        `moving` says which tracks know their velocity, so that the box must touch what they expect.
        """
        settings = self._settings
        scale = self._scale()
        spread = self._pp + self._error * scale
        residual = _centred(corners)[None] - self._place[:, None]
        distance = (residual**2 / spread[:, None]).sum(axis=2)
        # The likelihood's other term: an uncertain track must not take what a certain one expects.
        vague = settings.vagueness * np.log(spread / (self._error * scale))[:, :2].sum(axis=1)
        gain = settings.gate - distance + VAGUEST - np.minimum(vague, VAGUEST - 1)[:, None]
        apart = moving[:, None] & (pairwise_iou(self.boxes(), corners) < settings.touch)
        return np.where((distance <= settings.gate) & ~apart, gain, 0.0)

    def correct(self, rows: Ints, corners: Floats) -> None:
        """Take what was measured of some tracks."""
        spread = self._pp[rows] + (self._error * self._scale())[rows]
        residual = _centred(corners) - self._place[rows]
        place_gain, velocity_gain = self._pp[rows] / spread, self._pv[rows] / spread
        self._place[rows] += place_gain * residual
        self._velocity[rows] += velocity_gain * residual
        self._vv[rows] -= velocity_gain * self._pv[rows]
        self._pv[rows] *= 1 - place_gain
        self._pp[rows] *= 1 - place_gain

    def add(self, corners: Floats) -> None:
        """Begin a track at each box, standing still for all that is known."""
        place = _centred(corners)
        scale = np.tile(place[:, 2:], 2) ** 2
        self._place = np.concatenate([self._place, place])
        self._velocity = np.concatenate([self._velocity, np.zeros_like(place)])
        self._pp = np.concatenate([self._pp, self._error * scale])
        self._pv = np.concatenate([self._pv, np.zeros_like(place)])
        speeds = self._settings.speed**2 * np.array([1.0, 1.0, 0.05, 0.05])
        self._vv = np.concatenate([self._vv, speeds * scale])

    def keep(self, kept: npt.NDArray[np.bool_]) -> None:
        """Drop all other tracks."""
        self._place, self._velocity = self._place[kept], self._velocity[kept]
        self._pp, self._pv, self._vv = self._pp[kept], self._pv[kept], self._vv[kept]

    def _scale(self) -> Floats:
        """Return the squared size that each coordinate's noise is measured in."""
        return np.asarray(np.tile(np.maximum(self._place[:, 2:], 1e-3), 2) ** 2)


def _centred(corners: Floats) -> Floats:
    return np.concatenate([(corners[:, :2] + corners[:, 2:]) / 2, corners[:, 2:] - corners[:, :2]], axis=1)


def assign(gain: Floats) -> list[tuple[int, int]]:
    """Return the pairs (row, column) whose summed gain is greatest; pairs without gain are left out.

    Exact: shortest augmenting paths on reduced costs (Jonker and Volgenant, 1987), begun from the rows whose
    best column nobody else wants. `gain` is (N, M) and not negative.
    """
    rows = np.flatnonzero(gain.any(axis=1))
    columns = np.flatnonzero(gain.any(axis=0))
    cost = -gain[np.ix_(rows, columns)]
    if cost.shape[0] > cost.shape[1]:
        pairs = [(int(rows[i]), int(columns[j])) for j, i in enumerate(_cheapest(cost.T))]
    else:
        pairs = [(int(rows[i]), int(columns[j])) for i, j in enumerate(_cheapest(cost))]
    return sorted((i, j) for i, j in pairs if gain[i, j] > 0)


def _cheapest(cost: Floats) -> list[int]:
    """Return each row's column in the cheapest assignment of all rows; there are no more rows than columns."""
    if cost.size == 0:
        return []
    best = cost.argmin(axis=1)
    row_price, column_price = cost.min(axis=1), np.zeros(cost.shape[1])
    owner = np.full(cost.shape[1], -1)
    waiting = []
    for row, column in enumerate(best.tolist()):
        if owner[column] < 0:
            owner[column] = row
        else:
            waiting.append(row)
    for row in waiting:
        _augment(cost, row, row_price, column_price, owner)
    taken = np.flatnonzero(owner >= 0)
    return [int(column) for column in taken[np.argsort(owner[taken])]]


def _augment(cost: Floats, row: int, row_price: Floats, column_price: Floats, owner: Ints) -> None:
    """Assign one more row along the cheapest alternating path, keeping all prices feasible."""
    size = cost.shape[1]
    distance, came_from = np.full(size, np.inf), np.full(size, -1)
    done = np.zeros(size, dtype=bool)
    reached, column, current = 0.0, -1, row
    while current >= 0:
        step = reached + cost[current] - row_price[current] - column_price
        closer = ~done & (step < distance)
        distance[closer], came_from[closer] = step[closer], column
        column = int(np.where(done, np.inf, distance).argmin())
        reached = float(distance[column])
        done[column] = True
        current = int(owner[column])
    passed = np.flatnonzero(done & (owner >= 0))
    row_price[owner[passed]] += reached - distance[passed]
    column_price[passed] -= reached - distance[passed]
    row_price[row] += reached
    while column >= 0:
        previous = int(came_from[column])
        owner[column] = row if previous < 0 else owner[previous]
        column = previous
