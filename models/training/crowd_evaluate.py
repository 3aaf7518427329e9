"""Counts heads on held-back pictures with the crowd model, and the person boxes of the `road` detector beside it.

Both are counts of the whole picture, and so is the larger of the two: boxes tell a few people far away, heads tell many
who hide each other. `road` leaves out riders, whose heads count here. Far people of street cameras are in nobody's
truth, so that a count there may rightly be above it. Pictures without any head are a group of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ioc.types import Image
from models.dense import DenseModel
from models.detector import Detector
from models.training.crowd_sources import CrowdPicture
from models.training.road_store import read_image, unsquash

ROAD_SIZE, ROAD_THRESHOLD = 640, 0.25
"""How `road` is asked: as it looks at cameras by default."""

Persons = Callable[[Image], int]
"""Takes a picture (H, W, 3) uint8 BGR and returns how many persons are boxed in it."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One picture's counts, and the group that it counts in."""

    group: str
    true: int
    heads: float
    """By the crowd model."""
    boxes: int
    """Persons by `road`."""


def boxed_persons(detector: Detector) -> Persons:
    """Return how a detector counts persons."""

    def count(image: Image) -> int:
        (found,) = detector.detect([image], threshold=ROAD_THRESHOLD, size=ROAD_SIZE)
        return sum(one.label == "person" for one in found)

    return count


def count_heads(model: DenseModel, pictures: Iterable[CrowdPicture], size: int, persons: Persons) -> list[Counted]:
    """Return the counts of each picture; `size` is the long side of the crowd model's input in pixels."""
    counted = []
    for picture in pictures:
        image = unsquash(read_image(picture.path), picture.aspect)
        (found,) = model.maps([image], size=size)
        group = picture.source if len(picture.heads) else f"{picture.source} without people"
        counted.append(Counted(group, len(picture.heads), found.total(), persons(image)))
    return counted


def count_figures(counted: Sequence[Counted]) -> dict[str, dict[str, float]]:
    """Return the figures of each group, in heads a picture.

    `pictures`, `true` (the mean count), `mae` (mean absolute error) and `error` (mean of found less true); `road_mae`
    and `road_error` are the same of `road`, `larger_mae` and `larger_error` of the larger count.
    """
    groups: dict[str, dict[str, float]] = {}
    for group in sorted({one.group for one in counted}):
        own = [one for one in counted if one.group == group]
        true = np.array([one.true for one in own])
        heads = np.array([one.heads for one in own]) - true
        boxes = np.array([one.boxes for one in own]) - true
        larger = np.maximum(heads, boxes)
        means = {
            "true": true.mean(),
            "mae": np.abs(heads).mean(),
            "error": heads.mean(),
            "road_mae": np.abs(boxes).mean(),
            "road_error": boxes.mean(),
            "larger_mae": np.abs(larger).mean(),
            "larger_error": larger.mean(),
        }
        groups[group] = {"pictures": len(own), **{name: round(float(value), 2) for name, value in means.items()}}
    return groups
