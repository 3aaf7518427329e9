"""What a training picture goes through: geometry with its boxes, then light, weather and bad cameras.

Everything draws from one `numpy` generator, so that a seed fixes the pictures. Boxes are rows `label x1 y1 x2 y2`, here
in pixels of the picture they belong to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.training.road_boxes import Labelled, Rows
from models.training.road_found import Image

Plane = npt.NDArray[np.float32]
"""(height, width), one figure a pixel."""

FILL = 114
"""Grey outside the picture, where nothing is to be found."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture as the network sees it, with its boxes in pixels."""

    image: Image
    boxes: Rows
    unsure: Rows


@dataclass(frozen=True, slots=True)
class View:
    """An upright mapping from source to target pixels: target = source * scale + shift."""

    scale_x: float
    scale_y: float
    shift_x: float
    shift_y: float

    def image(self, image: Image, width: int, height: int) -> Image:
        """Return what the view shows, width x height; small pictures of large ones are averaged, not picked."""
        shrink = min(abs(self.scale_x), abs(self.scale_y))
        matrix = np.array([[self.scale_x, 0, self.shift_x], [0, self.scale_y, self.shift_y]])
        if shrink < 0.6:
            small = (max(round(image.shape[1] * shrink), 1), max(round(image.shape[0] * shrink), 1))
            matrix[:, :2] *= np.array([image.shape[1] / small[0], image.shape[0] / small[1]])
            image = np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA), np.uint8)
        shown = cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=(FILL,) * 3)
        return np.asarray(shown, np.uint8)

    def plane(self, plane: Plane, width: int, height: int) -> Plane:
        """Return what the view shows of figures (H, W) float32 that belong to a picture, 0 outside of it."""
        matrix = np.array([[self.scale_x, 0, self.shift_x], [0, self.scale_y, self.shift_y]])
        return np.asarray(cv2.warpAffine(plane, matrix, (width, height), flags=cv2.INTER_LINEAR), np.float32)

    def boxes(self, boxes: Rows) -> Rows:
        """Return the boxes as the view shows them, not yet cut to the target."""
        x = boxes[:, [1, 3]] * self.scale_x + self.shift_x
        y = boxes[:, [2, 4]] * self.scale_y + self.shift_y
        columns = [boxes[:, 0], x.min(axis=1), y.min(axis=1), x.max(axis=1), y.max(axis=1)]
        return np.stack(columns, axis=1).astype(np.float32)


def cut(boxes: Rows, width: int, height: int, *, seen: float, smallest: float = 3.0) -> tuple[Rows, Rows]:
    """Return the boxes cut to the picture, and apart those of which too little is seen to ask for them.

    `seen` is the fraction of a box that has to be inside; a box below `smallest` pixels counts as too little.
    """
    kept = boxes.copy()
    kept[:, [1, 3]] = boxes[:, [1, 3]].clip(0, width)
    kept[:, [2, 4]] = boxes[:, [2, 4]].clip(0, height)
    size = kept[:, 3:5] - kept[:, 1:3]
    visible = (size > 0).all(axis=1)
    area = (boxes[:, 3:5] - boxes[:, 1:3]).prod(axis=1)
    enough = visible & (size.prod(axis=1) >= seen * area) & (size >= smallest).all(axis=1)
    return kept[enough], kept[visible & ~enough]


def pick_view(rng: np.random.Generator, image: Image, width: int, height: int, zoom: tuple[float, float]) -> View:
    """Draw a view of the picture: `zoom` 1 shows it whole; flipped half of the time, a little out of shape."""
    fit_scale = min(width / image.shape[1], height / image.shape[0])
    scale = fit_scale * float(np.exp(rng.uniform(np.log(zoom[0]), np.log(zoom[1]))))
    aspect = float(np.exp(rng.normal(0, 0.1))) if rng.random() < 0.6 else 1.0
    scale_x, scale_y = scale * np.sqrt(aspect), scale / np.sqrt(aspect)
    spare_x, spare_y = width - image.shape[1] * scale_x, height - image.shape[0] * scale_y
    shift_x, shift_y = float(spare_x * rng.random()), float(spare_y * rng.random())
    if rng.random() < 0.5:
        return View(-scale_x, scale_y, width - shift_x, shift_y)
    return View(scale_x, scale_y, shift_x, shift_y)


def in_pixels(labelled: Labelled, image: Image) -> tuple[Rows, Rows]:
    """Return the boxes and the unsure boxes in pixels of the picture."""
    size = np.array([1, image.shape[1], image.shape[0], image.shape[1], image.shape[0]], np.float32)
    return labelled.boxes * size, labelled.unsure * size


def single(
    rng: np.random.Generator,
    image: Image,
    labelled: Labelled,
    width: int,
    height: int,
    zoom: tuple[float, float] = (0.7, 2.2),
) -> Sample:
    """Return one picture under a drawn view."""
    view = pick_view(rng, image, width, height, zoom)
    boxes, unsure = in_pixels(labelled, image)
    kept, slivers = cut(view.boxes(boxes), width, height, seen=0.25)
    doubtful, rest = cut(view.boxes(unsure), width, height, seen=0.0, smallest=0.0)
    return Sample(view.image(image, width, height), kept, np.concatenate([doubtful, rest, slivers]))


def mosaic(rng: np.random.Generator, parts: Sequence[tuple[Image, Labelled]], width: int, height: int) -> Sample:
    """Return four pictures around a drawn point: more and smaller objects, each part whole or zoomed a little."""
    split_x, split_y = round(width * rng.uniform(0.35, 0.65)), round(height * rng.uniform(0.35, 0.65))
    canvas = np.full((height, width, 3), FILL, np.uint8)
    boxes, unsure = [], []
    corners = ((0, 0), (split_x, 0), (0, split_y), (split_x, split_y))
    sizes = (
        (split_x, split_y),
        (width - split_x, split_y),
        (split_x, height - split_y),
        (width - split_x, height - split_y),
    )
    for (image, labelled), (left, top), (part_width, part_height) in zip(parts, corners, sizes, strict=True):
        part = single(rng, image, labelled, part_width, part_height, zoom=(0.9, 2.5))
        canvas[top : top + part_height, left : left + part_width] = part.image
        shift = np.array([0, left, top, left, top], np.float32)
        boxes.append(part.boxes + shift)
        unsure.append(part.unsure + shift)
    return Sample(canvas, np.concatenate(boxes), np.concatenate(unsure))


def weather(rng: np.random.Generator, image: Image) -> Image:
    """Return the picture in another light and through a worse camera: each fault now and then."""
    image = _colour(rng, image)
    if rng.random() < 0.15:
        image = _night(rng, image)
    elif rng.random() < 0.2:
        image = _tone(image, float(np.exp(rng.normal(0, 0.35))), 1.0)
    if rng.random() < 0.06:
        image = np.repeat(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)[:, :, None], 3, axis=2).astype(np.uint8)
    if rng.random() < 0.12:
        image = _blur(rng, image)
    if rng.random() < 0.15:
        image = _coarse(rng, image)
    if rng.random() < 0.25:
        image = _jpeg(image, int(rng.integers(25, 75)))
    return image


def _colour(rng: np.random.Generator, image: Image) -> Image:
    hue, saturation, value = rng.uniform(-1, 1, 3) * np.array([0.015, 0.6, 0.35]) + 1
    steps = np.arange(256, dtype=np.float32)
    tables = ((steps * hue) % 180, (steps * saturation).clip(0, 255), (steps * value).clip(0, 255))
    planes = cv2.split(cv2.cvtColor(image, cv2.COLOR_BGR2HSV))
    changed = [cv2.LUT(plane, table.astype(np.uint8)) for plane, table in zip(planes, tables, strict=True)]
    return np.asarray(cv2.cvtColor(cv2.merge(changed), cv2.COLOR_HSV2BGR), np.uint8)


def _tone(image: Image, gamma: float, gain: float) -> Image:
    steps = (np.arange(256, dtype=np.float32) / 255) ** gamma * gain * 255
    return np.asarray(cv2.LUT(image, steps.clip(0, 255).astype(np.uint8)), np.uint8)


def _night(rng: np.random.Generator, image: Image) -> Image:
    """Darken, tint like street lamps, and add the noise of a camera at its limit."""
    dark = _tone(image, float(rng.uniform(1.2, 2.0)), float(rng.uniform(0.6, 1.0))).astype(np.float32)
    dark *= np.array([rng.uniform(0.6, 1.2), rng.uniform(0.85, 1.0), rng.uniform(0.9, 1.2)], np.float32)
    noise = rng.standard_normal((image.shape[0] // 2 + 1, image.shape[1] // 2 + 1, 1), np.float32) * rng.uniform(2, 9)
    grain = cv2.resize(noise, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray((dark + grain[:, :, None]).clip(0, 255), np.uint8)


def _blur(rng: np.random.Generator, image: Image) -> Image:
    if rng.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.5, 1.6))), np.uint8)
    length = int(rng.integers(3, 8))
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2, :] = 1 / length
    return np.asarray(cv2.filter2D(image, -1, kernel if rng.random() < 0.7 else kernel.T), np.uint8)


def _coarse(rng: np.random.Generator, image: Image) -> Image:
    """Lose resolution as a small stream shown large does."""
    factor = float(rng.uniform(0.4, 0.8))
    small = (round(image.shape[1] * factor), round(image.shape[0] * factor))
    reduced = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(reduced, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_LINEAR), np.uint8)


def _jpeg(image: Image, quality: int) -> Image:
    stored = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(stored, cv2.IMREAD_COLOR), np.uint8)
