"""Intervals: against published tables, and what must hold for all."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc import intervals


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (1, 2, 0.0945, 0.9055)],
)
def test_a_share_has_wilsons_interval(hits: int, trials: int, low: float, high: float) -> None:
    assert intervals.share(hits, trials) == pytest.approx((low, high), abs=1e-4)


def test_nothing_tried_says_nothing() -> None:
    assert intervals.share(0, 0) is None


@given(st.integers(1, 500).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_a_share_lies_within_its_interval(case: tuple[int, int]) -> None:
    hits, trials = case
    within = intervals.share(hits, trials)
    assert within is not None
    assert 0 <= within[0] <= hits / trials <= within[1] <= 1


@pytest.mark.parametrize(
    ("seen", "low", "high"),
    [(0, 0.0, 3.6889), (1, 0.0253, 5.5716), (5, 1.6235, 11.6683), (20, 12.2165, 30.8884), (100, 81.3640, 121.6271)],
)
def test_a_count_has_garwoods_interval(seen: int, low: float, high: float) -> None:
    assert intervals.count(seen) == pytest.approx((low, high), abs=1e-3)


def test_many_events_have_nearly_the_normal_interval() -> None:
    low, high = intervals.count(2000)
    half = intervals.NORMAL * math.sqrt(2000)
    assert low == pytest.approx(2000 - half, abs=3)
    assert high == pytest.approx(2000 + half, abs=3)


@pytest.mark.parametrize("values", [[], [1.0], [3.0, 1.0, 2.0, 5.0, 4.0]])
def test_five_values_are_too_few_for_a_median(values: list[float]) -> None:
    assert intervals.median(values) is None


def test_of_six_values_the_median_lies_between_the_ends() -> None:
    assert intervals.median([5.0, 1.0, 9.0, 2.0, 3.0, 4.0]) == (1.0, 9.0)


def test_of_twenty_values_six_are_left_out_at_each_end_but_one() -> None:
    # The table of the sign test: ranks 6 and 15 of 20 hold the median at 95.9 %.
    assert intervals.median([float(value) for value in range(1, 21)]) == (6.0, 15.0)
