"""What of each solid stays visible once those nearer to the camera are drawn over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from streams.drawing import Floats

SUBPIXEL_BITS = 4
SUBPIXELS = 1 << SUBPIXEL_BITS
"""OpenCV takes corners in whole fractions of a pixel."""


@dataclass(frozen=True, slots=True)
class Silhouette:
    """Where a solid shows: `extent` is (x1, y1, x2, y2) in pixels of what can be seen of it.

    `inside` is the part of its outline that lies within the picture, `visible` the part of that which nothing
    nearer covers, each 0 to 1.
    """

    extent: tuple[float, float, float, float]
    visible: float
    inside: float


def silhouettes(outlines: Sequence[tuple[int, Floats]], size: tuple[int, int]) -> list[tuple[int, Silhouette]]:
    """Return what stays visible of each outline when those after it are laid over it."""
    width, height = size
    owner = np.zeros((height, width), np.uint8 if len(outlines) < 256 else np.int16)
    for number, (_, outline) in enumerate(outlines, start=1):
        if len(outline) >= 3:
            points = (outline * SUBPIXELS).round().astype(np.int32)
            cv2.fillConvexPoly(owner, points, number, cv2.LINE_8, SUBPIXEL_BITS)
    found = []
    for number, (k, outline) in enumerate(outlines, start=1):
        silhouette = _visible(owner, number, outline) if len(outline) >= 3 else None
        if silhouette is not None:
            found.append((k, silhouette))
    return found


def _visible(owner: npt.NDArray[np.generic], number: int, outline: Floats) -> Silhouette | None:
    """Return the silhouette of the outline whose visible pixels carry `number`; None when there are none."""
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
        max(left, float(x1 + columns[0])),
        max(top, float(y1 + rows[0])),
        min(right, float(x1 + columns[-1] + 1)),
        min(bottom, float(y1 + rows[-1] + 1)),
    )
    if extent[0] >= extent[2] or extent[1] >= extent[3]:
        return None
    points = outline.astype(np.float32)
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    within = max(cv2.intersectConvexConvex(points, frame)[0], 1.0)
    return Silhouette(
        extent, min(int(np.count_nonzero(mine)) / within, 1.0), within / max(cv2.contourArea(points), within)
    )
