from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.sampler import Sampler
from tests.ioc.drawn import START, after


def chosen(times: list[float], rate: float) -> list[float]:
    sampler = Sampler(rate)
    return [t for t in times if sampler.wants(after(t))]


def test_25_pictures_a_second_give_5() -> None:
    picked = chosen([i / 25 for i in range(100)], rate=5)
    assert picked == pytest.approx([i / 5 for i in range(20)])


def test_30_pictures_a_second_give_5_evenly() -> None:
    picked = chosen([i / 30 for i in range(300)], rate=5)
    assert picked == pytest.approx([i / 5 for i in range(50)])


def test_rates_that_do_not_divide_keep_the_mean_rate() -> None:
    picked = chosen([i / 23.974 for i in range(2397)], rate=5)
    assert len(picked) == 500


def test_a_slow_camera_is_looked_at_always() -> None:
    times = [0, 0.5, 1.0, 1.5, 2.0]
    assert chosen(times, rate=5) == times


def test_a_new_run_begins_a_new_grid() -> None:
    sampler = Sampler(1)
    assert [sampler.wants(after(t)) for t in (0, 0.5, 100.0, 100.5)] == [True, False, True, False]
    assert sampler.wants(after(50.3))
    assert not sampler.wants(after(50.9))
    assert sampler.wants(after(51.3))


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_a_rate_must_be_above_zero(rate: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Sampler(rate)


def test_the_settings_are_told_for_the_tape() -> None:
    assert Sampler(5.0).describe() == {"rate_hz": 5.0}


@given(st.lists(st.integers(1, 2_000_000), min_size=1, max_size=200), st.sampled_from([0.5, 1, 2, 5, 10]))
def test_never_more_than_the_rate_and_the_same_every_time(steps: list[int], rate: float) -> None:
    times, now = [], START
    for step in steps:
        now += timedelta(microseconds=step)
        times.append(now)
    once, twice = Sampler(rate), Sampler(rate)
    picked = [t for t in times if once.wants(t)]
    assert picked == [t for t in times if twice.wants(t)]
    assert picked[0] == times[0]
    span = (times[-1] - times[0]).total_seconds()
    assert len(picked) <= span * rate + 2
