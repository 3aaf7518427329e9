"""Smoke: puffs that rise, drift, spread and thin out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from streams.drawing import Colour, Floats
from streams.scene_effects import Canvas
from streams.scene_fire import AT_ONCE, Plane, extent
from streams.scene_seen import Seen
from streams.scene_stage import NEAREST
from streams.scene_texture import cloud

COARSE = 4
"""Pixels of the picture for one of the smoke's own."""
PUFF = 64
"""Pixels across the drawing of a puff."""
KINDS = 8
"""Drawings of puffs."""
SLOPE = np.repeat(np.array([[-1], [-1], [0], [1], [1]], np.float32) / 6, 3, axis=1)
"""What tells the upper side of a puff, which is lit, from the lower one."""


@dataclass(frozen=True)
class Smoke:
    """Smoke from a place on the ground, `z` metres above it.

    It begins at `start` seconds, takes `growth` seconds to reach full strength and stops to come out at `end`.
    `wind` is its drift in metres a second along X and Y, `rise` how fast it climbs, `life` how long a puff can be
    seen; a puff is `radius` metres large when it comes out and grows by `spread` a second. `thick` is how much of what
    is behind a young puff it hides, `colour` its blue, green and red in full daylight.
    """

    x: float
    y: float
    start: float
    growth: float = 25.0
    end: float = math.inf
    z: float = 0.3
    wind: tuple[float, float] = (0.5, 0.1)
    rise: float = 1.3
    life: float = 9.0
    radius: float = 0.4
    spread: float = 0.38
    thick: float = 1.7
    rate: float = 8.0
    colour: Colour = (150.0, 152.0, 156.0)
    seed: int = 1
    name: str = "smoke"

    def paint(self, canvas: Canvas) -> Iterable[Seen]:
        """Paint the puffs that are in the air; tell where they can be seen."""
        puffs = self._puffs(canvas.seconds)
        pixels, depth = canvas.view.project(puffs[:, :3])
        before = depth > NEAREST
        puffs, pixels, depth = puffs[before], pixels[before], depth[before]
        size = puffs[:, 3] * canvas.view.focal / depth / COARSE
        density = self._density(canvas, pixels / COARSE, size, puffs)
        opaque = 1 - np.exp(-density)
        where = extent(opaque > 0.02, 0, 0)
        if where is None:
            return ()
        x1, y1, x2, y2 = (int(v) for v in where)
        thin = np.sqrt(cv2.GaussianBlur(density, (0, 0), 1.3, borderType=cv2.BORDER_REPLICATE))
        rising = cv2.filter2D(thin, -1, SLOPE, borderType=cv2.BORDER_REPLICATE)
        relief = 0.94 + 0.24 * np.tanh(2.2 * rising)
        shown = self._veil(canvas, opaque[y1:y2, x1:x2], relief[y1:y2, x1:x2], (x1 * COARSE, y1 * COARSE))
        return () if shown is None else canvas.seen("smoke", self.name, shown)

    def _puffs(self, seconds: float) -> Floats:
        """Return the puffs in the air (N, 6): x, y, z, radius, how thick, which drawing."""
        first = max(math.ceil((seconds - self.life - self.start) * self.rate), 0)
        last = math.floor((min(seconds, self.end) - self.start) * self.rate)
        number = np.arange(first, last + 1)
        born = self.start + number / self.rate
        age = seconds - born
        chance = self._chances[number % len(self._chances)]
        ease = np.clip((born - self.start) / max(self.growth, AT_ONCE), 0, 1)
        strength = 0.25 + 0.75 * ease
        reach = age * (0.85 + 0.3 * chance[:, 0])
        eddy = 0.22 * age**0.8 * np.sin(chance[:, 3] * 6.28 + age * 0.9)
        thick = self.thick * strength * np.clip(age / 0.5, 0, 1) * np.clip(1 - age / self.life, 0, 1) ** 1.4
        return np.stack(
            [
                self.x + self.wind[0] * reach + eddy + (chance[:, 1] - 0.5) * self.radius,
                self.y + self.wind[1] * reach + (chance[:, 2] - 0.5) * self.radius,
                self.z + self.rise * (0.7 + 0.3 * ease) * reach**0.92,
                (self.radius + self.spread * age) * (0.55 + 0.45 * strength),
                thick,
                number % KINDS,
            ],
            axis=1,
        )

    def _density(self, canvas: Canvas, pixels: Floats, size: Floats, puffs: Floats) -> Plane:
        """Return how thick the smoke is at each of its own pixels."""
        width, height = -(-canvas.view.size[0] // COARSE), -(-canvas.view.size[1] // COARSE)
        density = np.zeros((height, width), np.float32)
        for (x, y), radius, puff in zip(pixels.tolist(), size.tolist(), puffs.tolist(), strict=True):
            across = max(round(radius * 2), 2)
            left, top = round(x - across / 2), round(y - across / 2)
            x1, y1, x2, y2 = max(left, 0), max(top, 0), min(left + across, width), min(top + across, height)
            if x1 < x2 and y1 < y2:
                drawing = cv2.resize(self._drawings[int(puff[5])], (across, across), interpolation=cv2.INTER_LINEAR)
                density[y1:y2, x1:x2] += drawing[y1 - top : y2 - top, x1 - left : x2 - left] * puff[4]
        return density

    def _veil(
        self, canvas: Canvas, opaque: Plane, relief: Plane, corner: tuple[int, int]
    ) -> tuple[float, float, float, float] | None:
        """Lay the smoke over the picture; return where it can be made out."""
        x, y = corner
        height, width = canvas.image.shape[:2]
        size = (min(opaque.shape[1] * COARSE, width - x), min(opaque.shape[0] * COARSE, height - y))
        veil = np.asarray(cv2.resize(opaque, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)
        veil[canvas.hidden(self.x, self.y)[y : y + size[1], x : x + size[0]]] *= 0.12
        light = canvas.light
        bright = min(light.skylight + 0.5 * light.sunshine, 1.1)
        tone = np.asarray(self.colour, np.float32) * bright * np.asarray(light.tint, np.float32)
        lit = np.asarray(cv2.resize(relief, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)
        shade = np.minimum(lit[..., None] * tone, 250)
        canvas.veils.append(((x, y), veil))
        patch = canvas.image[y : y + size[1], x : x + size[0]]
        patch[:] = (patch + (shade - patch) * veil[..., None]).astype(np.uint8)
        return extent(veil > 0.16, x, y)

    @cached_property
    def _chances(self) -> Floats:
        return np.random.default_rng([self.seed, 17]).random((64, 4))

    @cached_property
    def _drawings(self) -> npt.NDArray[np.float32]:
        """Return soft, uneven discs (KINDS, PUFF, PUFF)."""
        rng = np.random.default_rng([self.seed, 53])
        line = np.linspace(-1, 1, PUFF, dtype=np.float32)
        round_ = np.clip(1 - np.hypot(line[:, None], line[None, :]), 0, 1)
        billows = [cv2.resize(cloud(rng, 32, 3), (PUFF, PUFF), interpolation=cv2.INTER_CUBIC) for _ in range(KINDS)]
        return np.stack([np.clip(1.4 * round_ * (1.0 + 0.45 * b) - 0.08, 0, 1.2) for b in billows]).astype(np.float32)
