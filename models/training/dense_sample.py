"""A picture to learn a dense map from: what the network sees, and what it is to answer for each cell."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ioc.types import Image
from models.training.road_augment import Plane

SIZES = ((416, 256), (512, 288), (640, 384))
SIZE_WEIGHTS = (0.5, 0.25, 0.25)
"""Widths and heights of whole batches."""


@dataclass(frozen=True, slots=True)
class DenseSample:
    """A picture (H, W, 3) BGR, the figure wanted for each cell, and how far each cell is known, 0 to 1."""

    image: Image
    wanted: Plane
    known: Plane


def mask_sample(image: Image, mask: Plane, known: Plane, stride: int) -> DenseSample:
    """Return a sample of a mask 0 to 1 in pixels: a cell wants the mean of what is known of it."""
    shape = (image.shape[1] // stride, image.shape[0] // stride)
    weight = cv2.resize(known, shape, interpolation=cv2.INTER_AREA)
    mean = cv2.resize(mask * known, shape, interpolation=cv2.INTER_AREA)
    wanted = np.divide(mean, weight, out=np.zeros_like(mean), where=weight > 0)
    return DenseSample(image, np.asarray(wanted, np.float32), np.asarray(weight, np.float32))


def pick_size(rng: np.random.Generator, pixels: int) -> tuple[int, int, int]:
    """Return width and height of a batch, and how many pictures hold about that many pixels."""
    width, height = SIZES[int(rng.choice(len(SIZES), p=SIZE_WEIGHTS))]
    return width, height, max(round(pixels / (width * height)), 2)
