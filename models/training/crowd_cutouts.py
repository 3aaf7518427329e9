"""People cut out of pictures, to be put close together elsewhere: real clothes where drawn figures are flat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ioc.geometry import pairwise_iou
from ioc.types import Detection, Image
from models.detector import Detector
from models.training.crowd_sources import HEAD, CrowdPicture
from models.training.mat_points import Points
from models.training.road_augment import Plane
from models.training.road_store import read_image, unsquash

SIZE, SURE = 640, 0.5
"""How `road` is asked for people: at that long side, from that score on."""

LEAST = 44
"""Height in pixels of the smallest person worth cutting out."""
SLIM = (0.22, 0.62)
"""Width of a standing person's box as a part of its height, least and most."""
ALONE = 0.05
"""A person whose box overlaps another's (IoU) by more is not cut out: half of it would be the other."""

HEADS_TALL = 7.5
"""Heads that a person is tall."""


@dataclass(frozen=True, slots=True)
class Cutout:
    """A person upright: (H, W, 3) uint8 BGR, and how far each pixel is theirs, 0 to 1."""

    image: Image
    cover: Plane

    def put(self, rng: np.random.Generator, canvas: Image, point: Points, head: float) -> None:
        """Put the person into the picture with the middle of the head at `point`, `head` pixels high."""
        tall = max(round(HEADS_TALL * head), 6)
        wide = max(round(tall * self.image.shape[1] / self.image.shape[0]), 3)
        image = cv2.resize(self.image, (wide, tall), interpolation=cv2.INTER_AREA).astype(np.float32)
        cover = cv2.resize(self.cover, (wide, tall), interpolation=cv2.INTER_AREA)
        if rng.random() < 0.5:
            image, cover = image[:, ::-1], cover[:, ::-1]
        left, top = round(float(point[0]) - wide / 2), round(float(point[1]) - HEAD * tall)
        x1, y1 = max(left, 0), max(top, 0)
        x2, y2 = min(left + wide, canvas.shape[1]), min(top + tall, canvas.shape[0])
        if x1 < x2 and y1 < y2:
            part = (slice(y1 - top, y2 - top), slice(x1 - left, x2 - left))
            over = cover[part][:, :, None]
            lit = image[part] * float(rng.uniform(0.75, 1.25))
            canvas[y1:y2, x1:x2] = (canvas[y1:y2, x1:x2] * (1 - over) + lit * over).clip(0, 255).astype(np.uint8)


def cut_out(pictures: Sequence[CrowdPicture], detector: Detector) -> list[Cutout]:
    """Return the people whom `road` is sure of, who stand alone in pictures that are not held back."""
    cutouts = []
    for picture in pictures:
        if not picture.held_back:
            image = unsquash(read_image(picture.path), picture.aspect)
            (found,) = detector.detect([image], threshold=SURE, size=SIZE)
            cutouts += _cut(image, [one for one in found if one.label == "person"])
    return cutouts


def _cut(image: Image, people: Sequence[Detection]) -> list[Cutout]:
    height, width = image.shape[:2]
    boxes = np.array([person.box.as_tuple() for person in people]).reshape(-1, 4)
    overlaps = pairwise_iou(boxes, boxes) * (1 - np.eye(len(boxes)))
    cutouts = []
    for (x1, y1, x2, y2), overlap in zip((boxes * (width, height, width, height)).tolist(), overlaps, strict=True):
        tall, slim = y2 - y1, (x2 - x1) / (y2 - y1)
        inside = y1 > 1 and y2 < height - 1  # cut off by the picture's edge, a box is no whole person
        if inside and tall >= LEAST and SLIM[0] <= slim <= SLIM[1] and overlap.max(initial=0) <= ALONE:
            own = image[round(y1) : round(y2), round(x1) : round(x2)]
            cutouts.append(Cutout(own, figure(own.shape[1], own.shape[0])))
    return cutouts


def figure(width: int, height: int) -> Plane:
    """Return which part of a standing person's box they fill, softly: head, shoulders, trunk and legs."""
    cover = np.zeros((height, width), np.float32)
    outline = np.array(
        [
            (0.42, 0.14),
            (0.12, 0.2),
            (0.04, 0.5),
            (0.2, 0.56),
            (0.2, 1),
            (0.8, 1),
            (0.8, 0.56),
            (0.96, 0.5),
            (0.88, 0.2),
            (0.58, 0.14),
        ]
    )
    cv2.fillPoly(cover, [np.round(outline * (width, height)).astype(np.int32)], 1.0)
    middle, axes = (
        (round(width / 2), round(HEAD * height)),
        (max(round(0.065 * height), 1), max(round(0.078 * height), 1)),
    )
    cv2.ellipse(cover, middle, axes, 0, 0, 360, 1.0, -1)
    return np.asarray(cv2.GaussianBlur(cover, (0, 0), max(height * 0.012, 0.6)), np.float32)
