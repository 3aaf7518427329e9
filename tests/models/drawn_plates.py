"""Pictures of plates on bodywork, turned and seen from aside, for tests of what looks at plates."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from ioc.types import Box, Image
from models.training.plate_hardship import rotation, shear
from streams.scene_plates import LONG, SHORT, SMALL, Blank, Plate, plate_drawing

BODY = (74, 70, 66)
ROAD = (96, 98, 97)

__all__ = ["LONG", "SHORT", "SMALL", "bodywork", "car", "paint", "road", "rotation", "shear"]


def bodywork(height: int = 240, width: int = 400) -> Image:
    """Return a picture of nothing but bodywork."""
    image = np.empty((height, width, 3), np.uint8)
    image[:] = BODY
    return image


def road(height: int = 540, width: int = 960) -> Image:
    """Return a picture of an empty road."""
    image = np.empty((height, width, 3), np.uint8)
    image[:] = ROAD
    return image


def car(image: Image, box: tuple[int, int, int, int], text: str, blank: Blank = LONG, *, plate: float) -> Box:
    """Draw the rear of a car with a plate that is so many pixels wide, and return the box of the car.

    `box` is left, top, width and height in pixels; a part of it may lie outside the picture.
    """
    left, top, wide, high = box
    tall, across = image.shape[:2]

    def fill(x: float, y: float, w: float, h: float, colour: tuple[int, int, int]) -> None:
        x1, y1 = max(round(left + x * wide), 0), max(round(top + y * high), 0)
        image[y1 : max(round(top + (y + h) * high), 0), x1 : max(round(left + (x + w) * wide), 0)] = colour

    fill(0, 0, 1, 1, BODY)
    fill(0.12, 0.1, 0.76, 0.23, (40, 36, 34))
    fill(0.02, 0.95, 0.12, 0.05, (20, 20, 20))
    fill(0.86, 0.95, 0.12, 0.05, (20, 20, 20))
    paint(image, text, blank, centre=(left + wide / 2, top + 0.7 * high), width=plate)
    shown = Box.clipped(left / across, top / tall, (left + wide) / across, (top + high) / tall)
    assert shown is not None
    return shown


def paint(
    image: Image,
    text: str,
    blank: Blank = LONG,
    *,
    centre: tuple[float, float],
    width: float,
    turn: npt.NDArray[np.float64] | None = None,
) -> Box:
    """Paint a plate that is so many pixels wide into the picture, and return the upright box around it."""
    drawing = plate_drawing(Plate.parse(text), blank, width)
    turn = np.eye(2) if turn is None else turn
    high, wide = drawing.shape[:2]
    scaled = turn * (width / wide)
    shift = np.array(centre) - scaled @ (np.array((wide, high)) / 2)
    matrix = np.hstack((scaled, shift[:, None]))
    size = (image.shape[1], image.shape[0])
    mask = cv2.warpAffine(np.full((high, wide), 255, np.uint8), matrix, size, flags=cv2.INTER_AREA)
    painted = cv2.warpAffine(drawing, matrix, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    image[mask > 127] = painted[mask > 127]
    corners = np.array(((0, 0), (wide, 0), (wide, high), (0, high))) @ scaled.T + shift
    return _around(corners, size)


def _around(corners: npt.NDArray[np.float64], size: Sequence[int]) -> Box:
    (x1, y1), (x2, y2) = corners.min(axis=0) / size, corners.max(axis=0) / size
    box = Box.clipped(float(x1), float(y1), float(x2), float(y2))
    assert box is not None
    return box
