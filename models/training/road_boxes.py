"""Boxes with labels as arrays: reading, riders, and what a teacher adds to incomplete labels.

Everywhere in the training of the road detector, boxes are rows `label x1 y1 x2 y2` of a float32 array (N, 5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ioc.errors import ModelError
from ioc.geometry import pairwise_iou
from models.training.road_labels import BAG, BUS, CAR, EVERY_LABEL, MOTORCYCLE, PERSON, TWO_WHEELERS

Rows = npt.NDArray[np.float32]
"""(N, 5): label x1 y1 x2 y2; found boxes carry a score as a sixth column."""

TALLEST_WITH_RIDER = 2.4
"""A two-wheeler with its rider is at most this many times as tall as the two-wheeler alone."""


def no_boxes(columns: int = 5) -> Rows:
    """Return an empty set of boxes."""
    return np.zeros((0, columns), np.float32)


def read_yolo(path: Path, names: Sequence[int | None]) -> Rows:
    """Return a label file's boxes in frame fractions, cut to the frame; a missing file means none.

    `names` gives for every class of the file our label, or None for what we do not detect. Lines with more than five
    numbers are polygons and become their bounds. Raises ModelError for a line that is neither.
    """
    if not path.is_file():
        return no_boxes()
    rows = [_row(line.split(), names, path) for line in path.read_text().splitlines() if line.strip()]
    boxes = np.array([row for row in rows if row is not None], np.float32).reshape(-1, 5)
    boxes[:, 1:] = boxes[:, 1:].clip(0, 1)
    return boxes[(boxes[:, 3] > boxes[:, 1]) & (boxes[:, 4] > boxes[:, 2])]


def _row(words: Sequence[str], names: Sequence[int | None], path: Path) -> tuple[float, ...] | None:
    try:
        label, numbers = names[int(words[0])], [float(word) for word in words[1:]]
    except (ValueError, IndexError) as error:
        msg = f"{path} has a line that is no YOLO label: {' '.join(words)[:60]}; correct or remove it"
        raise ModelError(msg) from error
    if len(numbers) < 4 or (len(numbers) > 4 and len(numbers) % 2):
        msg = f"{path} has a line with {len(numbers)} numbers after the class; 4 are expected"
        raise ModelError(msg)
    if label is None:
        return None
    if len(numbers) > 4:
        return (label, min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2]))
    x, y, width, height = numbers
    return (label, x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def inside(boxes: Rows, others: Rows) -> npt.NDArray[np.float64]:
    """Return (N, M): which fraction of each box lies inside each other box."""
    low = np.maximum(boxes[:, None, 1:3], others[None, :, 1:3])
    high = np.minimum(boxes[:, None, 3:5], others[None, :, 3:5])
    area = (boxes[:, 3:5] - boxes[:, 1:3]).prod(axis=1)
    return np.asarray((high - low).clip(0).prod(axis=2) / np.maximum(area[:, None], 1e-12), np.float64)


def rides(persons: Rows, wheelers: Rows) -> npt.NDArray[np.bool_]:
    """Return (N, M): whether each person sits on each two-wheeler.

    A rider's middle stands over the two-wheeler, the feet reach into its box, and the box of both is not much taller
    than the two-wheeler; a person inside a box that has its rider already counts as that rider.
    """
    middle = (persons[:, None, 1] + persons[:, None, 3]) / 2
    over = (middle > wheelers[None, :, 1]) & (middle < wheelers[None, :, 3])
    width = persons[:, None, 3] - persons[:, None, 1]
    slim = width < 1.6 * (wheelers[None, :, 3] - wheelers[None, :, 1])
    height = wheelers[None, :, 4] - wheelers[None, :, 2]
    feet = persons[:, None, 4]
    reach = (feet > wheelers[None, :, 2] + 0.25 * height) & (feet < wheelers[None, :, 4] + 0.25 * height)
    top = np.minimum(persons[:, None, 2], wheelers[None, :, 2])
    low_enough = wheelers[None, :, 4] - top < TALLEST_WITH_RIDER * height
    within = inside(persons, wheelers) > 0.6
    return np.asarray((over & slim & reach & low_enough) | within, np.bool_)


def join_riders(boxes: Rows) -> Rows:
    """Return the boxes with every rider merged into the two-wheeler below, and no longer a person.

    A person who fits several two-wheelers joins the one that holds most of them; a two-wheeler may carry several.
    Works on found boxes too: the score of the two-wheeler stays.
    """
    is_person = boxes[:, 0] == PERSON
    persons, wheelers = boxes[is_person], boxes[np.isin(boxes[:, 0], TWO_WHEELERS)].copy()
    others = boxes[~is_person & ~np.isin(boxes[:, 0], TWO_WHEELERS)]
    if not len(persons) or not len(wheelers):
        return boxes
    fits = rides(persons, wheelers)
    best = np.where(fits, inside(persons, wheelers), -1.0).argmax(axis=1)
    riding = fits.any(axis=1)
    grown = wheelers.copy()
    for person, wheeler in zip(persons[riding], best[riding], strict=True):
        grown[wheeler, 1:3] = np.minimum(grown[wheeler, 1:3], person[1:3])
        grown[wheeler, 3:5] = np.maximum(grown[wheeler, 3:5], person[3:5])
    return np.concatenate([persons[~riding], grown, others])


@dataclass(frozen=True, slots=True)
class Labelled:
    """What the loss is told about a picture, boxes in frame fractions.

    Inside a box of `unsure` nothing is learned for its label (or for any, with EVERY_LABEL) beyond the boxes given.
    """

    boxes: Rows
    unsure: Rows


@dataclass(frozen=True, slots=True)
class Teaching:
    """How far a teacher's boxes are trusted: from `believe` on they are labels, from `doubt` on they are left out."""

    believe: float = 0.5
    believe_person: float = 0.5
    believe_bag: float = 0.3
    believe_rider: float = 0.15  # a person on a labelled two-wheeler is no surprise
    doubt: float = 0.12
    largest_doubt: float = 0.2  # of the frame: a larger doubtful box would silence half the picture


def complete(
    known: Labelled, found: Rows, teaching: Teaching, *, grow_wheelers: bool = False, suspected: Rows | None = None
) -> Labelled:
    """Add to a picture's labels what a teacher found and the labels lack.

    `found` has scores as sixth column. The teacher's persons who ride a labelled two-wheeler are its riders: they are
    dropped, and with `grow_wheelers` the two-wheeler's box grows around them (for sets that box it without its rider).
    Persons who ride a `suspected` two-wheeler are dropped too. A teacher's box that touches a label says nothing new.
    What is left is taken as a label when the teacher is sure, and otherwise marked unsure, so that neither answer is
    punished.
    """
    labels, found = known.boxes, join_riders(found)
    wheelers = np.isin(labels[:, 0], TWO_WHEELERS)
    persons = found[:, 0] == PERSON
    riding = persons & rides(found, labels[wheelers]).any(axis=1)
    if suspected is not None:
        found = found[~(persons & rides(found, suspected).any(axis=1)) | riding]
        persons = found[:, 0] == PERSON
        riding = persons & rides(found, labels[wheelers]).any(axis=1)
    if grow_wheelers:
        sure_riders = found[riding & (found[:, 5] >= teaching.believe_rider)][:, :5]
        labels = np.concatenate([labels[~wheelers], join_riders(np.concatenate([labels[wheelers], sure_riders]))])
        labels = labels[(labels[:, 0] != PERSON) | ~np.isin(labels[:, 1:], sure_riders[:, 1:]).all(axis=1)]
    new = found[~riding & ~_touching(found, labels)]
    believe = np.full(len(new), teaching.believe)
    believe[new[:, 0] == PERSON] = teaching.believe_person
    believe[new[:, 0] == BAG] = teaching.believe_bag
    sure = new[:, 5] >= believe
    small = (new[:, 3:5] - new[:, 1:3]).prod(axis=1) <= teaching.largest_doubt
    doubtful = new[~sure & small & (new[:, 5] >= teaching.doubt)][:, :5].copy()
    # Whatever COCO half sees may be any road user of ours; only a bag is never taken for one.
    doubtful[doubtful[:, 0] != BAG, 0] = EVERY_LABEL
    return Labelled(
        boxes=np.concatenate([labels, new[sure][:, :5]]).astype(np.float32),
        unsure=np.concatenate([known.unsure, doubtful]).astype(np.float32),
    )


def call_buses(labels: Rows, found: Rows, score: float = 0.35, overlap: float = 0.6) -> Rows:
    """Return the labels with the cars that the teacher takes for buses called so, for sets that mix minibuses up."""
    labels, buses = labels.copy(), found[(found[:, 0] == BUS) & (found[:, 5] >= score)]
    if len(labels) and len(buses):
        same = pairwise_iou(labels[:, 1:5].astype(np.float64), buses[:, 1:5].astype(np.float64)) > overlap
        labels[(labels[:, 0] == CAR) & same.any(axis=1), 0] = BUS
    return labels


def _touching(found: Rows, labels: Rows) -> npt.NDArray[np.bool_]:
    """Return (N,) whether a found box is one of the labels, or mostly inside one of another size of the same kind."""
    if not len(found) or not len(labels):
        return np.zeros(len(found), np.bool_)
    overlap = pairwise_iou(found[:, 1:5].astype(np.float64), labels[:, 1:5].astype(np.float64))
    alike = (found[:, None, 0] == PERSON) == (labels[None, :, 0] == PERSON)
    bag = (found[:, None, 0] == BAG) != (labels[None, :, 0] == BAG)
    same = ((overlap > 0.4) | ((inside(found, labels) > 0.7) & alike)) & ~bag
    on_wheels = (found[:, 0] == PERSON)[:, None] & (labels[:, 0] == MOTORCYCLE)[None, :] & (overlap > 0.25)
    return np.asarray((same | on_wheels).any(axis=1), np.bool_)
