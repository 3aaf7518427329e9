"""What of each solid stays visible once those nearer to the camera are drawn over it.

Outlines are taken to be convex: exact where nothing cuts a solid; where another solid or the picture's edge does,
the box may be a few pixels too large.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from streams.drawing import Floats, Ints

SUBPIXEL_BITS = 4
"""OpenCV takes corners in whole sixteenths of a pixel."""
Owners = npt.NDArray[np.int16]
EDGE = 0.5
"""Pixels by which OpenCV's smooth edges stand out from the polygon."""


@dataclass(frozen=True, slots=True)
class Silhouette:
    """Where a solid shows: `extent` is (x1, y1, x2, y2) in pixels of what can be seen of it.

    `inside` is the part of its outline that lies within the picture, `visible` the part of that which nothing
    nearer covers, each 0 to 1.
    """

    extent: tuple[float, float, float, float]
    visible: float
    inside: float


def subpixels(points: Floats) -> Ints:
    """Return pixel places as OpenCV's drawing takes them: whole numbers, counted from a pixel's middle."""
    return np.asarray(((points - 0.5) * (1 << SUBPIXEL_BITS)).round(), dtype=np.int32)


def hull(points: Floats) -> Floats:
    """Return the convex hull (N, 2) of points."""
    return np.asarray(cv2.convexHull(points.astype(np.float32)).reshape(-1, 2), dtype=np.float64)


def owners(outlines: Sequence[Floats], size: tuple[int, int]) -> Owners:
    """Return whose outline each pixel (H, W) shows, counted from 1, when each is laid over those before it."""
    width, height = size
    owner = np.zeros((height, width), np.int16)
    for number, outline in enumerate(outlines, start=1):
        if len(outline) >= 3:
            cv2.fillConvexPoly(owner, subpixels(outline), number, cv2.LINE_8, SUBPIXEL_BITS)
    return owner


def visible(owner: Owners, number: int, outline: Floats) -> Silhouette | None:
    """Return the silhouette of the outline whose visible pixels carry `number`; None when there are none."""
    if len(outline) < 3:
        return None
    height, width = owner.shape
    (left, top), (right, bottom) = outline.min(axis=0).tolist(), outline.max(axis=0).tolist()
    x1, y1, x2, y2 = max(int(left), 0), max(int(top), 0), min(int(right) + 2, width), min(int(bottom) + 2, height)
    if x1 >= x2 or y1 >= y2:
        return None
    mine = owner[y1:y2, x1:x2] == number
    columns, rows = np.flatnonzero(mine.any(axis=0)), np.flatnonzero(mine.any(axis=1))
    if len(columns) == 0:
        return None
    extent = (
        max(_edge(left, x1 + int(columns[0]), -1), 0.0),
        max(_edge(top, y1 + int(rows[0]), -1), 0.0),
        min(_edge(right, x1 + int(columns[-1]) + 1, 1), float(width)),
        min(_edge(bottom, y1 + int(rows[-1]) + 1, 1), float(height)),
    )
    points = outline.astype(np.float32)
    whole = max(cv2.contourArea(points), 1.0)
    within = whole
    if left < 0 or top < 0 or right > width or bottom > height:
        frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        within = max(cv2.intersectConvexConvex(points, frame)[0], 1.0)
    return Silhouette(extent, min(int(np.count_nonzero(mine)) / within, 1.0), within / max(whole, within))


def _edge(own: float, seen: int, outwards: int) -> float:
    """Return one edge of the visible part: the outline's own where that shows, else where the cover begins."""
    return own + outwards * EDGE if abs(own - seen) < 1.5 else float(seen)
