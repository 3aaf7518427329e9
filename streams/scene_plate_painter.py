"""Draws plates onto the vehicles of a picture, in perspective and in the vehicle's light, and says where they stand."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ioc.types import Image, Point
from streams.drawing import Floats
from streams.scene_plates import Blank, Plate, plate_drawing
from streams.scene_seen import SeenPlate
from streams.scene_silhouettes import SUBPIXEL_BITS, Owners, subpixels

LEAST = 3.0
"""Pixels of height from which a plate's text is drawn and told of."""
PROBES = np.array([(0.04, 0.1), (0.96, 0.1), (0.5, 0.5), (0.04, 0.9), (0.96, 0.9)])
"""Places on a plate, as parts of its width and height, none of which anything may hide."""


@dataclass(frozen=True, slots=True, eq=False)
class ShownPlate:
    """A plate that faces the camera: its corners (4, 2) in pixels from the upper left clockwise, its light.

    `gain` and `veil` (3,) are what its colours are multiplied by and what is then added: light, tint and haze.
    """

    plate: Plate
    blank: Blank
    corners: Floats
    gain: Floats
    veil: Floats

    @property
    def height(self) -> float:
        """The mean of both upright edges, in pixels."""
        upright = self.corners[[3, 2]] - self.corners[[0, 1]]
        return float(np.hypot(*upright.T).mean())

    def faces(self) -> bool:
        """Say whether the plate turns its front to the camera and is large enough to draw."""
        (x1, y1), (x2, y2) = self.corners[1] - self.corners[0], self.corners[3] - self.corners[0]
        return bool(x1 * y2 - y1 * x2 > 0 and self.height >= LEAST)

    def paint(self, image: Image) -> None:
        """Draw the plate into the image."""
        low = np.floor(self.corners.min(axis=0)).astype(int) - 1
        high = np.ceil(self.corners.max(axis=0)).astype(int) + 2
        (left, top), (right, bottom) = np.maximum(low, 0), np.minimum(high, (image.shape[1], image.shape[0]))
        if left >= right or top >= bottom:
            return
        corners = self.corners - (left, top)
        across = float(np.hypot(*(corners[1] - corners[0])))
        drawing = plate_drawing(self.plate, self.blank, across)
        high, wide = drawing.shape[:2]
        flat = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], np.float32) - 0.5
        turn = cv2.getPerspectiveTransform(flat, (corners - 0.5).astype(np.float32))
        size = (int(right - left), int(bottom - top))
        seen = cv2.warpPerspective(drawing, turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        mask = np.zeros(seen.shape[:2], np.uint8)
        cv2.fillConvexPoly(mask, subpixels(corners), 255, cv2.LINE_AA, SUBPIXEL_BITS)
        part = mask[..., None] / 255
        patch = image[top:bottom, left:right]
        patch[:] = np.clip(patch * (1 - part) + (seen * self.gain + self.veil) * part, 0, 255).astype(np.uint8)

    def seen(self, owner: Owners, number: int) -> SeenPlate | None:
        """Return the plate as the truth tells it; None when something hides it or it is not whole in the picture."""
        height, width = owner.shape
        a, b, c, d = self.corners
        u, v = PROBES[:, :1], PROBES[:, 1:]
        probes = np.floor((a * (1 - u) + b * u) * (1 - v) + (d * (1 - u) + c * u) * v).astype(int)
        if (probes < 0).any() or (probes >= (width, height)).any():
            return None
        if (owner[probes[:, 1], probes[:, 0]] != number).any():
            return None
        fractions: npt.NDArray[np.float64] = np.clip(self.corners / (width, height), 0, 1)
        first, second, third, fourth = (Point(float(x), float(y)) for x, y in fractions)
        texts = self.plate.texts(self.blank)
        return SeenPlate(texts, self.plate.colour, (first, second, third, fourth), self.height)
