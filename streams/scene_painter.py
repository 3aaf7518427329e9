"""Draws solids on a ground plane, with shadows, haze and lamps, and says exactly what can be seen of each.

The painter's algorithm: far to near, each solid as flat convex polygons. All solids of a picture go through
numpy together, for the calls cost more than the arithmetic; OpenCV then fills one polygon after another.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ioc.types import Image
from streams.drawing import Floats, Ints, Light, Posed, Spots, View
from streams.scene_plate_painter import ShownPlate
from streams.scene_seen import SeenPlate
from streams.scene_shade import shade_ground, shine
from streams.scene_silhouettes import SUBPIXEL_BITS, Owners, Silhouette, hull, owners, subpixels, visible
from streams.scene_stage import Polygons, Stage


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """What was drawn: a silhouette and the plate of each solid, None where none shows, and what each pixel shows.

    `owner` (H, W) counts the solids in the order of drawing, from 1; `distance` (solids + 1,) is how far from the
    camera each of them stands, in metres over the ground, without end for no solid.
    """

    silhouettes: tuple[Silhouette | None, ...]
    plates: tuple[SeenPlate | None, ...]
    owner: Owners
    distance: Floats

    def nearer_than(self, metres: float) -> npt.NDArray[np.bool_]:
        """Return which pixels (H, W) show a solid that stands nearer than that."""
        return np.asarray((self.distance < metres)[self.owner])


def paint(
    image: Image, posed: Sequence[Posed], view: View, light: Light, *, floor: float = -math.inf, lamps: Spots = ()
) -> Painted:
    """Draw the solids and their shadows into `image`, and say what shows of each.

    What lies below the height `floor` is under water. `lamps` are the places of the street lamps.
    """
    found: list[Silhouette | None] = [None] * len(posed)
    stage = Stage(posed, view, floor, lamps if light.lamps else ())
    if not stage.shown:
        return Painted(tuple(found), (None,) * len(posed), np.zeros(image.shape[:2], np.int16), np.array([np.inf]))
    shade_ground(image, stage, light)
    rank = stage.drawing_order()
    whole, lit = stage.limbs(light)
    solid = [*stage.faces(light), whole]
    outlines = _outlines(solid, len(stage.shown))
    plates = stage.plates(light)
    _fill(image, [*solid, lit], rank, stage, light, plates)
    order = np.argsort(rank).tolist()
    owner = owners([outlines[k] for k in order], view.size)
    seen: list[SeenPlate | None] = [None] * len(posed)
    for number, k in enumerate(order, start=1):
        found[stage.shown[k]] = visible(owner, number, outlines[k])
        largest = max(plates[k], key=lambda shown: shown.height, default=None)
        seen[stage.shown[k]] = largest.seen(owner, number) if largest else None
    return Painted(tuple(found), tuple(seen), owner, np.concatenate([[np.inf], stage.distances()[order]]))


def _fill(
    image: Image,
    parts: Sequence[Polygons],
    rank: Ints,
    stage: Stage,
    light: Light,
    plates: Sequence[Sequence[ShownPlate]],
) -> None:
    """Fill the polygons solid by solid, layer by layer, far to near, then its plates, and let its lamps shine."""
    owner = np.concatenate([p.owner for p in parts])
    depth = np.concatenate([p.depth for p in parts])
    order = np.lexsort((-depth, np.concatenate([p.layer for p in parts]), rank[owner]))
    polygons: list[npt.NDArray[np.int32]] = []
    for part in parts:
        polygons.extend(subpixels(part.corners))
    colours = np.concatenate([p.colour for p in parts]).tolist()
    ends = np.cumsum(np.bincount(rank[owner], minlength=len(rank)))
    first = 0
    for k, end in zip(np.argsort(rank).tolist(), ends.tolist(), strict=True):
        for n in order[first:end].tolist():
            cv2.fillConvexPoly(image, polygons[n], colours[n], cv2.LINE_AA, SUBPIXEL_BITS)
        first = end
        for plate in plates[k]:
            plate.paint(image)
        if light.lamps:
            shine(image, stage, k, light.wet)


def _outlines(parts: Sequence[Polygons], count: int) -> list[Floats]:
    """Return the convex outline (N, 2) in pixels of everything drawn of each solid; empty where nothing is."""
    points: list[list[Floats]] = [[] for _ in range(count)]
    for part in parts:
        edges = np.searchsorted(part.owner, np.arange(count + 1))
        for k in range(count):
            if edges[k] < edges[k + 1]:
                points[k].append(part.corners[edges[k] : edges[k + 1]].reshape(-1, 2))
    return [hull(np.concatenate(own)) if own else np.empty((0, 2)) for own in points]
