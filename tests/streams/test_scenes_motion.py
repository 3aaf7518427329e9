"""How what is on a drawn street moves."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.scene_motion import Flow, Pose, Script, Still, spread

PARKING = Script(
    ((2.0, 0.0, -10.0), (4.0, 0.0, 5.0), (6.0, 2.0, 15.0), (20.0, 2.0, 15.0), (24.0, 0.0, 40.0)), period=40.0
)


def pose_of(script: Script, seconds: float) -> Pose:
    pose = script.at(seconds)
    assert pose is not None
    return pose


def test_what_is_still_never_moves() -> None:
    still = Still(1.0, 2.0, 0.5)
    pose = still.at(3)
    assert pose is not None
    assert pose == still.at(1e6)
    assert pose.speed == 0


def test_a_flow_moves_at_its_speed_along_its_lane() -> None:
    flow = Flow((0.0, 0.0), (0.0, 100.0), speed=8.0, offset=10.0)
    first, later = flow.at(1.0), flow.at(2.5)
    assert (first.x, first.y) == pytest.approx((0.0, 18.0))
    assert later.y - first.y == pytest.approx(12.0)
    assert first.heading == pytest.approx(np.pi / 2)
    assert later.travelled - first.travelled == pytest.approx(12.0)


def test_a_flow_comes_round_again() -> None:
    flow = Flow((0.0, 0.0), (100.0, 0.0), speed=10.0, offset=0.0)
    assert flow.at(3.0).x == pytest.approx(flow.at(13.0).x) == pytest.approx(30.0)


@given(seconds=st.floats(0, 10_000), gap=st.floats(5, 45))
def test_road_users_of_one_lane_keep_their_distance(seconds: float, gap: float) -> None:
    ends = ((0.0, 0.0), (100.0, 0.0))
    a, b = Flow(*ends, speed=7.0, offset=0.0), Flow(*ends, speed=7.0, offset=gap)
    apart = (b.at(seconds).x - a.at(seconds).x) % 100
    assert apart == pytest.approx(gap, abs=1e-5)


def test_a_script_passes_its_stops_on_time() -> None:
    for seconds, x, y in PARKING.stops[:-1]:
        pose = pose_of(PARKING, seconds)
        assert (pose.x, pose.y) == pytest.approx((x, y), abs=0.02)


def test_what_is_parked_does_not_creep() -> None:
    stays = [pose_of(PARKING, t) for t in np.arange(6.1, 19.95, 0.1)]
    assert max(abs(p.x - 2.0) + abs(p.y - 15.0) for p in stays) < 1e-9
    assert {round(p.speed, 9) for p in stays} == {0.0}
    assert len({round(p.heading, 6) for p in stays}) == 1


def test_it_never_overshoots_its_place() -> None:
    assert max(pose_of(PARKING, t).y for t in np.arange(2.0, 20.0, 0.05)) <= 15.0 + 1e-9


def test_it_is_not_there_before_its_first_stop_and_after_its_last() -> None:
    assert PARKING.at(1.9) is None
    assert PARKING.at(24.1) is None
    assert PARKING.at(39.9) is None
    assert PARKING.at(42.5) is not None


def test_it_repeats_with_its_period() -> None:
    assert PARKING.at(5.0) == PARKING.at(45.0) == PARKING.at(85.0)


def test_it_moves_without_jumps() -> None:
    times = np.arange(2.0, 23.9, 0.05)
    poses = [pose_of(PARKING, t) for t in times]
    steps = [np.hypot(b.x - a.x, b.y - a.y) for a, b in itertools.pairwise(poses)]
    assert max(steps) < 15 * 0.05


def test_it_starts_and_stops_gently() -> None:
    just_before, cruising = pose_of(PARKING, 5.9), pose_of(PARKING, 3.5)
    assert just_before.speed < cruising.speed / 3


def test_it_heads_where_it_goes() -> None:
    leaving = [pose_of(PARKING, t) for t in (21.5, 22.0, 22.5)]
    for a, b in itertools.pairwise(leaving):
        assert np.arctan2(b.y - a.y, b.x - a.x) == pytest.approx(a.heading, abs=0.12)


def test_headings_do_not_spin_round_between_two_steps() -> None:
    turning = Script(((0.0, 0.0, 0.0), (4.0, -10.0, 0.5), (8.0, -20.0, -0.5)), period=20.0)
    headings = [pose_of(turning, t).heading for t in np.arange(0.0, 7.9, 0.05)]
    assert np.abs(np.diff(headings)).max() < 0.5


def test_facing_says_where_it_looks_before_it_moves() -> None:
    waiting = Script(((0.0, 1.0, 1.0), (5.0, 1.0, 1.0), (8.0, 9.0, 1.0)), period=20.0, facing=1.25)
    assert pose_of(waiting, 2.0).heading == pytest.approx(1.25)
    assert pose_of(waiting, 7.0).heading == pytest.approx(0.0)


def test_one_that_never_moves_keeps_its_facing() -> None:
    idle = Script(((0.0, 1.0, 1.0), (5.0, 1.0, 1.0)), period=20.0, facing=0.7)
    assert pose_of(idle, 3.0).heading == pytest.approx(0.7)


def test_a_path_may_run_into_the_next_period() -> None:
    late = Script(((36.0, 0.0, 0.0), (44.0, 80.0, 0.0)), period=40.0)
    assert late.at(35.0) is None
    assert pose_of(late, 39.9).x < pose_of(late, 40.1).x < pose_of(late, 43.9).x
    assert late.at(44.5) is None
    assert pose_of(late, 1.0) == pose_of(late, 41.0)


def test_the_way_travelled_counts_the_path() -> None:
    line = Script(((0.0, 0.0, 0.0), (10.0, 30.0, 40.0)), period=20.0)
    assert pose_of(line, 9.99).travelled == pytest.approx(50.0, rel=0.01)


@given(
    seed=st.integers(0, 10_000),
    lengths=st.lists(st.floats(0.5, 12), max_size=20),
    total=st.floats(20, 120),
    gap=st.floats(0.5, 3),
)
def test_what_is_spread_over_a_loop_stands_apart(seed: int, lengths: list[float], total: float, gap: float) -> None:
    places = spread(np.random.default_rng(seed), lengths, total, gap)
    assert len(places) <= len(lengths)
    taken = [(at - size / 2, at + size / 2) for at, size in zip(places, lengths, strict=False)]
    for (_, end), (start, _) in itertools.pairwise(taken):
        assert start - end >= gap - 1e-6
    if taken:
        assert taken[0][0] >= 0
        assert taken[-1][1] <= total
        assert taken[0][0] + total - taken[-1][1] >= gap - 1e-6


def test_as_many_as_fit_are_spread() -> None:
    assert len(spread(np.random.default_rng(0), [4.0] * 10, total=26.0, gap=1.0)) == 5
    assert spread(np.random.default_rng(0), [50.0] * 3, total=40.0, gap=1.0) == []
