"""A camera's ground in metres, from four places on it that somebody measured."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ioc.geometry import polygon_area
from ioc.types import Point

LEAST_AREA = 1e-4
"""Three places nearer to one line than this, as the area between them, say nothing of the ground."""


class Ground:
    """Flat ground: `picture` are four places on it in frame fractions, `metres` the same ones in that order.

    The plane projective transformation through four points (Hartley and Zisserman, Multiple View Geometry, 2nd edition,
    section 4.1). Raises ValueError when the places cannot belong together.
    """

    def __init__(self, picture: Sequence[Point], metres: Sequence[Point]) -> None:
        if len(picture) != 4 or len(metres) != 4:
            raise ValueError("expected four places")
        if min(_least_triangle(picture), _least_triangle(metres)) < LEAST_AREA:
            raise ValueError("expected four places of which no three lie on one line")
        rows = [row for seen, real in zip(picture, metres, strict=True) for row in _equations(seen, real)]
        self._matrix = np.linalg.svd(np.array(rows))[2][-1].reshape(3, 3)
        depths = self._projected(picture)[:, 2]
        if not (depths > 0).all() and not (depths < 0).all():
            raise ValueError("expected the four places in the same order in the picture and in metres")
        self._matrix *= np.sign(depths[0])

    def _projected(self, points: Sequence[Point]) -> npt.NDArray[np.float64]:
        return np.asarray(np.array([(point.x, point.y, 1.0) for point in points]) @ self._matrix.T)

    def area(self, polygon: Sequence[Point]) -> float | None:
        """Return the area of a polygon in m², None where it reaches up to the horizon or beyond."""
        projected = self._projected(polygon)
        if (projected[:, 2] <= 0).any():
            return None
        return polygon_area([Point(x / w, y / w) for x, y, w in projected.tolist()])


def _equations(seen: Point, real: Point) -> tuple[list[float], list[float]]:
    """Return the factors of the matrix's nine figures in two sums that must be 0 for a pair of places."""
    x, y = seen.x, seen.y
    return (
        [x, y, 1, 0, 0, 0, -x * real.x, -y * real.x, -real.x],
        [0, 0, 0, x, y, 1, -x * real.y, -y * real.y, -real.y],
    )


def _least_triangle(points: Sequence[Point]) -> float:
    return min(polygon_area([*points[:n], *points[n + 1 :]]) for n in range(4))
