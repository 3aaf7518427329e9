"""Pictures made ready for training: resized once, completed by the teacher once, kept in the work folder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

from ioc.errors import ModelError
from models.training.road_boxes import Labelled, Rows, Teaching, call_buses, complete
from models.training.road_found import Image
from models.training.road_labels import TWO_WHEELERS
from models.training.road_sources import Picture

LARGEST = 768
"""Pictures are kept at most this wide; the network trains below that."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A picture to train on: its JPEG as kept, and what the loss is told about it."""

    picture: Picture
    file: Path
    labelled: Labelled

    def read(self) -> Image:
        """Return the picture (H, W, 3) BGR."""
        return read_image(self.file)


def read_image(path: Path) -> Image:
    """Return a picture file (H, W, 3) BGR. Raises ModelError when it is none."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        msg = f"{path} cannot be read as a picture: remove it or replace it"
        raise ModelError(msg)
    return np.asarray(image, np.uint8)


def unsquash(image: Image, aspect: float | None) -> Image:
    """Return the picture at its true shape, at most LARGEST wide."""
    height, width = image.shape[:2]
    if aspect is not None:
        width = round(height * aspect)
    scale = min(LARGEST / width, 1.0)
    size = (round(width * scale), round(height * scale))
    if size == (image.shape[1], image.shape[0]):
        return image
    return np.asarray(
        cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR), np.uint8
    )


Teacher = Callable[[Image], Rows]
"""Returns rows `label x1 y1 x2 y2 score` in fractions of a BGR picture."""


@dataclass(frozen=True, slots=True)
class Teachers:
    """Who completes the labels: COCO's network, and later the one in training, which knows our cameras better.

    Street cameras see small things, so `coco` runs large; `coco_near` looks at general pictures at their own size.
    """

    coco: Teacher
    coco_near: Teacher
    own: Teacher | None = None
    teaching: Teaching = field(default_factory=Teaching)


def prepare(pictures: Sequence[Picture], folder: Path, teachers: Teachers) -> list[Ready]:
    """Return the pictures ready to train on; what an earlier run left in the folder is used again.

    Teachers are asked only about pictures of sets that leave labels out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [_prepare_one(picture, folder, teachers) for picture in pictures]


def _prepare_one(picture: Picture, folder: Path, teachers: Teachers) -> Ready:
    key = hashlib.sha256(str(picture.path.resolve()).encode()).hexdigest()[:10]
    file = folder / f"{picture.source}-{key}.jpg"
    if not file.is_file():
        partial = file.with_suffix(".partial.jpg")
        cv2.imwrite(str(partial), unsquash(read_image(picture.path), picture.aspect), [cv2.IMWRITE_JPEG_QUALITY, 95])
        partial.replace(file)
    if not picture.teach:
        return Ready(picture, file, picture.known)
    if picture.source == "general":
        near = _ask(teachers.coco_near, file, file.with_suffix(".near.npy"))
        return Ready(picture, file, complete(picture.known, near, teachers.teaching))
    coco = _ask(teachers.coco, file, file.with_suffix(".coco.npy"))
    labelled, suspected = picture.known, None
    if picture.mixed_buses:
        labelled = replace(labelled, boxes=call_buses(labelled.boxes, coco))
    if teachers.own is not None:
        own = _ask(teachers.own, file, file.with_suffix(".own.npy"))
        labelled = complete(labelled, own, teachers.teaching)
        suspected = own[np.isin(own[:, 0], TWO_WHEELERS)][:, :5]
    taught = complete(labelled, coco, teachers.teaching, grow_wheelers=picture.grow_wheelers, suspected=suspected)
    return Ready(picture, file, taught)


def _ask(teacher: Teacher, file: Path, answer: Path) -> Rows:
    if not answer.is_file():
        partial = answer.with_suffix(".partial.npy")
        np.save(partial, teacher(read_image(file)))
        partial.replace(answer)
    found: Rows = np.load(answer)
    return found
