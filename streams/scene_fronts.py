"""Rows of house fronts as flat textures: narrow tube houses with shops, signs, windows and balconies."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ioc.types import Image
from streams.drawing import Colour

PIXELS_PER_METRE = 20
FLOOR = 3.3
"""Metres from one floor to the next."""
WALLS: tuple[Colour, ...] = (
    (170, 190, 205), (150, 180, 200), (190, 195, 198), (140, 165, 190), (175, 180, 165), (200, 190, 170),
    (150, 155, 160), (185, 200, 210), (130, 160, 190), (165, 150, 140), (210, 215, 215), (140, 175, 170),
)  # fmt: skip
SIGNS: tuple[Colour, ...] = (
    (40, 40, 190), (180, 90, 30), (50, 140, 50), (40, 180, 225), (220, 220, 225), (150, 60, 120), (60, 120, 225),
    (190, 150, 40),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Front:
    """A texture, top row first: colours (H, W, 3), where there is wall (H, W), and where lamps shine (H, W)."""

    colours: Image
    solid: npt.NDArray[np.bool_]
    lit: npt.NDArray[np.bool_]


def house_row(rng: np.random.Generator, length: float, height: float, *, lamps: bool) -> Front:
    """Return a row of houses `length` metres long and at most `height` high."""
    scale = PIXELS_PER_METRE
    rows, columns = int(height * scale), max(int(length * scale), scale)
    front = Front(
        np.zeros((rows, columns, 3), np.uint8), np.zeros((rows, columns), bool), np.zeros((rows, columns), bool)
    )
    at = 0
    while at < columns:
        wide = min(int(rng.uniform(3.8, 8.5) * scale), columns - at)
        floors = int(rng.integers(1, max(int(height / FLOOR), 2) + 1))
        high = min(int((floors * FLOOR + rng.uniform(0.2, 1.2)) * scale), rows)
        if rng.random() > 0.06:
            _house(front, rng, (at, rows - high, at + wide, rows), lamps=lamps)
        at += wide
    grime = cv2.resize(rng.normal(0, 5, (rows // 4, max(columns // 4, 1))).astype(np.float32), (columns, rows))
    front.colours[:] = np.clip(front.colours + grime[..., None], 0, 255).astype(np.uint8)
    return front


def _house(front: Front, rng: np.random.Generator, area: tuple[int, int, int, int], *, lamps: bool) -> None:
    x1, y1, x2, y2 = area
    gain = float(rng.uniform(0.7, 1.05))
    wall = tuple(c * gain for c in WALLS[int(rng.integers(len(WALLS)))])
    front.solid[y1:y2, x1:x2] = True
    cv2.rectangle(front.colours, (x1, y1), (x2 - 1, y2 - 1), wall, -1)
    floor = int(FLOOR * PIXELS_PER_METRE)
    y = y2 - floor
    while y - floor >= y1:
        _storey(front, rng, (x1, y - floor, x2, y), wall, lamps=lamps)
        y -= floor
    cv2.rectangle(front.colours, (x1, y1), (x2 - 1, min(y1 + 4, y2 - 1)), tuple(c * 0.7 for c in wall), -1)
    cv2.line(front.colours, (x1, y1), (x1, y2 - 1), tuple(c * 0.6 for c in wall), 2)
    _shop(front, rng, (x1, max(y2 - floor, y1), x2, y2), lamps=lamps)


def _storey(
    front: Front, rng: np.random.Generator, area: tuple[int, int, int, int], wall: tuple[float, ...], *, lamps: bool
) -> None:
    """Draw one upper floor: windows, perhaps a balcony with washing or plants."""
    x1, y1, x2, y2 = area
    count = max((x2 - x1) // 34, 1)
    cell = (x2 - x1) / count
    for k in range(count):
        left, right = int(x1 + (k + 0.2) * cell), int(x1 + (k + 0.8) * cell)
        top, low = y1 + 14, y2 - 18
        lit = lamps and rng.random() < 0.35
        pane: Colour = (120, 190, 230) if lit else (70, 62, 54)
        cv2.rectangle(front.colours, (left - 2, top - 2), (right + 2, low + 2), tuple(c * 0.82 for c in wall), -1)
        cv2.rectangle(front.colours, (left, top), (right, low), pane, -1)
        cv2.line(front.colours, ((left + right) // 2, top), ((left + right) // 2, low), tuple(c * 0.9 for c in wall), 1)
        if lit:
            front.lit[top:low, left:right] = True
    if rng.random() < 0.5:
        rail = tuple(c * float(rng.uniform(0.45, 1.1)) for c in wall)
        cv2.rectangle(front.colours, (x1 + 3, y2 - 22), (x2 - 4, y2 - 3), tuple(min(c, 255) for c in rail), -1)
        for _ in range(int(rng.integers(0, 4))):
            px = int(rng.uniform(x1 + 6, max(x2 - 10, x1 + 7)))
            cv2.circle(front.colours, (px, y2 - 24), int(rng.integers(4, 8)), (50, 100, 60), -1)


def _shop(front: Front, rng: np.random.Generator, area: tuple[int, int, int, int], *, lamps: bool) -> None:
    """Draw the ground floor: an open shop, a shutter or a gate, with a sign or an awning."""
    x1, y1, x2, y2 = area
    if x2 - x1 < 30 or y2 - y1 < 40:
        return
    door = (x1 + 4, y1 + 18, x2 - 5, y2 - 1)
    if rng.random() < 1 / 3:
        _goods(front, rng, door, lamps=lamps)
    else:
        _shutter(front, rng, door)
    over = rng.random()
    if over < 0.75:
        _sign(front, rng, (x1 + 2, y1 + 1, x2 - 3, y1 + 17), lamps=lamps)
    elif over < 0.9:
        stripe = SIGNS[int(rng.integers(len(SIGNS)))]
        for k, x in enumerate(range(x1 + 2, x2 - 3, 8)):
            tone = stripe if k % 2 else (215, 215, 215)
            cv2.rectangle(front.colours, (x, y1 + 6), (min(x + 7, x2 - 3), y1 + 20), tone, -1)


def _goods(front: Front, rng: np.random.Generator, door: tuple[int, int, int, int], *, lamps: bool) -> None:
    x1, y1, x2, y2 = door
    inside: Colour = (112, 151, 170) if lamps else (52, 56, 60)
    cv2.rectangle(front.colours, (x1, y1), (x2, y2), inside, -1)
    for _ in range((x2 - x1) // 7):
        x, y = int(rng.uniform(x1 + 1, x2 - 8)), int(rng.uniform(y1 + 4, y2 - 8))
        wide, high = (int(v) for v in rng.integers(3, 9, 2))
        tone = tuple(float(v) for v in rng.uniform(40, 200, 3) + (45.0 if lamps else 0.0))
        cv2.rectangle(front.colours, (x, y), (x + wide, y + high), tone, -1)
    if lamps:
        front.lit[y1 : y2 + 1, x1 : x2 + 1] = True


def _shutter(front: Front, rng: np.random.Generator, door: tuple[int, int, int, int]) -> None:
    x1, y1, x2, y2 = door
    metal = tuple(float(v) for v in np.full(3, rng.uniform(70, 165)) + rng.uniform(-14, 14, 3))
    dark = tuple(c * 0.8 for c in metal)
    cv2.rectangle(front.colours, (x1, y1), (x2, y2), metal, -1)
    if rng.random() < 0.5:
        for y in range(y1 + 2, y2, 4):
            cv2.line(front.colours, (x1, y), (x2, y), dark, 1)
    else:
        for x in range(x1 + 4, x2, 6):
            cv2.line(front.colours, (x, y1), (x, y2), dark, 1)


def _sign(front: Front, rng: np.random.Generator, board: tuple[int, int, int, int], *, lamps: bool) -> None:
    """Draw a sign board with strokes that look like letters from afar and say nothing."""
    x1, y1, x2, y2 = board
    colour = SIGNS[int(rng.integers(len(SIGNS)))]
    cv2.rectangle(front.colours, (x1, y1), (x2, y2), colour, -1)
    letters: Colour = (235, 235, 235) if sum(colour) < 480 else (60, 40, 170)
    for x in range(x1 + 8, x2 - 11, 6):
        if rng.random() < 0.75:
            cv2.rectangle(front.colours, (x, y1 + 5), (x + 3, y1 + 11), letters, -1)
    if lamps:
        front.lit[y1:y2, x1:x2] = True
