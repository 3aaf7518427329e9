"""Readings `stationary`: what stands still where the ground is free as a rule, how long already, and how it came.

A region begins when its pixels have stood still for a moment (`models.still_ground`), and keeps its number and its
beginning for as long as a good part of them does, whatever passes in front. People are cut out: what they are is known
better from their detections. Whether something was *placed* or *removed* shows at the region's edge, which is sharper
in the picture than in the ground when something came, and the other way round when something went.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import cv2
import numpy as np
import numpy.typing as npt

from ioc.geometry import iou, widened
from ioc.types import Box, Detection, Frame, Image, Json, Reading
from models.detector import Detector
from models.plate_voting import cut
from models.still_ground import Mask, StillGround, small

KIND = "stationary"

MATURE = timedelta(seconds=1)
"""What stands still for so long is a region."""
GROWS = timedelta(seconds=3)
"""For so long after it began, what becomes still beside a region belongs to it."""
JUDGED_EVERY = timedelta(seconds=1)
"""How often it is looked at whether a region was placed or removed."""
LEAST_SIDE = 0.01
"""Smaller than this part of the picture's width, across or down, nothing is told of."""
LARGEST = 0.35
"""A region that covers more than this part of the picture is no object."""
LEFT = 0.4
"""A region has gone when less than this part of it stands still."""
PEOPLE = 0.3
"""Least score of a person who is cut out."""
AWAY = timedelta(seconds=1)
"""A person missed for no longer than this is still cut out."""

ASKED_EVERY = timedelta(seconds=2)
"""How often the detector is asked what a region is."""
ASKED_AT_ONCE = 2
"""About so many regions of one picture, at most; the others wait."""
ASK_SIZE = 256
"""Long side in pixels of what the detector is shown of a region and its surroundings ..."""
SURROUNDINGS = 1.0
"""... which reach so many of its own sizes to each side."""
SURE = 0.3
"""Least score of what the detector takes a region for."""
IS_IT = 0.3
"""Overlap (IoU) of a region with what it is taken for."""

CLOSE = np.ones((5, 5), np.uint8)
OPEN = np.ones((3, 3), np.uint8)


@dataclass(slots=True)
class Region:
    """One thing that stands still."""

    number: int
    began: datetime
    top: int
    left: int
    mask: Mask
    """Which pixels of the small picture it covers, (rows, columns) from `top` and `left` on."""
    placed: float = 0.0
    """From -1, certainly removed, to 1, certainly placed."""
    judged: datetime | None = None
    label: str | None = None
    """What the detector takes it for."""
    asked: datetime | None = None

    def window(self, rim: int = 0) -> tuple[slice, slice]:
        """Return where the mask lies in the small picture, with so many pixels around it."""
        rows, columns = self.mask.shape
        return (
            slice(max(self.top - rim, 0), self.top + rows + rim),
            slice(max(self.left - rim, 0), self.left + columns + rim),
        )

    def box(self, shape: tuple[int, ...]) -> Box:
        """Return its bounds as fractions of the small picture of that shape."""
        height, width = shape[:2]
        rows, columns = self.mask.shape
        return Box(self.left / width, self.top / height, (self.left + columns) / width, (self.top + rows) / height)

    def share_in(self, mask: Mask) -> float:
        """Return which part of the region a mask of the whole small picture holds."""
        return float(np.count_nonzero(mask[self.window()] & self.mask) / np.count_nonzero(self.mask))

    def cut_from(self, mask: Mask) -> None:
        """Take the region out of a mask of the whole small picture."""
        mask[self.window()][self.mask] = False

    def add_to(self, mask: Mask) -> None:
        """Put the region into a mask of the whole small picture."""
        mask[self.window()][self.mask] = True

    def become(self, part: Mask) -> None:
        """Cover this part of the whole small picture."""
        self.left, self.top, wide, tall = cv2.boundingRect(part.view(np.uint8))
        self.mask = part[self.top : self.top + tall, self.left : self.left + wide].copy()


class StationaryPlace:
    """What stands still in one camera's run; `detector` is asked what it is, at inputs of `size` pixels."""

    def __init__(self, frame: Frame, detector: Detector, size: int) -> None:
        self.run = frame.run
        self._detector, self._size = detector, size
        self._ground = StillGround(frame.at, small(frame.image))
        self._regions: list[Region] = []
        self._people: list[tuple[datetime, Box]] = []
        self._count = 0

    def look(self, frame: Frame, found: Sequence[Detection]) -> tuple[Reading, ...]:
        """Return what stands still in the next frame."""
        picture = small(frame.image)
        self._people = [
            *(one for one in self._people if frame.at - one[0] <= AWAY),
            *((frame.at, one.box) for one in found if one.label == "person" and one.score >= PEOPLE),
        ]
        if self._ground.take(frame.at, picture):
            self._follow(frame.at)
            self._judge(frame.at, picture)
            self._ask(frame.at, frame.image, picture.shape)
        return tuple(self._reading(region, frame.at, picture.shape) for region in self._regions)

    def _follow(self, at: datetime) -> None:
        mature = self._ground.stood >= MATURE.total_seconds()
        self._regions = [region for region in self._regions if region.share_in(mature) >= LEFT]
        self._cut_people(mature)
        young = [region for region in self._regions if at - region.began <= GROWS]
        for region in self._regions:
            if region in young:
                region.add_to(mature)
            else:
                region.cut_from(mature)
        for part in _parts(mature):
            held = [region for region in young if region.share_in(part) > 0]
            if held:
                held[0].become(part)
                self._regions = [region for region in self._regions if region not in held[1:]]
            elif _may_begin(part):
                self._begin(part, at)

    def _begin(self, part: Mask, at: datetime) -> None:
        stood = timedelta(seconds=round(float(np.median(self._ground.stood[part])), 3))
        self._count += 1
        region = Region(self._count, at - stood, 0, 0, part)
        region.become(part)
        self._regions.append(region)

    def _cut_people(self, mask: Mask) -> None:
        height, width = mask.shape
        for _, box in self._people:
            rows = slice(int(box.y1 * height), int(np.ceil(box.y2 * height)))
            mask[rows, int(box.x1 * width) : int(np.ceil(box.x2 * width))] = False

    def _judge(self, at: datetime, picture: Image) -> None:
        due = [region for region in self._regions if region.judged is None or at - region.judged >= JUDGED_EVERY]
        ground = self._ground.picture if due else picture
        for region in due:
            window = region.window(rim=2)
            shape = np.pad(region.mask, 2)[_inside(region, 2, picture.shape)]
            region.placed, region.judged = _placed(shape, picture[window], ground[window]), at

    def _ask(self, at: datetime, image: Image, shape: tuple[int, ...]) -> None:
        """Ask the detector what the regions are that have waited longest for it."""
        due = [region for region in self._regions if region.asked is None or at - region.asked >= ASKED_EVERY]
        due = sorted(due, key=lambda region: region.asked or region.began)[:ASKED_AT_ONCE]
        boxes = [region.box(shape) for region in due]
        around = [widened(box, SURROUNDINGS, SURROUNDINGS) for box in boxes]
        shown = [cut(image, part) for part in around]
        asked = self._detector.detect(shown, threshold=SURE, size=self._size, max_batch=1)
        for region, box, part, found in zip(due, boxes, around, asked, strict=True):
            region.asked = at
            here = _in_part(box, part)
            seen = max(found, key=lambda detection: iou(detection.box, here), default=None)
            region.label = seen.label if seen is not None and iou(seen.box, here) >= IS_IT else None

    def _reading(self, region: Region, at: datetime, shape: tuple[int, ...]) -> Reading:
        value: dict[str, Json] = {
            "place": region.number,
            "age": round((at - region.began).total_seconds(), 2),
            "visible": round(region.share_in(self._ground.still), 2),
            "placed": round(region.placed, 2),
            "label": region.label,
        }
        return Reading(KIND, value, 1.0, region.box(shape))


def _in_part(box: Box, part: Box) -> Box:
    """Return a box in fractions of a part of the picture that holds it."""
    return Box(
        (box.x1 - part.x1) / part.width,
        (box.y1 - part.y1) / part.height,
        min((box.x2 - part.x1) / part.width, 1.0),
        min((box.y2 - part.y1) / part.height, 1.0),
    )


def _inside(region: Region, rim: int, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Return which part of the mask with a rim around it lies inside the small picture."""
    rows, columns = region.mask.shape
    top, left = max(rim - region.top, 0), max(rim - region.left, 0)
    bottom = rows + 2 * rim - max(region.top + rows + rim - shape[0], 0)
    right = columns + 2 * rim - max(region.left + columns + rim - shape[1], 0)
    return slice(top, bottom), slice(left, right)


def _parts(mask: Mask) -> Iterator[Mask]:
    """Yield the connected parts of a mask, each as a mask, without specks and threads."""
    if not mask.any():
        return
    whole = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, CLOSE)
    count, labels = cv2.connectedComponents(cv2.morphologyEx(whole, cv2.MORPH_OPEN, OPEN))
    for number in range(1, count):
        yield labels == number


def _may_begin(part: Mask) -> bool:
    *_, wide, tall = cv2.boundingRect(part.view(np.uint8))
    return bool(min(wide, tall) >= LEAST_SIDE * part.shape[1] and np.count_nonzero(part) <= LARGEST * part.size)


def _placed(mask: Mask, picture: Image, ground: Image) -> float:
    """Return from -1 to 1 how much sharper the region's edge is in the picture than in the ground."""
    shape = mask.astype(np.uint8)
    rim = (cv2.dilate(shape, OPEN) - cv2.erode(shape, OPEN)).astype(np.bool_)
    now, before = float(_sharpness(picture)[rim].mean()), float(_sharpness(ground)[rim].mean())
    return (now - before) / (now + before + 1e-6)


def _sharpness(picture: Image) -> npt.NDArray[np.float32]:
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.magnitude(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)), np.float32)


class StationarySight:
    """Tells what stands still in the frames of all its cameras, each camera's runs apart.

    Each reading's value holds `place`, the region's number within the run; `age`, how many seconds it has stood;
    `visible`, which part of it can be seen now, 0 to 1; `placed`, from -1 (something went) to 1 (something came); and
    `label`, what the detector takes it for, or None.
    """

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._size = detector.only_size or ASK_SIZE
        self._places: dict[str, StationaryPlace] = {}

    def look(self, frames: Sequence[Frame], found: Sequence[Sequence[Detection]]) -> list[tuple[Reading, ...]]:
        """Return each frame's readings, in order; `found` is what was detected in each frame.

        Raises ModelError when the detector fails.
        """
        return [self._look(frame, objects) for frame, objects in zip(frames, found, strict=True)]

    def _look(self, frame: Frame, found: Sequence[Detection]) -> tuple[Reading, ...]:
        place = self._places.get(frame.camera)
        if place is None or place.run != frame.run:
            self._places[frame.camera] = StationaryPlace(frame, self._detector, self._size)
            return ()
        return place.look(frame, found)

    def describe(self) -> dict[str, Json]:
        """Return what decides what is read, for a tape's header."""
        return {"reads": KIND, "asks": {**self._detector.describe()}, "size": self._size}

    def ran(self) -> list[dict[str, str]]:
        """Return which file of weights runs where."""
        return [self._detector.describe()]
