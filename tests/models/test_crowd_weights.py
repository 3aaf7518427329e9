"""The bundled crowd model: it counts drawn figures over drawn streets, and few where there are few."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from ioc.types import Image, Point
from models.dense import DenseModel, heads
from models.training.crowd_paste import crowd
from streams.scenes import Drawn, random_scene

SEED = 880_001


@cache
def street(number: int) -> Drawn:
    """A drawn street with a few people on foot and on two wheels."""
    return random_scene(SEED + number % 6).picture(timedelta(seconds=3 + number // 6))


@pytest.fixture(scope="module")
def counter() -> DenseModel:
    return DenseModel.load("crowd", provider="cpu")


def crowded(number: int, least: int) -> tuple[Image, npt.NDArray[np.float64]]:
    """A drawn street with a drawn crowd of at least so many heads, and the heads in pixels."""
    for attempt in range(60):
        image, seen = crowd(np.random.default_rng([SEED, number, attempt]), street(number).image)
        if len(seen) >= least:
            return image, seen
    raise AssertionError("expected a crowd")


def test_drawn_crowds_are_counted(counter: DenseModel) -> None:
    true, found = [], []
    for number in range(12):
        image, seen = crowded(number, 25)
        true.append(len(seen))
        found.append(heads(counter, image))
    errors = np.abs(np.array(found) - true) / true
    assert np.median(errors) < 0.5
    assert np.corrcoef(true, found)[0, 1] > 0.8


def test_streets_with_few_people_are_told_from_streets_with_many(counter: DenseModel) -> None:
    streets = [street(number) for number in range(12)]
    people = [sum(seen.label in {"person", "motorcycle", "bicycle"} for seen in drawn.objects) for drawn in streets]
    counts = [found.total() for found in counter.maps([drawn.image for drawn in streets])]
    assert np.corrcoef(people, counts)[0, 1] > 0.9
    assert max(found for found, true in zip(counts, people, strict=True) if true < 15) < 25


def test_the_halves_of_a_picture_hold_as_many_as_the_whole(counter: DenseModel) -> None:
    image, _ = crowded(3, 25)
    left = [Point(0, 0), Point(0.5, 0), Point(0.5, 1), Point(0, 1)]
    right = [Point(0.5, 0), Point(1, 0), Point(1, 1), Point(0.5, 1)]
    assert heads(counter, image, left) + heads(counter, image, right) == pytest.approx(heads(counter, image), rel=0.01)


def test_what_is_counted_hardly_depends_on_the_batch(counter: DenseModel) -> None:
    images = [crowded(number, 25)[0] for number in range(3)]
    alone = [heads(counter, image) for image in images]
    together = [found.total() for found in counter.maps(images, max_batch=3)]
    np.testing.assert_allclose(together, alone, rtol=1e-3)
