"""What people carry, put down and pick up, and what is thrown off a vehicle."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from streams.drawing import View
from streams.scene import Sensor, solid, walker
from streams.scene_bags import bag
from streams.scene_carried import LOWERED, Carried, Thrown
from streams.scene_motion import Flow, Script
from streams.scene_people import random_look
from tests.streams.small_scenes import passing_car

WALKS = Script(((0.0, -6.0, 14.0), (6.0, 0.0, 14.0), (8.0, 0.0, 14.0), (14.0, 6.0, 14.0)), period=100.0)
COMES = Script(((10.0, 6.0, 14.5), (16.0, 0.3, 14.3), (17.0, 0.3, 14.3), (24.0, -6.0, 14.5)), period=100.0)
LEFT = Carried(WALKS, left=7.0)


def test_a_bag_goes_with_who_carries_it_at_their_left_hand() -> None:
    for seconds in (1.0, 3.0, 5.0):
        bag_pose, person = LEFT.at(seconds), WALKS.at(seconds)
        assert bag_pose is not None
        assert person is not None
        assert bag_pose.x == pytest.approx(person.x)
        assert bag_pose.y == pytest.approx(person.y + LEFT.aside)
        assert bag_pose.z == LEFT.high


def test_a_bag_is_put_down_and_stays() -> None:
    lowering = [LEFT.at(7.0 - LOWERED * share) for share in (1.0, 0.5, 0.1)]
    heights = [pose.z for pose in lowering if pose]
    assert heights == sorted(heights, reverse=True)
    places = {(pose.x, pose.y, pose.z) for t in (7.0, 9.0, 60.0) if (pose := LEFT.at(t))}
    assert len(places) == 1
    assert next(iter(places)) == pytest.approx((0.0, 14.32, 0.0), abs=0.01)


def test_a_bag_is_picked_up_by_another() -> None:
    passed_on = replace(LEFT, taker=COMES, taken=16.5)
    lying, held, gone = passed_on.at(16.4), passed_on.at(20.0), passed_on.at(24.5)
    assert lying is not None
    assert lying.z == 0
    assert held is not None
    taker = COMES.at(20.0)
    assert taker is not None
    assert held.z == LEFT.high
    assert np.hypot(held.x - taker.x, held.y - taker.y) == pytest.approx(LEFT.aside)
    assert gone is None


def test_a_bag_may_be_cleared_away() -> None:
    cleared = replace(LEFT, taken=30.0)
    assert cleared.at(29.9) is not None
    assert cleared.at(30.0) is None
    assert cleared.span[1] == 30.0


def test_nobody_carries_a_bag_before_they_come() -> None:
    late = Carried(replace(WALKS, stops=tuple((t + 5, x, y) for t, x, y in WALKS.stops)), left=12.0)
    assert late.at(4.0) is None
    assert late.at(6.0) is not None


TRUCK = Flow((0.0, 40.0), (0.0, 0.0), 8.0, 0.0)
DUMPED = Thrown(TRUCK, start=2.0, aside=-1.2, high=1.6)


def test_what_is_thrown_off_falls_beside_the_vehicle() -> None:
    assert DUMPED.at(1.9) is None
    truck = TRUCK.at(2.0)
    path = [pose for t in np.arange(2.0, 3.0, 0.05) if (pose := DUMPED.at(float(t)))]
    assert path[0].z == pytest.approx(1.6)
    heights = [pose.z for pose in path]
    assert (np.diff(heights) <= 0).all()
    assert heights[-1] == 0
    # It drives towards -Y, so its right is -X.
    assert path[0].x == pytest.approx(truck.x - 1.2)
    assert path[-1].x < path[0].x - 0.4
    assert truck.y - 3 < path[-1].y < truck.y + 1


def test_what_has_fallen_lies_until_it_is_cleared_away() -> None:
    first, later = DUMPED.at(4.0), DUMPED.at(500.0)
    assert first == later
    assert replace(DUMPED, end=10.0).at(10.0) is None
    assert replace(DUMPED, end=10.0).span == (2.0, 10.0)


def test_nothing_falls_off_a_vehicle_that_is_not_there() -> None:
    assert Thrown(WALKS, start=50.0).at(51.0) is None


def test_a_picture_shows_and_names_a_bag_that_is_left() -> None:
    rng = np.random.default_rng(3)
    scene = replace(
        passing_car(),
        view=View((0.0, 0.0, 4.0), 0.0, 0.2, 420.0, (320, 180)),
        sensor=Sensor(0.0, 0.0),
        actors=(walker(WALKS, random_look(rng), name="owner"), solid("bag", LEFT, bag(rng, "sack"), name="sack")),
    )

    def boxes(seconds: float) -> dict[str, float]:
        seen = scene.picture(timedelta(seconds=seconds)).seen
        return {one.actor: one.detection.box.centre.x for one in seen}

    assert set(boxes(12.0)) == {"owner", "sack"}
    assert boxes(12.0)["owner"] > boxes(12.0)["sack"] + 0.2
    assert set(boxes(20.0)) == {"sack"}
