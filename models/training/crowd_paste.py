"""Crowds that are put together: figures of heads and shoulders, and people cut out of pictures, far ones first.

There are few pictures of crowds; figures that hide each other teach what a head is worth when nothing else is seen.
Everything is drawn from one generator.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ioc.types import Image
from models.training.crowd_cutouts import Cutout
from models.training.mat_points import Points

MOST = 300
"""Figures in one picture, at most."""

REAL = 0.65
"""How often a crowd that is not seen from above is of people cut out of pictures."""

SKIN = ((110, 140, 200), (90, 120, 180), (70, 95, 150), (50, 70, 110))
ABOVE = 0.3
"""How often the camera looks straight down."""


def crowd(rng: np.random.Generator, image: Image, people: Sequence[Cutout] = ()) -> tuple[Image, Points]:
    """Return the picture with a crowd put in, and the middle of every head that is still seen, in pixels.

    `people` are those cut out of pictures; without any, all figures are drawn.
    """
    height, width = image.shape[:2]
    canvas = image.copy()
    count = int(np.exp(rng.uniform(np.log(3), np.log(MOST))))
    top = rng.uniform(0.0, 0.6)
    near = float(np.exp(rng.uniform(np.log(4), np.log(26)))) * width / 640
    straight_down = rng.random() < ABOVE
    far = near if straight_down else near * rng.uniform(0.25, 0.8)
    real = not straight_down and len(people) > 0 and rng.random() < REAL
    depth = np.sort(rng.uniform(0, 1, count))
    middles = rng.uniform(0, 1, (3, 2))
    heads = []
    for place in depth:
        head = far + (near - far) * place
        x = rng.uniform(0, 1) if rng.random() < 0.5 else float(rng.normal(middles[int(rng.integers(3)), 0], 0.1))
        y = top + (1 - top) * place
        point = np.array([x * width, y * height + rng.normal(0, head)])
        if real:
            people[int(rng.integers(len(people)))].put(rng, canvas, point, head)
        else:
            _figure(rng, canvas, point, head, straight_down=straight_down)
        heads.append((*point, head))
    return canvas if real else _weathered(rng, canvas), _seen(np.array(heads), height, width)


def _figure(rng: np.random.Generator, canvas: Image, point: Points, head: float, *, straight_down: bool) -> None:
    """Draw one person; `head` is the head's height in pixels."""
    x, y = float(point[0]), float(point[1])
    clothes = tuple(int(value) for value in (rng.integers(20, 230) + rng.normal(0, 30, 3)).clip(0, 255))
    trousers = tuple(int(value) for value in rng.integers(10, 120, 3))
    skin = SKIN[int(rng.integers(len(SKIN)))]
    hair = tuple(int(value) for value in rng.integers(5, 75, 3))
    wide = head * rng.uniform(0.85, 1.15)
    if straight_down:
        turned = float(rng.uniform(0, 180))
        _ellipse(canvas, x, y, 1.3 * wide, 0.6 * head, clothes, turned)
        _ellipse(canvas, x, y, 0.45 * wide, 0.5 * head, hair, turned)
        return
    _ellipse(canvas, x - 0.25 * wide, y + 5.2 * head, 0.45 * wide, 2.2 * head, trousers, 0)
    _ellipse(canvas, x + 0.25 * wide, y + 5.2 * head, 0.45 * wide, 2.2 * head, trousers, 0)
    _ellipse(canvas, x, y + 2.2 * head, 1.05 * wide, 1.7 * head, clothes, 0)
    _ellipse(canvas, x, y + 1.1 * head, 1.0 * wide, 0.5 * head, clothes, 0)
    _ellipse(canvas, x, y, 0.4 * wide, 0.5 * head, skin, 0)
    back = rng.random() < 0.4
    _ellipse(canvas, x, y - (0 if back else 0.2) * head, 0.42 * wide, (0.5 if back else 0.35) * head, hair, 0)


def _ellipse(
    canvas: Image, x: float, y: float, across: float, down: float, colour: tuple[int, ...], turned: float
) -> None:
    middle, axes = (round(x * 16), round(y * 16)), (max(round(across * 16), 8), max(round(down * 16), 8))
    cv2.ellipse(canvas, middle, axes, turned, 0, 360, colour, -1, cv2.LINE_AA, 4)


def _weathered(rng: np.random.Generator, canvas: Image) -> Image:
    """Give flat colours grain and soft edges, as a camera does."""
    soft = cv2.GaussianBlur(canvas, (0, 0), float(rng.uniform(0.5, 1.2))).astype(np.float32)
    shade = cv2.resize(rng.normal(1, 0.15, (30, 50)).astype(np.float32), (canvas.shape[1], canvas.shape[0]))
    grain = rng.standard_normal(canvas.shape[:2], np.float32) * float(rng.uniform(2, 8))
    return np.asarray((soft * shade[:, :, None] + grain[:, :, None]).clip(0, 255), np.uint8)


def _seen(heads: Points, height: int, width: int) -> Points:
    """Return the middles of heads in the picture that no later, nearer figure's head or body hides."""
    seen = []
    for number, (x, y, size) in enumerate(heads):
        later = heads[number + 1 :]
        beside = np.abs(later[:, 0] - x) < 0.75 * later[:, 2]
        hidden = beside & (later[:, 1] - 0.3 * later[:, 2] < y) & (y < later[:, 1] + 3 * later[:, 2])
        if 0 <= x < width and 0 <= y < height and not hidden.any() and size > 0:
            seen.append((x, y))
    return np.array(seen, np.float64).reshape(-1, 2)
