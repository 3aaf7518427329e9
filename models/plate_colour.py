"""The colour of a plate, read on the middle of its crop: it tells commercial, government and army vehicles apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from ioc.types import Image

PlateColour = Literal["white", "yellow", "blue", "red", "unknown"]


@dataclass(frozen=True, slots=True)
class ColourLimits:
    """Where one colour ends; hues are OpenCV's, 0 to 179, the rest 0 to 255 unless said otherwise."""

    across: float = 0.6
    """How much of the crop's width is looked at: what is left is plate even in a loose crop."""
    down: float = 0.5
    """The same for its height."""
    contrast: float = 22.0
    """Least difference between the light and the dark part."""
    painted: float = 0.25
    """How colourful the dark part is when it is paint and not ink, as a part of the light part's brightness."""
    grey_below: float = 60.0
    """Least saturation of a colour; less is white under some lamp."""
    yellow_from: float = 95.0
    """Saturation from which a light paper is surely yellow."""
    yellow: tuple[int, int] = (14, 38)
    blue: tuple[int, int] = (92, 132)
    red: tuple[int, int] = (165, 12)


def plate_colour(image: Image, limits: ColourLimits | None = None) -> PlateColour:
    """Return the colour of the plate that fills a crop (H, W, 3) BGR, "unknown" when it is not clear.

    White and yellow plates have black characters, blue and red ones white characters. So a dark part that is colourful
    is paint, and a white plate under a tail lamp is no red one.
    """
    limits = limits or ColourLimits()
    height, width = image.shape[:2]
    top, left = int(height * (1 - limits.down) / 2), int(width * (1 - limits.across) / 2)
    part = np.ascontiguousarray(image[top : height - top, left : width - left])
    light = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY)
    threshold, _ = cv2.threshold(light, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    bright = light > threshold
    if not bright.any() or bright.all():
        return "unknown"
    if float(np.median(light[bright])) - float(np.median(light[~bright])) < limits.contrast:
        return "unknown"
    paper, ink = _median(part[bright]), _median(part[~bright])
    if _colourfulness(ink) >= limits.painted * float(paper.max()) and _colourfulness(ink) > _colourfulness(paper):
        return _dark_paper(_hue_and_saturation(ink)[0], limits)
    return _light_paper(*_hue_and_saturation(paper), limits)


def _median(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return np.asarray(np.median(pixels, axis=0), np.uint8)


def _colourfulness(colour: npt.NDArray[np.uint8]) -> float:
    return float(colour.max()) - float(colour.min())


def _hue_and_saturation(colour: npt.NDArray[np.uint8]) -> tuple[float, float]:
    hue, saturation, _ = cv2.cvtColor(colour.reshape(1, 1, 3), cv2.COLOR_BGR2HSV)[0, 0]
    return float(hue), float(saturation)


def _light_paper(hue: float, saturation: float, limits: ColourLimits) -> PlateColour:
    yellow = limits.yellow[0] <= hue <= limits.yellow[1]
    if yellow and saturation >= limits.yellow_from:
        return "yellow"
    return "white" if saturation < limits.grey_below or not yellow else "unknown"


def _dark_paper(hue: float, limits: ColourLimits) -> PlateColour:
    if limits.blue[0] <= hue <= limits.blue[1]:
        return "blue"
    return "red" if hue >= limits.red[0] or hue <= limits.red[1] else "unknown"
