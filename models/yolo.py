"""Reads the output of a YOLO network: from thousands of overlapping guesses to one box an object.

Guesses below the threshold are dropped; of those of one label that overlap, the best stays (greedy non-maximum
suppression); of labels that exclude each other, one object keeps only the best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ioc.geometry import pairwise_iou

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

MAX_GUESSES = 2000
"""More guesses than this above the threshold are cut to the best, which bounds time and memory."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """When of two boxes only the better stays, by intersection over union, and how many may stay."""

    same_label: float = 0.5
    exclusive: float = 0.8
    at_most: int = 500


@dataclass(frozen=True, slots=True)
class Guesses:
    """N boxes in input pixels, best first."""

    corners: Floats
    """(N, 4): x1 y1 x2 y2."""
    labels: Ints
    """(N,): index of the label."""
    scores: Floats
    """(N,): 0 to 1."""

    def __len__(self) -> int:
        return len(self.scores)

    def at(self, chosen: Ints | npt.NDArray[np.bool_] | slice) -> Guesses:
        """Return the chosen ones."""
        return Guesses(self.corners[chosen], self.labels[chosen], self.scores[chosen])


def decode(output: Floats, threshold: float, *, every_label: bool = False) -> Guesses:
    """Return the guesses at or above the threshold from one picture's output, (4 + labels, places).

    Every place gives the label that it is surest of, or with `every_label` one guess for each. Boxes without an area
    are dropped. Equal scores keep their order, so that the result does not depend on the sorting.
    """
    scores_by_label = output[4:]
    if every_label:
        labels, places = np.nonzero(scores_by_label >= threshold)
    else:
        places = np.flatnonzero(scores_by_label.max(axis=0) >= threshold)
        labels = scores_by_label[:, places].argmax(axis=0)
    scores = scores_by_label[labels, places]
    best_first = np.argsort(-scores, kind="stable")[:MAX_GUESSES]
    labels, places, scores = labels[best_first], places[best_first], scores[best_first]
    centre_x, centre_y, width, height = output[:4, places]
    corners = np.stack(
        (centre_x - width / 2, centre_y - height / 2, centre_x + width / 2, centre_y + height / 2), axis=1
    )
    return Guesses(corners, labels.astype(np.int64), scores).at((width > 0) & (height > 0))


def suppress(guesses: Guesses, groups: Sequence[frozenset[int]], settings: Suppression) -> Guesses:
    """Return the guesses that stand, best first; `groups` are the labels that exclude each other, by index."""
    stands = np.zeros(len(guesses), dtype=np.bool_)
    for label in np.unique(guesses.labels):
        _keep_best(guesses, np.flatnonzero(guesses.labels == label), settings.same_label, stands)
    guesses = guesses.at(stands)
    stands = np.ones(len(guesses), dtype=np.bool_)
    for group in groups:
        members = np.flatnonzero(np.isin(guesses.labels, sorted(group)))
        _keep_best(guesses, members, settings.exclusive, stands)
    return guesses.at(stands).at(slice(settings.at_most))


def _keep_best(guesses: Guesses, members: Ints, limit: float, stands: npt.NDArray[np.bool_]) -> None:
    stands[members] = stays(guesses.corners[members], limit)


def stays(corners: Floats, limit: float) -> npt.NDArray[np.bool_]:
    """Return which of the boxes (N, 4), best first, overlap no better one that stays by more than `limit`.

    Greedy suppression without a loop over boxes: what stays depends only on better boxes, so repeating the rule for all
    at once settles the best ones first and is done when nothing changes, after as many rounds as the longest chain.
    """
    boxes = corners.astype(np.float64)
    beats = np.triu(pairwise_iou(boxes, boxes) > limit, k=1)
    stay = np.ones(len(boxes), dtype=np.bool_)
    while True:
        settled = np.logical_not(beats[stay].any(axis=0))
        if np.array_equal(settled, stay):
            return stay
        stay = settled
