"""Sees flames and smoke in video: a seer that gives readings `hazard`, `flame` and `smoke`.

The `hazard` model is asked about the whole picture at a slow rate, and for a while at every picture once it has found
something; in between about single parts, enlarged, that have the colour of flames and never hold still. Each look gives
a reading `hazard`, whether it found anything or not: a rule can tell a look that found nothing from no look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import cv2
import numpy as np

from ioc.types import SCORE_DECIMALS, Box, Detection, Frame, Image, Json, Reading
from models.detector import Detector
from models.liveliness import Liveliness
from models.plate_voting import cut
from models.still_ground import Mask

LOOK = "hazard"
WHOLE = Box(0.0, 0.0, 1.0, 1.0)
KINDS = {"fire": "flame", "smoke": "smoke"}
"""The model's labels, and what their readings are called."""


@dataclass(frozen=True, slots=True)
class HazardSettings:
    """How often is looked, and where."""

    threshold: float = 0.1
    """Least score of what is told."""
    slow: timedelta = timedelta(seconds=1)
    """How often the whole picture is looked at when nothing is there."""
    alarming: float = 0.2
    """From this score on the whole picture is looked at each time ..."""
    alert: timedelta = timedelta(seconds=4)
    """... for so long after it was last found."""
    part_every: timedelta = timedelta(seconds=1)
    """How often one part of the picture is looked at."""
    lively: float = 8.0
    """Grey levels that a part must change by to be looked at."""
    fiery: float = 0.05
    """And so many of its pixels must have the colour of flames, or the white that flames have without colours."""
    parts: int = 3
    """So many parts take turns: those that change most."""
    least_part: float = 0.3
    """A part is looked at with so much of the picture's width and height, at least."""
    size: int = 640
    """Long side of the model's input in pixels for the whole picture ..."""
    part_size: int = 480
    """... and for a part."""


class HazardPlace:
    """What is known of one camera's run."""

    def __init__(self, frame: Frame, detector: Detector, settings: HazardSettings) -> None:
        self.run = frame.run
        self._detector, self._settings = detector, settings
        self._lively = Liveliness(frame.at, frame.image)
        self._looked: datetime | None = None
        self._part_looked = frame.at
        self._found: datetime | None = None
        self._turn = 0

    def look(self, frame: Frame) -> tuple[Reading, ...]:
        """Return what the next frame shows, nothing when it is not looked at."""
        settings, at = self._settings, frame.at
        if self._looked is not None:
            self._lively.take(at, frame.image)
        readings: list[Reading] = []
        if self._looked is None or at - self._looked >= settings.slow or self._is_alert(at):
            self._looked = at
            readings += self._told(WHOLE, self._seen(frame.image, settings.size))
        if at - self._part_looked >= settings.part_every:
            self._part_looked = at
            readings += self._look_at_a_part(frame.image)
        if any(reading.kind != LOOK and reading.score >= settings.alarming for reading in readings):
            self._found = at
        return tuple(readings)

    def _is_alert(self, at: datetime) -> bool:
        return self._found is not None and at - self._found <= self._settings.alert

    def _look_at_a_part(self, image: Image) -> list[Reading]:
        """Look at one of the liveliest parts that may burn, another one each time."""
        settings = self._settings
        burning = self._lively.share_of(fiery(self._lively.picture)) >= settings.fiery
        parts = self._lively.lively_parts(settings.lively, burning)[: settings.parts]
        if not parts:
            return []
        self._turn += 1
        part = _widened(parts[self._turn % len(parts)], settings.least_part)
        found = self._seen(cut(image, part), settings.part_size)
        return self._told(part, [_in_frame(detection, part) for detection in found])

    def _seen(self, image: Image, size: int) -> Sequence[Detection]:
        (found,) = self._detector.detect([image], threshold=self._settings.threshold, size=size)
        return found

    def _told(self, part: Box, found: Sequence[Detection]) -> list[Reading]:
        look = Reading(LOOK, {"whole": part == WHOLE, "usual": round(self._lively.usual, 1)}, 1.0, part)
        things = (
            Reading(
                KINDS[one.label],
                {"whole": part == WHOLE, "lively": round(self._lively.within(one.box), 1)},
                round(one.score, SCORE_DECIMALS),
                one.box,
            )
            for one in found
            if one.label in KINDS
        )
        return [look, *things]


def fiery(picture: Image) -> Mask:
    """Return which pixels of a picture, (h, w, 3) BGR, have the colour of flames, (h, w).

    Red to yellow and bright, after Chen, Wu and Chiou (2004), "An early fire-detection method based on image
    processing"; or white, as flames are to a camera at night.
    """
    blue, green, red = (channel.astype(np.int16) for channel in cv2.split(picture))
    coloured = (red >= 180) & (red >= green) & (green >= blue) & (red - blue >= 40)
    white = np.minimum(np.minimum(blue, green), red) >= 235
    return np.asarray(coloured | white, np.bool_)


def _widened(part: Box, least: float) -> Box:
    """Return a part with half its size around it, and not less than a share of the picture, inside the picture."""
    width, height = max(2 * part.width, least), max(2 * part.height, least)
    x, y = part.centre.x, part.centre.y
    left = min(max(x - width / 2, 0.0), max(1 - width, 0.0))
    top = min(max(y - height / 2, 0.0), max(1 - height, 0.0))
    return Box(left, top, min(left + width, 1.0), min(top + height, 1.0))


def _in_frame(found: Detection, part: Box) -> Detection:
    """Return what was found in a part of the picture as it lies in the whole."""
    box = found.box
    x1, x2 = (part.x1 + edge * part.width for edge in (box.x1, box.x2))
    y1, y2 = (part.y1 + edge * part.height for edge in (box.y1, box.y2))
    return Detection(found.label, found.score, Box(x1, y1, min(x2, 1.0), min(y2, 1.0)))


class HazardSight:
    """Looks for flames and smoke in the frames of all its cameras, each camera's runs apart."""

    def __init__(self, detector: Detector, settings: HazardSettings | None = None) -> None:
        self._detector = detector
        self._settings = settings or HazardSettings()
        self._places: dict[str, HazardPlace] = {}

    def look(self, frames: Sequence[Frame], _found: Sequence[Sequence[Detection]]) -> list[tuple[Reading, ...]]:
        """Return each frame's readings, in order; raises ModelError when the model fails.

        A look's box is what was looked at, and its value says whether that was the `whole` picture and how many grey
        levels it `usual`ly changes by between two pictures. A `flame` or `smoke` has the model's score and box, and its
        value says whether the `whole` picture was looked at and how `lively` it is where it was found.
        """
        return [self._place_of(frame).look(frame) for frame in frames]

    def _place_of(self, frame: Frame) -> HazardPlace:
        place = self._places.get(frame.camera)
        if place is None or place.run != frame.run:
            place = self._places[frame.camera] = HazardPlace(frame, self._detector, self._settings)
        return place

    def describe(self) -> dict[str, Json]:
        """Return what decides what is read, for a tape's header."""
        return {**self._detector.describe(), "reads": LOOK, "size": self._settings.size}

    def ran(self) -> list[dict[str, str]]:
        """Return which file of weights runs where."""
        return [self._detector.describe()]
