"""Water for the flood rule's tests: what `models.flood_sight` reads of it while it rises and falls."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ioc.geometry import bounds
from ioc.ports import RuleSetup
from ioc.rulers import Ruler
from ioc.types import Json, Observation, Point, Reading
from tests.detectors.street import CAMERA, Look, Thing, observations, standing

RULER = Ruler("pier", Point(0.8, 0.9), Point(0.8, 0.4), marks=((0.0, 0.0), (1.0, 100.0)))
ROAD = (Point(0.0, 0.4), Point(1.0, 0.4), Point(1.0, 1.0), Point(0.0, 1.0))
SETUP = RuleSetup("the-rule", CAMERA, "road", ROAD, rulers=(RULER,))
EVERY = 2.0

Course = Callable[[float], float]
"""How much water there is at a time in seconds."""


def course(*points: tuple[float, float]) -> Course:
    """Return water that goes straight from point to point, (seconds, how much)."""
    times, figures = zip(*points, strict=True)
    return lambda t: float(np.interp(t, times, figures))


def water(share: float, detail: float = 0.8, zone: str = "road") -> Reading:
    """Return what a look at a zone gives."""
    return Reading(
        "water", {"zone": zone, "share": round(share, 4), "detail": detail}, 1.0, bounds(ROAD) if zone else None
    )


def wetting(share: Course) -> Callable[[float], Reading]:
    """Return what looks at the road give while so much of it is under water."""
    return lambda t: water(share(t))


def depth(centimetres: float, ruler: str = RULER.name) -> Reading:
    """Return what a look at a ruler gives."""
    value: dict[str, Json] = {"ruler": ruler, "depth_cm": round(centimetres, 1)}
    return Reading("water_level", value, 1.0, RULER.box)


def rising(
    readings: Callable[[float], Reading | None], look: Look, things: Sequence[Thing] = (), every: float = EVERY
) -> list[Observation]:
    """Return what a camera's looks give, one `every` so many seconds, while `things` are on the street."""
    seen = []
    for obs in observations(things, look):
        t = obs.seq / look.rate
        reading = readings(t + look.begin) if t % every < 1 / look.rate - 1e-9 else None
        seen.append(Observation(obs.camera, obs.run, obs.seq, obs.at, obs.tracks, (reading,) if reading else ()))
    return seen


def bystanders(count: int) -> list[Thing]:
    """Return people who stand on the road."""
    return [Thing(standing(0.1 + 0.08 * n, 0.7, width=0.03, height=0.15), "person") for n in range(count)]
