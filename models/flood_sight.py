"""Sees water on the ground: a seer that gives readings `water`, one a zone, and `water_level`, one a ruler.

Water rises slowly, so it is looked for at fixed times, far apart, and nothing that moves can hide it. The `water` model
takes polished floors and pale squares for water now and then: what it says is believed by the rule or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import cv2
import numpy as np

from ioc.geometry import bounds, shared
from ioc.rulers import Ruler
from ioc.types import SCORE_DECIMALS, Box, Detection, Frame, Image, Json, Point, Reading
from models.dense import DenseMap, DenseModel
from models.slow_looks import SlowLooks
from models.still_ground import Floats, small
from models.waterline import strip_profile, waterline

KIND = "water"
LEVEL = "water_level"
EVERY = timedelta(seconds=2)
"""Time from one look to the next."""
WHOLE = Box(0.0, 0.0, 1.0, 1.0)
WET = 0.5
"""From this probability on it is water."""
LEAST = 2.0
"""Cells that there must be of a kind to tell its detail."""
FOUND = 0.25
"""Least score of what hides a ruler ..."""
HIDDEN = 0.2
"""... by so much of it ..."""
LARGER = 3.0
"""... and is so many times as large: what is found in the ruler's own size is the ruler, taken for something else."""

Zones = Mapping[str | None, Sequence[Point] | None]
"""Polygons in frame fractions by the zones' names; None is the whole picture."""


class FloodSight:
    """Looks for water in the frames of all its cameras; `zones` and `rulers` are those of each camera by its id."""

    def __init__(
        self, model: DenseModel, zones: Mapping[str, Zones], rulers: Mapping[str, Sequence[Ruler]] | None = None
    ) -> None:
        self._model, self._zones, self._rulers = model, zones, rulers or {}
        self._looks = SlowLooks(EVERY)

    def look(self, frames: Sequence[Frame], found: Sequence[Sequence[Detection]]) -> list[tuple[Reading, ...]]:
        """Return each frame's readings, in order; none for a frame that it is not time for.

        The value of a reading `water` says of which `zone` it is ("" is the whole picture), which `share` of it, 0 to
        1, is under water, and how much `detail` the water has as a part of what the rest of the zone has, 1 where that
        cannot be told. That of a `water_level` says at which `ruler`, and how many centimetres deep (`depth_cm`); a
        ruler that cannot be seen gives none. Raises ModelError when the model fails.
        """
        return [
            self._look(frame, things) if self._looks.is_due(frame) else ()
            for frame, things in zip(frames, found, strict=True)
        ]

    def _look(self, frame: Frame, found: Sequence[Detection]) -> tuple[Reading, ...]:
        zones, rulers = self._zones.get(frame.camera, {}), self._rulers.get(frame.camera, ())
        read = (_level(frame.image, ruler) for ruler in rulers if not _is_hidden(ruler, found))
        levels = [level for level in read if level is not None]
        if not zones:
            return tuple(levels)
        (water,) = self._model.maps([frame.image], max_batch=1)
        fine = _detail(frame.image, water)
        return (*(_zone(name or "", polygon, water, fine) for name, polygon in zones.items()), *levels)

    def describe(self) -> dict[str, Json]:
        """Return what decides what is read, for a tape's header."""
        return {**self._model.describe(), "reads": KIND, "every_s": EVERY.total_seconds()}

    def ran(self) -> list[dict[str, str]]:
        """Return which file of weights runs where."""
        return [self._model.describe()]


def _zone(name: str, polygon: Sequence[Point] | None, water: DenseMap, fine: Floats) -> Reading:
    cover = water.cover(polygon)
    wet, rest = cover * (water.values >= WET), cover * (water.values < WET)
    detail = 1.0
    if min(wet.sum(), rest.sum()) >= LEAST:
        detail = float((fine * wet).sum() / wet.sum() / max((fine * rest).sum() / rest.sum(), 1e-3))
    value: dict[str, Json] = {
        "zone": name,
        "share": round(water.share(polygon, threshold=WET), SCORE_DECIMALS),
        "detail": round(min(detail, 9.0), SCORE_DECIMALS),
    }
    return Reading(KIND, value, 1.0, bounds(polygon) if polygon else WHOLE)


def _detail(image: Image, water: DenseMap) -> Floats:
    """Return how many grey levels a pixel differs from those around it in each cell of the map, on the mean."""
    picture = cv2.cvtColor(small(image), cv2.COLOR_BGR2GRAY)
    fine = np.abs(cv2.Laplacian(picture, cv2.CV_32F))
    rows, columns = water.values.shape
    height, width = picture.shape
    matrix = np.array([[water.columns_seen / width, 0, 0], [0, water.rows_seen / height, 0]])
    down, across = height / water.rows_seen, width / water.columns_seen
    smooth = cv2.blur(fine, (max(round(across), 1), max(round(down), 1)))
    return np.asarray(cv2.warpAffine(smooth, matrix, (columns, rows), borderMode=cv2.BORDER_REPLICATE), np.float32)


def _level(image: Image, ruler: Ruler) -> Reading | None:
    """Return how deep it is at a ruler; None when the ruler is not to be seen."""
    part = waterline(strip_profile(image, ruler), ruler.dry)
    if part is None:
        return None
    return Reading(LEVEL, {"ruler": ruler.name, "depth_cm": round(ruler.depth(part), 1)}, 1.0, ruler.box)


def _is_hidden(ruler: Ruler, found: Sequence[Detection]) -> bool:
    """Return whether something that was found hides a part of the strip."""
    area = ruler.box.area
    return any(
        one.score >= FOUND and one.box.area >= LARGER * area and shared(one.box, ruler.box) >= HIDDEN * area
        for one in found
    )
