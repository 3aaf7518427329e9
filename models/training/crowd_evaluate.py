"""Counts heads on held-back pictures with the crowd model, and the person boxes of the `road` detector beside it.

Both are counts of the whole picture, and so is what `overcrowding` makes of them together (`models.head_count`): boxes
tell a few people far away, heads tell many who hide each other. `road` leaves out riders, whose heads count here. Far
people of street cameras are in nobody's truth, so that a count there may rightly be above it. Pictures without any head
are a group of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ioc.types import Box, Image
from models.dense import DenseModel
from models.detector import Detector
from models.head_count import FOUND, HeadCount
from models.training.crowd_sources import CrowdPicture
from models.training.road_store import read_image, unsquash

ROAD_SIZE = 640
"""How `road` is asked: as it looks at cameras by default."""

Persons = Callable[[Image], Sequence[Box]]
"""Takes a picture (H, W, 3) uint8 BGR and returns the boxes of the persons in it."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One picture's counts, and the group that it counts in."""

    group: str
    true: int
    heads: float
    """By the crowd model."""
    boxes: int
    """Persons by `road`."""
    together: float
    """By both."""


def boxed_persons(detector: Detector) -> Persons:
    """Return how a detector finds persons."""

    def boxes(image: Image) -> list[Box]:
        (found,) = detector.detect([image], threshold=FOUND, size=ROAD_SIZE)
        return [one.box for one in found if one.label == "person"]

    return boxes


def count_heads(model: DenseModel, pictures: Iterable[CrowdPicture], size: int, persons: Persons) -> list[Counted]:
    """Return the counts of each picture; `size` is the long side of the crowd model's input in pixels."""
    counted = []
    for picture in pictures:
        image = unsquash(read_image(picture.path), picture.aspect)
        (found,) = model.maps([image], size=size)
        group = picture.source if len(picture.heads) else f"{picture.source} without people"
        boxes = persons(image)
        together = HeadCount(found, boxes).within()
        counted.append(Counted(group, len(picture.heads), found.total(), len(boxes), together))
    return counted


def count_figures(counted: Sequence[Counted]) -> dict[str, dict[str, float]]:
    """Return the figures of each group, in heads a picture.

    `pictures`, `true` (the mean count), `mae` (mean absolute error) and `error` (mean of found less true); `road_mae`
    and `road_error` are the same of `road`, `together_mae` and `together_error` of both together.
    """
    groups: dict[str, dict[str, float]] = {}
    for group in sorted({one.group for one in counted}):
        own = [one for one in counted if one.group == group]
        true = np.array([one.true for one in own])
        heads = np.array([one.heads for one in own]) - true
        boxes = np.array([one.boxes for one in own]) - true
        together = np.array([one.together for one in own]) - true
        means = {
            "true": true.mean(),
            "mae": np.abs(heads).mean(),
            "error": heads.mean(),
            "road_mae": np.abs(boxes).mean(),
            "road_error": boxes.mean(),
            "together_mae": np.abs(together).mean(),
            "together_error": together.mean(),
        }
        groups[group] = {"pictures": len(own), **{name: round(float(value), 2) for name, value in means.items()}}
    return groups
