"""The bundled water model: it finds water that the project lays over drawn streets, and leaves dry streets alone."""

from __future__ import annotations

import numpy as np
import pytest

from ioc.types import Image
from models.dense import DenseModel, water_mask
from models.manifest import load_manifest
from models.training.road_augment import Plane
from models.training.road_boxes import no_boxes
from models.training.water_paste import flooded
from tests.models.test_road_weights import street

SEED = 770_001


@pytest.fixture(scope="module")
def water() -> DenseModel:
    return DenseModel.load("water", provider="cpu")


def flood(number: int) -> tuple[Image, Plane]:
    """A drawn street under drawn water, and where the water is; at least a tenth of the picture."""
    for attempt in range(20):
        image, mask = flooded(np.random.default_rng([SEED, number, attempt]), street(number), no_boxes(), None)
        if 0.1 < mask.mean() < 0.9:
            return image, mask
    raise AssertionError("expected a flood")


def test_water_over_drawn_streets_is_found(water: DenseModel) -> None:
    overlaps = []
    for number in range(16):
        image, mask = flood(number)
        found = water_mask(water, image)
        overlaps.append((found & (mask > 0)).sum() / (found | (mask > 0)).sum())
    assert np.median(overlaps) >= 0.6


def test_dry_streets_stay_dry(water: DenseModel) -> None:
    shares = [found.share() for found in water.maps([street(number) for number in range(16)])]
    assert np.median(shares) < 0.01
    assert max(shares) < 0.2


def test_what_is_found_hardly_depends_on_the_batch_and_not_on_the_order(water: DenseModel) -> None:
    images = [flood(number)[0] for number in range(5)]
    alone = [water.maps([image])[0].values for image in images]
    for found, single in zip(water.maps(images, max_batch=4), alone, strict=True):
        np.testing.assert_allclose(found.values, single, atol=1e-4)


def test_portrait_and_tiny_pictures_are_looked_at(water: DenseModel) -> None:
    shapes = [(640, 360), (120, 160), (2, 640)]
    maps = water.maps([street(1, 640, 360), street(1, 120, 160), street(1)[:200:100]])
    for (height, width), found in zip(shapes, maps, strict=True):
        assert found.at_size(height, width).shape == (height, width)


def test_the_manifest_says_what_it_is() -> None:
    entry = load_manifest().named("water")
    assert (entry.layout, entry.labels, entry.size) == ("mask", ("water",), 416)
    assert load_manifest().weights(entry).stat().st_size < 6_000_000
