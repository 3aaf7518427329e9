"""A script becomes a scene in which everybody is where the script says, and traffic keeps clear of them."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from ioc.errors import UsageError
from ioc.geometry import contains
from streams.scene import Actor, Scene
from streams.scene_play import Play, play
from tests.streams.collisions import first_collision
from tests.streams.scripts import BASE, STREET, script

SQUARE: dict[str, Any] = {
    **BASE,
    "duration": 60,
    "gathering": [
        {"people": 12, "area": [-4, 8, 4, 18], "doors": [[-9, 12], [9, 12]], "start": 20, "end": 35, "over": 6}
    ],
}


def named(scene: Scene, name: str) -> Actor:
    (actor,) = (actor for actor in scene.actors if actor.name == name)
    return actor


def people_within(played: Play, seconds: float) -> int:
    poses = [actor.motion.at(seconds) for actor in played.scene.actors if actor.label == "person"]
    return sum(pose is not None and -4 <= pose.x <= 4 and 8 <= pose.y <= 18 for pose in poses)


def test_the_same_script_gives_the_same_pictures_and_another_seed_others() -> None:
    at = timedelta(seconds=7)
    first, again = play(script()).scene.picture(at), play(script()).scene.picture(at)
    assert (first.image == again.image).all()
    assert first.seen == again.seen
    assert (play(script(seed=2)).scene.picture(at).image != first.image).any()


def test_a_parking_vehicle_comes_along_its_lane_stands_and_drives_on() -> None:
    played = play(script())
    motion = named(played.scene, "parking-0").motion
    for seconds in (4.2, 9.0, 13.9):
        pose = motion.at(seconds)
        assert pose is not None
        assert (pose.x, pose.y, pose.speed) == pytest.approx((4.4, 15.0, 0.0), abs=0.1)
    coming, going = motion.at(0.2), motion.at(17.9)
    assert coming is not None
    assert going is not None
    assert coming.x == pytest.approx(2.0, abs=0.2)
    assert coming.y < 3
    assert going.y > 25
    (stay,) = played.stays
    assert (stay.actor.name, stay.x, stay.y, stay.span) == ("parking-0", 4.4, 15.0, (4.0, 14.0))


def test_traffic_keeps_clear_of_what_parks_and_comes_nonetheless() -> None:
    scene = play(script()).scene
    assert sum(actor.name.startswith("out-") for actor in scene.actors) >= 3
    assert first_collision(scene) is None


def test_a_vehicle_left_in_the_lane_stops_its_traffic() -> None:
    double = {"who": "truck", "where": [2.0, 20.0]}
    scene = play(script(standing=[double], parking=[])).scene
    assert first_collision(scene) is None
    riding = [actor.motion.at(19.9) for actor in scene.actors if actor.name.startswith("out-")]
    assert all(pose is None or pose.y < 20 for pose in riding)


def test_lanes_that_cross_give_way_to_one_another() -> None:
    across = {"name": "across", "start": [-30.0, 15.0], "end": [30.0, 15.0], "speed": 25, "per_minute": 20}
    scene = play(script(duration=90, parking=[], lane=[STREET["lane"][0], across])).scene
    assert {actor.name.split("-")[0] for actor in scene.actors} == {"out", "across"}
    assert first_collision(scene) is None


def test_a_red_light_makes_a_queue() -> None:
    lane = {**STREET["lane"][0], "per_minute": 25, "signal": {"stop": 40.0, "cycle": 60, "red": [5, 45]}}
    scene = play(script(duration=60, parking=[], lane=[lane])).scene
    poses = [pose for actor in scene.actors if (pose := actor.motion.at(44.0)) is not None]
    assert sum(pose.speed < 0.05 for pose in poses) >= 4
    assert first_collision(scene) is None


def test_the_road_is_not_empty_at_the_beginning() -> None:
    scene = play(script(parking=[])).scene
    assert any(actor.motion.at(0.0) is not None for actor in scene.actors)


@pytest.mark.parametrize("red", [None, {"stop": 40.0, "cycle": 40, "red": [5, 20]}])
def test_a_scene_that_loops_goes_on_where_it_began(red: dict[str, Any] | None) -> None:
    walkers = {"name": "walk", "start": [5.0, -5.0], "end": [5.0, 60.0], "speed": 4, "per_minute": 12}
    lane = {**STREET["lane"][0], **({"signal": red} if red else {})}
    looped = script(duration=40, loop=True, lane=[lane, {**walkers, "mix": {"person": 1}}])
    scene = play(looped).scene
    end, begin = scene.picture(timedelta(seconds=40)), scene.picture(timedelta(0))
    assert end.seen == begin.seen
    assert first_collision(scene) is None
    before, after = places_at(scene, 39.95), places_at(scene, 40.0)
    assert len(before) > 5
    assert all(min(math.dist(place, other) for other in after) < 0.6 for place in before if place[1] < 59)


def places_at(scene: Scene, seconds: float) -> list[tuple[float, float]]:
    poses = [actor.motion.at(seconds) for actor in scene.actors]
    return [(pose.x, pose.y) for pose in poses if pose is not None]


def test_in_a_scene_that_loops_nothing_may_take_longer_than_the_scene() -> None:
    with pytest.raises(UsageError, match="gate: parking-0 takes longer than the scene, which repeats"):
        play(script(loop=True, parking=[{**STREET["parking"][0], "start": 2, "end": 30}]))


def test_a_gathering_is_there_from_start_to_end_and_not_much_longer() -> None:
    played = play(script(SQUARE))
    assert people_within(played, 20.0) == people_within(played, 35.0) == 12
    assert people_within(played, 8.0) == people_within(played, 50.0) == 0


def test_people_of_a_gathering_stand_apart() -> None:
    poses = [actor.motion.at(30.0) for actor in play(script(SQUARE)).scene.actors]
    places = np.array([(pose.x, pose.y) for pose in poses if pose is not None])
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)) + np.eye(len(places)) * 9
    assert apart.min() > 0.9


def test_what_stands_faces_where_it_is_told_and_is_there_only_then() -> None:
    standing = {"who": "car", "where": [0, 15], "facing": 90, "start": 5, "end": 9}
    motion = named(play(script(BASE, standing=[standing])).scene, "standing-0").motion
    pose = motion.at(6.0)
    assert pose is not None
    assert pose.heading == pytest.approx(0.0)
    assert motion.at(4.0) is None
    assert motion.at(9.5) is None


def test_a_path_with_a_stop_is_a_stay() -> None:
    path = [[1, -8, 15], [4, 0, 15], [12, 0, 15], [15, 9, 15]]
    (stay,) = play(script(BASE, moving=[{"who": "motorcycle", "path": path}])).stays
    assert (stay.actor.label, stay.x, stay.y, stay.span) == ("motorcycle", 0, 15, (4, 12))


def test_a_parked_car_can_be_seen_in_its_zone() -> None:
    parsed = script(lane=[{**STREET["lane"][0], "per_minute": 0}])
    seen = play(parsed).scene.picture(timedelta(seconds=9)).seen
    (car,) = (one for one in seen if one.actor == "parking-0")
    assert car.detection.label == "car"
    assert contains(parsed.zones[0].points, car.detection.box.foot)


def test_a_fault_of_the_script_is_the_cameras() -> None:
    scene = play(
        script(fault=[{"kind": "offline", "start": 3, "end": 5}, {"kind": "black", "start": 6, "end": 7}])
    ).scene
    assert not scene.shows(timedelta(seconds=4))
    assert scene.picture(timedelta(seconds=6.5)).image.max() == 0
    assert scene.picture(timedelta(seconds=8)).fault is None


def test_an_hour_costs_a_picture_no_more_than_a_minute() -> None:
    hour = play(script(duration=3600))
    assert len(hour.scene.actors) > 500
    there = [len([a for a in hour.scene.actors if a.motion.at(float(t)) is not None]) for t in range(0, 3600, 200)]
    assert max(there) < 25
