"""Scenes: pictures that are pure functions of seed and time, and the truth about them."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from ioc.types import Detection
from streams.drawing import Mesh
from streams.scene import LABELS, Sensor, solid, stamp, walker
from streams.scene_motion import Flow, Pose, Script, Still
from streams.scene_people import random_look
from streams.scene_solids import Solid
from streams.scenes import random_scene
from tests.streams.small_scenes import passing_car


def seconds(value: float) -> timedelta:
    return timedelta(seconds=value)


def block(height: float, width: float = 4.0) -> Mesh:
    made = Solid()
    made.box((-width / 2, -0.4, 0.0), (width / 2, 0.4, height), (90, 90, 90))
    return made.build()


def only(label: str, objects: tuple[Detection, ...]) -> Detection:
    (found,) = [o for o in objects if o.label == label]
    return found


def test_a_picture_has_the_scenes_size_and_kind() -> None:
    scene = passing_car()
    image = scene.picture(seconds(0)).image
    assert scene.size == (192, 112)
    assert image.shape == (112, 192, 3)
    assert image.dtype == np.uint8


def test_pictures_do_not_depend_on_the_order_they_are_asked_for() -> None:
    forwards, backwards = passing_car(), passing_car()
    times = [0.0, 0.5, 1.1, 1.9]
    early = {t: forwards.picture(seconds(t)) for t in times}
    late = {t: backwards.picture(seconds(t)) for t in reversed(times)}
    for t in times:
        assert (early[t].image == late[t].image).all()
        assert early[t].objects == late[t].objects


def test_another_seed_draws_another_picture() -> None:
    assert (passing_car(seed=1).picture(seconds(0)).image != passing_car(seed=2).picture(seconds(0)).image).mean() > 0.5


def test_the_truth_names_what_is_there_with_full_certainty() -> None:
    objects = passing_car().picture(seconds(0)).objects
    assert sorted(o.label for o in objects) == ["car", "person"]
    assert {o.score for o in objects} == {1.0}


def test_the_truth_follows_what_moves() -> None:
    scene = passing_car()
    centres = [only("car", scene.picture(seconds(t)).objects).box.centre.x for t in (0.4, 0.8, 1.2, 1.6)]
    assert centres == sorted(centres)
    assert np.diff(centres) == pytest.approx([8 * 0.4 * 170 / 12.2 / 192] * 3, rel=0.15)


def test_the_truth_box_lies_on_the_red_car() -> None:
    scene = passing_car()
    drawn = replace(scene, place=replace(scene.place, walls=())).picture(seconds(1))
    red = (drawn.image[..., 2].astype(int) - drawn.image[..., 0]) > 60
    rows, columns = np.nonzero(red)
    box = only("car", drawn.objects).box
    assert box.x1 * 192 - 2 <= columns.min()
    assert columns.max() <= box.x2 * 192 + 2
    assert box.y1 * 112 - 2 <= rows.min()
    assert rows.max() <= box.y2 * 112 + 2
    assert (columns.max() - columns.min()) / 192 > box.width * 0.85


def test_what_is_mostly_hidden_is_left_out() -> None:
    def labels(wall_height: float) -> list[str]:
        wall = solid("truck", Still(0.0, 14.5, 0.0), block(wall_height))
        return sorted(o.label for o in passing_car(actors=(wall,)).picture(seconds(0)).objects)

    assert "person" in labels(0.3)
    assert "person" not in labels(1.6)


def test_what_is_too_small_is_left_out() -> None:
    scene = passing_car()
    assert {o.label for o in scene.picture(seconds(0)).objects} == {"car", "person"}
    assert {o.label for o in replace(scene, smallest=12.0).picture(seconds(0)).objects} == {"car"}


def test_what_has_almost_left_the_picture_is_left_out() -> None:
    # 12 metres ahead the picture is 14 metres wide: the car leaves it little by little.
    scene = passing_car()
    leaving = [scene.picture(seconds(t)).objects for t in np.arange(1.2, 2.6, 0.05)]
    widths = [sum(o.box.width for o in objects if o.label == "car") for objects in leaving]
    gone = widths.index(0)
    assert gone > 5
    assert 0.02 < widths[gone - 1] < 0.15
    assert all(o.box.x2 <= 1 for objects in leaving for o in objects)


def test_the_truth_leaves_out_who_is_not_there_yet() -> None:
    comes = solid("bus", Script(((1.0, -2.0, 14.0), (1.8, 2.0, 14.0)), period=10.0), block(2.0))
    scene = passing_car(actors=(comes,))
    seen = {t: "bus" in {o.label for o in scene.picture(seconds(t)).objects} for t in (0.9, 1.1, 1.7, 1.9)}
    assert seen == {0.9: False, 1.1: True, 1.7: True, 1.9: False}


def test_sensor_noise_changes_from_picture_to_picture() -> None:
    scene = replace(passing_car(), actors=())
    first, second = (scene.picture(seconds(t)).image.astype(int) for t in (0.0, 0.1))
    assert 0.5 < np.abs(first - second).mean() < 4


@pytest.mark.parametrize("noise", [0.0, 1.0, 5.0])
def test_noise_is_as_strong_as_asked_for(noise: float) -> None:
    scene = replace(passing_car(), actors=(), sensor=Sensor(noise=noise, softness=0.0))
    clean = replace(scene, sensor=Sensor(noise=0.0, softness=0.0)).picture(seconds(0)).image.astype(int)
    difference = scene.picture(seconds(0)).image - clean
    assert difference.std() == pytest.approx(noise, rel=0.15, abs=0.05)


def test_softness_blurs() -> None:
    def sharpness(softness: float) -> float:
        scene = replace(passing_car(), sensor=Sensor(noise=0.0, softness=softness))
        return float(np.abs(np.diff(scene.picture(seconds(1)).image.astype(int), axis=1)).mean())

    assert sharpness(0.9) < sharpness(0.0) * 0.95


def test_a_caption_is_burnt_into_the_lower_left_corner() -> None:
    plain, stamped = passing_car(), passing_car(caption="SIM")
    changed = (plain.picture(seconds(0)).image != stamped.picture(seconds(0)).image).any(axis=2)
    rows, columns = np.nonzero(changed)
    assert len(rows) > 40
    assert rows.min() > 112 * 0.7
    assert columns.max() < 192 * 0.4


def test_a_stamp_is_white_on_black() -> None:
    image = np.full((60, 120, 3), 128, np.uint8)
    stamp(image, "AB")
    assert image.max() > 220
    assert image.min() < 40


def test_a_walker_stands_with_legs_together_and_walks_with_them_apart() -> None:
    actor = walker(Still(0, 0, 0), random_look(np.random.default_rng(1)))
    standing = actor.shape(Pose(0, 0, 0, travelled=3.0, speed=0.0))
    assert standing is actor.shape(Pose(0, 0, 0, travelled=9.0, speed=0.0))
    strides = {id(actor.shape(Pose(0, 0, 0, travelled=d, speed=1.3))) for d in np.arange(0, 2.9, 0.05)}
    assert 8 <= len(strides) <= 12


def test_a_walkers_steps_come_round_with_the_way_gone() -> None:
    look = replace(random_look(np.random.default_rng(1)), height=1.7)
    actor = walker(Flow((0, 0), (0, 50), 1.3, 0), look)
    assert actor.shape(Pose(0, 0, 0, 0.30, 1.3)) is actor.shape(Pose(0, 0, 0, 0.30 + 1.45, 1.3))
    assert actor.shape(Pose(0, 0, 0, 0.30, 1.3)) is not actor.shape(Pose(0, 0, 0, 0.30 + 0.72, 1.3))


def test_random_scenes_differ_in_everything_that_matters() -> None:
    scenes = [random_scene(seed) for seed in range(60)]
    labels = Counter(actor.label for scene in scenes for actor in scene.actors)
    assert set(labels) == set(LABELS)
    assert min(labels.values()) > 20
    assert {scene.light.lamps for scene in scenes} == {True, False}
    assert {scene.place.crossing is None for scene in scenes} == {True, False}
    assert np.ptp([scene.view.yaw for scene in scenes]) > 1
    assert np.ptp([scene.view.position[2] for scene in scenes]) > 3
    counts = [len(scene.actors) for scene in scenes]
    assert min(counts) < 10
    assert max(counts) > 40


def test_a_random_scene_is_the_same_for_the_same_seed() -> None:
    first, again = (random_scene(12).picture(seconds(4)) for _ in range(2))
    assert (first.image == again.image).all()
    assert first.objects == again.objects


def test_traffic_of_a_random_scene_keeps_to_its_lanes_without_collisions() -> None:
    for seed in range(12):
        scene = random_scene(seed)
        moving = [a for a in scene.actors if isinstance(a.motion, Flow) and a.label in {"car", "bus", "truck"}]
        for t in (0.0, 7.0, 21.0):
            spots = []
            for actor in moving:
                pose = actor.motion.at(t)
                assert pose is not None
                spots.append((pose, actor.shape(pose).footprint[0]))
            for i, (a, long_a) in enumerate(spots):
                for b, long_b in spots[i + 1 :]:
                    ahead = abs((b.x - a.x) * np.cos(a.heading) + (b.y - a.y) * np.sin(a.heading))
                    aside = abs((b.y - a.y) * np.cos(a.heading) - (b.x - a.x) * np.sin(a.heading))
                    if abs(np.cos(a.heading - b.heading)) > 0.99 and aside < 0.8:
                        assert ahead > (long_a + long_b) / 2 or ahead > 70
