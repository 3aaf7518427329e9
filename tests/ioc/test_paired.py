"""Paired tests: against values worked out by hand, and what must hold for all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.paired import FEWEST, Counts, difference, mcnemar


@pytest.mark.parametrize(
    ("only_a", "only_b", "p"),
    [(1, 9, 22 / 1024), (0, 5, 2 / 32), (0, 1, 1.0), (3, 3, 1.0), (2, 12, 2 * (1 + 14 + 91) / 2**14)],
)
def test_mcnemars_p_is_that_of_a_fair_coin(only_a: int, only_b: int, p: float) -> None:
    assert mcnemar(only_a, only_b) == pytest.approx(p)
    assert mcnemar(only_b, only_a) == pytest.approx(p)


def test_without_a_difference_there_is_no_p() -> None:
    assert mcnemar(0, 0) is None


@given(st.integers(0, 300), st.integers(1, 300))
def test_p_is_a_probability_and_falls_with_the_split(only_a: int, only_b: int) -> None:
    p = mcnemar(only_a, only_b)
    assert p is not None
    assert 0 <= p <= 1
    if only_b >= only_a:
        further = mcnemar(only_a, only_b + 1)
        assert further is not None
        assert further <= p


def share(counts: Counts) -> Counts:
    return np.asarray(counts[..., 0] / counts[..., 1])


def test_the_interval_of_a_difference_holds_it_and_narrows_with_more_recordings() -> None:
    rng = np.random.default_rng(5)
    widths = []
    for recordings in (10, 160):
        a = [(float(hits), 10.0) for hits in rng.binomial(10, 0.5, recordings)]
        b = [(float(hits), 10.0) for hits in rng.binomial(10, 0.8, recordings)]
        low, high = difference(a, b, share) or (0.0, 0.0)
        assert low < 0.3 < high
        widths.append(high - low)
    assert widths[1] < widths[0] / 2.5


def test_what_is_the_same_in_each_recording_has_no_width() -> None:
    a = [(float(n), 10.0) for n in range(FEWEST)]
    assert difference(a, a, share) == (0.0, 0.0)
    assert difference(a, [(hits + 1, of) for hits, of in a], share) == pytest.approx((0.1, 0.1))


def test_the_same_recordings_give_the_same_interval() -> None:
    a, b = [(1.0, 2.0), (2.0, 3.0)] * 6, [(2.0, 2.0), (1.0, 3.0)] * 6
    assert difference(a, b, share) == difference(a, b, share)


def test_few_recordings_give_no_interval() -> None:
    assert difference([(1.0, 2.0)] * (FEWEST - 1), [(2.0, 2.0)] * (FEWEST - 1), share) is None


def test_a_figure_that_is_mostly_undefined_gives_no_interval() -> None:
    a = [(1.0, 2.0)] + [(0.0, 0.0)] * FEWEST
    with np.errstate(invalid="ignore"):
        assert difference(a, a, share) is None
