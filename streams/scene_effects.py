"""What fills the air before a simulated camera, such as fire, smoke and rain: the hook that a scene paints them by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ioc.types import Box, Detection, Image
from streams.drawing import Light, View
from streams.scene_painter import Painted
from streams.scene_seen import Seen


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """A picture whose solids are drawn, `seconds` after the scene began; effects paint into `image`."""

    image: Image
    view: View
    light: Light
    seconds: float
    painted: Painted

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


class Effect(Protocol):
    """Paints onto the finished solids, before the sensor's noise; a pure function of the canvas's time."""

    def paint(self, canvas: Canvas) -> Iterable[Seen]:
        """Paint into the canvas's image and return what can be seen of it: a label, its box and a stable name."""
        ...
