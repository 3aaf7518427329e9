"""Rulers that the depth of water is read from: a strip of the picture, and how many centimetres its marks stand for.

A ruler is a painted board, a pole, a kerb or a step: whatever stands upright in the water and can be measured once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ioc.types import Box, Point

CLASSES: Mapping[str, float] = {"wet": 1.0, "ankle": 5.0, "kerb": 15.0, "axle": 25.0, "impassable": 50.0}
"""From how many centimetres on water is called what; below the first it is dry."""
DRY = "dry"


@dataclass(frozen=True)
class Ruler:
    """One ruler in a camera's picture; places are in frame fractions.

    `marks` are (part of the way from `foot` to `top`, centimetres of water), both rising. `dry` is how bright the strip
    is from foot to top while it is dry, as calibration saw it; empty when nobody did.
    """

    name: str
    foot: Point
    top: Point
    width: float = 0.02
    """Of the frame's width."""
    marks: Sequence[tuple[float, float]] = ((0.0, 0.0), (1.0, 100.0))
    classes: Mapping[str, float] = field(default_factory=lambda: CLASSES)
    dry: Sequence[float] = ()

    def depth(self, part: float) -> float:
        """Return the centimetres of water that reaches so far from foot to top."""
        parts, depths = zip(*self.marks, strict=True)
        return float(np.interp(part, parts, depths))

    @property
    def box(self) -> Box:
        """The upright box around the strip."""
        xs, ys = (self.foot.x, self.top.x), (self.foot.y, self.top.y)
        half = self.width / 2
        return Box(max(min(xs) - half, 0.0), max(min(ys), 0.0), min(max(xs) + half, 1.0), min(max(ys), 1.0))
