"""Whether a rule is in force, by the city's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ioc.active_hours import ActiveHours, Days

HANOI = "Asia/Ho_Chi_Minh"


def in_hanoi(clock: str) -> datetime:
    return datetime.fromisoformat(clock).replace(tzinfo=UTC) - timedelta(hours=7)


def hours(*spans: str, days: Days = "all", zone: str = HANOI) -> ActiveHours:
    made = ActiveHours.of(spans, days, zone)
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("clock", "holds"),
    [("05:59:59", False), ("06:00", True), ("08:59:59", True), ("09:00", False), ("18:00", True), ("23:00", False)],
)
def test_hours_begin_and_end_by_the_citys_clock(clock: str, holds: bool) -> None:
    assert hours("06:00-09:00", "16:00-19:30").holds(in_hanoi(f"2026-03-01T{clock}")) is holds


@pytest.mark.parametrize(("clock", "holds"), [("21:59", False), ("22:00", True), ("05:59", True), ("06:00", False)])
def test_a_night_goes_over_midnight(clock: str, holds: bool) -> None:
    assert hours("22:00-06:00").holds(in_hanoi(f"2026-03-01T{clock}")) is holds


@pytest.mark.parametrize("clock", ["18:00", "23:59:59.999999"])
def test_hours_may_last_until_midnight(clock: str) -> None:
    assert hours("18:00-24:00").holds(in_hanoi(f"2026-03-01T{clock}"))


def test_days_are_those_of_the_city() -> None:
    late = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
    assert hours(days="even").holds(late), "it is the second of March in Hanoi"
    assert hours(days="odd", zone="UTC").holds(late)
    assert not hours(days="odd").holds(late)


def test_summer_time_is_kept_where_it_is() -> None:
    summer, winter = (datetime(2026, month, 5, 6, 30, tzinfo=UTC) for month in (7, 1))
    eight = hours("08:00-09:00", zone="Europe/Paris")
    assert eight.holds(summer)
    assert not eight.holds(winter)


def test_a_rule_without_hours_needs_no_time_zone() -> None:
    assert ActiveHours.of((), "all", "Nowhere/At_All") is None


@pytest.mark.parametrize("zone", ["Nowhere/At_All", "", "../etc/passwd"])
def test_an_unknown_time_zone_is_named(zone: str) -> None:
    with pytest.raises(ValueError, match=r"hours: time zone .* is unknown here"):
        hours("06:00-09:00", zone=zone)
