"""How much the parts of a picture change from one moment to the next: flames and smoke never hold still."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import cv2
import numpy as np
import numpy.typing as npt

from ioc.types import Box, Image
from models.still_ground import Floats, Mask, difference, small

CELL = 8
"""Pixels of the small picture, across and down, that are one cell."""
SECONDS = 1.0
"""Over about so long the change is averaged."""
GAP = 3.0
"""Seconds between two pictures beyond which they say nothing of each other."""


class Liveliness:
    """One camera's run: how many grey levels each cell of the picture changes by between two looks, on the mean."""

    def __init__(self, at: datetime, image: Image) -> None:
        self.picture = small(image)
        """The last picture, (h, w, 3), small."""
        self._at = at
        height, width = self.picture.shape[:2]
        self._shape = (max(height // CELL, 1), max(width // CELL, 1))
        self._sum: Floats = np.zeros(self._shape, np.float32)
        self._weight = 0.0

    def take(self, at: datetime, image: Image) -> None:
        """Take the next picture."""
        picture = small(image)
        step = (at - self._at).total_seconds()
        if step <= GAP:
            rows, columns = self._shape
            change = cv2.resize(difference(picture, self.picture), (columns, rows), interpolation=cv2.INTER_AREA)
            kept = float(np.exp(-step / SECONDS))
            self._sum = np.float32(kept) * self._sum + np.float32(1 - kept) * change
            self._weight = kept * self._weight + 1 - kept
        self.picture, self._at = picture, at

    @property
    def cells(self) -> Floats:
        """The change of each cell, (rows, columns); nothing before the second picture."""
        return self._sum / np.float32(self._weight or 1.0)

    @property
    def usual(self) -> float:
        """The mean over the whole picture."""
        return float(self.cells.mean())

    def within(self, box: Box) -> float:
        """Return the mean over the cells that a box, in frame fractions, touches."""
        rows, columns = self._shape
        top, left = int(box.y1 * rows), int(box.x1 * columns)
        bottom, right = max(int(np.ceil(box.y2 * rows)), top + 1), max(int(np.ceil(box.x2 * columns)), left + 1)
        return float(self.cells[top:bottom, left:right].mean())

    def share_of(self, pixels: Mask) -> Floats:
        """Return which part of each cell a mask of the small picture, (h, w), holds, (rows, columns)."""
        rows, columns = self._shape
        return np.asarray(
            cv2.resize(pixels.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA), np.float32
        )

    def lively_parts(self, least: float, among: Mask) -> list[Box]:
        """Return the connected parts that change by so much, in frame fractions, most change first.

        Only cells that the mask `among`, (rows, columns), holds are looked at.
        """
        rows, columns = self._shape
        cells = self.cells
        lively = ((cells >= least) & among).astype(np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(lively, connectivity=8)
        sums = np.bincount(labels.ravel(), weights=cells.ravel(), minlength=count)
        order: Sequence[int] = sorted(range(1, count), key=lambda n: -float(sums[n]))
        return [_box(stats[n], rows, columns) for n in order]


def _box(stats: npt.NDArray[np.int32], rows: int, columns: int) -> Box:
    left, top, wide, high = (int(number) for number in stats[:4])
    return Box(left / columns, top / rows, (left + wide) / columns, (top + high) / rows)
