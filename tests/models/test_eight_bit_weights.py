"""The bundled eight-bit copies on drawn pictures: what the floats find, they find, and no more."""

from __future__ import annotations

import numpy as np
import pytest

from ioc.geometry import iou
from ioc.types import Detection, Image
from models.bench import open_weights
from models.detector import Detector
from models.manifest import load_manifest
from tests.models.test_plate_finder_weights import street as street_with_plates
from tests.models.test_road_weights import street

COPIES = [entry.name for entry in load_manifest().model if entry.eight_bit is not None]


def drawn(name: str, seed: int) -> Image:
    return street_with_plates(seed, plates=True).image if name == "plate" else street(seed)


def without_partner(some: tuple[Detection, ...], others: tuple[Detection, ...]) -> list[Detection]:
    """Return those that no detection of the others matches in label and place."""
    return [
        one for one in some if not any(one.label == other.label and iou(one.box, other.box) > 0.7 for other in others)
    ]


def test_road_and_plate_have_copies() -> None:
    assert {"road", "plate"} <= set(COPIES)


@pytest.mark.parametrize("name", COPIES)
def test_the_copy_is_a_third_of_the_size_and_says_what_it_is(name: str) -> None:
    manifest = load_manifest()
    entry = manifest.named(name)
    assert entry.eight_bit is not None
    small, whole = (manifest.weights(entry, variant).stat().st_size for variant in ("int8", "float32"))
    assert small < 0.4 * whole
    copy = Detector.load(name, provider="cpu", variant="int8").describe()
    assert (copy["variant"], copy["sha256"]) == ("int8", entry.eight_bit.sha256)


@pytest.mark.parametrize(("name", "sure", "doubtful"), [("road", 0.10, 0.04), ("plate", 0.5, 0.3)])
def test_the_copy_finds_what_the_floats_find_and_no_more(name: str, sure: float, doubtful: float) -> None:
    whole = Detector.load(name, provider="cpu")
    copy = Detector.load(name, provider="cpu", variant="int8")
    pictures = [drawn(name, seed) for seed in range(8)]
    expected, found = (each.detect(pictures, threshold=doubtful) for each in (whole, copy))
    certain = [tuple(one for one in of if one.score >= sure) for of in expected]
    total = sum(map(len, certain))
    assert total >= 8
    missed = sum(len(without_partner(some, others)) for some, others in zip(certain, found, strict=True))
    invented = [
        len(without_partner(tuple(one for one in some if one.score >= sure), others))
        for some, others in zip(found, expected, strict=True)
    ]
    assert missed <= 0.1 * total
    assert sum(invented) <= 0.1 * total


@pytest.mark.parametrize(("name", "pixels"), [("road", 0.0), ("plate", 0.001)])
def test_threads_change_nothing_and_batches_next_to_nothing(name: str, pixels: float) -> None:
    entry = load_manifest().named(name)
    one, two = (open_weights(load_manifest().weights(entry, "int8"), threads) for threads in (1, 2))
    images = np.random.default_rng(2).random((3, 3, 192, 320), dtype=np.float32)
    together = one.run(images)
    np.testing.assert_array_equal(two.run(images), together)
    alone = np.concatenate([one.run(images[number : number + 1]) for number in range(3)])
    np.testing.assert_allclose(alone[:, :4], together[:, :4], atol=pixels, rtol=0)
    np.testing.assert_array_equal(alone[:, 4:], together[:, 4:])
