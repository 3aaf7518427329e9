"""What a run of a detector trains: boxes in pictures, drawn from a mix of sources. Needs the extra `train`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import torch

from models.training.road_augment import Sample
from models.training.road_loss import as_planes

BATCH_PIXELS = 16 * 416 * 256
"""Pixels of a batch, whatever the size of its pictures."""

PLAIN_FROM = 0.85
"""From this part of the budget on, pictures are shown more as cameras deliver them."""


class BoxMix(Protocol):
    """Draws training pictures with their boxes."""

    def batch(self, rng: np.random.Generator, pixels: int, *, plain: bool = False) -> list[Sample]:
        """Return a batch of one size holding about `pixels` pixels."""


class BoxTask:
    """Trains a detector on what a mix draws; `loss` takes the network's raw output and the samples."""

    terms = ("box", "class", "distance")

    def __init__(self, mix: BoxMix, loss: Callable[[Any, Sequence[Sample]], Any], device: torch.device) -> None:
        self._mix, self._loss, self._device = mix, loss, device

    def draw(self, rng: np.random.Generator, step: int, spent: float) -> list[Sample]:  # noqa: ARG002
        """Return a batch of samples of one size."""
        return self._mix.batch(rng, BATCH_PIXELS, plain=spent > PLAIN_FROM)

    def planes(self, batch: list[Sample]) -> Any:
        """Return the pictures as the network takes them."""
        return as_planes(batch, self._device)

    def loss(self, output: Any, batch: list[Sample]) -> Any:
        """Return the box, class and distance terms, weighted, per picture."""
        return self._loss(output, batch)
