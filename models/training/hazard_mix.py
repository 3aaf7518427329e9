"""Batches for the hazard detector: sources in fixed shares, streets with flames, smoke and decoys put in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from models.training.hazard_paste import Rng, add_decoy, add_flame, add_smoke, flames
from models.training.hazard_sources import Scene
from models.training.road_augment import Sample, mosaic, single, weather
from models.training.road_boxes import Rows
from models.training.road_found import Image

SHARES: Mapping[str, float] = {"boxed": 0.3, "classes": 0.22, "normal": 0.12, "stills": 0.12, "streets": 0.24}
"""How much of the training each source fills."""

SIZES = ((416, 256), (640, 384))
SIZE_WEIGHTS = (0.4, 0.6)
"""Widths and heights of whole batches."""

MOSAIC = 0.2
PASTED = 0.3
"""Part of the pictures without fire and smoke into which some are put."""
DECOYS = 0.4
"""Part of the pictures into which something is put that looks like them."""


@dataclass(frozen=True, slots=True)
class HazardMix:
    """Draws training pictures from scenes; `pool` are flames to put into streets."""

    scenes: Mapping[str, Sequence[Scene]]
    pool: Sequence[Image]
    shares: Mapping[str, float] = field(default_factory=lambda: SHARES)

    @staticmethod
    def of(scenes: Sequence[Scene]) -> HazardMix:
        """Return the mix of the scenes that are not held back."""
        kept = [scene for scene in scenes if not scene.held_back]
        by_source = {source: [scene for scene in kept if scene.source == source] for source in SHARES}
        return HazardMix({source: own for source, own in by_source.items() if own}, flames(kept))

    def batch(self, rng: Rng, pixels: int, *, plain: bool = False) -> list[Sample]:
        """Return a batch of one size holding about `pixels` pixels; `plain` leaves mosaics out (the last stretch)."""
        width, height = SIZES[int(rng.choice(len(SIZES), p=SIZE_WEIGHTS))]
        count = max(round(pixels / (width * height)), 2)
        return [self._sample(rng, width, height, plain=plain) for _ in range(count)]

    def _sample(self, rng: Rng, width: int, height: int, *, plain: bool) -> Sample:
        scene = self._draw(rng)
        if not plain and rng.random() < MOSAIC:
            others = [scene, *(self._draw(rng) for _ in range(3))]
            sample = mosaic(rng, [(other.read(stored=_as_stored(rng)), other.known) for other in others], width, height)
        else:
            sample = single(rng, scene.read(stored=_as_stored(rng)), scene.known, width, height, zoom=(0.6, 1.8))
            if not scene.shown:
                sample = self._pasted(rng, sample)
        return Sample(weather(rng, sample.image), sample.boxes, sample.unsure)

    def _draw(self, rng: Rng) -> Scene:
        sources = [source for source in self.shares if source in self.scenes]
        shares = np.array([self.shares[source] for source in sources])
        scenes = self.scenes[str(rng.choice(sources, p=shares / shares.sum()))]
        return scenes[int(rng.integers(len(scenes)))]

    def _pasted(self, rng: Rng, sample: Sample) -> Sample:
        canvas, boxes = sample.image.copy(), [sample.boxes]
        if rng.random() < DECOYS:
            add_decoy(rng, canvas)
        if rng.random() < PASTED:
            boxes += self._hazards(rng, canvas)
        return Sample(canvas, np.concatenate(boxes), sample.unsure)

    def _hazards(self, rng: Rng, canvas: Image) -> list[Rows]:
        """Put smoke, a flame or both into the picture; the flame comes last, so that smoke does not hide it."""
        kind = rng.random()
        smoke = [add_smoke(rng, canvas)] if kind < 0.6 else []
        burns = kind > 0.4 and len(self.pool) > 0
        return smoke + ([add_flame(rng, canvas, self.pool[int(rng.integers(len(self.pool)))])] if burns else [])


def _as_stored(rng: Rng) -> bool:
    """Draw whether a squashed picture is shown squashed: whoever judges may not know its shape."""
    return bool(rng.random() < 0.5)
