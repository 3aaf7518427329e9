"""Floods that nobody filmed: water laid over dry streets, so that a fixed camera's view is learned under water.

The water has the colours and ripples of photographed floods or is drawn, mirrors what stands behind it, and leaves the
upper part of vehicles out. Everything is drawn from one generator.
"""

from __future__ import annotations

import cv2
import numpy as np

from ioc.types import Image
from models.training.road_augment import Plane
from models.training.road_boxes import Rows

SUNK = (0.6, 0.95)
"""Down to which part of its height a vehicle stands out of the water."""


def flooded(rng: np.random.Generator, image: Image, boxes: Rows, texture: Image | None) -> tuple[Image, Plane]:
    """Return the picture (H, W, 3) under water and the mask, 0 or 1.

    `boxes` are vehicles in frame fractions; `texture` is a piece of photographed water, drawn water without.
    """
    height, width = image.shape[:2]
    mask = shape(rng, height, width)
    for x1, y1, x2, y2 in boxes[:, 1:] * np.array([width, height, width, height], np.float32):
        dry = y1 + (y2 - y1) * rng.uniform(*SUNK)
        mask[max(int(y1), 0) : max(int(dry), 0), max(int(x1), 0) : max(int(x2), 0)] = 0
    water = ripples(rng, height, width) if texture is None else stretched(rng, texture, height, width)
    mirror = _mirror(image, mask)
    shine = float(rng.uniform(0.0, 0.45))
    surface = water * (1 - shine) + mirror * shine
    surface *= np.linspace(rng.uniform(0.8, 1.2), rng.uniform(0.8, 1.1), height, dtype=np.float32)[:, None, None]
    soft = cv2.GaussianBlur(mask, (0, 0), float(rng.uniform(0.6, 1.5)))[:, :, None] * float(rng.uniform(0.85, 1.0))
    mixed = image * (1 - soft) + surface.clip(0, 255) * soft
    return mixed.clip(0, 255).astype(np.uint8), mask


def shape(rng: np.random.Generator, height: int, width: int) -> Plane:
    """Return where water lies: all below a wavy and tilted line, or pools of it, 0 or 1."""
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    columns = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None, :]
    line = rng.uniform(0.25, 0.9) + rng.normal(0, 0.12) * columns
    bumps = noise(rng, height, width, int(rng.integers(3, 8)), int(rng.integers(3, 10)))
    steep = float(np.exp(rng.uniform(np.log(1.2), np.log(14))))
    return ((rows - line) * steep + 0.6 * bumps > 0).astype(np.float32)


def ripples(rng: np.random.Generator, height: int, width: int) -> Plane:
    """Return drawn water, (height, width, 3) BGR: muddy to grey, with waves that lie flatter than they are wide."""
    mud = np.array([rng.uniform(60, 130), rng.uniform(80, 150), rng.uniform(95, 175)])
    grey = np.full(3, rng.uniform(70, 190)) + rng.normal(0, 8, 3)
    colour = (mud if rng.random() < 0.6 else grey).astype(np.float32)
    waves = np.zeros((height, width), np.float32)
    for size in (8, 20, 50):
        waves += noise(rng, height, width, size, max(size // 4, 2)) * float(rng.uniform(2, 11))
    return colour + waves[:, :, None]


def stretched(rng: np.random.Generator, texture: Image, height: int, width: int) -> Plane:
    """Return photographed water at that size, flipped half of the time and in a somewhat other colour."""
    laid = cv2.resize(texture, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    if rng.random() < 0.5:
        laid = laid[:, ::-1]
    return laid * rng.uniform(0.85, 1.15, 3).astype(np.float32) * float(rng.uniform(0.75, 1.2))


def noise(rng: np.random.Generator, height: int, width: int, rows: int, columns: int) -> Plane:
    """Return smooth noise with that many bumps down and across, about 1 high."""
    coarse = rng.standard_normal((rows, columns)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _mirror(image: Image, mask: Plane) -> Plane:
    """Return the picture upside down below the topmost water, blurred as ripples do."""
    wet = np.flatnonzero(mask.any(axis=1))
    top = int(wet[0]) if len(wet) else 0
    rows = np.arange(image.shape[0])
    turned = image[np.clip(np.where(rows >= top, 2 * top - rows, rows), 0, None)]
    return np.asarray(cv2.blur(turned, (5, 15)), np.float32)


def texture_of(rng: np.random.Generator, image: Image, mask: Plane) -> Image | None:
    """Return a piece of the picture that is water throughout, the largest of some tries; None where there is none."""
    height, width = mask.shape
    best = None
    for _ in range(12):
        tall, wide = int(height * rng.uniform(0.12, 0.5)), int(width * rng.uniform(0.2, 0.9))
        top, left = int(rng.integers(0, height - tall)), int(rng.integers(0, width - wide))
        piece = (slice(top, top + tall), slice(left, left + wide))
        if mask[piece].mean() > 0.97 and (best is None or tall * wide > best.shape[0] * best.shape[1]):
            best = image[piece]
    return best
