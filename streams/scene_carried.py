"""Things that people carry, put down and pick up, and things that are thrown off a vehicle."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from streams.scene_motion import Motion, Pose, Span

LOWERED = 0.7
"""Seconds in which something is put down or picked up."""
GRAVITY = 9.81


@dataclass(frozen=True)
class Carried:
    """Something that `carrier` holds until `left` seconds, and that `taker` picks up, if anybody does, at `taken`.

    In between it lies where it was put down. It hangs `aside` metres to the left of whoever holds it, `high` metres
    above the ground.
    """

    carrier: Motion
    left: float = math.inf
    taker: Motion | None = None
    taken: float = math.inf
    aside: float = 0.32
    high: float = 0.2

    @property
    def span(self) -> Span:
        """From when the carrier comes until the taker goes."""
        last = self.carrier.span[1] if math.isinf(self.left) else math.inf
        return (self.carrier.span[0], self.taker.span[1] if self.taker else min(last, self.taken))

    def at(self, seconds: float) -> Pose | None:
        """Return the pose; None before the carrier comes, and after it was taken away."""
        if seconds < self.left:
            return self._held(self.carrier.at(seconds), min((self.left - seconds) / LOWERED, 1.0))
        if seconds >= self.taken:
            taker = self.taker.at(seconds) if self.taker else None
            return self._held(taker, min((seconds - self.taken) / LOWERED, 1.0))
        return self._held(self.carrier.at(self.left), 0.0)

    def _held(self, holder: Pose | None, lifted: float) -> Pose | None:
        if holder is None:
            return None
        x = holder.x - self.aside * math.sin(holder.heading)
        y = holder.y + self.aside * math.cos(holder.heading)
        return replace(holder, x=x, y=y, z=self.high * lifted, speed=holder.speed * math.ceil(lifted))


@dataclass(frozen=True)
class Thrown:
    """Something that falls off a vehicle at `start` seconds and lies there until `end`.

    It starts `ahead` metres before the vehicle's middle, `aside` to its left (negative: to its right) and `high` above
    the ground, flies on with a part of the vehicle's speed and `push` metres a second further aside, and does not roll.
    """

    vehicle: Motion
    start: float
    end: float = math.inf
    ahead: float = -1.0
    aside: float = -1.0
    high: float = 1.2
    push: float = 1.4
    carry: float = 0.35

    @property
    def span(self) -> Span:
        """From the throw until it is cleared away."""
        return (self.start, self.end)

    def at(self, seconds: float) -> Pose | None:
        """Return the pose; None before the throw, and where the vehicle is not there to throw it."""
        vehicle = self.vehicle.at(self.start) if self.start <= seconds < self.end else None
        if vehicle is None:
            return None
        falls = math.sqrt(2 * self.high / GRAVITY)
        flown = min(seconds - self.start, falls)
        lies = flown == falls
        along = self.ahead + vehicle.speed * self.carry * flown
        across = self.aside + math.copysign(self.push * flown, self.aside)
        cos, sin = math.cos(vehicle.heading), math.sin(vehicle.heading)
        return Pose(
            vehicle.x + along * cos - across * sin,
            vehicle.y + along * sin + across * cos,
            vehicle.heading + 2.2 * flown,
            0.0,
            0.0 if lies else vehicle.speed,
            0.0 if lies else self.high - GRAVITY * flown**2 / 2,
        )
