"""What several looks agree on is followed from place to place, over the stretch of time that agrees most."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ioc.sightings import Repeated, Sighting, Sightings
from ioc.types import Box
from tests.detectors.street import at

WHOLE = Box(0.0, 0.0, 1.0, 1.0)
LEAST = timedelta(seconds=2)


def spot(x: float, score: float = 0.5) -> Sighting:
    return Sighting(score, Box(x, 0.4, x + 0.1, 0.5))


def repeated(*looks: list[Sighting], step: float = 0.5, parts: list[Box] | None = None) -> list[Repeated]:
    sightings = Sightings(timedelta(seconds=4))
    for number, found in enumerate(looks):
        sightings.add(at(number * step), found, parts[number] if parts else WHOLE)
    return sightings.repeated(LEAST)


def test_one_look_is_one_hit() -> None:
    (one,) = repeated([], [spot(0.3)])
    assert (one.hits, one.looks, one.since, one.score) == (1, 1, at(0.5), 0.5)


def test_hits_and_misses_are_counted_from_the_first_hit_on() -> None:
    (one,) = repeated([], [spot(0.3, 0.4)], [], [spot(0.3, 0.6)], [spot(0.32)], [spot(0.3)])
    assert (one.hits, one.looks, one.since) == (4, 5, at(0.5))
    assert one.score == pytest.approx(0.5)


def test_another_place_is_another_thing_and_the_surest_comes_first() -> None:
    first, second = repeated([spot(0.1)], [spot(0.1), spot(0.7)], [spot(0.1), spot(0.7)], step=1.0)
    assert (first.box.x1, first.hits) == (0.1, 3)
    assert (second.box.x1, second.hits) == (0.7, 2)


def test_a_thing_is_followed_where_it_goes_if_it_goes_slowly() -> None:
    (slow,) = repeated(*([spot(0.1 + 0.08 * n)] for n in range(6)))
    (fast,) = repeated(*([spot(0.1 + 0.2 * n)] for n in range(4)))
    assert (slow.hits, fast.hits) == (6, 1)


def test_the_stretch_that_agrees_most_is_told() -> None:
    """An early hit long before the others does not spoil those that agree."""
    (one,) = repeated([spot(0.3)], [], [], [], *([spot(0.3)] for _ in range(5)))
    assert (one.hits, one.looks) == (5, 5)


def test_what_is_older_than_the_span_does_not_count() -> None:
    (one,) = repeated(*([spot(0.3)] for _ in range(20)))
    assert one.since == at(9.5 - 4)


def test_looks_elsewhere_are_not_counted() -> None:
    left, right = Box(0.0, 0.0, 0.5, 1.0), Box(0.5, 0.0, 1.0, 1.0)
    (one,) = repeated([spot(0.1)], [], [spot(0.1)], [], [spot(0.1)], parts=[left, right, left, right, left])
    assert (one.hits, one.looks) == (3, 3)


def test_nothing_in_the_last_look_is_nothing() -> None:
    assert repeated([spot(0.3)], []) == []
