"""What weather, night, dirt, optics and compression do to a crop of a plate: for drawn and for real crops alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from ioc.plate_strokes import Rng
from models.training.plate_drawing import Image


@dataclass(frozen=True, slots=True)
class Wear:
    """How much of each there is, as probabilities; `strength` scales all of them."""

    strength: float = 1.0
    shadow: float = 0.2
    glare: float = 0.18
    reflection: float = 0.3
    dirt: float = 0.22
    light: float = 0.95
    night: float = 0.15
    red_light: float = 0.08
    grey: float = 0.12
    coarse: float = 0.35
    blur: float = 0.25
    motion: float = 0.2
    sharpen: float = 0.12
    noise: float = 0.4
    jpeg: float = 0.45

    def apply(self, image: Image, rng: Rng) -> Image:
        """Return the worn crop, of the same shape."""
        for name, change in _CHANGES.items():
            if rng.random() < getattr(self, name) * self.strength:
                image = change(image, rng)
        return image


def _field(rng: Rng, shape: tuple[int, ...], cells: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    small = rng.uniform(0, 1, (cells, cells)).astype(np.float32)
    return np.asarray(cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)


def _limited(values: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Image:
    return np.clip(values, 0, 255).astype(np.uint8)


def _shadow(image: Image, rng: Rng) -> Image:
    height, width = image.shape[:2]
    mask = np.ones((height, width), np.float32)
    points = np.stack([rng.uniform(-0.3, 1.3, 4) * width, rng.uniform(-0.3, 1.3, 4) * height], 1)
    cv2.fillConvexPoly(mask, cv2.convexHull(points.astype(np.int32)), float(rng.uniform(0.35, 0.85)), cv2.LINE_AA)
    soft = float(rng.uniform(0.3, 0.06 * height + 0.4))
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), soft), np.float32)
    return _limited(image * mask[:, :, None])


def _glare(image: Image, rng: Rng) -> Image:
    height, width = image.shape[:2]
    x, y = rng.uniform(0, width), rng.uniform(0, height)
    across, down = rng.uniform(0.05, 0.6) * width, rng.uniform(0.1, 0.7) * height
    columns = ((np.arange(width, dtype=np.float32) - x) / across) ** 2
    rows = ((np.arange(height, dtype=np.float32) - y) / down) ** 2
    spot = np.exp(-(columns[None, :] + rows[:, None])).astype(np.float32) * float(rng.uniform(40, 230))
    return _limited(image + spot[:, :, None] * rng.uniform(0.8, 1.0, 3).astype(np.float32))


def _reflection(image: Image, rng: Rng) -> Image:
    """Wash out pieces of strokes, as lamps mirrored by lacquer or a clear cover do: streaks and patches, hard-edged."""
    height, width = image.shape[:2]
    mask = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 4))):
        along = np.sort(rng.uniform(-0.1, 1.1) + rng.uniform(0.08, 0.45) * np.array([0.0, 0.5, 1.0])) * width
        level = rng.uniform(0.05, 0.95) + rng.normal(0, 0.05, 3)
        points = np.stack([along, level * height], 1).astype(np.int32)
        thick = max(1, round(float(rng.choice([0.03, 0.06, 0.12, 0.22]) * rng.uniform(0.6, 1.4)) * height))
        cv2.polylines(mask, [points], False, float(rng.uniform(0.45, 1.0)), thick, cv2.LINE_AA)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), float(rng.uniform(0.4, 0.03 * height + 0.5))), np.float32)
    bright = rng.uniform(195, 255) * rng.uniform(0.92, 1.0, 3).astype(np.float32)
    return _limited(image * (1 - mask[:, :, None]) + bright * mask[:, :, None])


def _dirt(image: Image, rng: Rng) -> Image:
    amount = _field(rng, image.shape, int(rng.integers(4, 24)))
    cover = np.clip((amount - rng.uniform(0.45, 0.85)) * rng.uniform(1, 5), 0, rng.uniform(0.25, 0.8)).astype(
        np.float32
    )
    colour = rng.uniform(20, 190) * rng.uniform(0.7, 1.0, 3)
    part = cover[:, :, None]
    return _limited(image * (1 - part) + colour.astype(np.float32) * part)


def _light(image: Image, rng: Rng) -> Image:
    gamma = np.exp(rng.normal(0, 0.3))
    gain, offset = np.exp(rng.normal(0, 0.18)), rng.normal(0, 14)
    steps = np.arange(256, dtype=np.float64) / 255
    cast = np.exp(rng.normal(0, 0.07, 3))
    table = np.clip((steps[:, None] ** gamma) * 255 * gain * cast + offset, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(image, table[None]), np.uint8)


def _night(image: Image, rng: Rng) -> Image:
    level = rng.uniform(0.2, 0.6)
    noise = rng.normal(0, rng.uniform(2, 9), image.shape).astype(np.float32)
    dark = image * np.float32(level) + noise
    return _limited(dark * np.float32(rng.uniform(1, 0.8 / level)) if rng.random() < 0.6 else dark)


def _red_light(image: Image, rng: Rng) -> Image:
    height = image.shape[0]
    fall = np.linspace(1, rng.uniform(0, 0.8), height, dtype=np.float32)[:, None]
    changed = image.astype(np.float32)
    changed[:, :, 2] += fall * float(rng.uniform(20, 120))
    changed[:, :, :2] *= (1 - fall * float(rng.uniform(0, 0.4)))[:, :, None]
    return _limited(changed)


def _grey(image: Image, _rng: Rng) -> Image:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8)


def _coarse(image: Image, rng: Rng) -> Image:
    """Show fewer pixels: never fewer than 9 a line of characters or so."""
    height, width = image.shape[:2]
    least = max(14 / height, 40 / width, 0.25)
    if least >= 1:
        return image
    scale = rng.uniform(least, 1)
    size = (max(round(width * scale), 8), max(round(height * scale), 8))
    ways = (cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_NEAREST)
    small = cv2.resize(image, size, interpolation=ways[int(rng.choice(3, p=[0.6, 0.3, 0.1]))])
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _blur(image: Image, rng: Rng) -> Image:
    sigma = rng.uniform(0.3, 0.5 + image.shape[0] / 55)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), float(min(sigma, 2.2))), np.uint8)


def _motion(image: Image, rng: Rng) -> Image:
    length = int(rng.integers(2, max(3, image.shape[0] // 12) + 1))
    size = length | 1
    kernel = np.zeros((size, size), np.float32)
    angle = rng.uniform(0, np.pi)
    middle = size // 2
    reach = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    start = (round(middle - reach[0]), round(middle - reach[1]))
    stop = (round(middle + reach[0]), round(middle + reach[1]))
    cv2.line(kernel, start, stop, 1.0, 1)
    return np.asarray(cv2.filter2D(image, -1, kernel / max(float(kernel.sum()), 1.0)), np.uint8)


def _sharpen(image: Image, rng: Rng) -> Image:
    soft = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.8, 2)))
    amount = float(rng.uniform(0.3, 1.8))
    return np.asarray(cv2.addWeighted(image, 1 + amount, soft, -amount, 0), np.uint8)


def _noise(image: Image, rng: Rng) -> Image:
    shape = image.shape if rng.random() < 0.5 else (*image.shape[:2], 1)
    grain = rng.normal(0, rng.uniform(1, 12), shape).astype(np.float32)
    return _limited(image.astype(np.float32) + grain)


def _jpeg(image: Image, rng: Rng) -> Image:
    quality = int(rng.integers(18, 92))
    _, coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


_CHANGES: dict[str, Callable[[Image, Rng], Image]] = {
    "dirt": _dirt,
    "shadow": _shadow,
    "glare": _glare,
    "reflection": _reflection,
    "red_light": _red_light,
    "light": _light,
    "night": _night,
    "grey": _grey,
    "blur": _blur,
    "motion": _motion,
    "coarse": _coarse,
    "sharpen": _sharpen,
    "noise": _noise,
    "jpeg": _jpeg,
}
