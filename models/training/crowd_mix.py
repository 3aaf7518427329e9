"""Draws what the crowd model is shown: crowds, street cameras, drawn crowds, and streets that are nearly empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from models.training.crowd_cutouts import Cutout
from models.training.crowd_paste import crowd
from models.training.crowd_sources import CrowdPicture
from models.training.dense_sample import DenseSample
from models.training.mat_points import Points
from models.training.road_augment import Plane, View, pick_view, weather
from models.training.road_store import read_image, unsquash

SHARES: Mapping[str, float] = {"mall": 0.16, "photos": 0.22, "cameras": 0.22}
"""How much of the training each source fills; crowds put together and empty streets share the rest."""

CROWDED = 0.75
"""Of the rest, how much has a crowd put in."""

ZOOM: Mapping[str, tuple[float, float]] = {"mall": (0.5, 2.0), "photos": (0.5, 1.6), "cameras": (0.9, 2.5)}
STRIDE = 8
SPREAD = 1.0
"""Of a head's Gaussian, in cells."""


class CrowdMix:
    """Pictures of the training part with their heads, and samples drawn from them; `people` are put into crowds."""

    def __init__(
        self, pictures: Sequence[CrowdPicture], streets: Sequence[Path], people: Sequence[Cutout] = ()
    ) -> None:
        self._sources = {
            source: [picture for picture in pictures if picture.source == source and not picture.held_back]
            for source in SHARES
        }
        self._streets, self._people = streets, people

    def draw(self, rng: np.random.Generator, width: int, height: int, spent: float) -> DenseSample:  # noqa: ARG002
        """Return a sample of that size."""
        names, shares = list(SHARES), [*SHARES.values(), 1 - sum(SHARES.values())]
        chosen = int(rng.choice(len(shares), p=shares))
        if chosen == len(names):
            image = read_image(self._streets[int(rng.integers(len(self._streets)))])
            view = pick_view(rng, image, width, height, (0.9, 1.8))
            image, heads = view.image(image, width, height), np.zeros((0, 2))
            if rng.random() < CROWDED:
                image, heads = crowd(rng, image, self._people)
        else:
            own = self._sources[names[chosen]]
            picture = own[int(rng.integers(len(own)))]
            image = unsquash(read_image(picture.path), picture.aspect)
            view = pick_view(rng, image, width, height, ZOOM[names[chosen]])
            heads = moved(view, picture.heads * (image.shape[1], image.shape[0]))
            image = view.image(image, width, height)
        image = weather(rng, image)
        return DenseSample(
            image, density(heads, width, height), np.ones((height // STRIDE, width // STRIDE), np.float32)
        )


def moved(view: View, points: Points) -> Points:
    """Return points in pixels as a view shows them."""
    return np.asarray(points * (view.scale_x, view.scale_y) + (view.shift_x, view.shift_y), np.float64)


def density(heads: Points, width: int, height: int) -> Plane:
    """Return the heads in each cell, (rows, columns): every head in the picture is spread, and none of it lost."""
    rows, columns = height // STRIDE, width // STRIDE
    plane = np.zeros((rows, columns), np.float32)
    inside = heads[((heads >= 0) & (heads < (width, height))).all(axis=1)] / STRIDE - 0.5
    lower = np.floor(inside).astype(int)
    part = inside - lower
    for right in (0, 1):
        for below in (0, 1):
            share = np.abs(1 - right - part[:, 0]) * np.abs(1 - below - part[:, 1])
            cells = (lower[:, 1] + below).clip(0, rows - 1), (lower[:, 0] + right).clip(0, columns - 1)
            np.add.at(plane, cells, share.astype(np.float32))
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), SPREAD, borderType=cv2.BORDER_REFLECT), np.float32)
