"""Where plates are in a frame of video: on the vehicles that are looked at, or anywhere in the picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ioc.geometry import iou, shared
from ioc.types import Box, Detection, Image, Track
from models.detector import Detector
from models.plates import LABEL

HELD = 0.7
"""Share of a plate that lies in the box of the vehicle that bears it."""
SAME = 0.5
"""Overlap (IoU) of two boxes of one plate."""

Thing = TypeVar("Thing", Detection, Track)


@dataclass(frozen=True, slots=True)
class SpotSettings:
    """How plates are looked for in video; sizes are the long side in pixels."""

    threshold: float = 0.25
    """Least score of a plate."""
    shapes: tuple[float, float] = (0.8, 7.0)
    """Width over height that a plate may have, turned or from aside."""
    lower: float = 0.7
    """Share of a vehicle's box, from below, that is looked at: no plate is on a roof or a rider."""
    around: float = 0.06
    """Share of the box's size that is looked at beside and below it."""
    enlarged: float = 1.5
    """How many times as large as it is a vehicle is shown to the finder, within `part_sizes`."""
    part_sizes: tuple[int, int] = (160, 256)
    reduced: float = 0.67
    """The same of a whole picture, within `picture_sizes`."""
    picture_sizes: tuple[int, int] = (640, 960)


class PlateSpotter:
    """Finds plates with a detector that knows the label `plate`."""

    def __init__(self, finder: Detector, settings: SpotSettings | None = None) -> None:
        self._finder = finder
        self._settings = settings or SpotSettings()

    def in_picture(self, image: Image) -> list[Detection]:
        """Return the plates in a picture, (H, W, 3) uint8 BGR, surest first. Raises ModelError when the model fails."""
        settings = self._settings
        return _distinct(self._found(image, settings.reduced, settings.picture_sizes))

    def on_vehicles(self, image: Image, vehicles: Iterable[Box]) -> list[Detection]:
        """Return the plates found on the vehicles in those boxes, in fractions of the picture, surest first.

        A plate of one that stands before or behind may be among them. Raises ModelError when the model fails.
        """
        settings = self._settings
        found = []
        for vehicle in vehicles:
            part, box = _lower_part(image, vehicle, settings)
            found += [_placed(plate, box) for plate in self._found(part, settings.enlarged, settings.part_sizes)]
        return _distinct(found)

    def _found(self, image: Image, scale: float, sizes: tuple[int, int]) -> list[Detection]:
        """Return what is found in a picture shown at that scale, within sizes, and has the shape of a plate."""
        height, width = image.shape[:2]
        size = min(max(round(scale * max(height, width)), sizes[0]), sizes[1])
        (found,) = self._finder.detect([image], threshold=self._settings.threshold, size=size)
        return [plate for plate in found if plate.label == LABEL and self._may_be(plate.box, width, height)]

    def _may_be(self, box: Box, width: int, height: int) -> bool:
        """Return whether a plate may have the box's shape in a picture of that size, and a pixel at least."""
        low, high = self._settings.shapes
        across, down = box.width * width, box.height * height
        return down >= 1 and low * down <= across <= high * down


def bearer_of(plate: Box, vehicles: Sequence[Thing]) -> Thing | None:
    """Return the vehicle that bears a plate: of those that hold it the smallest, which stands before the others."""
    holding = [vehicle for vehicle in vehicles if shared(plate, vehicle.box) >= HELD * plate.area]
    return min(holding, key=lambda vehicle: vehicle.box.area, default=None)


def _lower_part(image: Image, vehicle: Box, settings: SpotSettings) -> tuple[Image, Box]:
    """Return the part of a picture that is looked at for a vehicle, and where exactly it is."""
    height, width = image.shape[:2]
    beside, below = settings.around * vehicle.width, settings.around * vehicle.height
    left = max(int((vehicle.x1 - beside) * width), 0)
    right = min(max(round((vehicle.x2 + beside) * width), left + 1), width)
    top = min(int((vehicle.y2 - settings.lower * vehicle.height) * height), height - 1)
    bottom = min(max(round((vehicle.y2 + below) * height), top + 1), height)
    return image[top:bottom, left:right], Box(left / width, top / height, right / width, bottom / height)


def _placed(plate: Detection, part: Box) -> Detection:
    """Return a plate that was found in a part of the picture, in fractions of the whole."""
    own = plate.box
    x1, x2 = (min(part.x1 + x * part.width, 1.0) for x in (own.x1, own.x2))
    y1, y2 = (min(part.y1 + y * part.height, 1.0) for y in (own.y1, own.y2))
    return Detection(plate.label, plate.score, Box(x1, y1, x2, y2))


def _distinct(plates: Iterable[Detection]) -> list[Detection]:
    """Return the plates surest first, each but once."""
    kept: list[Detection] = []
    for plate in sorted(plates, key=lambda plate: -plate.score):
        if all(iou(plate.box, other.box) < SAME for other in kept):
            kept.append(plate)
    return kept
