"""How many people a picture shows, by the heads of the `crowd` model and the people whom the detector finds.

Neither sees all: heads of a pixel or two are in no density, and where people hide each other most have no box. So those
who are found count as they are, and of the density what lies outside their heads counts on top; and where the density
alone says more, that is believed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ioc.geometry import stands_in
from ioc.types import Box, Point
from models.dense import DenseMap

FOUND = 0.25
"""Least score of a person who counts as found."""
HEAD, ABOVE = 0.2, 0.1
"""A found person's head is in the upper part of the box, and a little above it, in heights of the box."""
HEAT = (9, 16)
"""Rows and columns of a heat map."""


class HeadCount:
    """Counts the people of one picture: `density` is how many heads each cell holds, `people` who is found in it."""

    def __init__(self, density: DenseMap, people: Sequence[Box]) -> None:
        self._density, self._people = density, people
        self._hidden = replace(density, values=density.values.copy())
        """The heads of those who are not found."""
        for box in people:
            self._hidden.values[_head(density, box)] = 0

    def within(self, polygon: Sequence[Point] | None = None) -> float:
        """Return how many are in the polygon, in frame fractions, or in all.

        Whoever is found stands where the feet are; the others are where their heads are.
        """
        cover = self._density.cover(polygon)
        heads, hidden = (float((one.values * cover).sum()) for one in (self._density, self._hidden))
        return max(heads, hidden + sum(stands_in(polygon, box) for box in self._people))

    def heat(self) -> list[list[float]]:
        """Return where they are, head by head: how many each of HEAT parts of the picture holds, to a tenth."""
        cover = self._density.cover()
        heads, hidden = self._density.values * cover, self._hidden.values * cover
        dense = heads.sum() >= hidden.sum() + len(self._people)
        seen, people = (heads, ()) if dense else (hidden, self._people)
        rows, columns = seen.shape
        heat = np.zeros(HEAT)
        down = (np.arange(rows) + 0.5) / self._density.rows_seen * HEAT[0]
        across = (np.arange(columns) + 0.5) / self._density.columns_seen * HEAT[1]
        place = np.ix_(down.astype(int).clip(0, HEAT[0] - 1), across.astype(int).clip(0, HEAT[1] - 1))
        np.add.at(heat, place, seen)
        for box in people:
            heat[int(box.y1 * HEAT[0]), min(int(box.centre.x * HEAT[1]), HEAT[1] - 1)] += 1
        return [[round(cell, 1) for cell in row] for row in heat.tolist()]


def _head(density: DenseMap, box: Box) -> tuple[slice, slice]:
    """Return the cells that a found person's head touches."""
    top, bottom = (max(box.y1 + part * box.height, 0.0) * density.rows_seen for part in (-ABOVE, HEAD))
    left, right = (edge * density.columns_seen for edge in (box.x1, box.x2))
    return slice(math.floor(top), math.ceil(bottom)), slice(math.floor(left), math.ceil(right))
