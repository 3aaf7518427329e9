"""How road users follow a lane: queues at a red light, stop and go, and nobody drives through anybody.

Each keeps behind the one before it as in Newell's car-following (G. F. Newell, "A simplified car-following theory: a
lower order model", Transportation Research Part B 36, 2002): its way is the leader's, a reaction later and a gap
shorter, but no faster than it would drive alone. All ways are then smoothed alike, so that none overtakes another.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from streams.drawing import Floats
from streams.scene_motion import ALWAYS, Motion, Pose, Span

KMH = 1 / 3.6
STEP = 0.1
"""Seconds between the tabled positions of a ride."""
REACTION = 1.0
"""Seconds by which a follower does what its leader did."""
GAP = 1.6
"""Metres between those who stand behind one another."""
SMOOTH = 12
"""Steps over which a way is averaged, twice: how softly it brakes and starts."""
CLEARANCE = 0.5
"""Metres that road users keep from whatever else is on their lane."""


@dataclass(frozen=True)
class Line:
    """A straight lane in metres, from `start` to `end`."""

    start: tuple[float, float]
    end: tuple[float, float]

    @cached_property
    def length(self) -> float:
        """Metres from end to end."""
        return math.dist(self.start, self.end)

    @cached_property
    def heading(self) -> float:
        """Its direction in radians from +X."""
        return math.atan2(self.end[1] - self.start[1], self.end[0] - self.start[0])

    def place(self, along: float, aside: float = 0.0) -> tuple[float, float]:
        """Return the place so many metres along and to the left of the lane."""
        cos, sin = math.cos(self.heading), math.sin(self.heading)
        return (self.start[0] + along * cos - aside * sin, self.start[1] + along * sin + aside * cos)

    def shifted(self, aside: float) -> Line:
        """Return the same lane so many metres to its left."""
        return Line(self.place(0.0, aside), self.place(self.length, aside))

    def measure(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return how far places lie along and to the left of the lane."""
        cos, sin = math.cos(self.heading), math.sin(self.heading)
        dx, dy = x - self.start[0], y - self.start[1]
        return dx * cos + dy * sin, dy * cos - dx * sin


@dataclass(frozen=True, eq=False)
class Ride:
    """One road user's way along a lane: `gone` metres at each STEP since `began`; it comes again every `period`."""

    line: Line
    began: float
    gone: Floats
    period: float = math.inf

    def at(self, seconds: float) -> Pose | None:
        """Return the pose, or None before and after the ride."""
        step = (seconds - self.began) % self.period / STEP
        if not step < len(self.gone) - 1:
            return None
        k = int(step)
        before, after = float(self.gone[k]), float(self.gone[k + 1])
        gone = before + (after - before) * (step - k)
        return Pose(*self.line.place(gone), self.line.heading, gone, (after - before) / STEP)

    @property
    def span(self) -> Span:
        """From when to when it is there."""
        return (self.began, self.began + (len(self.gone) - 1) * STEP) if math.isinf(self.period) else ALWAYS


def rides(line: Line, began: float, gone: Floats, period: float) -> list[Ride]:
    """Return a ride as one, or as several that go on from one another where it takes longer than the period."""
    most = len(gone) if math.isinf(period) else round(period / STEP)
    return [Ride(line, began, gone[k : k + most + 1], period) for k in range(0, len(gone) - 1, most)]


class Occupied:
    """Where things are on the ground at each step, so that traffic keeps clear of them."""

    def __init__(self, period: float) -> None:
        self._period = period
        self._rows: list[Floats] = []

    def add_motion(self, motion: Motion, span: Span, footprint: tuple[float, float]) -> None:
        """Take in something with a way of its own, (length, width) metres on the ground, between two times."""
        steps = np.arange(math.floor(span[0] / STEP), math.ceil(span[1] / STEP) + 1)
        poses = [(step, pose) for step in steps.tolist() if (pose := motion.at(step * STEP)) is not None]
        if poses:
            self._add(np.array([(step, pose.x, pose.y, pose.heading) for step, pose in poses]), footprint)

    def add_ride(self, ride: Ride, footprint: tuple[float, float]) -> None:
        """Take in a ride, over and over again in a scene that repeats."""
        first = round(ride.began / STEP)
        cos, sin = math.cos(ride.line.heading), math.sin(ride.line.heading)
        x, y = ride.line.start[0] + ride.gone * cos, ride.line.start[1] + ride.gone * sin
        steps = first + np.arange(len(ride.gone))
        turns = (0,) if math.isinf(self._period) else range(-2, 3)
        for turn in turns:
            shift = round(turn * self._period / STEP) if turn else 0
            self._add(np.column_stack([steps + shift, x, y, np.full(len(x), ride.line.heading)]), footprint)

    def _add(self, rows: Floats, footprint: tuple[float, float]) -> None:
        self._rows.append(np.column_stack([rows, np.tile(np.array(footprint) / 2, (len(rows), 1))]))

    def on(self, line: Line, width: float) -> Floats:
        """Return (step, metres along, half length) of whatever reaches into a lane of that width, by step."""
        if not self._rows:
            return np.empty((0, 3))
        step, x, y, heading, long, wide = np.concatenate(self._rows).T
        along, aside = line.measure(x, y)
        cos, sin = np.abs(np.cos(heading - line.heading)), np.abs(np.sin(heading - line.heading))
        near = np.abs(aside) < cos * wide + sin * long + width / 2 + CLEARANCE / 2
        near &= (along > -long) & (along < line.length + long)
        found = np.column_stack([step, along, cos * long + sin * wide])[near]
        return np.asarray(found[np.argsort(found[:, 0], kind="stable")])


@dataclass(frozen=True, slots=True, eq=False)
class _Leader:
    first: int
    way: Floats
    length: float


class Drivers:
    """The road users of one lane, one after the other.

    `reds` are the spans in which nobody passes `stop` (metres from the lane's start); `horizon` is when watching ends.
    """

    def __init__(self, line: Line, reds: Sequence[Span], stop: float, horizon: float) -> None:
        self._line = line
        self._reds = [(round(a / STEP), round(b / STEP)) for a, b in reds]
        self._stop = stop
        self._horizon = round(horizon / STEP)
        self._leader: _Leader | None = None

    def next(self, when: float, speed: float, length: float, kept_clear: Floats) -> Floats | None:
        """Return the way of the next one from `when` on, or None where something stands in it: it then never came."""
        first = round(when / STEP)
        steps = math.ceil(self._line.length / (speed * STEP)) + 2
        most = max(self._horizon - first, steps)
        way = self._way(first, speed, length, min(2 * steps, most))
        while way[-1] < self._line.length and len(way) < most:
            way = self._way(first, speed, length, min(2 * len(way), most))
        way = way[: int(np.searchsorted(way, self._line.length)) + 2]
        smooth = _smoothed(way, speed)
        if meets(first, smooth, length, kept_clear):
            return None
        self._leader = _Leader(first, way, length)
        return smooth

    def _way(self, first: int, speed: float, length: float, count: int) -> Floats:
        alone = np.asarray(speed * STEP * np.arange(count), dtype=np.float64)
        limit = self._behind_leader(first, length, count, speed)
        way = _within(limit, alone)
        for red, green in self._reds:
            held = slice(max(red - first, 0), max(green - first, 0))
            line = self._stop - length / 2
            if held.start < min(held.stop, count) and way[held.start] <= line < way[held][-1]:
                limit[held] = np.minimum(limit[held], line)
                way = _within(limit, alone)
        return way

    def _behind_leader(self, first: int, length: float, count: int, speed: float) -> Floats:
        limit = np.full(count, np.inf)
        limit[0] = 0.0
        if self._leader is not None:
            own, way = np.arange(count), self._leader.way
            index = first + own - round(REACTION / STEP) - self._leader.first
            before = index < len(way)
            ahead = way[np.clip(index[before], 0, None)] + np.minimum(index[before], 0) * speed * STEP
            keep = GAP + (length + self._leader.length) / 2
            limit[before] = np.minimum(limit[before], ahead - keep)
        return limit


def _within(limit: Floats, alone: Floats) -> Floats:
    """Return the furthest way that never passes the limits nor gains on the free way."""
    return np.asarray(np.minimum.accumulate(limit - alone) + alone)


def _smoothed(way: Floats, speed: float) -> Floats:
    reach = SMOOTH - 1
    ends = speed * STEP * np.arange(1, reach + 1)
    padded = np.concatenate([way[0] - ends[::-1], way, way[-1] + ends])
    kernel = np.convolve(np.ones(SMOOTH), np.ones(SMOOTH)) / SMOOTH**2
    return np.asarray(np.convolve(padded, kernel, mode="valid"))


def meets(first: int, way: Floats, length: float, kept_clear: Floats) -> bool:
    """Return whether a way from a step on comes too near to something that is on the lane at the same time."""
    start, end = np.searchsorted(kept_clear[:, 0], [first, first + len(way)])
    step, along, half = kept_clear[start:end].T
    apart = np.abs(way[step.astype(np.int64) - first] - along)
    return bool((apart < half + length / 2 + CLEARANCE).any())


def arrivals(rng: np.random.Generator, per_minute: float, shortest: float, begin: float, end: float) -> Iterable[float]:
    """Yield when road users come: at random, `per_minute` on average, at least `shortest` seconds apart."""
    pause = max(60.0 / per_minute - shortest, 0.0)
    at = begin + float(rng.exponential(pause))
    while at < end:
        yield round(at, 1)
        at += shortest + float(rng.exponential(pause))
