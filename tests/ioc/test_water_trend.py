"""How fast water rises, and the line that it drew."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ioc.water_trend import WaterTrend
from tests.detectors.street import at


def trend(depth: Callable[[float], float], until: float, every: float = 2.0) -> WaterTrend:
    made = WaterTrend()
    for n in range(round(until / every) + 1):
        made.add(at(n * every), depth(n * every))
    return made


@pytest.mark.parametrize("per_hour", [60.0, -24.0, 0.0])
def test_a_steady_rise_is_told_by_the_hour(per_hour: float) -> None:
    assert trend(lambda t: 50 + per_hour * t / 3600, 600).per_hour() == pytest.approx(per_hour, abs=0.5)


def test_single_waves_change_little() -> None:
    assert trend(lambda t: t / 60 + (30 if t % 100 == 0 else 0), 900).per_hour() == pytest.approx(60, abs=4)


def test_in_less_than_a_minute_nothing_is_said() -> None:
    assert WaterTrend().per_hour() is None
    assert trend(lambda t: t, 50).per_hour() is None
    assert trend(lambda t: t, 60).per_hour() is not None


def test_the_line_has_a_point_every_ten_seconds_and_forgets_what_is_older_than_ten_minutes() -> None:
    line = trend(lambda t: t, 3600).line()
    assert [before for before, _ in line] == list(range(600, -1, -10))
    assert tuple(line[-1]) == pytest.approx((0, 3600))
    assert WaterTrend().line() == []
