"""Rain: streaks in the air, and what they take from the view."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from ioc.types import Image
from streams.scene_effects import Canvas
from streams.scene_seen import Seen

SPARE = 96
"""Pixels by which the drawing of the streaks is larger than the picture, of which each picture takes another part."""


@dataclass(frozen=True)
class Rain:
    """Rain from `start` until `end`, in seconds: `heavy` 0 to 1, `slant` in radians from upright."""

    heavy: float = 0.6
    start: float = -math.inf
    end: float = math.inf
    slant: float = 0.12
    seed: int = 1

    def paint(self, canvas: Canvas) -> Iterable[Seen]:
        """Lay the streaks of this moment over the picture."""
        if self.start <= canvas.seconds < self.end:
            step = round(canvas.seconds * 1000)
            dx, dy = (step * 7919 + self.seed) % SPARE, (step * 104729 + self.seed) % SPARE
            height, width = canvas.image.shape[:2]
            bright = 0.3 + 0.7 * min(canvas.light.skylight + canvas.light.sunshine, 1.0)
            streaks = _streaks(width, height, self, round(bright, 1))
            cv2.add(canvas.image, streaks[dy : dy + height, dx : dx + width], dst=canvas.image)
        return ()


@lru_cache(8)
def _streaks(width: int, height: int, rain: Rain, bright: float) -> Image:
    """Return streaks on black, somewhat larger than the picture: faint ones far away, few bright ones near."""
    rng = np.random.default_rng([rain.seed, 71])
    drawn = np.zeros((height + SPARE, width + SPARE), np.uint8)
    count = round(rain.heavy * width * height / 330)
    for _ in range(count):
        near = float(rng.random() ** 3)
        long = (0.02 + 0.09 * near) * height
        x, y = float(rng.uniform(0, width + SPARE)), float(rng.uniform(-long, height + SPARE))
        lean = rain.slant + float(rng.normal(0, 0.02))
        end = (round((x + long * math.sin(lean)) * 16), round((y + long * math.cos(lean)) * 16))
        level = int((rng.uniform(14, 40) + 34 * near) * bright)
        cv2.line(drawn, (round(x * 16), round(y * 16)), end, level, 1 + (near > 0.7), cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(drawn, (3, 3), 0.6)
    return np.asarray(cv2.cvtColor(soft, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
