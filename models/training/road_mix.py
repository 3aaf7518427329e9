"""Which pictures a batch holds: sources in fixed shares, pictures by weight, at sizes drawn per batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.training.road_augment import Sample, mosaic, single, weather
from models.training.road_boxes import Rows
from models.training.road_labels import LABELS
from models.training.road_store import Ready

SHARES: Mapping[str, float] = {"vietnam": 0.33, "cctv": 0.21, "drawn": 0.18, "unlabelled": 0.07, "general": 0.21}
"""How much of the training each source fills; where one is absent the others share its part."""

SIZES = ((416, 256), (512, 288), (640, 384))
SIZE_WEIGHTS = (0.4, 0.25, 0.35)
"""Widths and heights of whole batches: the sizes the detector runs at."""

MOSAIC = 0.4


@dataclass(frozen=True, slots=True)
class Mix:
    """Draws training pictures; all of `ready` are used, in the shares of their sources."""

    ready: Sequence[Ready]
    chances: npt.NDArray[np.float64]

    @staticmethod
    def of(ready: Sequence[Ready], shares: Mapping[str, float] = SHARES) -> Mix:
        """Return the mix of the pictures that are not held back."""
        kept = [item for item in ready if not item.picture.held_back]
        weights = np.array([item.picture.weight for item in kept], np.float64)
        sources = np.array([item.picture.source for item in kept])
        chances = np.zeros(len(kept))
        for source, share in shares.items():
            own = sources == source
            if own.any():
                weights[own] *= repeats([item.labelled.boxes for item, here in zip(kept, own, strict=True) if here])
                chances[own] = share * weights[own] / weights[own].sum()
        return Mix(kept, chances / chances.sum())

    def batch(self, rng: np.random.Generator, pixels: int, *, plain: bool = False) -> list[Sample]:
        """Return a batch of one size holding about `pixels` pixels; `plain` leaves mosaics out (the last stretch)."""
        width, height = SIZES[int(rng.choice(len(SIZES), p=SIZE_WEIGHTS))]
        count = max(round(pixels / (width * height)), 2)
        return [self._sample(rng, width, height, plain=plain) for _ in range(count)]

    def _sample(self, rng: np.random.Generator, width: int, height: int, *, plain: bool) -> Sample:
        if not plain and rng.random() < MOSAIC:
            chosen = rng.choice(len(self.ready), 4, p=self.chances)
            parts = [(self.ready[index].read(), self.ready[index].labelled) for index in chosen]
            sample = mosaic(rng, parts, width, height)
        else:
            item = self.ready[int(rng.choice(len(self.ready), p=self.chances))]
            sample = single(rng, item.read(), item.labelled, width, height)
        return Sample(weather(rng, sample.image), sample.boxes, sample.unsure)


def repeats(boxes: Sequence[Rows], common: float = 0.3, most: float = 3.0) -> npt.NDArray[np.float64]:
    """Return how much more often to draw each picture for the rarest label it shows.

    The square root of how much rarer than `common` (of the pictures) the label is (Gupta et al., LVIS, CVPR 2019).
    """
    shown = np.array([[(rows[:, 0] == label).any() for label in range(len(LABELS))] for rows in boxes], np.bool_)
    rarity = np.sqrt(common / np.maximum(shown.mean(axis=0), 1e-6)).clip(1.0, most)
    return np.asarray(np.where(shown, rarity, 1.0).max(axis=1), np.float64)
