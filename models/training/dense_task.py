"""What a run of a dense map trains, and how its maps are scored. Needs the extra `train`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from models.training.dense_sample import DenseSample, pick_size

BATCH_PIXELS = 16 * 416 * 256
"""Pixels of a batch, whatever the size of its pictures."""

Draw = Callable[[np.random.Generator, int, int, float], DenseSample]
"""Draws a sample of that width and height; the last figure is the part of the budget that is spent."""

Loss = Callable[[Any, Any, Any], Any]
"""Takes the network's figures, what is wanted and how far it is known, each (batch, rows, columns); see `Terms`."""

PATCH = 4
"""Side of the patches, in cells, over which heads are counted as well: a head that is a cell off is no error there."""

FEWEST = 5.0
"""Heads that are added to a picture's own before its error is divided by them."""


class DenseTask:
    """Trains a dense map on drawn samples; `loss` returns one figure for each of `terms`."""

    def __init__(self, terms: Sequence[str], draw: Draw, loss: Loss, device: torch.device) -> None:
        self.terms = terms
        self._draw, self._loss, self._device = draw, loss, device

    def draw(self, rng: np.random.Generator, step: int, spent: float) -> list[DenseSample]:  # noqa: ARG002
        """Return a batch of samples of one size."""
        width, height, count = pick_size(rng, BATCH_PIXELS)
        return [self._draw(rng, width, height, spent) for _ in range(count)]

    def planes(self, batch: list[DenseSample]) -> Any:
        """Return the pictures as the network takes them."""
        stacked = torch.from_numpy(np.stack([sample.image[:, :, ::-1] for sample in batch])).to(self._device)
        return stacked.permute(0, 3, 1, 2).float().div(255).contiguous(memory_format=torch.channels_last)

    def loss(self, output: Any, batch: list[DenseSample]) -> Any:
        """Return one figure a term."""
        wanted = torch.from_numpy(np.stack([sample.wanted for sample in batch])).to(self._device)
        known = torch.from_numpy(np.stack([sample.known for sample in batch])).to(self._device)
        return torch.stack(self._loss(output.float().squeeze(1), wanted, known))


def mask_loss(figures: Any, wanted: Any, known: Any) -> list[Any]:
    """Return cross entropy a known cell, and one minus the soft Dice overlap of the batch (Milletari et al., 2016)."""
    entropy = functional.binary_cross_entropy_with_logits(figures, wanted, weight=known, reduction="sum")
    found = figures.sigmoid() * known
    both = (found * wanted).sum()
    overlap = (2 * both + 1) / (found.sum() + (wanted * known).sum() + 1)
    return [entropy / known.sum().clamp(min=1), 1 - overlap]


def density_loss(figures: Any, wanted: Any, known: Any) -> list[Any]:
    """Return the squared error of the cells, and the absolute error of the heads in patches, both for each head.

    Each picture counts alike, however many people it shows; one without anybody counts as one with FEWEST heads, so
    that the figures stay finite.
    """
    found = functional.softplus(figures) * known
    wanted = wanted * known
    heads = wanted.sum(dim=(1, 2)) + FEWEST
    cells = (found - wanted).square().sum(dim=(1, 2)) / heads
    patches = functional.avg_pool2d((found - wanted).unsqueeze(1), PATCH, ceil_mode=True, divisor_override=1)
    return [10 * cells.mean(), (patches.abs().sum(dim=(1, 2, 3)) / heads).mean()]
