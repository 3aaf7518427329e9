"""The bundled weights: they run, and alerts cannot depend on which cameras share a batch or on how many threads."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ioc.types import Image
from models.detector import Detector

LOWEST = 1e-5


def street(seed: int, height: int = 360, width: int = 640) -> Image:
    """Return a drawn picture with enough in it to make the network guess."""
    rng = np.random.default_rng(seed)
    image = np.full((height, width, 3), (180, 170, 160), dtype=np.uint8)
    image[height // 2 :] = (90, 90, 90)
    for _ in range(12):
        x, y = int(rng.integers(0, width - 90)), int(rng.integers(height // 3, height - 60))
        colour = tuple(int(value) for value in rng.integers(0, 255, 3))
        cv2.rectangle(image, (x, y + 15), (x + 80, y + 40), colour, -1)
        cv2.rectangle(image, (x + 15, y), (x + 60, y + 18), colour, -1)
        cv2.circle(image, (x + 18, y + 42), 9, (20, 20, 20), -1)
        cv2.circle(image, (x + 62, y + 42), 9, (20, 20, 20), -1)
    noise = rng.normal(0, 6, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def road() -> Detector:
    return Detector.load("road", provider="cpu")


@pytest.mark.parametrize("size", [320, 416])
def test_what_is_seen_does_not_depend_on_the_batch(road: Detector, size: int) -> None:
    images = [street(n) for n in range(5)]
    alone = [road.detect([image], threshold=LOWEST, size=size)[0] for image in images]
    assert min(map(len, alone)) > 5
    assert road.detect(images, threshold=LOWEST, size=size) == alone
    assert road.detect(images[::-1], threshold=LOWEST, size=size, max_batch=3) == alone[::-1]


def test_what_is_seen_does_not_depend_on_the_threads(road: Detector) -> None:
    two = Detector.load("road", provider="cpu", threads=2)
    images = [street(7), street(8, 480, 640)]
    assert two.detect(images, threshold=LOWEST, size=320) == road.detect(images, threshold=LOWEST, size=320)


def test_scores_and_labels_are_the_contract_s(road: Detector) -> None:
    (found,) = road.detect([street(3)], threshold=LOWEST, size=416, one_label=False)
    assert {item.label for item in found} <= set(road.entry.labels)
    scores = [item.score for item in found]
    assert scores == sorted(scores, reverse=True)
    assert all(LOWEST <= score <= 1 for score in scores)


def test_portrait_and_tiny_pictures_are_looked_at(road: Detector) -> None:
    assert len(road.detect([street(1, 640, 360), street(1, 120, 160), street(1)[:200:100]], threshold=0.3)) == 3
