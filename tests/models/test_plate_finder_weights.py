"""The bundled plate weights on pictures that the test draws: a small check that they are the right ones and work."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ioc.geometry import pairwise_iou
from ioc.types import Image
from models.detector import Detector
from models.manifest import load_manifest
from models.training.plate_finder_evaluate import finder
from models.training.plate_finder_mix import filled
from models.training.plate_finder_paste import Pool, add_caption, add_sign, bounds, on_vehicle, paste
from models.training.road_augment import Sample
from models.training.road_boxes import no_boxes
from models.training.road_labels import CAR, MOTORCYCLE

LIMIT = 15_000_000


@pytest.fixture(scope="module")
def plates() -> Detector:
    return Detector.load("plate", provider="cpu")


def street(seed: int, *, plates: bool) -> Sample:
    """Return a drawn street of 640 × 384 with three vehicles, with plates or without."""
    rng = np.random.default_rng(seed)
    image = np.full((384, 640, 3), (180, 170, 160), np.uint8)
    image[150:] = (90, 90, 90)
    rows = no_boxes()
    for place in range(3):
        motorcycle = rng.random() < 0.4
        wide, tall = (90, 150) if motorcycle else (185, 140)
        x, y = place * 212 + int(rng.integers(0, 25)), int(rng.integers(100, 220))
        colour = tuple(int(value) for value in rng.integers(20, 160, 3))
        cv2.rectangle(image, (x, y + tall // 3), (x + wide, y + tall - 15), colour, -1)
        cv2.rectangle(image, (x + wide // 6, y), (x + wide - wide // 6, y + tall // 3), (60, 50, 40), -1)
        for wheel in (wide // 5, wide - wide // 5):
            cv2.circle(image, (x + wheel, y + tall - 15), 14, (20, 20, 20), -1)
        vehicle = np.array([MOTORCYCLE if motorcycle else CAR, x, y, x + wide, y + tall], np.float32)
        patch, corners = on_vehicle(rng, vehicle, Pool([], 1.0))
        if plates:
            paste(rng, image, patch, corners)
            rows = np.concatenate([rows, bounds(corners)[None]])
    return Sample(noisy(rng, image), rows, no_boxes())


def noisy(rng: np.random.Generator, image: Image) -> Image:
    return np.clip(image + rng.normal(0, 4, image.shape), 0, 255).astype(np.uint8)


def test_plates_on_drawn_vehicles_are_found(plates: Detector) -> None:
    found = wanted = false = 0
    for seed in range(16):
        sample = street(seed, plates=True)
        rows = finder(plates, 640, lowest=0.3)(sample.image)
        rows[:, 1:5] *= (640, 384, 640, 384)
        overlaps = pairwise_iou(sample.boxes[:, 1:5].astype(np.float64), rows[:, 1:5].astype(np.float64))
        hit = overlaps.max(axis=1) >= 0.5 if len(rows) else np.zeros(len(sample.boxes), np.bool_)
        found, wanted = found + int(hit.sum()), wanted + len(hit)
        false += int((overlaps.max(axis=0) < 0.1).sum()) if len(rows) else 0
    assert found >= 0.7 * wanted
    assert false <= 0.05 * wanted


def test_captions_and_signs_are_no_plates(plates: Detector) -> None:
    false = 0
    for seed in range(12):
        image = street(seed, plates=False).image
        add_caption(np.random.default_rng(seed), image)
        add_sign(np.random.default_rng(seed), image)
        false += len(plates.detect([image], threshold=0.5)[0])
    assert false <= 1


def test_a_plate_that_fills_the_picture_is_found(plates: Detector) -> None:
    hits = 0
    for seed in range(12):
        sample = filled(np.random.default_rng(seed), Pool([], 1.0), 416, 256)
        rows = finder(plates, 416, lowest=0.25)(sample.image)
        rows[:, 1:5] *= (416, 256, 416, 256)
        if len(rows):
            overlaps = pairwise_iou(sample.boxes[:, 1:5].astype(np.float64), rows[:1, 1:5].astype(np.float64))
            hits += bool(overlaps.max() > 0.5)
    assert hits >= 9


def test_the_weights_are_small_and_have_a_card() -> None:
    manifest = load_manifest()
    entry = manifest.named("plate")
    assert manifest.weights(entry).stat().st_size <= LIMIT
    card = manifest.card(entry).read_text(encoding="utf-8")
    assert entry.licence in card
    assert "python -m models.training.plate_finder" in card
