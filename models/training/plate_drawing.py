"""Draws plates as cameras see them: in real proportions, in faces of our own, in perspective, before a background."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ioc.plate_strokes import Face, Rng, strokes
from models.training.plate_designs import Design

Image = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

SHIFT = 4
"""Bits behind the point in OpenCV's coordinates."""

FINE = 2
"""How much finer than the crop a plate is drawn, so that edges come out smooth."""

PAPER = {"white": (225, 225, 222), "yellow": (35, 185, 235), "blue": (150, 70, 20), "red": (35, 30, 190)}
INK = {"white": (35, 30, 30), "yellow": (30, 30, 30), "blue": (235, 235, 235), "red": (235, 235, 235)}
"""BGR."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A crop (H, W, 3) BGR and the plate's corners in it, from upper left clockwise, in pixels."""

    image: Image
    corners: Floats


def draw_plate(design: Design, rng: Rng) -> Drawn:
    """Return a crop of the plate as a detector would cut it: loose or tight, tilted, small or large."""
    wide, high = design.size
    one_line = len(design.lines) == 1
    width = float(np.exp(rng.uniform(np.log(44 if one_line else 30), np.log(220 if one_line else 160))))
    flat = _flat(design, rng, width * FINE / wide)
    corners = _corners(rng, width, width * high / wide)
    left, top, right, bottom = _margins(rng, corners)
    shape = (max(round(bottom - top), 8), max(round(right - left), 8))
    corners = (corners - (left, top)).astype(np.float32)
    image = _background(rng, (shape[0] * FINE, shape[1] * FINE))
    source = np.array([[0, 0], [flat.shape[1], 0], [flat.shape[1], flat.shape[0]], [0, flat.shape[0]]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, corners * FINE)
    size = (image.shape[1], image.shape[0])
    warped = cv2.warpPerspective(flat, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = np.zeros(image.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, np.round(corners * FINE * 2**SHIFT).astype(np.int32), 255, cv2.LINE_AA, SHIFT)
    _shade_surround(image, mask, rng)
    part = mask[:, :, None].astype(np.float32) / 255
    image = (warped * part + image * (1 - part)).astype(np.uint8)
    return Drawn(np.asarray(cv2.resize(image, shape[::-1], interpolation=cv2.INTER_AREA), np.uint8), corners)


def draw_nothing(rng: Rng) -> Image:
    """Return a crop that shows no plate, as a detector cuts one by mistake."""
    return _background(rng, (int(rng.integers(16, 110)), int(rng.integers(40, 220))))


def _corners(rng: Rng, width: float, height: float) -> Floats:
    """Return the plate's corners turned, sheared and seen from aside, around the origin."""
    x, y = width / 2, height / 2
    square = np.array([[-x, -y], [x, -y], [x, y], [-x, y]])
    square[:, 0] *= rng.uniform(0.75, 1.15)
    pan, pitch = rng.normal(0, 0.035, 2)
    scale = 1 + pan * np.sign(square[:, 0]) + pitch * np.sign(square[:, 1])
    square *= scale[:, None]
    # Most plates are seen nearly from the front, some from far aside.
    far = 3.0 if rng.random() < 0.15 else 1.0
    shear_x, shear_y = rng.normal(0, 0.06 * far), rng.normal(0, 0.05 * far)
    square = square @ np.array([[1, shear_y], [shear_x, 1]])
    tilt = np.radians(np.clip(rng.normal(0, 5), -22, 22))
    turn = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
    return np.asarray(square @ turn, np.float32)


def _margins(rng: Rng, corners: Floats) -> tuple[float, float, float, float]:
    """Return the crop's left, top, right and bottom: the plate's bounds, 5 % tighter to 20 % looser on each side."""
    (x1, y1), (x2, y2) = corners.min(0), corners.max(0)
    room = rng.uniform(-0.05, 0.2, 4) if rng.random() < 0.5 else rng.uniform(-0.02, 0.12) + rng.normal(0, 0.02, 4)
    room = np.clip(room, -0.05, 0.2)
    across, down = x2 - x1, y2 - y1
    return (
        float(x1 - room[0] * across),
        float(y1 - room[1] * down),
        float(x2 + room[2] * across),
        float(y2 + room[3] * down),
    )


def _flat(design: Design, rng: Rng, scale: float) -> Image:
    """Return the plate seen straight from the front, `scale` pixels a millimetre."""
    wide, high = design.size
    pale = rng.uniform(0, 0.45) if design.colours == "blue" else rng.uniform(0, 0.15)
    paper = np.array(PAPER[design.colours]) * (1 - pale) + 240 * pale
    paper = np.clip(paper + rng.normal(0, 7, 3) + rng.normal(0, 18), 0, 255)
    ink = np.clip(np.array(INK[design.colours]) + rng.normal(0, 10, 3) + abs(rng.normal(0, 25)), 0, 255)
    if design.colours in ("blue", "red"):
        ink = np.clip(np.array(INK[design.colours]) - abs(rng.normal(0, 25)), 0, 255)
    image = np.empty((max(round(high * scale), 8), max(round(wide * scale), 8), 3), np.uint8)
    image[:] = paper
    _rim(image, rng, ink, scale)
    face = Face.random(rng)
    thickness = rng.uniform(0.1, 0.165)
    for number, line in enumerate(design.lines):
        _write(image, line, _place(design, number, rng), face, _Pen(rng, ink, thickness, design.red_series))
    if rng.random() < 0.5:
        _bolts(image, rng, scale, one_line=len(design.lines) == 1)
    return image


def _rim(image: Image, rng: Rng, ink: npt.NDArray[np.float64], scale: float) -> None:
    """Draw the raised rim, or a frame over the plate's edge."""
    height, width = image.shape[:2]
    kind = rng.random()
    colour = tuple(float(value) for value in (ink if kind < 0.4 else [rng.uniform(10, 200)] * 3))
    edge = max(1, round(float(rng.uniform(1.5, 5)) * scale))
    inset = round(float(rng.uniform(0, 4)) * scale)
    if kind < 0.75:
        cv2.rectangle(image, (inset, inset), (width - 1 - inset, height - 1 - inset), colour, edge, cv2.LINE_AA)


def _place(design: Design, number: int, rng: Rng) -> tuple[float, float, float, float]:
    """Return a line's box left, top, right, bottom in parts of the plate."""
    if len(design.lines) == 1:
        side, height = rng.uniform(0.025, 0.07), rng.uniform(0.58, 0.8)
        top = (1 - height) / 2 + rng.normal(0, 0.01)
        return float(side), float(top), float(1 - side), float(top + height)
    side = rng.uniform(0.05, 0.12)
    if number == 0:
        if design.size[0] > 200:
            side += rng.uniform(0.0, 0.15)
        return float(side), float(rng.uniform(0.07, 0.13)), float(1 - side), float(rng.uniform(0.43, 0.48))
    return float(side), float(rng.uniform(0.51, 0.56)), float(1 - side), float(rng.uniform(0.87, 0.94))


@dataclass(frozen=True, slots=True)
class _Pen:
    rng: Rng
    ink: npt.NDArray[np.float64]
    thickness: float
    """As a part of the characters' height."""
    red_letters: bool


ADVANCES = {"-": 0.55, ".": 0.34, " ": 0.4, "1": 0.82, "M": 1.08, "W": 1.2}
"""How much of a character's place another one takes."""


def _write(image: Image, line: str, place: tuple[float, float, float, float], face: Face, pen: _Pen) -> None:
    """Write a line into its box, all characters of one width, with the gaps that fit."""
    rng = pen.rng
    height, width = image.shape[:2]
    left, top, right, bottom = place[0] * width, place[1] * height, place[2] * width, place[3] * height
    tall = bottom - top
    narrow_one = rng.random() < 0.6
    advances = [1.0 if character == "1" and not narrow_one else ADVANCES.get(character, 1.0) for character in line]
    gap = rng.uniform(0.12, 0.3)
    place_width = min((right - left) / sum(advances), tall * rng.uniform(0.55, 0.95))
    x = (left + right) / 2 - place_width * sum(advances) / 2 + rng.normal(0, 0.01) * width
    thick = max(1, round(pen.thickness * tall))
    lean = rng.normal(0, 0.01)
    for character, advance in zip(line, advances, strict=True):
        colour = _colour(character, pen)
        cell = (x + place_width * gap / 2, top, place_width * (advance - gap), tall)
        if character == "-":
            _dash(image, cell, thick, colour)
        elif character == ".":
            centre = (x + place_width * advance / 2, (top + bottom) / 2 + rng.choice([0.0, 0.1, 0.36, 0.42]) * tall)
            cv2.circle(image, _fixed(centre), round(thick * 0.55 * 2**SHIFT), colour, -1, cv2.LINE_AA, SHIFT)
        elif character != " ":
            _character(image, strokes(character, face), cell, (thick, lean), colour)
        x += place_width * advance


def _colour(character: str, pen: _Pen) -> tuple[float, ...]:
    if pen.red_letters and character.isalpha():
        return (45.0, 40.0, 200.0)
    return tuple(float(value) for value in pen.ink)


def _dash(image: Image, cell: tuple[float, float, float, float], thick: int, colour: tuple[float, ...]) -> None:
    x, y, width, height = cell
    middle = y + height / 2
    cv2.line(
        image,
        _fixed((x + thick / 2, middle)),
        _fixed((x + width - thick / 2, middle)),
        colour,
        thick,
        cv2.LINE_AA,
        SHIFT,
    )


def _character(
    image: Image,
    lines: list[npt.NDArray[np.float64]],
    cell: tuple[float, float, float, float],
    pen: tuple[int, float],
    colour: tuple[float, ...],
) -> None:
    x, y, width, height = cell
    thick, lean = pen
    inner = np.array([max(width - thick, 1.0), max(height - thick, 1.0)])
    for line in lines:
        points = line * inner + (x + thick / 2, y + thick / 2)
        points[:, 0] += (0.5 - line[:, 1]) * lean * height
        fixed = np.round(points * 2**SHIFT).astype(np.int32)
        cv2.polylines(image, [fixed], False, colour, thick, cv2.LINE_AA, SHIFT)


def _fixed(point: tuple[float, float]) -> tuple[int, int]:
    return round(point[0] * 2**SHIFT), round(point[1] * 2**SHIFT)


def _bolts(image: Image, rng: Rng, scale: float, *, one_line: bool) -> None:
    height, width = image.shape[:2]
    radius = max(1, round(float(rng.uniform(2, 5)) * scale))
    colour = (float(rng.uniform(20, 200)),) * 3
    across = float(rng.uniform(0.03, 0.25))
    downs = (
        (0.5,) if one_line and rng.random() < 0.5 else (float(rng.uniform(0.04, 0.12)), float(rng.uniform(0.45, 0.95)))
    )
    for down in downs:
        for x in (across, 1 - across):
            cv2.circle(image, (round(x * width), round(down * height)), radius, colour, -1, cv2.LINE_AA)


def _background(rng: Rng, shape: tuple[int, int]) -> Image:
    """Return bodywork, bumper, grille and whatever else surrounds a plate."""
    height, width = shape
    small = rng.uniform(0, 1, (int(rng.integers(2, 5)), int(rng.integers(2, 5)), 1))
    tint = rng.uniform(0.5, 1, 3) if rng.random() < 0.4 else np.ones(3)
    level = rng.uniform(10, 230)
    patch = np.clip(level + (small - 0.5) * rng.uniform(20, 160), 0, 255) * tint
    image = np.asarray(cv2.resize(patch.astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    for _ in range(int(rng.integers(0, 5))):
        y = int(rng.integers(0, height))
        slope = int(rng.normal(0, 0.08) * width)
        colour = tuple(float(v) for v in rng.uniform(0, 255) * rng.uniform(0.6, 1, 3))
        cv2.line(image, (0, y), (width, y + slope), colour, int(rng.integers(1, max(2, height // 10))), cv2.LINE_AA)
    if rng.random() < 0.15:
        _lettering(image, rng)
    return image


def _lettering(image: Image, rng: Rng) -> None:
    """Write a maker's name above or below, which is no part of the plate."""
    height, width = image.shape[:2]
    face = Face.random(rng)
    tall = height * float(rng.uniform(0.05, 0.12))
    y = float(rng.choice([0.0, height - tall]))
    x = float(rng.uniform(0, width * 0.6))
    colour = (float(rng.uniform(0, 255)),) * 3
    letters = "ABCDEFHKLMNRSTUVXYZ"
    for number in range(int(rng.integers(3, 8))):
        letter = letters[int(rng.integers(len(letters)))]
        cell = (x + number * tall * 0.9, y, tall * 0.7, tall)
        _character(image, strokes(letter, face), cell, (max(1, round(tall * 0.15)), 0.0), colour)


def _shade_surround(image: Image, mask: Image, rng: Rng) -> None:
    """Darken the background near the plate, as a frame or its shadow does."""
    if rng.random() < 0.5:
        reach = max(3, round(image.shape[0] * float(rng.uniform(0.02, 0.08)))) | 1
        near = cv2.dilate(mask, np.ones((reach, reach), np.uint8))
        image[near > 0] = (image[near > 0] * float(rng.uniform(0.1, 0.8))).astype(np.uint8)
