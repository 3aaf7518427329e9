"""The pictures that the crowd model learns from, with a point for each head, and their split.

One camera in a shopping centre gives most frames: a stretch of its film is learned from and the rest held back, so its
figures are of a known place. Of the photos every third is held back; of street cameras those that the road detector
holds back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ioc.errors import ModelError
from models.training.mat_points import Points, read_points
from models.training.road_boxes import read_yolo
from models.training.road_sources import cctv_held_back, pictures_in

MALL_HELD_BACK = range(175, 541)
"""Frames of the shopping centre that are held back: a stretch of the film, with the clips that are cut from it."""

MALL_SIZE, PHOTO_SIZE = (640, 480), (1024, 768)
"""Width and height of the pictures in which heads were marked; the photos are stored smaller."""

PERSON_CLASS = 4
"""Of `traffic_cctv`."""

HEAD = 0.08
"""How far below the top of a person's box the head's middle is, as a part of the box's height."""


@dataclass(frozen=True, slots=True)
class CrowdPicture:
    """One picture and the middle of every head in it, (N, 2) x y in frame fractions."""

    source: str
    path: Path
    held_back: bool
    heads: Points
    aspect: float | None = None


def read_mall(folder: Path) -> list[CrowdPicture]:
    """Return the frames of a camera in a shopping centre, with the heads of each."""
    every = read_points(folder / "mall_gt.mat")
    pictures = []
    for path in pictures_in(folder / "frames"):
        number = int(path.stem.split("_")[1])
        if not 1 <= number <= len(every):
            raise ModelError(f"{path}: {folder / 'mall_gt.mat'} knows {len(every)} frames only; remove the picture")
        heads = every[number - 1] / MALL_SIZE
        pictures.append(CrowdPicture("mall", path, number in MALL_HELD_BACK, heads))
    return pictures


def read_photos(folder: Path) -> list[CrowdPicture]:
    """Return photos of people in streets, with their heads."""
    pictures = []
    for path in pictures_in(folder / "train_data" / "images"):
        points = read_points(folder / "train_data" / "ground-truth" / f"GT_{path.stem}.mat")
        heads = np.concatenate(points) / PHOTO_SIZE
        pictures.append(CrowdPicture("photos", path, int(path.stem.split("_")[1]) % 3 == 0, heads))
    return pictures


def read_cameras(folder: Path) -> list[CrowdPicture]:
    """Return pictures of street cameras with the heads of their boxed persons; far ones are not boxed."""
    classes = [0 if number == PERSON_CLASS else None for number in range(6)]
    pictures = []
    for path in pictures_in(folder / "images"):
        if re.match(r"screenshot_|image\d", path.stem):
            boxes = read_yolo(folder / "labels" / f"{path.stem}.txt", classes).astype(np.float64)
            heads = np.stack([boxes[:, [1, 3]].mean(axis=1), boxes[:, 2] + HEAD * (boxes[:, 4] - boxes[:, 2])], axis=1)
            pictures.append(CrowdPicture("cameras", path, cctv_held_back(path.stem), heads, aspect=16 / 9))
    return pictures


def read_crowds(data: Path) -> list[CrowdPicture]:
    """Return all pictures with heads. Raises ModelError when a set is missing."""
    crowd = data / "crowd"
    return read_mall(crowd / "mall") + read_photos(crowd / "street_points") + read_cameras(data / "traffic_cctv")
