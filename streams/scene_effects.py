"""What fills the air before a simulated camera, such as fire, smoke and rain: the hook that a scene paints them by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ioc.types import Box, Detection, Image
from streams.drawing import Light, View
from streams.scene_painter import Painted
from streams.scene_seen import Seen

HIDES = 0.75
"""How much of something a veil hides, at least, when it can no longer be made out."""


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """A picture whose solids are drawn, `seconds` after the scene began; effects paint into `image`.

    What hides the solids behind it, such as smoke, adds a veil: its upper left pixel, and how much of each pixel (H, W)
    it hides, 0 to 1.
    """

    image: Image
    view: View
    light: Light
    seconds: float
    painted: Painted
    veils: list[tuple[tuple[int, int], npt.NDArray[np.float32]]] = field(default_factory=list)

    def hidden(self, x: float, y: float) -> npt.NDArray[np.bool_]:
        """Return which pixels (H, W) show a solid that stands nearer to the camera than a place on the ground."""
        eye = self.view.position
        return self.painted.nearer_than(float(np.hypot(x - eye[0], y - eye[1])))

    def seen(self, label: str, name: str, extent: tuple[float, float, float, float]) -> tuple[Seen, ...]:
        """Return what is seen within (x1, y1, x2, y2) pixels: nothing when that lies outside the picture."""
        width, height = self.view.size
        x1, y1, x2, y2 = extent
        box = Box.clipped(x1 / width, y1 / height, x2 / width, y2 / height)
        return () if box is None else (Seen(Detection(label, 1.0, box), name),)

    def veiled(self, seen: Seen) -> bool:
        """Say whether a veil hides it so far that nobody would make it out."""
        width, height = self.view.size
        box = seen.detection.box
        left, right, top, bottom = int(box.x1 * width), int(box.x2 * width), int(box.y1 * height), int(box.y2 * height)
        for (x, y), veil in self.veils:
            part = veil[max(top - y, 0) : max(bottom - y, 0), max(left - x, 0) : max(right - x, 0)]
            if part.sum() > HIDES * max((right - left) * (bottom - top), 1):
                return True
        return False


class Effect(Protocol):
    """Paints onto the finished solids, before the sensor's noise; a pure function of the canvas's time."""

    def paint(self, canvas: Canvas) -> Iterable[Seen]:
        """Paint into the canvas's image and return what can be seen of it: a label, its box and a stable name."""
        ...
