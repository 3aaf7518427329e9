"""Counts people in video: a seer that gives readings `density`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from ioc.types import Detection, Frame, Json, Point, Reading
from models.dense import DenseMap, DenseModel
from models.head_count import FOUND, HeadCount
from models.slow_looks import SlowLooks

KIND = "density"
EVERY = timedelta(seconds=0.45)
"""A camera is looked at no more often: of five pictures a second, at every third one."""
DECIMALS = 2

Zones = Mapping[str | None, Sequence[Point] | None]
"""Polygons in frame fractions by the zones' names; None is the whole picture."""


class CrowdSight:
    """Counts the people in the frames of all its cameras; `zones` says of each camera by its id where.

    Each reading's value holds `people`, how many each zone holds by its name ("" is the whole picture), and `heat`,
    which is where they are: rows of cells over the whole picture, and how many each of those holds.
    """

    def __init__(self, model: DenseModel, zones: Mapping[str, Zones]) -> None:
        self._model, self._zones = model, zones
        self._looks = SlowLooks(EVERY)

    def look(self, frames: Sequence[Frame], found: Sequence[Sequence[Detection]]) -> list[tuple[Reading, ...]]:
        """Return each frame's reading, in order, none for a frame that follows too soon; raises ModelError."""
        due = [number for number, frame in enumerate(frames) if self._looks.is_due(frame)]
        readings: list[tuple[Reading, ...]] = [()] * len(frames)
        for number, density in zip(due, self._model.maps([frames[number].image for number in due]), strict=True):
            readings[number] = (self._reading(frames[number].camera, density, found[number]),)
        return readings

    def _reading(self, camera: str, density: DenseMap, found: Sequence[Detection]) -> Reading:
        people = [one.box for one in found if one.label == "person" and one.score >= FOUND]
        count = HeadCount(density, people)
        zones = {name or "": round(count.within(polygon), DECIMALS) for name, polygon in self._zones[camera].items()}
        heat: list[Json] = [[*row] for row in count.heat()]
        return Reading(KIND, {"people": zones, "heat": heat}, 1.0)

    def describe(self) -> dict[str, Json]:
        """Return what decides what is read, for a tape's header."""
        zones: dict[str, Json] = {
            camera: {name or "": [[corner.x, corner.y] for corner in polygon or ()] for name, polygon in own.items()}
            for camera, own in self._zones.items()
        }
        return {"reads": KIND, **self._model.describe(), "size": self._model.entry.size, "zones": zones}

    def ran(self) -> list[dict[str, str]]:
        """Return which file of weights runs where, for an alert."""
        return [self._model.describe()]
