"""The bundled hazard weights on pictures that the test draws: a small check that they are the right ones and work."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ioc.types import Image
from models.detector import Detector
from models.manifest import load_manifest
from models.training.hazard_paste import add_decoy, plume
from models.training.hazard_sources import FIRE, LABELS, SMOKE
from models.training.plate_finder_evaluate import finder
from models.training.road_boxes import Rows

LIMIT = 15_000_000
SURE = 0.25


@pytest.fixture(scope="module")
def hazards() -> Detector:
    return Detector.load("hazard", provider="cpu")


def street(seed: int) -> Image:
    """Return a drawn street of 640 × 384 by day."""
    rng = np.random.default_rng(seed)
    image = np.full((384, 640, 3), (190, 175, 160), np.uint8)
    image[150:] = (95, 95, 95)
    for x in range(0, 640, 80):
        wall = tuple(int(value) for value in rng.integers(60, 170, 3))
        cv2.rectangle(image, (x, 90 - int(rng.integers(0, 60))), (x + 70, 150), wall, -1)
    for x in range(20, 640, 120):
        cv2.rectangle(image, (x, 260), (x + 60, 268), (200, 200, 200), -1)
    return np.clip(image + rng.normal(0, 5, image.shape), 0, 255).astype(np.uint8)


def burning(seed: int) -> tuple[Image, tuple[float, float]]:
    """Return the street with a heap that burns, and where its middle lies, in fractions."""
    image, rng = street(seed), np.random.default_rng(seed + 100)
    tall, foot = rng.uniform(90, 170), (rng.uniform(150, 490), rng.uniform(250, 350))
    for _ in range(26):
        x = foot[0] + rng.normal(0, tall / 5)
        high = tall * rng.uniform(0.4, 1) * np.exp(-(((x - foot[0]) / (tall / 3)) ** 2))
        tip = x + rng.normal(0, tall / 12)
        tongue = [
            (x - tall / 9, 0),
            (x - tall / 14, high / 2),
            (tip, high),
            (x + tall / 14, high / 2),
            (x + tall / 9, 0),
        ]
        points = np.array([(across, foot[1] - up) for across, up in tongue], np.int32)
        cv2.fillPoly(image, [points], (int(rng.integers(10, 90)), int(rng.integers(110, 220)), 255), cv2.LINE_AA)
    core = (round(foot[0]), round(foot[1] - tall * 0.18)), (round(tall / 6), round(tall / 5))
    cv2.ellipse(image, *core, 0, 0, 360, (190, 245, 255), -1, cv2.LINE_AA)
    middle = (foot[0] / 640, (foot[1] - tall * 0.25) / 384)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 1.2), np.uint8), middle


def holds(rows: Rows, label: int, middle: tuple[float, float]) -> bool:
    """Return whether a sure box of the label holds the place."""
    x, y = middle
    return any(
        row[0] == label and row[5] >= SURE and row[1] < x < row[3] and row[2] < y < row[4] for row in rows.tolist()
    )


def test_drawn_flames_are_found_as_fire_where_they_are(hazards: Detector) -> None:
    find = finder(hazards, 640)
    scenes = [burning(seed) for seed in range(12)]
    rows = [find(image) for image, _ in scenes]
    fire = sum(holds(own, FIRE, middle) for own, (_, middle) in zip(rows, scenes, strict=True))
    smoke = sum(holds(own, SMOKE, middle) for own, (_, middle) in zip(rows, scenes, strict=True))
    assert fire >= 9
    assert smoke <= 3


def test_a_drawn_plume_is_found_as_smoke_and_as_no_fire(hazards: Detector) -> None:
    find, smoke, fire = finder(hazards, 640), 0, 0
    for seed in range(12):
        image, rng = street(seed), np.random.default_rng(seed + 100)
        left, cover = int(rng.integers(100, 300)), plume(rng, (260, 280))[:, :, None] * 0.95
        part = image[40:320, left : left + 260]
        part[:] = (part * (1 - cover) + 60 * cover).astype(np.uint8)
        rows = find(image)
        smoke += holds(rows, SMOKE, ((left + 130) / 640, 200 / 384))
        fire += holds(rows, FIRE, ((left + 130) / 640, 200 / 384))
    assert smoke >= 9
    assert fire <= 1


def test_a_street_by_day_with_lamps_signs_and_warm_colours_shows_neither(hazards: Detector) -> None:
    find, false = finder(hazards, 640), 0
    for seed in range(16):
        image = street(seed)
        add_decoy(np.random.default_rng(seed), image)
        false += int((find(image)[:, 5] >= 0.5).sum())
    assert false <= 2


def test_the_weights_are_small_and_have_a_card() -> None:
    manifest = load_manifest()
    entry = manifest.named("hazard")
    assert entry.labels == LABELS
    assert manifest.weights(entry).stat().st_size <= LIMIT
    card = manifest.card(entry).read_text(encoding="utf-8")
    assert entry.licence in card
    assert "python -m models.training.hazard" in card
