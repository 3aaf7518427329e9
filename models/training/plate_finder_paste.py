"""Plates pasted into scenes: real crops and drawn ones, warped onto vehicles at every size, in the scene's light.

Also what looks like a plate and is none: captions, and signs with words on them. All in pixels of one picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ioc.plate_strokes import Rng
from models.training.plate_crops import Crop
from models.training.plate_designs import random_design
from models.training.plate_drawing import draw_plate
from models.training.plate_finder_sources import PLATE, VEHICLES
from models.training.road_boxes import Rows
from models.training.road_found import Image
from models.training.road_labels import BUS, CAR, MOTORCYCLE, TRUCK

Floats = npt.NDArray[np.float32]

SHIFT = 4
"""Bits behind the point in OpenCV's coordinates."""

SMALLEST = (6.0, 3.5)
"""Width and height of the smallest plate that is asked for: smaller ones are some pixels of some colour."""

PART_OF_VEHICLE = {MOTORCYCLE: (0.13, 0.3), CAR: (0.12, 0.3), BUS: (0.1, 0.24), TRUCK: (0.1, 0.26)}
"""A plate's width as a part of its vehicle's box: front-on the larger, from aside the smaller."""

DOWN_VEHICLE = {MOTORCYCLE: (0.45, 0.85), CAR: (0.6, 0.92), BUS: (0.72, 0.96), TRUCK: (0.65, 0.95)}
"""Where in its vehicle's box a plate's middle lies, from the top."""

WORDS = ("CAM", "KHO", "cua hang", "sua xe", "Cafe", "PHONE", "0912", "Com pho", "TAXI", "38.38.38", "BUS", "Km 12")


@dataclass(frozen=True, slots=True)
class Patch:
    """A plate to paste: a picture, and the plate's corners in it from upper left clockwise."""

    image: Image
    corners: Floats
    lines: int

    @property
    def aspect(self) -> float:
        """Width over height."""
        return _side(self.corners, 1) / max(_side(self.corners, 3), 1.0)


def _side(corners: Floats, other: int) -> float:
    """Return how far that corner lies from the upper left one."""
    return float(np.linalg.norm(corners[other] - corners[0]))


def real_patches(crops: Sequence[Crop]) -> list[Patch]:
    """Return the plates whose edges are known: crops that end there, and labelled ones of whole pictures."""
    return [_real(crop) for crop in crops if crop.source in ("characters", "gate_whole")]


def _real(crop: Crop) -> Patch:
    image = crop.read()
    if crop.box is not None:
        height, width = image.shape[:2]
        left, top, right, bottom = (
            round(part * size) for part, size in zip(crop.box, (width, height, width, height), strict=True)
        )
        image = image[max(top, 0) : bottom, max(left, 0) : right].copy()
    return Patch(image, _whole(image), crop.lines)


def _whole(image: Image) -> Floats:
    height, width = image.shape[:2]
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)


def drawn_patch(rng: Rng, lines: int | None = None) -> Patch:
    """Return a drawn plate, of that many lines if given."""
    while True:
        design = random_design(rng)
        if lines is None or len(design.lines) == lines:
            drawn = draw_plate(design, rng)
            return Patch(drawn.image, drawn.corners, len(design.lines))


@dataclass(frozen=True, slots=True)
class Pool:
    """Where patches come from: real ones, and drawn ones in that part of all."""

    real: Sequence[Patch]
    drawn: float = 0.65

    def take(self, rng: Rng, lines: int) -> Patch:
        """Return a plate of that many lines."""
        fitting = [patch for patch in self.real if patch.lines == lines] if rng.random() >= self.drawn else []
        return fitting[int(rng.integers(len(fitting)))] if fitting else drawn_patch(rng, lines)


def quad(rng: Rng, centre: tuple[float, float], width: float, aspect: float) -> Floats:
    """Return the corners of a plate of that width, turned and seen from aside a little, around its centre."""
    x, y = width / 2, width / aspect / 2
    corners = np.array([[-x, -y], [x, -y], [x, y], [-x, y]])
    corners[:, 0] *= rng.uniform(0.65, 1.0)
    pan = rng.normal(0, 0.04)
    corners[:, 1] *= 1 + pan * np.sign(corners[:, 0])
    corners[:, 1] += corners[:, 0] * np.clip(rng.normal(0, 0.12), -0.35, 0.35)
    turn = np.radians(rng.normal(0, 3))
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return np.asarray(corners @ matrix + centre, np.float32)


def bounds(corners: Floats) -> Floats:
    """Return a plate's row `label x1 y1 x2 y2` from its corners."""
    return np.array([PLATE, *corners.min(0), *corners.max(0)], np.float32)


def on_vehicle(rng: Rng, vehicle: npt.NDArray[np.float32], pool: Pool) -> tuple[Patch, Floats]:
    """Return a plate and its corners for a vehicle's row `label x1 y1 x2 y2`."""
    label = int(vehicle[0])
    x1, y1, x2, y2 = vehicle[1:5].tolist()
    patch = pool.take(rng, 2 if label == MOTORCYCLE or rng.random() < 0.4 else 1)
    width = (x2 - x1) * rng.uniform(*PART_OF_VEHICLE[label]) * (0.75 if patch.lines == 2 and label != MOTORCYCLE else 1)
    centre = (
        (x1 + x2) / 2 + np.clip(rng.normal(0, 0.14), -0.33, 0.33) * (x2 - x1),
        y1 + rng.uniform(*DOWN_VEHICLE[label]) * (y2 - y1),
    )
    return patch, quad(rng, centre, width, patch.aspect * rng.uniform(0.9, 1.1))


def paste(rng: Rng, image: Image, patch: Patch, corners: Floats) -> None:
    """Put a plate into the picture (H, W, 3) BGR, in its light, as sharp as such a camera shows it."""
    height, width = image.shape[:2]
    margin = 0.35 * (corners.max(0) - corners.min(0)) + 3
    left, top = np.floor(corners.min(0) - margin).astype(int).clip(0)
    right, bottom = np.ceil(corners.max(0) + margin).astype(int).clip(None, (width, height))
    if right - left < 2 or bottom - top < 2:
        return
    part = image[top:bottom, left:right]
    own = (corners - (left, top)).astype(np.float32)
    if rng.random() < 0.5:
        _surround(rng, part, own)
    source, points = _fitting(patch, own)
    matrix = cv2.getPerspectiveTransform(points, own)
    size = (int(right - left), int(bottom - top))
    shown = cv2.warpPerspective(source, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    warped = _lit(rng, np.asarray(shown, np.uint8), float(np.percentile(part, 90)))
    mask = _filled(size, own)
    if rng.random() < 0.7:
        sigma = float(rng.uniform(0.3, 0.5 + 0.02 * (own[:, 0].max() - own[:, 0].min())))
        warped, mask = (
            np.asarray(cv2.GaussianBlur(layer, (0, 0), min(sigma, 1.5)), np.uint8) for layer in (warped, mask)
        )
    share = (mask.astype(np.float32) / 255)[:, :, None]
    part[:] = (warped * share + part * (1 - share)).astype(np.uint8)


def _fitting(patch: Patch, corners: Floats) -> tuple[Image, Floats]:
    """Return the patch at about the size at which it is to be shown: a warp alone would skip most of its pixels."""
    scale = _side(corners, 1) / max(_side(patch.corners, 1), 1.0)
    if scale > 0.7:
        return patch.image, patch.corners
    height, width = patch.image.shape[:2]
    size = (max(round(width * scale), 2), max(round(height * scale), 2))
    small = np.asarray(cv2.resize(patch.image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return small, (patch.corners * (size[0] / width, size[1] / height)).astype(np.float32)


def _lit(rng: Rng, plate: npt.NDArray[np.uint8], bright: float) -> npt.NDArray[np.uint8]:
    """Return the plate as bright as its surroundings let expect; plates reflect, so now and then it shines."""
    level = np.clip(bright / 200, 0.25, 1.1) ** rng.uniform(0.2, 1.0) * rng.uniform(0.75, 1.2)
    offset = rng.uniform(0, 25) if rng.random() < 0.4 else 0.0
    return np.asarray(np.clip(plate * np.float32(level) + np.float32(offset), 0, 255), np.uint8)


def _filled(size: tuple[int, int], corners: Floats) -> npt.NDArray[np.uint8]:
    mask = np.zeros((size[1], size[0]), np.uint8)
    # OpenCV's pixel centres are whole numbers, ours lie half a pixel further.
    cv2.fillConvexPoly(mask, np.round((corners - 0.5) * 2**SHIFT).astype(np.int32), 255, cv2.LINE_AA, SHIFT)
    return mask


def _surround(rng: Rng, part: Image, corners: Floats) -> None:
    """Draw a holder or a shadow around the plate."""
    middle = corners.mean(0)
    grown = ((corners - middle) * rng.uniform(1.05, 1.35, 2) + middle).astype(np.float32)
    share = (_filled((part.shape[1], part.shape[0]), grown).astype(np.float32) / 255)[:, :, None]
    share *= float(rng.uniform(0.3, 0.95))
    part[:] = (part * (1 - share) + float(rng.uniform(5, 140)) * share).astype(np.uint8)


def add_caption(rng: Rng, image: Image) -> None:
    """Burn a camera's caption into the picture's edge: a name, a time, a number of a ticket."""
    height, width = image.shape[:2]
    text = f"{rng.integers(1, 32):02}/{rng.integers(1, 13):02}/20{rng.integers(15, 27)} {rng.integers(24):02}:"
    text += f"{rng.integers(60):02}:{rng.integers(60):02}"
    code = f"{int(rng.integers(2**32)):08X}"
    text = str(rng.choice([text, f"{code} {text}", code, f"CAM {rng.integers(1, 99):02}"]))
    scale = float(rng.uniform(0.35, 0.9)) * height / 384
    x, y = int(rng.uniform(0, width * 0.6)), int(height * (0.97 if rng.random() < 0.6 else 0.07))
    colour = tuple(float(value) for value in ((0, 255, 255), (255, 255, 255), (40, 40, 40))[int(rng.integers(3))])
    face = int(rng.choice([cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_PLAIN]))
    (wide, tall), _ = cv2.getTextSize(text, face, scale, 1)
    if rng.random() < 0.3:
        cv2.rectangle(image, (x - 3, y - tall - 3), (x + wide + 3, y + 4), (0.0, 0.0, 0.0), -1)
    cv2.putText(image, text, (x, y), face, scale, colour, 1 + int(scale > 0.7), cv2.LINE_AA)


def add_sign(rng: Rng, image: Image) -> None:
    """Hang a sign with a word on it somewhere above the road."""
    height, width = image.shape[:2]
    tall = int(rng.uniform(0.03, 0.1) * height) + 4
    word = str(rng.choice(WORDS))
    (text_wide, text_tall), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_SIMPLEX, 1.0, 2)
    scale = tall * rng.uniform(0.3, 0.6) / text_tall
    wide = int(text_wide * scale * rng.uniform(1.1, 2.5)) + 4
    x, y = int(rng.uniform(0, max(width - wide, 1))), int(rng.uniform(0, height * 0.35))
    paper = tuple(float(value) for value in rng.uniform(0, 255, 3))
    ink = (255.0, 255.0, 255.0) if sum(paper) < 380 else (20.0, 20.0, 20.0)
    cv2.rectangle(image, (x, y), (x + wide, y + tall), paper, -1)
    place = (x + int((wide - text_wide * scale) / 2), y + int((tall + text_tall * scale) / 2))
    cv2.putText(image, word, place, cv2.FONT_HERSHEY_SIMPLEX, scale, ink, max(1, round(2 * scale)), cv2.LINE_AA)


def is_vehicle(rows: Rows) -> npt.NDArray[np.bool_]:
    """Return (N,) whether a row is a vehicle that bears a plate."""
    return np.isin(rows[:, 0], VEHICLES)
