"""Flames and smoke put into street scenes at every size, and what looks like them and is none. All in pixels."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from models.training.hazard_sources import FIRE, SMOKE, Scene
from models.training.road_boxes import Rows, no_boxes
from models.training.road_found import Image

Rng = np.random.Generator
Plane = npt.NDArray[np.float32]
"""(height, width), one figure a pixel."""

SMALLEST = 8.0
"""Height in pixels of the smallest flame or plume that is put into a picture."""

DARK_BORDER = 48.0
"""A picture of a flame can be cut out where the mean of its border is darker than this."""

SEEN = 0.25
"""A box reaches as far as a plume or flame covers this part of what is behind it."""


def flames(scenes: Sequence[Scene]) -> list[Image]:
    """Return the pictures of flames before a dark background among the scenes."""
    images = [scene.read() for scene in scenes if scene.source == "classes" and FIRE in scene.shown]
    return [image for image in images if _border(image) < DARK_BORDER]


def _border(image: Image) -> float:
    bright = image.max(axis=2)
    return float(np.concatenate([bright[0], bright[-1], bright[:, 0], bright[:, -1]]).mean())


def add_flame(rng: Rng, canvas: Image, flame: Image) -> Rows:
    """Put a flame into the picture, with its glow, and return its row, or none where it came out too faint."""
    height, width = canvas.shape[:2]
    tall = _size(rng, height * 0.6)
    wide = tall * flame.shape[1] / flame.shape[0] * float(rng.uniform(0.7, 1.3))
    size = (max(round(min(wide, width * 0.8)), 3), max(round(tall), 3))
    shown = cv2.resize(flame, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    if rng.random() < 0.5:
        shown = shown[:, ::-1]
    cover = ((shown.max(axis=2) - 60) / 110).clip(0, 1) * _feather(size)
    left, top = _corner(rng, canvas, size)
    glow = float(rng.uniform(0.0, 0.35)) * np.array([60, 120, 255], np.float32)
    _blend(canvas, shown * float(np.exp(rng.uniform(-0.1, 1.2))), cover, left, top)  # to white, as cameras see fire
    _add_light(canvas, (left + size[0] / 2, top + size[1] / 2), max(size) * float(rng.uniform(0.8, 2.0)), glow)
    return _row(FIRE, cover, left, top)


def add_smoke(rng: Rng, canvas: Image) -> Rows:
    """Put a plume of smoke into the picture and return its row, or none where it came out too faint."""
    height, width = canvas.shape[:2]
    tall = _size(rng, height * 0.9)
    size = (max(round(min(tall * rng.uniform(0.5, 1.6), width * 0.9)), 6), max(round(tall), 6))
    cover = plume(rng, size) * float(rng.uniform(0.45, 1.0))
    shade = float(rng.choice([rng.uniform(20, 70), rng.uniform(110, 170), rng.uniform(190, 245)]))
    light = cloud(rng, size) * rng.uniform(0.15, 0.5) + 0.8
    tint = rng.normal(1, 0.03, 3).astype(np.float32)
    left, top = _corner(rng, canvas, size)
    _blend(canvas, (shade * light[:, :, None] * tint).astype(np.float32), cover, left, top)
    return _row(SMOKE, cover, left, top)


def plume(rng: Rng, size: tuple[int, int]) -> Plane:
    """Return how densely a plume covers a patch of that width and height, 0 to 1: narrow below, drifting aside."""
    width, height = size
    cover = np.zeros((height, width), np.float32)
    drift, spread = float(rng.uniform(-0.35, 0.35)), float(rng.uniform(0.12, 0.3))
    for rise in np.linspace(0.0, 1.0, 14):
        middle = (0.5 + drift * rise + rng.normal(0, 0.04)) * width
        radius = max((0.05 + spread * rise) * width * rng.uniform(0.7, 1.2), 1.5)
        puff = _disc(size, (middle, (0.95 - 0.8 * rise) * height), radius)
        cover = 1 - (1 - cover) * (1 - puff * float(rng.uniform(0.5, 0.95)) * (1 - 0.5 * rise))
    return np.asarray((cover * (0.45 + 0.9 * cloud(rng, size))).clip(0, 1), np.float32)


def cloud(rng: Rng, size: tuple[int, int]) -> Plane:
    """Return noise of several scales, 0 to 1, of that width and height."""
    total = np.zeros((size[1], size[0]), np.float32)
    weight = 0.0
    for cells in (3, 6, 12, 24):
        noise = cv2.resize(rng.random((cells, cells), np.float32), size, interpolation=cv2.INTER_CUBIC)
        total += np.asarray(noise, np.float32) / cells**0.7
        weight += 1 / cells**0.7
    return np.asarray((total / weight).clip(0, 1), np.float32)


def _disc(size: tuple[int, int], middle: tuple[float, float], radius: float) -> Plane:
    x, y = np.arange(size[0], dtype=np.float32)[None], np.arange(size[1], dtype=np.float32)[:, None]
    distance = ((x - middle[0]) ** 2 + (y - middle[1]) ** 2) / radius**2
    return np.asarray(np.exp(-(distance**1.5)), np.float32)


def add_decoy(rng: Rng, canvas: Image) -> None:
    """Put in what is neither: lamps with their halo, a lit sign, a caption, warm-coloured things, or fog."""
    decoys = (_lamp, _lights, _sign, _caption, _cloth, _fog)
    decoys[int(rng.integers(len(decoys)))](rng, canvas)


def _lamp(rng: Rng, canvas: Image) -> None:
    height, width = canvas.shape[:2]
    colour = np.array([rng.uniform(30, 255), rng.uniform(90, 255), 255], np.float32)
    middle = (float(rng.uniform(0, width)), float(rng.uniform(0, height)))
    radius = float(np.exp(rng.uniform(np.log(2), np.log(height / 12))))
    _add_light(canvas, middle, radius * float(rng.uniform(1.5, 5)), colour * float(rng.uniform(0.3, 0.8)))
    _add_light(canvas, middle, radius, np.full(3, 255, np.float32))
    if rng.random() < 0.4:  # its reflection on a wet road
        size = (max(round(radius * 1.5), 3), max(round(radius * rng.uniform(4, 12)), 6))
        streak = _disc((size[0] * 2, size[1]), (size[0], size[1] / 2), size[0] / 2) * 0.6
        shown = np.broadcast_to(colour, (*streak.shape, 3)).astype(np.float32)
        _blend(canvas, shown, streak, round(middle[0]) - size[0], round(middle[1] + radius * 3))


def _lights(rng: Rng, canvas: Image) -> None:
    """Draw a string of small lights, or a crowd in many colours."""
    left, top, right, bottom = _place(rng, canvas)
    for x, y in rng.uniform((left, top), (right, bottom), (int(rng.integers(5, 30)), 2)).tolist():
        cv2.circle(canvas, (round(x), round(y)), int(rng.integers(1, 4)), _warm(rng), -1, cv2.LINE_AA)


def _sign(rng: Rng, canvas: Image) -> None:
    left, top, right, bottom = _place(rng, canvas)
    canvas[top:bottom, left:right] = 0
    _write(rng, canvas, (left, top, right, bottom))


def _caption(rng: Rng, canvas: Image) -> None:
    """Write words beside a disc in warm colours at the edge, as who owns a camera burns them in."""
    height = canvas.shape[0]
    left, _, right, bottom = _place(rng, canvas)
    down = int(rng.choice([0, height - bottom]))
    tall = int(rng.integers(8, 16))
    top = min(bottom + down, height) - tall
    cv2.circle(canvas, (left, top + tall // 2), tall // 2, _warm(rng), -1, cv2.LINE_AA)
    _write(rng, canvas, (left + tall, top, right, top + tall))


def _write(rng: Rng, canvas: Image, box: tuple[int, int, int, int]) -> None:
    words = "".join(chr(int(letter)) for letter in rng.integers(48, 91, 12))
    scale = (box[3] - box[1]) / 16
    cv2.putText(canvas, words, (box[0] + 1, box[3] - 3), cv2.FONT_HERSHEY_PLAIN, scale, _warm(rng), 1, cv2.LINE_AA)


def _warm(rng: Rng) -> tuple[float, float, float]:
    """Draw a colour from red to yellow, bright or dim."""
    return float(rng.uniform(0, 90)), float(rng.uniform(20, 200)), float(rng.uniform(150, 255))


def _cloth(rng: Rng, canvas: Image) -> None:
    left, top, right, bottom = _place(rng, canvas)
    points = rng.uniform((left, top), (right, bottom), (6, 2)).astype(np.int32)
    cv2.fillPoly(canvas, [cv2.convexHull(points)], _warm(rng), cv2.LINE_AA)


def _fog(rng: Rng, canvas: Image) -> None:
    height, width = canvas.shape[:2]
    fall = np.linspace(1.0, float(rng.uniform(0.1, 0.9)), height, dtype=np.float32)[:, None]
    cover = np.broadcast_to(fall, (height, width)) * np.float32(rng.uniform(0.1, 0.55))
    shown = np.full((height, width, 3), rng.uniform(140, 235), np.float32)
    _blend(canvas, shown, np.asarray(cover, np.float32), 0, 0)


def _place(rng: Rng, canvas: Image) -> tuple[int, int, int, int]:
    height, width = canvas.shape[:2]
    wide, tall = int(rng.integers(10, max(width // 5, 11))), int(rng.integers(8, max(height // 6, 9)))
    left, top = int(rng.integers(0, width - wide)), int(rng.integers(0, height - tall))
    return left, top, left + wide, top + tall


def _size(rng: Rng, largest: float) -> float:
    return float(np.exp(rng.uniform(np.log(SMALLEST), np.log(largest))))


def _corner(rng: Rng, canvas: Image, size: tuple[int, int]) -> tuple[int, int]:
    """Draw the upper left corner of a patch that lies in the picture, small ones rather below the horizon."""
    height, width = canvas.shape[:2]
    lowest = max(height - size[1], 1)
    return int(rng.integers(0, max(width - size[0], 1))), int(rng.integers(round(0.2 * lowest), lowest + 1))


def _feather(size: tuple[int, int]) -> Plane:
    """Return 1 in the middle of a patch and 0 at its edges, so that no straight edge betrays it."""
    x, y = (np.minimum(np.arange(n), np.arange(n)[::-1]) / max(n * 0.12, 1) for n in size)
    return np.asarray(np.minimum(x[None], y[:, None]).clip(0, 1), np.float32)


def _add_light(canvas: Image, middle: tuple[float, float], radius: float, colour: npt.NDArray[np.float32]) -> None:
    light = _disc((canvas.shape[1], canvas.shape[0]), middle, max(radius, 1.0))[:, :, None] * colour
    canvas[:] = (canvas + light).clip(0, 255).astype(np.uint8)


def _blend(canvas: Image, shown: npt.NDArray[np.float32], cover: Plane, left: int, top: int) -> None:
    """Lay a patch over the picture where it covers it; what lies outside the picture is cut off."""
    height, width = canvas.shape[:2]
    x1, y1 = max(left, 0), max(top, 0)
    x2, y2 = min(left + cover.shape[1], width), min(top + cover.shape[0], height)
    if x1 >= x2 or y1 >= y2:
        return
    part = (slice(y1 - top, y2 - top), slice(x1 - left, x2 - left))
    over = cover[part][:, :, None]
    canvas[y1:y2, x1:x2] = (canvas[y1:y2, x1:x2] * (1 - over) + shown[part] * over).clip(0, 255).astype(np.uint8)


def _row(label: int, cover: Plane, left: int, top: int) -> Rows:
    rows, columns = np.nonzero(cover > SEEN)
    if not len(rows):
        return no_boxes()
    box = (left + columns.min(), top + rows.min(), left + columns.max() + 1, top + rows.max() + 1)
    return np.array([[label, *box]], np.float32)
