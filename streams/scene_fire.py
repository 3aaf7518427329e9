"""Fire that grows from an ember to a blaze, flickers, and lights up what is around it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from ioc.types import Image
from streams.scene_effects import Canvas
from streams.scene_seen import Seen
from streams.scene_texture import cloud

Plane = npt.NDArray[np.float32]
ROWS, COLUMNS = 72, 56
"""Cells of the flame's own picture."""
AT_ONCE = 0.01
"""Seconds of growth, at least: no growth at all is a blaze at once."""
HEATS = np.array([0.0, 0.16, 0.36, 0.62, 0.85, 1.0])
COLOURS = np.array(
    [(8, 12, 60), (14, 34, 170), (18, 92, 242), (50, 168, 255), (130, 228, 255), (216, 250, 255)], dtype=np.float64
)
"""Blue, green and red of a flame from its cool edge to its core."""


@dataclass(frozen=True)
class Fire:
    """A fire at a place on the ground, `z` metres above it; `width` and `height` in metres are those of the blaze.

    It begins at `start` seconds as an ember, takes `growth` seconds to become a blaze, and is out at `end`.
    """

    x: float
    y: float
    start: float
    growth: float = 40.0
    end: float = math.inf
    width: float = 1.6
    height: float = 2.2
    z: float = 0.0
    seed: int = 1
    name: str = "fire"

    def share(self, seconds: float) -> float:
        """Return how large the fire is, 0 for none to 1 for the blaze."""
        if not self.start <= seconds < self.end:
            return 0.0
        grown = min((seconds - self.start) / max(self.growth, AT_ONCE), 1.0)
        return float(0.12 + 0.88 * grown**1.3)

    def paint(self, canvas: Canvas) -> Iterable[Seen]:
        """Paint the glow on the surroundings, then the flame; tell where it can be seen."""
        share = self.share(canvas.seconds)
        foot, depth = canvas.view.project(np.array([[self.x, self.y, self.z]]))
        if share == 0 or depth[0] < 1.0:
            return ()
        scale = share * canvas.view.focal / float(depth[0])
        wide, high = max(round(self.width * scale * 1.3), 2), max(round(self.height * scale * 1.15), 3)
        x, y = float(foot[0, 0]), float(foot[0, 1])
        heat = cv2.resize(self._heat(canvas.seconds), (wide, high), interpolation=cv2.INTER_LINEAR)
        left, top = round(x - wide / 2), round(y - high * 0.96)
        hidden = canvas.hidden(self.x, self.y)
        self._glow(canvas, (x, y - high * 0.35), 2.2 * max(wide, high))
        shown = _blend(canvas.image, np.asarray(heat, dtype=np.float32), (left, top), hidden)
        return () if shown is None else canvas.seen("fire", self.name, shown)

    @cached_property
    def _noise(self) -> tuple[Plane, Plane]:
        rng = np.random.default_rng([self.seed, 31])
        return cloud(rng, 128, 4), cloud(rng, 128, 3)

    def _heat(self, seconds: float) -> Plane:
        """Return how hot (ROWS, COLUMNS) the flame is, 0 for clear air to 1 for the core, the top row first."""
        coarse, fine = self._noise
        v = np.linspace(1, 0, ROWS, dtype=np.float32)[:, None]
        u = np.linspace(-1, 1, COLUMNS, dtype=np.float32)[None, :]
        rising = seconds - self.start
        sway = _rows(coarse, v * 22 - rising * 34, 7) * 0.10 * v
        tongues = _rows(coarse, (u + sway) * 24 + 40, int(rising * 21)) * 0.12
        tongues += _rows(fine, (u + sway) * 58 + 90, int(rising * 37)) * 0.13
        reach = np.clip(0.66 + tongues, 0.1, 0.97) * np.clip(1 - np.abs(u + sway) ** 2.0, 0, 1) ** 0.8
        body = np.clip(1 - v / np.maximum(reach, 0.02), 0, 1) ** 0.55
        body *= np.clip(1.25 - np.abs(u) ** 2 * np.clip(1.7 - v * 9, 0.3, 1.7), 0, 1) * np.clip(0.45 + v * 9, 0, 1)
        lick = _patch(coarse, v * 40 + rising * 62, (u + sway) * 30 + 11) * 0.26
        return np.asarray(np.clip(body * (0.94 + lick) - 0.08, 0, 1), dtype=np.float32)

    def _glow(self, canvas: Canvas, at: tuple[float, float], reach: float) -> None:
        """Add warm light around the fire, stronger the darker it is."""
        dark = 1.0 - min(canvas.light.skylight + canvas.light.sunshine * 0.6, 1.0)
        flicker = 1 + 0.12 * math.sin(canvas.seconds * 23) + 0.08 * math.sin(canvas.seconds * 37 + 1)
        height, width = canvas.image.shape[:2]
        reach *= 1 + 1.2 * dark
        x1, x2 = max(int(at[0] - reach), 0), min(int(at[0] + reach), width)
        y1, y2 = max(int(at[1] - reach), 0), min(int(at[1] + reach), height)
        if x1 >= x2 or y1 >= y2:
            return
        ys, xs = np.ogrid[y1:y2:4, x1:x2:4]
        near = np.clip(1 - np.hypot(xs - at[0], ys - at[1]) / reach, 0, 1) ** 2
        warmth = (near * flicker * (0.16 + 0.6 * dark))[..., None] * np.array([40.0, 120.0, 235.0])
        spot = cv2.resize(np.clip(warmth, 0, 255).astype(np.uint8), (x2 - x1, y2 - y1), interpolation=cv2.INTER_LINEAR)
        patch = canvas.image[y1:y2, x1:x2]
        patch[:] = cv2.add(patch, spot)


def _rows(noise: Plane, at: Plane, row: int) -> Plane:
    """Look one row of noise up, in between its cells."""
    size = noise.shape[0]
    low = np.floor(at).astype(np.int64)
    part = at - low
    line = noise[row % size]
    return np.asarray(line[low % size] * (1 - part) + line[(low + 1) % size] * part, dtype=np.float32)


def _patch(noise: Plane, rows: Plane, columns: Plane) -> Plane:
    size = noise.shape[0]
    return np.asarray(noise[np.floor(rows).astype(np.int64) % size, np.floor(columns).astype(np.int64) % size])


def _blend(
    image: Image, heat: Plane, corner: tuple[int, int], hidden: npt.NDArray[np.bool_]
) -> tuple[float, float, float, float] | None:
    """Lay a flame over the picture with its upper left at `corner`; return where it shows, None where nowhere."""
    left, top = corner
    x1, y1 = max(left, 0), max(top, 0)
    x2, y2 = min(left + heat.shape[1], image.shape[1]), min(top + heat.shape[0], image.shape[0])
    if x1 >= x2 or y1 >= y2:
        return None
    heat = heat[y1 - top : y2 - top, x1 - left : x2 - left]
    opaque = np.clip((heat - 0.06) / 0.26, 0, 1) * 0.96
    opaque[hidden[y1:y2, x1:x2]] = 0
    colour = np.stack([np.interp(heat, HEATS, COLOURS[:, k]) for k in range(3)], axis=2)
    patch = image[y1:y2, x1:x2]
    patch[:] = (patch * (1 - opaque[..., None]) + colour * opaque[..., None]).astype(np.uint8)
    return extent(opaque > 0.3, x1, y1)


def extent(shown: npt.NDArray[np.bool_], x: int, y: int) -> tuple[float, float, float, float] | None:
    """Return (x1, y1, x2, y2) in pixels around what is set in a mask whose upper left lies at (x, y)."""
    columns, rows = np.flatnonzero(shown.any(axis=0)), np.flatnonzero(shown.any(axis=1))
    if len(columns) == 0:
        return None
    return (float(x + columns[0]), float(y + rows[0]), float(x + columns[-1] + 1), float(y + rows[-1] + 1))
