"""One picture made small: what tells of a camera's health in it, and how it agrees with another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from ioc.types import Image

Floats = npt.NDArray[np.float32]

LONG_SIDE = 320
"""About so many pixels wide is the small picture that is measured: so that a whole number of pixels becomes one."""
BLOCK, TONE, EDGE = 16, 8, 2
"""So many of its pixels, across and down, make a block in which detail is measured, one in which brightness is, and one
pixel at which edges are compared: whole numbers, so that it costs little."""
AROUND = (15, 15)
"""An edge is weighed against those in a part of that size around it, so that contrast does not decide ..."""
FAINT = 4.0
"""... and neither does what is fainter than this, in grey levels a pixel."""
MARGIN = 8
"""An eighth of the picture at the top and at the bottom may hold a clock that runs on: it says nothing of movement."""
STEP = 3
"""Every third pixel, across and down, is compared with the last picture's."""
REPEATED = 2
"""Grey levels by which a pixel may differ and still be the same."""


@dataclass(frozen=True, slots=True, eq=False)
class HealthPicture:
    """What is measured of one picture.

    `points` are single pixels (green) without the margins; `tones` the brightness of blocks; `fine` and `coarse` the
    detail of blocks at full and at half size, in grey levels a pixel; `edges` how much each place stands out from what
    is around it, 0 to 1; `colour` how far colours lie from the picture's mean tint, in grey levels: a grey picture has
    one, too, once it has been encoded.
    """

    points: Image
    tones: Floats
    fine: Floats
    coarse: Floats
    edges: Floats
    colour: float

    @classmethod
    def of(cls, image: Image) -> HealthPicture:
        """Measure a picture, (H, W, 3) uint8."""
        factor = max(round(image.shape[1] / LONG_SIDE), 1)
        height, width = (max(side // factor // BLOCK, 1) * BLOCK for side in image.shape[:2])
        small = cv2.resize(image[: height * factor, : width * factor], (width, height), interpolation=cv2.INTER_AREA)
        grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
        fine = cv2.convertScaleAbs(cv2.Laplacian(grey, cv2.CV_16S)).astype(np.float32)
        half = _blocks(grey, EDGE)
        slope = cv2.magnitude(cv2.Sobel(half, cv2.CV_32F, 1, 0), cv2.Sobel(half, cv2.CV_32F, 0, 1)) / 8
        blue, green, red = cv2.split(small[::TONE, ::TONE].astype(np.float32))
        cut = image.shape[0] // MARGIN
        return cls(
            points=image[cut : image.shape[0] - cut : STEP, ::STEP, 1].copy(),
            tones=_blocks(grey, TONE).astype(np.float32),
            fine=_blocks(fine, BLOCK),
            coarse=_blocks(slope, BLOCK // EDGE),
            edges=np.asarray(slope / (slope + cv2.blur(slope, AROUND) + FAINT), np.float32),
            colour=_spread(blue - green) + _spread(red - green),
        )

    def changed(self, before: HealthPicture) -> float:
        """Return which part of the picture differs from the one before, without the margins."""
        if self.points.shape != before.points.shape:
            return 1.0
        return float((cv2.absdiff(self.points, before.points) > REPEATED).mean())

    def motion(self, before: HealthPicture) -> float:
        """Return by how much, in grey levels, the block changed that changed most, without the margins."""
        rows = len(self.tones)
        cut = min(-(-rows // MARGIN), (rows - 1) // 2)
        return float(np.abs(self.tones - before.tones)[cut : rows - cut].max())


def _spread(values: cv2.typing.MatLike) -> float:
    return float(np.abs(values - values.mean()).mean())


def _blocks(picture: cv2.typing.MatLike, side: int) -> Floats:
    """Return the mean of each block of so many pixels, of the same type."""
    height, width = picture.shape[0] // side, picture.shape[1] // side
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA))


@cache
def _window(width: int, height: int) -> Floats:
    return np.asarray(cv2.createHanningWindow((width, height), cv2.CV_32F), np.float32)


def agreement(a: Floats, b: Floats) -> float:
    """Return how well two fields of one shape agree, from -1 to 1: their normalised cross-correlation."""
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + 1e-6))


def displacement(usual: Floats, edges: Floats) -> tuple[float, float, float]:
    """Return by how much edges have moved, in parts of the width and height, and how well they agree when moved back.

    By phase correlation (Kuglin and Hines 1975), as OpenCV does it; it writes into what it is given.
    """
    height, width = edges.shape
    (x, y), _ = cv2.phaseCorrelate(usual.copy(), edges.copy(), _window(width, height))
    across, down = round(x), round(y)
    if abs(across) > width // 2 or abs(down) > height // 2:
        return 0.0, 0.0, 0.0
    moved = edges[max(down, 0) : height + min(down, 0), max(across, 0) : width + min(across, 0)]
    there = usual[max(-down, 0) : height + min(-down, 0), max(-across, 0) : width + min(-across, 0)]
    return x / width, y / height, agreement(moved, there)
