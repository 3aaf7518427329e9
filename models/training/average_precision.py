"""Average precision at an overlap of one half, the figure that detectors are compared by.

All-point interpolation as in PASCAL VOC 2010 and later (Everingham et al., IJCV 2015, section 4.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ioc.geometry import pairwise_iou
from models.training.road_boxes import Rows

OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class Precision:
    """One label's figures: average precision (None where the truth has no box) and how many boxes the truth has."""

    average: float | None
    boxes: int


def average_precision(found: Sequence[Rows], truth: Sequence[Rows], label: int) -> Precision:
    """Return the label's average precision over pictures in the same order.

    `found` rows are `label x1 y1 x2 y2 score`, `truth` rows the same without the score. A truth box is found once:
    by the best-scored box that overlaps it most.
    """
    hits: list[bool] = []
    scores: list[float] = []
    total = 0
    for found_here, truth_here in zip(found, truth, strict=True):
        own = found_here[found_here[:, 0] == label]
        own = own[np.argsort(-own[:, 5], kind="stable")]
        wanted = truth_here[truth_here[:, 0] == label]
        total += len(wanted)
        hits += match(own, wanted)
        scores += own[:, 5].tolist()
    if total == 0:
        return Precision(None, 0)
    order = np.argsort(-np.array(scores), kind="stable")
    right = np.cumsum(np.array(hits, np.float64)[order])
    recall, precision = right / total, right / np.arange(1, len(right) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    steps = np.diff(np.concatenate([[0.0], recall]))
    return Precision(float((steps * envelope).sum()), total)


def match(found: Rows, truth: Rows) -> list[bool]:
    """Return for each found box, best first, whether it takes a truth box that no better one has taken."""
    if not len(found) or not len(truth):
        return [False] * len(found)
    overlaps = pairwise_iou(found[:, 1:5].astype(np.float64), truth[:, 1:5].astype(np.float64))
    free = np.ones(len(truth), np.bool_)
    hits = []
    for row in overlaps:
        best = int(np.where(free, row, -1.0).argmax())
        hit = bool(free[best] and row[best] >= OVERLAP)
        free[best] &= not hit
        hits.append(hit)
    return hits
