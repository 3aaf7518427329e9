"""How what is on a street moves: every motion is a pure function of the time since the scene began."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from streams.drawing import Floats

Span = tuple[float, float]
"""The first and the last second of something."""
ALWAYS: Span = (-math.inf, math.inf)
STEP = 0.05
"""Seconds between the tabled positions of a script."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Where something is (metres), where it heads (radians from +X), how far from its start it has come, how fast.

    `z` is how far above the ground it is.
    """

    x: float
    y: float
    heading: float
    travelled: float
    speed: float
    z: float = 0.0


class Motion(Protocol):
    """Where something is at a time in seconds; None while it is not there."""

    @property
    def span(self) -> Span:
        """The first and the last second in which it may be there."""
        ...

    def at(self, seconds: float) -> Pose | None:
        """Return the pose at that time."""
        ...


@dataclass(frozen=True)
class Still:
    """Something that stays where it is, for as long as it is there."""

    x: float
    y: float
    heading: float
    span: Span = ALWAYS

    def at(self, seconds: float) -> Pose | None:
        """Return the one pose, or None before and after its span."""
        first, last = self.span
        return Pose(self.x, self.y, self.heading, 0.0, 0.0) if first <= seconds < last else None


@dataclass(frozen=True)
class Flow:
    """One of a lane's road users: from `start` to `end`, endlessly, `offset` metres ahead of the lane's clock.

    All that share a lane share its speed and period, so none runs into another.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    speed: float
    offset: float

    @property
    def span(self) -> Span:
        """It is there all the time."""
        return ALWAYS

    def at(self, seconds: float) -> Pose:
        """Return the pose; it jumps back from the end to the start, so both belong outside the picture."""
        (x1, y1), (x2, y2) = self.start, self.end
        length = float(np.hypot(x2 - x1, y2 - y1))
        gone = (self.offset + self.speed * seconds) % length
        share = gone / length
        return Pose(
            x1 + (x2 - x1) * share, y1 + (y2 - y1) * share, float(np.arctan2(y2 - y1, x2 - x1)), gone, self.speed
        )


@dataclass(frozen=True)
class Script:
    """A path through (seconds, x, y) with smooth starts and stops; repeats every `period` seconds, or never.

    Two stops in a row at the same place are a stay. Before its first and after its last time the thing is not
    there; a path may run past the end of the period, into the next one. `facing` is the heading before it first
    moves.
    """

    stops: tuple[tuple[float, float, float], ...]
    period: float = math.inf
    facing: float | None = None

    @property
    def span(self) -> Span:
        """From the first stop to the last, or always where it repeats."""
        return (self.stops[0][0], self.stops[-1][0]) if math.isinf(self.period) else ALWAYS

    def at(self, seconds: float) -> Pose | None:
        """Return the pose, or None before the first stop and after the last."""
        now = seconds % self.period
        if now < self.stops[0][0]:
            now += self.period
        if not self.stops[0][0] <= now < self.stops[-1][0]:
            return None
        times, table = self._table
        row = [float(np.interp(now, times, table[:, k])) for k in range(5)]
        return Pose(*row)

    @cached_property
    def _table(self) -> tuple[Floats, Floats]:
        """Times (N,) and poses (N, 5) by cubic Hermite curves whose speed is nought at each stay."""
        stops = np.array(self.stops, dtype=np.float64)
        times = np.arange(stops[0, 0], stops[-1, 0] + STEP / 2, STEP)
        places = np.stack([_hermite(stops[:, 0], stops[:, k], times) for k in (1, 2)], axis=1)
        moved = np.diff(places, axis=0, prepend=places[:1])
        speed = np.hypot(moved[:, 0], moved[:, 1]) / STEP
        heading = np.unwrap(_headings(moved, speed, self.facing))
        return times, np.column_stack([places, heading, np.cumsum(speed) * STEP, speed])


def _hermite(knots: Floats, values: Floats, at: Floats) -> Floats:
    slopes = np.diff(values) / np.diff(knots)
    tangent = np.zeros_like(values)
    # The smaller of both sides' slopes, nought where they disagree: no overshoot at a stay (Fritsch and Carlson, 1980).
    same = slopes[:-1] * slopes[1:] > 0
    tangent[1:-1] = np.where(same, np.sign(slopes[:-1]) * np.minimum(np.abs(slopes[:-1]), np.abs(slopes[1:])), 0.0)
    tangent[0], tangent[-1] = slopes[0], slopes[-1]
    k = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(knots) - 2)
    long = knots[k + 1] - knots[k]
    u = (at - knots[k]) / long
    first = (2 * u**3 - 3 * u**2 + 1) * values[k] + (u**3 - 2 * u**2 + u) * long * tangent[k]
    return np.asarray(first + (3 * u**2 - 2 * u**3) * values[k + 1] + (u**3 - u**2) * long * tangent[k + 1])


def _headings(moved: Floats, speed: Floats, facing: float | None) -> Floats:
    """Return the direction of movement; whatever stands keeps the direction it came in."""
    own = np.arctan2(moved[:, 1], moved[:, 0])
    moving = np.flatnonzero(speed > 0.15)
    if len(moving) == 0:
        return np.full(len(speed), facing or 0.0)
    before = np.maximum.accumulate(np.where(speed > 0.15, np.arange(len(speed)), -1))
    start = own[moving[0]] if facing is None else facing
    return np.asarray(np.where(before >= 0, own[np.maximum(before, 0)], start))


def spread(rng: np.random.Generator, lengths: Sequence[float], total: float, gap: float) -> list[float]:
    """Return where on a loop of `total` metres the middles of road users stand, `gap` apart: the first that fit."""
    used: list[float] = []
    room = total
    for length in lengths:
        if room - (length + gap) < 0:
            break
        room -= length + gap
        used.append(length)
    shares = rng.dirichlet(np.ones(len(used) + 1)) * room if used else np.zeros(1)
    places, at = [], 0.0
    for length, share in zip(used, shares[:-1], strict=True):
        at += float(share) + gap / 2
        places.append(at + length / 2)
        at += length + gap / 2
    return places
