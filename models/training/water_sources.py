"""The pictures that the water model learns from: floods with masks, floods with buses, and streets without any.

Places are held back, never chance alone: a fixed camera as a whole, and photos of one place together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ioc.errors import ModelError
from models.training.road_augment import Plane
from models.training.road_boxes import Rows, no_boxes, read_yolo
from models.training.road_sources import HELD_BACK_SCENES, cctv_held_back, pictures_in, vietnam_scene
from models.training.road_store import read_image

TWINS = {53: 94, 65: 120, 67: 127, 99: 69, 133: 72, 129: 117, 143: 131, 145: 95}
"""Photos with masks that show the same place as another one; they go where that one goes."""

HELD_BACK_STILLS = frozenset({"5", "test16", "test20", "test26", "test29", "test30", "test8", "test9"})
"""Cameras of `road_stills`; the roads of the next are wet."""

WET_STILLS = frozenset({"test16", "test20", "test29"})
WET_SCENES = frozenset({"nightrain"})

WITH_WATER = frozenset((
    12, 24, 27, 51, 57, 63, 78, 93, 99, 102, 108, 138, 144, 153, 162, 165, 189, 192, 198, 201, 204, 207, 210, 246, 249,
    270, 285, 303, 315, 327, 336, 351, 372, 384, 396, 399, 402, 408, 423, 426,
))  # fmt: skip
"""Normal pictures of `fire/classes` that show lakes, seas and rivers, or may; most others are rooms."""

DEEP = 1
"""Buses of this class and above stand in at least 20 cm of water; the class below includes merely wet roads."""

NO_WATER, WATER = 0.0, 1.0


@dataclass(frozen=True, slots=True)
class WaterPicture:
    """One picture. Without a mask it shows no water, unless it is of `buses`: there the boxes tell a little."""

    source: str
    path: Path
    held_back: bool
    mask: Path | None = None
    boxes: Rows | None = None
    """Vehicles that stand on the ground, in frame fractions; of `buses` only those in deep water."""
    aspect: float | None = None
    wet: bool = False


def read_masks(folder: Path) -> list[WaterPicture]:
    """Return the floods with masks; every fourth place is held back."""
    pictures = []
    for path in pictures_in(folder / "images"):
        mask = folder / "masks" / f"{path.stem}.png"
        if not mask.is_file():
            raise ModelError(f"{mask} is missing: each picture of {folder / 'images'} needs its mask")
        number = int(path.stem)
        pictures.append(WaterPicture("masks", path, TWINS.get(number, number) % 4 == 2, mask=mask))
    return pictures


def read_buses(folder: Path) -> list[WaterPicture]:
    """Return the flooded streets with buses in deep water; what was published as `valid` is held back."""
    classes = (None, *range(DEEP, 4))
    pictures = []
    for part in ("train", "valid"):
        for path in pictures_in(folder / part / "images"):
            boxes = read_yolo(folder / part / "labels" / f"{path.stem}.txt", classes)
            if len(boxes):
                pictures.append(WaterPicture("buses", path, part == "valid", boxes=boxes))
    return pictures


def read_streets(data: Path) -> list[WaterPicture]:
    """Return streets that are not flooded, dry and wet, by cameras as the road detector holds them back."""
    pictures = []
    for path in pictures_in(data / "traffic_vn" / "images"):
        scene, boxes = vietnam_scene(path), _boxes(path)
        held_back = scene in HELD_BACK_SCENES
        pictures.append(WaterPicture("streets", path, held_back, boxes=boxes, wet=scene in WET_SCENES))
    for path in pictures_in(data / "traffic_cctv" / "images"):
        if re.match(r"screenshot_|image\d|tdkkec", path.stem):
            held_back = cctv_held_back(path.stem)
            pictures.append(WaterPicture("streets", path, held_back, boxes=_boxes(path), aspect=16 / 9))
    pictures += [
        WaterPicture("roads", path, held_back=False, boxes=_boxes(path))
        for path in pictures_in(data / "traffic_dhaka" / "images")
    ]
    for path in pictures_in(data / "road_stills"):
        camera = path.stem.split("_")[0]
        wet = camera in WET_STILLS
        pictures.append(WaterPicture("stills", path, camera in HELD_BACK_STILLS, boxes=no_boxes(), wet=wet))
    fires = data / "fire" / "cctv_boxes" / "train" / "images"
    pictures += [WaterPicture("fires", path, held_back=False) for path in pictures_in(fires)]
    return pictures + read_rooms(data / "fire" / "classes" / "normal")


def read_rooms(folder: Path) -> list[WaterPicture]:
    """Return rooms, halls and houses: shining floors are no water. Every fifth number is held back."""
    numbers = {path: int(path.stem.split("_")[1]) for path in pictures_in(folder)}
    return [
        WaterPicture("rooms", path, number % 5 == 0) for path, number in numbers.items() if number not in WITH_WATER
    ]


def _boxes(path: Path) -> Rows:
    """Return everything boxed in a picture, whatever its class."""
    return read_yolo(path.parent.parent / "labels" / f"{path.stem}.txt", [0] * 32)


def read_water(data: Path) -> list[WaterPicture]:
    """Return all pictures. Raises ModelError when a set is missing."""
    flood = data / "flood"
    return read_masks(flood / "ground_masks") + read_buses(flood / "bus_depth") + read_streets(data)


def mask_of(picture: WaterPicture, height: int, width: int) -> tuple[Plane, Plane]:
    """Return the mask at that size, 0 to 1, and how far it is known, both (height, width)."""
    if picture.mask is not None:
        return mask_file(picture.mask, height, width), np.ones((height, width), np.float32)
    if picture.source == "buses" and picture.boxes is not None:
        return strips(picture.boxes, height, width)
    return np.zeros((height, width), np.float32), np.ones((height, width), np.float32)


def mask_file(path: Path, height: int, width: int) -> Plane:
    """Return a mask's file, white where water is, as 0 or 1 at that size."""
    water = (read_image(path)[:, :, 0] > 127).astype(np.uint8)
    return np.asarray(cv2.resize(water, (width, height), interpolation=cv2.INTER_NEAREST), np.float32)


def strips(boxes: Rows, height: int, width: int) -> tuple[Plane, Plane]:
    """Return what boxes of buses in deep water tell: water in a strip below each, none in its upper part.

    Nothing else is known. The strip is as wide as the middle of the bus, and an eighth of the bus high.
    """
    mask = np.zeros((height, width), np.float32)
    known = np.zeros((height, width), np.float32)
    places = boxes[:, 1:] * np.array([width, height, width, height], np.float32)
    for x1, y1, x2, y2 in places:
        tall, wide = y2 - y1, x2 - x1
        strip = _part(x1 + 0.15 * wide, y2 + 0.02 * tall, x2 - 0.15 * wide, y2 + 0.14 * tall)
        mask[strip], known[strip] = WATER, 1
    for x1, y1, x2, y2 in places:
        bus = _part(x1, y1, x2, y2)
        mask[bus], known[bus] = NO_WATER, 0
    for x1, y1, x2, y2 in places:
        known[_part(x1 + 0.1 * (x2 - x1), y1 + 0.1 * (y2 - y1), x2 - 0.1 * (x2 - x1), y1 + 0.6 * (y2 - y1))] = 1
    return mask, known


def _part(x1: float, y1: float, x2: float, y2: float) -> tuple[slice, slice]:
    rows = slice(max(round(float(y1)), 0), max(round(float(y2)), 0))
    return rows, slice(max(round(float(x1)), 0), max(round(float(x2)), 0))
