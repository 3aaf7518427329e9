"""Batches for the plate detector: labelled pictures, traffic with plates pasted on, plates that fill a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from ioc.plate_strokes import Rng
from models.training.plate_finder_paste import (
    SMALLEST,
    Floats,
    Patch,
    Pool,
    add_caption,
    add_sign,
    bounds,
    on_vehicle,
    paste,
    quad,
)
from models.training.plate_finder_sources import PLATE, Scene, touching
from models.training.road_augment import FILL, Sample, View, cut, weather
from models.training.road_boxes import Rows, no_boxes
from models.training.road_found import Image

SHARES: Mapping[str, float] = {"gate": 0.22, "street": 0.14, "traffic": 0.48, "stills": 0.06, "crop": 0.1}
"""How much of a batch each source fills; `crop` is a plate that fills the picture."""

ZOOMS: Mapping[str, tuple[float, float]] = {
    "gate": (0.5, 1.7),
    "street": (0.7, 2.2),
    "traffic": (1.0, 3.2),
    "stills": (0.9, 2.0),
}
"""How large a picture is shown; 1 shows it whole."""

SIZES = ((416, 256), (640, 384))
SIZE_WEIGHTS = (0.5, 0.5)
"""Widths and heights of whole batches."""

UNSEEN = 0.6
"""For this part of the vehicles, nothing is learned about their lower half beyond the plates that are known."""

MOST_PASTED = 6
"""Plates pasted into one picture at most."""


@dataclass(frozen=True, slots=True)
class FinderMix:
    """Draws training pictures from scenes; all are used, in the shares of their sources."""

    scenes: Mapping[str, Sequence[Scene]]
    pool: Pool
    shares: Mapping[str, float] = field(default_factory=lambda: SHARES)

    @staticmethod
    def of(scenes: Sequence[Scene], pool: Pool) -> FinderMix:
        """Return the mix of the scenes that are not held back."""
        kept = [scene for scene in scenes if not scene.held_back]
        sources = {scene.source for scene in kept}
        return FinderMix({source: [scene for scene in kept if scene.source == source] for source in sources}, pool)

    def batch(self, rng: Rng, pixels: int, *, plain: bool = False) -> list[Sample]:
        """Return a batch of one size holding about `pixels` pixels; `plain` lessens the weather (the last stretch)."""
        width, height = SIZES[int(rng.choice(len(SIZES), p=SIZE_WEIGHTS))]
        count = max(round(pixels / (width * height)), 2)
        return [self._sample(rng, width, height, plain=plain) for _ in range(count)]

    def _sample(self, rng: Rng, width: int, height: int, *, plain: bool) -> Sample:
        sources = [source for source in self.shares if source == "crop" or source in self.scenes]
        shares = np.array([self.shares[source] for source in sources])
        source = str(rng.choice(sources, p=shares / shares.sum()))
        if source == "crop":
            sample = filled(rng, self.pool, width, height)
        else:
            scenes = self.scenes[source]
            scene = scenes[int(rng.integers(len(scenes)))]
            sample = shown(rng, scene, self.pool, (width, height), ZOOMS[source])
        worn = sample.image if plain and rng.random() < 0.5 else weather(rng, sample.image)
        return Sample(worn, sample.boxes, sample.unsure)


def shown(
    rng: Rng, scene: Scene, pool: Pool, size: tuple[int, int], zoom: tuple[float, float], captions: float = 0.3
) -> Sample:
    """Return a scene under a drawn view; where its plates are not all labelled, others are pasted on its vehicles."""
    image = scene.read()
    view = _look(rng, image, size, zoom, mirrored=scene.source in ("traffic", "stills"))
    width, height = size
    scale = np.array([1, image.shape[1], image.shape[0], image.shape[1], image.shape[0]], np.float32)
    plates, slivers = cut(view.boxes(scene.plates * scale), width, height, seen=0.5)
    doubtful, rest = cut(view.boxes(scene.unsure * scale), width, height, seen=0.0, smallest=0.0)
    canvas = view.image(image, width, height)
    if rng.random() < captions:
        add_caption(rng, canvas)
    if scene.source in ("traffic", "stills") and rng.random() < captions:
        add_sign(rng, canvas)
    unsure = np.concatenate([doubtful, rest, slivers])
    if scene.source in ("traffic", "stills"):
        vehicles, _ = cut(view.boxes(scene.vehicles * scale), width, height, seen=0.6)
        plates = np.concatenate([plates, _pasted(rng, canvas, vehicles, np.concatenate([plates, unsure]), pool)])
        unsure = np.concatenate([unsure, _bumpers(rng, vehicles)])
    return Sample(canvas, plates, unsure)


def _pasted(rng: Rng, canvas: Image, vehicles: Rows, taken: Rows, pool: Pool) -> Rows:
    """Paste plates on vehicles, and now and then anywhere, where nothing is yet; return their rows."""
    made = no_boxes()
    height, width = canvas.shape[:2]
    for index in rng.permutation(len(vehicles))[: 2 * MOST_PASTED]:
        if len(made) < MOST_PASTED and rng.random() < 0.7:
            patch, corners = on_vehicle(rng, vehicles[index], pool)
            made = _added(rng, canvas, patch, corners, made, taken)
    if rng.random() < 0.3:
        patch = pool.take(rng, int(rng.integers(1, 3)))
        wide = float(np.exp(rng.uniform(np.log(10), np.log(width / 3))))
        centre = (float(rng.uniform(0, width)), float(rng.uniform(height * 0.3, height)))
        made = _added(rng, canvas, patch, quad(rng, centre, wide, patch.aspect), made, taken)
    return made


def _bumpers(rng: Rng, vehicles: Rows) -> Rows:
    """Return where a vehicle may bear a plate of its own that nobody saw, for most vehicles: no plate is unlearned."""
    lower = vehicles[rng.random(len(vehicles)) < UNSEEN].copy()
    lower[:, 0] = PLATE
    lower[:, 2] += 0.4 * (lower[:, 4] - lower[:, 2])
    return lower


def _added(rng: Rng, canvas: Image, patch: Patch, corners: Floats, made: Rows, taken: Rows) -> Rows:
    row = bounds(corners)[None]
    size = row[0, 3:5] - row[0, 1:3]
    inside = row[0, 1:3].min() >= 0 and (row[0, 3:5] <= (canvas.shape[1], canvas.shape[0])).all()
    if not inside or size[0] < SMALLEST[0] or size[1] < SMALLEST[1]:
        return made
    if touching(row, np.concatenate([made, taken]), 0.0).any():
        return made
    paste(rng, canvas, patch, corners)
    return np.concatenate([made, row])


def filled(rng: Rng, pool: Pool, width: int, height: int) -> Sample:
    """Return a plate that fills most of the picture, as on a crop that somebody cut out, with the letterbox's bars."""
    patch = pool.take(rng, int(rng.integers(1, 3)))
    share = rng.uniform(0.45, 0.98)
    wide = min(width * share, height * share * patch.aspect)
    centre = (width / 2 + rng.normal(0, 0.02) * width, height / 2 + rng.normal(0, 0.02) * height)
    corners = quad(rng, centre, wide, patch.aspect)
    row = bounds(corners)
    canvas = np.full((height, width, 3), FILL, np.uint8)
    left, top, right, bottom = _room(rng, row, width, height)
    small = rng.uniform(0, 255, (int(rng.integers(2, 6)), int(rng.integers(2, 6)), 3)).astype(np.uint8)
    canvas[top:bottom, left:right] = cv2.resize(small, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
    paste(rng, canvas, patch, corners)
    canvas[:top], canvas[bottom:], canvas[:, :left], canvas[:, right:] = FILL, FILL, FILL, FILL
    kept, slivers = cut(row[None], width, height, seen=0.5)
    kept[:, [1, 3]], kept[:, [2, 4]] = kept[:, [1, 3]].clip(left, right), kept[:, [2, 4]].clip(top, bottom)
    return Sample(canvas, kept, slivers)


def _room(rng: Rng, row: Floats, width: int, height: int) -> tuple[int, int, int, int]:
    """Return how far the picture around a plate reaches: either to the canvas's edges, or not much beyond the plate."""
    room = rng.uniform(-0.02, 0.25, 4) if rng.random() < 0.7 else np.full(4, 9.0)
    across, down = row[3] - row[1], row[4] - row[2]
    left, top = int(max(row[1] - room[0] * across, 0)), int(max(row[2] - room[1] * down, 0))
    right, bottom = int(min(row[3] + room[2] * across, width)), int(min(row[4] + room[3] * down, height))
    return left, top, max(right, left + 8), max(bottom, top + 8)


def _look(rng: Rng, image: Image, size: tuple[int, int], zoom: tuple[float, float], *, mirrored: bool) -> View:
    """Draw a view of the picture, a little out of shape; only pictures without writing of their own are mirrored."""
    width, height = size
    whole = min(width / image.shape[1], height / image.shape[0])
    scale = whole * float(np.exp(rng.uniform(np.log(zoom[0]), np.log(zoom[1]))))
    stretch = float(np.exp(rng.normal(0, 0.08)))
    scale_x, scale_y = scale * stretch, scale / stretch
    shift_x = float((width - image.shape[1] * scale_x) * rng.random())
    shift_y = float((height - image.shape[0] * scale_y) * rng.random())
    if mirrored and rng.random() < 0.5:
        return View(-scale_x, scale_y, width - shift_x, shift_y)
    return View(scale_x, scale_y, shift_x, shift_y)
