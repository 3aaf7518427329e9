"""Traffic queues, waits and keeps clear, and nobody drives through anybody."""

from __future__ import annotations

import math

import numpy as np
import pytest

from streams.drawing import Floats
from streams.scene_motion import Still
from streams.scene_traffic import CLEARANCE, GAP, STEP, Drivers, Line, Occupied, Ride, arrivals, rides

NOTHING = np.empty((0, 3))
LINE = Line((0.0, 0.0), (0.0, 100.0))


def drive(drivers: Drivers, *starts: float, speed: float = 8.0, kept_clear: Floats = NOTHING) -> list[Floats | None]:
    return [drivers.next(when, speed, 4.0, kept_clear) for when in starts]


def places(way: Floats | None, when: float, at: Floats) -> Floats:
    assert way is not None
    return np.asarray(np.interp(at, when + STEP * np.arange(len(way)), way, left=math.nan, right=math.nan))


def test_a_free_road_is_driven_at_its_speed() -> None:
    (way,) = drive(Drivers(LINE, [], 0.0, 60.0), 0.0)
    assert way is not None
    assert np.diff(way) / STEP == pytest.approx(8.0)
    assert way[-1] >= 100.0


def test_nobody_passes_the_stop_at_red_and_all_go_on_at_green() -> None:
    red, green = 5.0, 25.0
    starts = [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    ways = drive(Drivers(LINE, [(red, green)], 60.0, 120.0), *starts)
    waiting = np.array([places(way, when, np.array([22.0]))[0] for way, when in zip(ways, starts, strict=True)])
    assert (waiting <= 58.0).all(), "their fronts stay behind the line"
    assert (np.diff(waiting) <= -(GAP + 4.0) + 1e-6).all(), "one behind the other"
    assert waiting[-1] > 20.0, "they close up"
    assert all(way is not None and way[-1] >= 100.0 for way in ways)


def test_who_has_passed_the_stop_drives_on() -> None:
    (way,) = drive(Drivers(LINE, [(5.0, 30.0)], 20.0, 60.0), 0.0)
    assert way is not None
    assert len(way) * STEP < 16


@pytest.mark.parametrize("cycle", [20.0, 45.0])
def test_followers_never_come_too_near_however_often_they_stop(cycle: float) -> None:
    reds = [(k * cycle + 4, k * cycle + 0.6 * cycle) for k in range(12)]
    starts = list(arrivals(np.random.default_rng(4), 18.0, 2.6, 0.0, 150.0))
    ways = drive(Drivers(LINE, reds, 70.0, 600.0), *starts)
    at = np.arange(0.0, 300.0, STEP)
    table = np.array([places(way, when, at) for way, when in zip(ways, starts, strict=True)])
    gaps = -np.diff(table, axis=0)
    assert np.nanmin(gaps) >= 4.0 + GAP - 0.2
    assert np.nanmin(np.diff(table, axis=1)) > -1e-6, "and never backwards"


def test_starts_and_stops_are_soft() -> None:
    (way,) = drive(Drivers(LINE, [(3.0, 20.0)], 40.0, 60.0), 0.0)
    assert way is not None
    assert np.abs(np.diff(way, n=2)).max() / STEP**2 < 9


def test_whoever_would_meet_something_on_the_lane_never_comes() -> None:
    occupied = Occupied(math.inf)
    occupied.add_motion(Still(0.4, 50.0, math.pi / 2, (10.0, 20.0)), (10.0, 20.0), (4.4, 1.8))
    kept_clear = occupied.on(LINE, 2.2)
    early, late, after = drive(Drivers(LINE, [], 0.0, 60.0), 0.0, 6.0, 16.0, kept_clear=kept_clear)
    assert early is not None
    assert late is None
    assert after is not None


def test_what_stands_beside_the_lane_is_passed() -> None:
    occupied = Occupied(math.inf)
    occupied.add_motion(Still(2.6, 50.0, math.pi / 2), (0.0, 60.0), (4.4, 1.8))
    assert len(occupied.on(LINE, 2.2)) == 0


def test_something_across_the_lane_is_as_long_as_it_is_wide() -> None:
    occupied = Occupied(math.inf)
    occupied.add_motion(Still(0.0, 50.0, 0.0), (0.0, 0.0), (4.4, 1.8))
    assert occupied.on(LINE, 2.2) == pytest.approx(np.array([[0.0, 50.0, 0.9]]))


def test_a_ride_is_taken_in_with_its_time_and_again_each_period() -> None:
    gone = np.arange(0.0, 20.0, 0.8)
    occupied = Occupied(40.0)
    occupied.add_ride(Ride(LINE, 3.0, gone, 40.0), (4.0, 1.8))
    steps = occupied.on(LINE, 2.2)[:, 0]
    assert {30.0, 430.0, -370.0} <= set(steps.tolist())


def test_a_ride_goes_along_its_line_and_is_there_only_then() -> None:
    ride = Ride(Line((1.0, 0.0), (1.0, 30.0)), 5.0, np.arange(0.0, 31.0, 0.8))
    pose = ride.at(6.0)
    assert pose is not None
    assert (pose.x, pose.y, pose.heading, pose.speed) == pytest.approx((1.0, 8.0, math.pi / 2, 8.0))
    assert ride.at(4.99) is None
    assert ride.at(ride.span[1] + 0.01) is None


def test_a_ride_longer_than_the_period_goes_on_where_it_was() -> None:
    gone = np.arange(0.0, 100.0, 0.1)
    parts = rides(LINE, 0.0, gone, 40.0)
    assert len(parts) == 3
    before, after = parts[0].at(39.99), parts[1].at(40.0)
    assert before is not None
    assert after is not None
    assert before.y == pytest.approx(after.y, abs=0.02)


def test_lines_know_where_things_lie_beside_them() -> None:
    along, aside = Line((0.0, 0.0), (10.0, 0.0)).measure(np.array([3.0]), np.array([2.0]))
    assert (along[0], aside[0]) == pytest.approx((3.0, 2.0))
    assert Line((0.0, 0.0), (10.0, 0.0)).shifted(2.0) == Line((0.0, 2.0), (10.0, 2.0))


def test_arrivals_keep_their_rate_and_distance() -> None:
    at = list(arrivals(np.random.default_rng(1), 12.0, 2.0, 0.0, 3600.0))
    assert len(at) == pytest.approx(720, rel=0.1)
    assert np.diff(at).min() >= 2.0 - 0.11
    assert CLEARANCE > 0
