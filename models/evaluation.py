"""Measures a detector on labelled pictures: average precision, the figure that detectors are compared by.

The definition is COCO's (Lin et al., ECCV 2014; `cocoeval` of its tools), without its limit of 100 boxes a picture and
without its split by size. For one label and one least overlap:

1. In each picture the found boxes are gone through from the surest on. Each takes, of the known boxes that none has
   taken, the one that it overlaps most, if by that least intersection over union; then it is right, else wrong.
2. All pictures' found boxes are ranked by score. After each rank, precision is the part of the boxes so far that are
   right, recall the part of the known boxes that are found.
3. Average precision is the mean, over the 101 recalls 0, 0.01 … 1, of the best precision at that recall or above; where
   a recall is never reached it counts as 0.

AP50 asks for an overlap of 0.5; AP50-95 is the mean over the overlaps 0.50, 0.55 … 0.95. A label of which the pictures
show nothing has no figures. Pictures are looked at exactly as by `ioc detect`, so the figures are those of what runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from ioc.geometry import pairwise_iou
from ioc.types import Detection, Image, Json
from models.detector import Detector
from models.labelled_set import Boxes, LabelledSet
from models.pictures import THRESHOLD, read_picture
from models.training.road_boxes import join_riders
from models.training.road_labels import BAG, BICYCLE, MOTORCYCLE, PERSON

OVERLAPS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0.0, 1.0, 101)

Riders = Literal["truth", "found", "both"]
"""Where riders are joined with their two-wheelers: in what is known, in what is found, or in both."""

SURE_RIDER = 0.05
"""A found person below this score makes no two-wheeler's box grow: it is more often nobody.

Of 0.02 to 0.4 this is the kindest to COCO's weights, which box riders apart (motorcycle AP50 on Vietnam's cameras).
"""

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """One label's figures; None where the pictures show nothing of it."""

    label: str
    boxes: int
    ap50: float | None
    ap50_95: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """A detector's figures with one size of input."""

    size: int
    labels: tuple[LabelFigures, ...]

    @property
    def ap50(self) -> float | None:
        """Mean over the labels that have a figure."""
        return _mean(figures.ap50 for figures in self.labels)

    @property
    def ap50_95(self) -> float | None:
        """Mean over the labels that have a figure."""
        return _mean(figures.ap50_95 for figures in self.labels)

    def to_json(self) -> dict[str, Json]:
        """Return the figures as JSON holds them."""
        labels: dict[str, Json] = {
            own.label: {"boxes": own.boxes, "ap50": own.ap50, "ap50_95": own.ap50_95} for own in self.labels
        }
        return {"size": self.size, "ap50": self.ap50, "ap50_95": self.ap50_95, "labels": labels}


def evaluate(
    detector: Detector,
    labelled: LabelledSet,
    sizes: Sequence[int],
    *,
    riders: Riders | None = None,
    aspect: float | None = None,
    each: Callable[[], None] = lambda: None,
) -> list[Figures]:
    """Return the detector's figures for each size of input, in pixels of the long side.

    `riders` says where a person on a two-wheeler is made part of its box before anything is compared, for sets and
    models that box them apart. `aspect` is the true width over height of pictures that are stored squashed. `each` is
    called after each picture. Raises PictureError when a picture cannot be read and ModelError when the model fails.
    """
    truth: list[Boxes] = []
    found: list[list[Boxes]] = [[] for _ in sizes]
    for picture in labelled.pictures:
        image = stretched(read_picture(picture.path), aspect)
        truth.append(joined(picture.truth, labelled.names) if riders in {"truth", "both"} else picture.truth)
        for own, size in zip(found, sizes, strict=True):
            (seen,) = detector.detect([image], size=size, threshold=THRESHOLD, one_label=False)
            boxes = _as_boxes(seen, labelled.names)
            own.append(joined(boxes, labelled.names) if riders in {"found", "both"} else boxes)
        each()
    return [
        Figures(
            size, tuple(label_figures(labelled.names[label], label, own, truth) for label in sorted(labelled.labelled))
        )
        for own, size in zip(found, sizes, strict=True)
    ]


def label_figures(name: str, label: int, found: Sequence[Boxes], truth: Sequence[Boxes]) -> LabelFigures:
    """Return one label's figures; `found` and `truth` are of the same pictures in the same order."""
    right: list[Bools] = []
    scores: list[Floats] = []
    total = 0
    for found_here, truth_here in zip(found, truth, strict=True):
        own = found_here.at(found_here.labels == label)
        own = own.at(np.argsort(-own.scores, kind="stable"))
        known = truth_here.corners[truth_here.labels == label]
        right.append(matches(own.corners, known))
        scores.append(own.scores)
        total += len(known)
    if total == 0:
        return LabelFigures(name, 0, None, None)
    by_overlap = average_precision(np.concatenate(right), np.concatenate(scores), total)
    return LabelFigures(name, total, float(by_overlap[0]), float(by_overlap.mean()))


def matches(found: Floats, known: Floats) -> Bools:
    """Return (N, 10): whether each found box, surest first, is right at each of OVERLAPS."""
    right = np.zeros((len(found), len(OVERLAPS)), dtype=np.bool_)
    if not len(found) or not len(known):
        return right
    overlaps = pairwise_iou(found, known)
    free = np.ones((len(OVERLAPS), len(known)), dtype=np.bool_)
    every = np.arange(len(OVERLAPS))
    for row in np.flatnonzero(overlaps.max(axis=1) >= OVERLAPS[0]):
        left = np.where(free, overlaps[row], -1.0)
        best = left.argmax(axis=1)
        right[row] = left[every, best] >= OVERLAPS
        free[every[right[row]], best[right[row]]] = False
    return right


def average_precision(right: Bools, scores: Floats, total: int) -> Floats:
    """Return the average precision in each column of `right`, (N, columns), of found boxes with those scores.

    `total` is how many boxes there are to find, at least one. Equal scores keep their order.
    """
    if not len(right):
        return np.zeros(right.shape[1])
    hits = np.cumsum(right[np.argsort(-scores, kind="stable")], axis=0, dtype=np.float64)
    precision = hits / np.arange(1, len(hits) + 1)[:, None]
    best_from_here = np.maximum.accumulate(precision[::-1], axis=0)[::-1]
    # One row more stands for the recalls that are never reached.
    padded = np.vstack((best_from_here, np.zeros(right.shape[1])))
    columns = [
        padded[np.searchsorted(hits[:, column] / total, RECALLS, side="left"), column]
        for column in range(right.shape[1])
    ]
    return np.asarray(np.stack(columns).mean(axis=1), dtype=np.float64)


def joined(boxes: Boxes, names: Sequence[str]) -> Boxes:
    """Return the boxes with each rider merged into the bicycle or motorcycle below, and no longer a person.

    The two-wheeler keeps its score. Found persons below SURE_RIDER stay what they are. Surest first.
    """
    known = {"person": PERSON, "bicycle": BICYCLE, "motorcycle": MOTORCYCLE}
    kinds = np.array([known.get(name, BAG) for name in names])[boxes.labels]
    rows = np.column_stack((kinds, boxes.corners, boxes.scores, boxes.labels)).astype(np.float32)
    unsure = (kinds == PERSON) & (boxes.scores < SURE_RIDER)
    rows = np.concatenate((join_riders(rows[~unsure]), rows[unsure]))
    surest_first = np.argsort(-rows[:, 5], kind="stable")
    ranked: Floats = np.asarray(rows[surest_first], dtype=np.float64)
    return Boxes(ranked[:, 1:5], ranked[:, 6].astype(np.int64), ranked[:, 5])


def stretched(image: Image, aspect: float | None) -> Image:
    """Return the picture at its true shape, its height kept; with None as it is."""
    if aspect is None:
        return image
    height = image.shape[0]
    size = (max(1, round(height * aspect)), height)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _as_boxes(found: Sequence[Detection], names: Sequence[str]) -> Boxes:
    index = {name: number for number, name in enumerate(names)}
    return Boxes(
        corners=np.array([seen.box.as_tuple() for seen in found], dtype=np.float64).reshape(-1, 4),
        labels=np.array([index[seen.label] for seen in found], dtype=np.int64),
        scores=np.array([seen.score for seen in found], dtype=np.float64),
    )


def _mean(figures: Iterable[float | None]) -> float | None:
    known = [figure for figure in figures if figure is not None]
    return sum(known) / len(known) if known else None
