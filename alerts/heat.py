"""Draws where people are over a picture: the more of them a part of it holds, the redder it is."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from ioc.types import Image, Json

Floats: TypeAlias = npt.NDArray[np.float32]

STRONGEST = 0.6
"""How much of the colour is seen where most people are."""
LEAST = 1.0
"""Parts that hold fewer people than this are never the reddest."""


def heat_of(value: Json) -> Floats | None:
    """Return a heat map, (rows, columns) of people, as an alert's details tell it; None where they tell none."""
    try:
        heat = np.asarray(value, np.float32)
    except (TypeError, ValueError):
        return None
    return heat if heat.ndim == 2 and heat.size and np.isfinite(heat).all() else None


def warmed(image: Image, heat: Floats) -> Image:
    """Return a copy of the picture, (H, W, 3), with the heat map over all of it."""
    height, width = image.shape[:2]
    strength = heat.clip(min=0) / max(float(heat.max()), LEAST) * STRONGEST
    smooth = cv2.resize(strength, (width, height), interpolation=cv2.INTER_LINEAR)[:, :, None]
    warm = np.stack([np.zeros_like(smooth), 255 * (1 - smooth / STRONGEST), np.full_like(smooth, 255)], axis=2)[..., 0]
    return np.asarray(image * (1 - smooth) + warm * smooth, np.uint8)
