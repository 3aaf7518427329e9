"""Textures that tile: many-scaled noise, and how it is looked up."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from streams.drawing import Floats

Texture = npt.NDArray[np.float32]


def cloud(rng: np.random.Generator, size: int = 256, octaves: int = 5) -> Texture:
    """Return a (size, size) field of tileable, many-scaled noise with mean 0 and deviation 1."""
    total = np.zeros((size, size), np.float32)
    for k in range(octaves):
        cells = min(4 << k, size)
        coarse = rng.standard_normal((cells, cells)).astype(np.float32)
        wrapped = np.pad(coarse, 2, mode="wrap")
        scale = size // cells
        fine = cv2.resize(wrapped, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        total += fine[2 * scale : 2 * scale + size, 2 * scale : 2 * scale + size] * (0.72**k)
    return np.asarray((total - total.mean()) / total.std(), dtype=np.float32)


def sample(texture: Texture, u: Floats, v: Floats) -> Floats:
    """Look a tileable texture up at the nearest texel."""
    size = texture.shape[0]
    rows, columns = np.floor(v * size).astype(np.int64) % size, np.floor(u * size).astype(np.int64) % size
    return np.asarray(texture[rows, columns], dtype=np.float64)
