"""Water that rises and falls over a street or in a river, with rulers that tell its depth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from ioc.types import Image
from streams.drawing import Colour, Light, Mesh, Posed, View
from streams.scene_backdrop import Plane, fresnel, mirrored, surface_heights
from streams.scene_places import Place
from streams.scene_seen import Measure
from streams.scene_solids import Solid
from streams.scene_texture import cloud

RIPPLES = 30.0
"""Cells of the ripples' texture in a metre."""
COARSE = 2
"""Pixels of the picture for one of the ripples' own."""
HEADWAY = 0.35
"""Metres a second at which ripples run."""
STEP = 0.005
"""Metres from one drawn level to the next."""
BAND = 0.1
"""Metres from mark to mark of a ruler."""
HALF_WIDTH = 0.16
"""Metres from the middle of a ruler to its edge."""


@dataclass(frozen=True)
class Ruler:
    """A board with a mark every 10 cm, upright at a place, that faces down the street.

    Its nought lies `zero` metres above the street, below it in a river.
    """

    x: float
    y: float
    zero: float = 0.0
    height: float = 1.5
    name: str = "ruler"

    @cached_property
    def posed(self) -> Posed:
        """The board, to be drawn with the solids."""
        return Posed(_board(self.height), self.x, self.y, -np.pi / 2, self.zero)


@dataclass(frozen=True)
class Water:
    """Water whose surface lies at `levels`, (seconds, metres above the gutter) in rising order, straight in between.

    `murk` is its own blue, green and red at noon, `ripple` how strong its ripples are in levels of brightness.
    """

    levels: tuple[tuple[float, float], ...]
    rulers: tuple[Ruler, ...] = ()
    murk: Colour = (95.0, 138.0, 170.0)
    ripple: float = 9.0

    def level(self, seconds: float) -> float:
        """Return how high the surface lies at that time, in metres above the gutter."""
        times, heights = zip(*self.levels, strict=True)
        return float(np.interp(seconds, times, heights))

    def measures(self, seconds: float) -> tuple[Measure, ...]:
        """Return the depth of water at each ruler, in metres above its nought."""
        level = self.level(seconds)
        return tuple(Measure("water_level", round(max(level - r.zero, 0.0), 4), r.name) for r in self.rulers)


class Surface:
    """The water of one scene in one light: what it looks like from the camera, and which pixels it covers."""

    def __init__(self, water: Water, place: Place, view: View, light: Light, seed: int) -> None:
        self._water = water
        self._heights = surface_heights(place, view, light, seed)
        mirror = fresnel(view)
        rays = view.rays(*view.size)
        reach = np.clip(view.position[2] / np.maximum(-rays[..., 2], 1e-3), 0, 400)
        ground = rays[..., :2] * reach[..., None] + np.asarray(view.position[:2])
        clear = np.exp(-reach / light.haze_distance)[..., None]
        bright = light.skylight * 0.85 + light.sunshine * 0.4
        murk = np.asarray(water.murk) * bright * np.asarray(light.tint) * clear + np.asarray(light.haze) * (1 - clear)
        shown = murk * (1 - mirror[..., None]) + mirrored(place, view, light, seed) * mirror[..., None]
        self._shown = np.clip(shown, 0, 255).astype(np.uint8)
        places = ground[::COARSE, ::COARSE] * RIPPLES
        self._columns, self._rows = places[..., 0].astype(np.float32), (places[..., 1] * 0.55).astype(np.float32)
        fading = np.clip(1.1 - reach[::COARSE, ::COARSE] / 60, 0.2, 1) * min(bright + 0.25, 1)
        self._strength = (water.ripple * fading).astype(np.float32)
        swell = cloud(np.random.default_rng([seed, 61]), 256, 6)
        self._ripples = np.asarray(swell - cv2.blur(swell, (21, 21)) * 0.85, dtype=np.float32)
        self._covered = (-np.inf, np.zeros_like(self._heights), np.ones_like(self._heights))

    def cover(self, image: Image, seconds: float) -> Image:
        """Return the empty place under the water of that time."""
        opaque, clear = self._opaque(round(self._water.level(seconds) / STEP) * STEP)
        if not opaque.any():
            return image
        flooded = cv2.blendLinear(image, self._shown, clear, opaque)
        away = seconds * HEADWAY * RIPPLES
        waves = (self._wave(away, away * 0.6) + self._wave(90 - away * 0.8, away)) * self._strength
        waves *= opaque[::COARSE, ::COARSE]
        fine = cv2.resize(waves, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_LINEAR).astype(np.int16)
        return np.asarray(cv2.add(flooded, cv2.merge([fine, fine, fine]), dtype=cv2.CV_8U), dtype=np.uint8)

    def _wave(self, right: float, on: float) -> Plane:
        """Return ripples (H, W) that have run so many cells to the right and on."""
        size = self._ripples.shape[0]
        columns, rows = self._columns + np.float32(right % size), self._rows + np.float32(on % size)
        wave = cv2.remap(self._ripples, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        return np.asarray(wave, dtype=np.float32)

    def _opaque(self, level: float) -> tuple[Plane, Plane]:
        """Return how much (H, W) of each pixel the water hides and shows: shallow water lets the street through."""
        if self._covered[0] != level:
            deep = level - self._heights
            opaque = np.clip(deep / 0.015, 0, 1) * (0.45 + 0.53 * np.clip(deep / 0.18, 0, 1))
            self._covered = (level, opaque, 1 - opaque)
        return self._covered[1], self._covered[2]


def _board(height: float) -> Mesh:
    solid = Solid()
    solid.box((-0.05, -HALF_WIDTH, 0.0), (0.0, HALF_WIDTH, height), (228, 232, 234))
    for k in range(round(height / BAND)):
        low, ink = k * BAND, (40, 40, 190) if k // 5 % 2 else (30, 30, 30)
        left, right = (-0.15, 0.02) if k % 2 else (-0.02, 0.15)
        face = [(0.004, left, low), (0.004, right, low), (0.004, right, low + BAND), (0.004, left, low + BAND)]
        solid.quad(face, ink, layer=1)
    return solid.build()
