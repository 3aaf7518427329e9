"""Heads by density and people by box, counted together, on densities that the tests write down cell by cell."""

from __future__ import annotations

import numpy as np
import pytest

from ioc.types import Box, Point
from models.dense import DenseMap
from models.head_count import HeadCount

LEFT_HALF = [Point(0, 0), Point(0.5, 0), Point(0.5, 1), Point(0, 1)]
LOWER_HALF = [Point(0, 0.5), Point(1, 0.5), Point(1, 1), Point(0, 1)]
PERSON = Box(0.1, 0.4, 0.2, 0.9)
"""The head is in the cells of row 4, column 1."""


def density(*heads: tuple[int, int], each: float = 1.0) -> DenseMap:
    """Ten rows of ten cells, with heads in some."""
    values = np.zeros((10, 10), np.float32)
    for row, column in heads:
        values[row, column] += each
    return DenseMap(values, 10.0, 10.0)


def test_without_people_found_the_density_counts() -> None:
    count = HeadCount(density((2, 2), (7, 7), each=0.6), ())
    assert count.within() == pytest.approx(1.2)
    assert count.within(LEFT_HALF) == pytest.approx(0.6)


def test_where_the_density_is_blind_people_found_count() -> None:
    count = HeadCount(density(), (PERSON, Box(0.6, 0.4, 0.7, 0.6)))
    assert count.within() == 2
    assert count.within(LEFT_HALF) == 1


def test_nobody_is_counted_by_both() -> None:
    assert HeadCount(density((4, 1), each=0.9), (PERSON,)).within() == 1


def test_heads_beside_and_behind_those_who_are_found_count_on_top() -> None:
    assert HeadCount(density((4, 1), (4, 3), (7, 1)), (PERSON,)).within() == 3


def test_where_one_box_hides_many_heads_they_all_count() -> None:
    assert HeadCount(density((4, 1), each=5), (PERSON,)).within() == 5


def test_who_is_found_stands_where_the_feet_are_and_others_where_the_head_is() -> None:
    count = HeadCount(density((4, 1), (4, 8)), (PERSON,))
    assert count.within(LOWER_HALF) == 1


def test_the_padding_below_the_picture_holds_nobody() -> None:
    values = np.ones((10, 10), np.float32)
    count = HeadCount(DenseMap(values, 5.0, 10.0), ())
    assert count.within() == 50
    assert np.sum(count.heat()) == pytest.approx(50, rel=0.05)


@pytest.mark.parametrize("box", [Box(0, 0, 0.1, 0.3), Box(0.9, 0.7, 1.0, 1.0), Box(0, 0, 1, 1)])
def test_people_at_the_edges_of_the_picture_count(box: Box) -> None:
    count = HeadCount(density(), (box,))
    assert count.within() == 1
    assert np.sum(count.heat()) == 1


def test_the_heat_is_where_people_are() -> None:
    heat = np.array(HeadCount(density((9, 9), (9, 9)), (PERSON,)).heat())
    assert heat.shape == (9, 16)
    assert heat[8, 15] == 2
    assert heat[3, 2] == 1
    assert heat.sum() == 3


def test_the_heat_of_a_dense_crowd_is_the_density_s() -> None:
    heat = np.array(HeadCount(density((4, 1), (5, 5), each=40), (PERSON,)).heat())
    assert heat.sum() == 80


def test_counting_leaves_the_density_as_it_was() -> None:
    seen = density((4, 1))
    HeadCount(seen, (PERSON,)).within()
    assert seen.total() == 1
