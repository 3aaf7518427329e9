"""The hook by which a scene paints what fills the air, and the names of what can be seen."""

from dataclasses import replace
from datetime import timedelta

from streams.scene import solid
from streams.scene_effects import Canvas
from streams.scene_motion import Still
from streams.scene_painter import paint
from tests.streams.small_scenes import Patch, passing_car
from tests.streams.test_scenes import block


def test_an_effect_paints_at_its_time_and_says_what_is_seen() -> None:
    scene = replace(passing_car(), effects=(Patch(0.0, 5.0),))
    early, late = scene.picture(timedelta(0)), scene.picture(timedelta(seconds=1.5))
    assert early.image[60, 100, 1] > 200
    assert late.image[60, 100, 1] < 50
    fire = next(seen for seen in early.seen if seen.actor == "patch")
    assert fire.detection.label == "fire"
    assert fire.detection.box.as_tuple() == (20 / 192, 20 / 112, 180 / 192, 100 / 112)


def test_a_solid_hides_an_effect_behind_it_and_not_one_before_it() -> None:
    wall = solid("truck", Still(0.0, 10.0, 0.0), block(2.0))
    column, row = 96, 50
    for y, green in ((8.0, True), (20.0, False)):
        scene = replace(passing_car(actors=(wall,)), effects=(Patch(0.0, y),))
        assert (scene.picture(timedelta(0)).image[row, column, 1] > 200) == green


def test_what_lies_outside_the_picture_is_not_seen() -> None:
    scene = passing_car()
    image = scene.picture(timedelta(0)).image
    canvas = Canvas(image, scene.view, scene.light, 0.0, paint(image, [], scene.view, scene.light))
    assert canvas.seen("fire", "far", (-50, 0, -10, 20)) == ()


def test_actors_keep_their_names_from_picture_to_picture() -> None:
    scene = passing_car(actors=(solid("truck", Still(6.0, 20.0, 0.0), block(2.0), name="lorry"),))
    for seconds in (0.0, 0.7, 1.4):
        names = {seen.actor: seen.detection.label for seen in scene.picture(timedelta(seconds=seconds)).seen}
        assert names == {"car-0": "car", "person-1": "person", "lorry": "truck"}


def test_what_has_no_label_is_drawn_but_not_named() -> None:
    post = solid("", Still(0.0, 10.0, 0.0), block(1.0))
    with_post, without = (passing_car(actors=a).picture(timedelta(0)) for a in ((post,), ()))
    assert (with_post.image != without.image).any()
    assert {seen.actor for seen in with_post.seen} <= {seen.actor for seen in without.seen}
