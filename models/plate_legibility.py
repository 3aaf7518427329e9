"""Whether a plate can be read at all: how high its characters are, how sharp, how tilted, and whether it is whole.

What cannot be read is found and told of, and never guessed. The limits stand where nothing is read right: of 235
held-back plates that were shrunk, blurred and packed until they lay below them, none was. Above them the reader's score
says how sure a read is. `python -m models.training.plate_hardship` measures both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from ioc.types import Box, Image
from models.plate_quad import Quad, quad_of
from models.plate_voting import cut

Fault = Literal["small", "blurred", "tilted", "cut"]

ONE_LINE_FROM = 2.5
"""Width over height from which a plate is taken for one line until it is read."""
CHARACTERS = 0.75
"""How much of a line's part of the plate's height its characters take: 80 of 110 mm, 55 of 70 on motorcycles."""
SHARPNESS_HEIGHT = 48
"""Pixels of height that one line of a plate is given before its sharpness is measured."""
LEAST_CONTRAST = 8.0
"""Of 255; in a crop of less everything is noise, and none of it sharp."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a plate must have to be read."""

    height: float = 6.0
    """Least height of its characters, in pixels."""
    sharpness: float = 0.05
    """Least sharpness, see `sharpness_of`."""
    tilt: float = 35.0
    """Greatest tilt or slant, in degrees; as seen before it is made upright."""
    edge: float = 1.0
    """Pixels from the frame's edge within which a plate is taken to be cut by it."""


@dataclass(frozen=True, slots=True)
class Legibility:
    """How well a plate can be read."""

    height: float
    """Of its characters, in pixels."""
    sharpness: float
    quad: Quad
    fault: Fault | None
    """Why it cannot be read; None when it can."""


def legibility(image: Image, box: Box, limits: Limits) -> Legibility:
    """Return how well the plate in the box can be read in a frame, (H, W, 3) uint8 BGR."""
    crop = cut(image, box)
    quad = quad_of(crop)
    across, down = quad.size(box.width * image.shape[1], box.height * image.shape[0])
    height, sharpness = character_height(across, down), sharpness_of(crop, lines_of(across, down))
    fault: Fault | None = None
    if height < limits.height:
        fault = "small"
    elif _at_edge(image, box, limits.edge):
        fault = "cut"
    elif max(abs(quad.tilt), abs(quad.slant)) > limits.tilt:
        fault = "tilted"
    elif sharpness < limits.sharpness:
        fault = "blurred"
    return Legibility(height, sharpness, quad, fault)


def lines_of(across: float, down: float) -> int:
    """Return how many lines a plate of that width and height is taken to have until it is read."""
    return 1 if across > ONE_LINE_FROM * down else 2


def character_height(across: float, down: float) -> float:
    """Return how high the characters of a plate of that width and height are, as its shape lets expect."""
    return down * CHARACTERS / lines_of(across, down)


def sharpness_of(crop: Image, lines: int) -> float:
    """Return how sharp the edges on a plate are, (H, W, 3) uint8 BGR: their part of its contrast from pixel to pixel.

    0 to 1, at a size that is the same for every plate: what is shrunk is as blurred as what is out of focus.
    """
    height = SHARPNESS_HEIGHT * lines
    width = max(round(crop.shape[1] / crop.shape[0] * height), 3)
    grey = cv2.cvtColor(cv2.resize(crop, (width, height), interpolation=cv2.INTER_LINEAR), cv2.COLOR_BGR2GRAY)
    light = grey.astype(np.float32)
    darkest, lightest = np.percentile(light, (5, 95))
    steps = np.abs(light[:, 2:] - light[:, :-2]) / 2
    return float(np.percentile(steps, 95) / max(lightest - darkest, LEAST_CONTRAST))


def _at_edge(image: Image, box: Box, pixels: float) -> bool:
    height, width = image.shape[:2]
    return bool(min(box.x1 * width, box.y1 * height, (1 - box.x2) * width, (1 - box.y2) * height) < pixels)
