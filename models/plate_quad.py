"""The corners of a plate that is turned or seen from aside, and the plate cut out of them straight.

A detector gives an upright box. Which way the lines run in there shows when brightness steps are summed along every
direction: the edges of characters and of the plate's rim fall together into one row, or one column, where the
direction is theirs (the projections by which the skew of scanned pages is found; Postl, 1986). Both directions and the
box make a parallelogram.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ioc.types import Box, Image

Floats = npt.NDArray[np.float32]

STEEPEST = 36
"""Degrees; a plate that is turned further is not read."""
STEP = 3
"""Degrees between the directions that are tried."""
HEIGHT = 48
"""A crop is looked at with so many pixels of height ..."""
WIDTHS = (16, 144)
"""... and within these bounds of width."""
CLEARER = 1.25
"""How many times as clear as upright another direction must be to be believed."""
THINNEST = 0.2
"""A parallelogram thinner than this part of its box's shorter side is no plate."""


@dataclass(frozen=True, slots=True)
class Quad:
    """How a plate lies in its upright box; in degrees, clockwise in the picture is positive."""

    tilt: float = 0.0
    """Of its lines against the horizon."""
    slant: float = 0.0
    """Of its upright strokes against the vertical."""

    def size(self, width: float, height: float) -> tuple[float, float]:
        """Return the plate's own width and height in a box of that size, in pixels."""
        across, down = self._sides(width, height)
        return float(np.hypot(*across)), float(np.hypot(*down))

    def corners(self, width: float, height: float) -> Floats:
        """Return the corners (4, 2), from the plate's upper left clockwise, in a box of that size in pixels."""
        across, down = self._sides(width, height) / 2
        middle = np.array((width, height)) / 2
        corners = (middle - across - down, middle + across - down, middle + across + down, middle - across + down)
        return np.array(corners, np.float32)

    def _sides(self, width: float, height: float) -> npt.NDArray[np.float64]:
        """Return the upper and the left side (2, 2) of the parallelogram that fills the box, or the box's own."""
        tilt, slant = math.radians(self.tilt), math.radians(self.slant)
        sides = np.array(((math.cos(tilt), math.sin(tilt)), (-math.sin(slant), math.cos(slant))))
        box = np.array((width, height))
        lengths = np.linalg.solve(np.abs(sides).T, box)
        return sides * lengths[:, None] if lengths.min() >= THINNEST * box.min() else np.diag(box)


def quad_of(crop: Image) -> Quad:
    """Return how the plate lies that fills a crop, (H, W, 3) uint8 BGR."""
    height, width = crop.shape[:2]
    wide = min(max(round(width / height * HEIGHT), WIDTHS[0]), WIDTHS[1])
    grey = cv2.cvtColor(cv2.resize(crop, (wide, HEIGHT), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    # What is looked at may be squeezed: a step to the side is then another part of a step down.
    squeezed = (HEIGHT / height) / (wide / width)
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return Quad(
        tilt=_direction(np.asarray(down, np.float32), squeezed),
        slant=-_direction(np.ascontiguousarray(across.T, np.float32), 1 / squeezed),
    )


def _direction(steps: Floats, squeezed: float) -> float:
    """Return the direction along which the steps sum up most clearly, 0 where no other is much clearer."""
    angles = sorted(range(-STEEPEST, STEEPEST + 1, STEP), key=abs)
    clear = {angle: _clarity(steps, math.tan(math.radians(angle)) * squeezed) for angle in angles}
    best = max(angles, key=clear.__getitem__)
    return float(best) if clear[best] > CLEARER * clear[0] else 0.0


def _clarity(steps: Floats, slope: float) -> float:
    """Return how unevenly the steps' sums along lines of that slope are spread: most where they are edges' own."""
    height, width = steps.shape
    shear = np.array(((1, 0, 0), (slope, 1, -slope * (width - 1) / 2)), np.float32)
    level = cv2.warpAffine(steps, shear, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return float(np.square(level.sum(axis=1, dtype=np.float64)).sum())


def straightened(image: Image, box: Box, quad: Quad, margin: float = 0.0) -> Image:
    """Return the plate that lies so in the box, made upright, with that part of its size more on every side.

    Beyond the frame its edge is repeated.
    """
    height, width = image.shape[:2]
    across, down = box.width * width, box.height * height
    corners = quad.corners(across, down)
    middle = corners.mean(axis=0)
    corners = middle + (corners - middle) * np.float32(1 + 2 * margin)
    corners += np.array((box.x1 * width - 0.5, box.y1 * height - 0.5), np.float32)
    wide, high = (max(round(side * (1 + 2 * margin)), 1) for side in quad.size(across, down))
    upright = np.array(((0, 0), (wide, 0), (0, high)), np.float32) - np.float32(0.5)
    turn = cv2.getAffineTransform(corners[[0, 1, 3]], upright)
    flat = cv2.warpAffine(image, turn, (wide, high), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(flat, np.uint8)
