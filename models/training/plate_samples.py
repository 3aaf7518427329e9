"""Batches for the plate reader: drawn and real plates, worn by weather and cameras, resized for the network."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import numpy.typing as npt

from ioc.plate_strokes import Rng
from models.plate_reader import as_input, input_shape
from models.training.plate_crops import Box, Crop
from models.training.plate_designs import random_design
from models.training.plate_drawing import Image, draw_nothing, draw_plate
from models.training.plate_wear import Wear

SIZE = 160
"""What the manifest calls the reader's size: the width that every crop is resized to, whatever its shape."""

HEIGHT, WIDTH = input_shape(SIZE)

Texts = tuple[str, str]
"""Upper and lower line; of a one-line plate the lower is empty."""

SURROUND = 0.6
"""How much around a plate's box is kept of a whole picture, as a part of the box."""

TIGHT_SOURCES = frozenset({"characters"})
"""Sets whose crops end at the plate's edge, so that no more may be cut off."""


FAR_TURNED = 0.2
"""Part of the real plates that are turned further than a mounted plate is: by 9° at one standard deviation."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """A real plate kept in memory: the picture, or the part of it around the plate, and the plate's box in it."""

    image: Image
    box: Box
    texts: Texts
    tight: bool


@dataclass(frozen=True, slots=True)
class Plates:
    """What a run learns from: one half drawn, the other real. A batch depends on the random numbers alone."""

    real: Sequence[Learnt]
    drawn_part: float = 0.5
    empty_part: float = 0.02
    """Crops without a plate, so that there nothing is read."""
    wear: Wear = field(default_factory=Wear)
    real_wear: Wear = field(default_factory=lambda: Wear(strength=0.7))
    _chances: npt.NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        """Reckon once how often each real plate comes."""
        object.__setattr__(self, "_chances", _chances(self.real))

    def batch(self, rng: Rng, size: int, *, strength: float = 1.0) -> tuple[npt.NDArray[np.float32], list[Texts]]:
        """Return images (size, 3, H, W) RGB 0 to 1 and their texts; `strength` scales the wear, for a gentle start."""
        wear, real_wear = (replace(own, strength=own.strength * strength) for own in (self.wear, self.real_wear))
        images = np.empty((size, 3, HEIGHT, WIDTH), np.float32)
        texts = []
        for number in range(size):
            text: Texts
            if rng.random() < self.empty_part:
                image, text = wear.apply(draw_nothing(rng), rng), ("", "")
            elif not self.real or rng.random() < self.drawn_part:
                design = random_design(rng)
                image, text = wear.apply(draw_plate(design, rng).image, rng), design.texts
            else:
                plate = self.real[int(np.searchsorted(self._chances, rng.random()))]
                image, text = real_wear.apply(cut(plate, rng), rng), plate.texts
            images[number] = as_input(image, SIZE)
            texts.append(text)
        return images, texts


def _chances(real: Sequence[Learnt]) -> npt.NDArray[np.float64]:
    """Return cumulative chances: rare layouts and letters come more often than their number says, by the root of it.

    What counts as one is the length of both lines and the upper one with its digits masked, so that `98BA` comes more
    often beside many `98B1`: what is seen must outweigh what is usual.
    """
    if not real:
        return np.zeros(0)
    looks = [(re.sub(r"\d", "0", plate.texts[0]), len(plate.texts[1])) for plate in real]
    often = Counter(looks)
    total = np.cumsum([often[look] ** -0.5 for look in looks])
    return np.asarray(total / total[-1], np.float64)


def learn(crops: Sequence[Crop]) -> list[Learnt]:
    """Return the crops that are not held back, read into memory."""
    return [_learnt(crop) for crop in crops if not crop.held_back]


def _learnt(crop: Crop) -> Learnt:
    image = crop.read()
    if crop.box is None:
        return Learnt(image, (0.0, 0.0, 1.0, 1.0), (crop.upper, crop.lower), crop.source in TIGHT_SOURCES)
    height, width = image.shape[:2]
    x1, y1, x2, y2 = crop.box
    left, right = max(0, int((x1 - SURROUND * (x2 - x1)) * width)), int((x2 + SURROUND * (x2 - x1)) * width)
    top, bottom = max(0, int((y1 - SURROUND * (y2 - y1)) * height)), int((y2 + SURROUND * (y2 - y1)) * height)
    part = image[top:bottom, left:right].copy()
    high, wide = part.shape[:2]
    box = (
        (x1 * width - left) / wide,
        (y1 * height - top) / high,
        (x2 * width - left) / wide,
        (y2 * height - top) / high,
    )
    return Learnt(part, box, (crop.upper, crop.lower), tight=True)


def cut(plate: Learnt, rng: Rng) -> Image:
    """Return the plate cut out anew: other margins, a little turned and seen from elsewhere."""
    height, width = plate.image.shape[:2]
    x1, y1, x2, y2 = plate.box
    across, down = (x2 - x1) * width, (y2 - y1) * height
    room = rng.uniform(-0.02 if plate.tight else -0.08, 0.2 if plate.tight else 0.06, 4)
    turn = np.radians(rng.normal(0, 9 if rng.random() < FAR_TURNED else 3.5))
    if rng.random() < 0.3:
        room[:] = 0
    elif plate.tight:
        room += 0.5 * abs(np.sin(turn))  # what turns would leave at the corners
    left, top = x1 * width - room[0] * across, y1 * height - room[1] * down
    right, bottom = x2 * width + room[2] * across, y2 * height + room[3] * down
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    middle = corners.mean(0)
    lean = rng.normal(0, 0.15 if rng.random() < 0.15 else 0.03)
    matrix = np.array([[1, 0], [lean, 1]]) @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    corners = ((corners - middle) @ matrix + middle + rng.normal(0, 0.012, (4, 2)) * (across, down)).astype(np.float32)
    size = (max(round(right - left), 16), max(round(bottom - top), 8))
    target = np.array([[0, 0], [size[0], 0], size, [0, size[1]]], np.float32)
    transform = cv2.getPerspectiveTransform(corners, target)
    return np.asarray(cv2.warpPerspective(plate.image, transform, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)
