"""Drawn fire and smoke: they grow, move, hide and are hidden, and the truth says where they are."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pytest

from ioc.types import Box, Image
from streams.drawing import View
from streams.scene import Scene, Sensor, solid, walker
from streams.scene_effects import Effect
from streams.scene_fire import Fire
from streams.scene_motion import Still
from streams.scene_people import random_look
from streams.scene_smoke import Smoke
from tests.streams.small_scenes import passing_car
from tests.streams.test_scenes import block

FIRE = Fire(0.0, 12.0, start=1.0, growth=10.0)
SMOKE = Smoke(-1.0, 12.0, start=1.0, growth=5.0)
CLEAN = Sensor(noise=0.0, softness=0.0)
VIEW = View((0.0, 0.0, 4.5), 0.0, 0.2, 260.0, (320, 180))
BARE = replace(passing_car(), view=VIEW, actors=(), sensor=CLEAN)


def at(scene: Scene, seconds: float, *effects: Effect) -> Image:
    return replace(scene, effects=effects).picture(timedelta(seconds=seconds)).image


def box_of(scene: Scene, seconds: float, effect: Effect) -> Box | None:
    seen = replace(scene, effects=(effect,)).picture(timedelta(seconds=seconds)).seen
    return next((one.detection.box for one in seen if one.detection.label in {"fire", "smoke"}), None)


def change(seconds: float, effect: Effect) -> npt.NDArray[np.int64]:
    """Return how much the effect changes each pixel (H, W)."""
    return np.asarray(np.abs(at(BARE, seconds, effect).astype(int) - at(BARE, seconds)).max(axis=2))


@pytest.mark.parametrize("effect", [FIRE, SMOKE])
def test_nothing_burns_before_it_begins(effect: Effect) -> None:
    assert change(0.9, effect).max() == 0
    assert box_of(BARE, 0.9, effect) is None


def test_a_fire_is_out_at_its_end_and_smoke_lingers() -> None:
    assert box_of(BARE, 4.0, replace(FIRE, end=4.0)) is None
    ending = replace(SMOKE, end=4.0, life=3.0)
    assert box_of(BARE, 5.5, ending) is not None
    assert box_of(BARE, 7.1, ending) is None


def test_a_fire_grows_from_an_ember_to_a_blaze() -> None:
    boxes = [box_of(BARE, t, FIRE) for t in (1.2, 6.0, 11.0)]
    heights = [box.height * 180 for box in boxes if box]
    assert len(heights) == 3
    assert heights[0] < 9 < heights[1] < heights[2]
    # 12 m away, two metres of a blaze of 2.2 m are 260 / 12 pixels each.
    assert heights[2] == pytest.approx(2.0 * 260 / 12.8, rel=0.3)


def test_without_growth_all_burns_at_once() -> None:
    blaze, whole = box_of(BARE, 1.3, replace(FIRE, growth=0.0)), box_of(BARE, 1.3, replace(FIRE, growth=0.3))
    assert blaze is not None
    assert blaze == whole
    assert box_of(BARE, 2.5, replace(SMOKE, growth=0.0)) is not None


def test_a_fire_is_bright_yellow_inside_and_red_at_its_edge() -> None:
    blaze = at(BARE, 11.0, FIRE).astype(int)
    inside = blaze[(change(11.0, FIRE) > 120)]
    hot = inside[inside[:, 1] > 200]
    assert len(hot) > 20
    assert (inside[:, 2] >= inside[:, 1]).mean() > 0.95
    assert (inside[:, 1] > inside[:, 0]).mean() > 0.95


def test_the_flame_lies_within_its_box() -> None:
    box = box_of(BARE, 9.0, FIRE)
    assert box is not None
    rows, columns = np.nonzero(change(9.0, FIRE) > 110)
    assert box.x1 * 320 - 2 <= columns.min() <= box.x1 * 320 + 6
    assert box.x2 * 320 - 6 <= columns.max() <= box.x2 * 320 + 2
    assert box.y1 * 180 - 2 <= rows.min() <= box.y1 * 180 + 10
    assert box.y2 * 180 - 10 <= rows.max() <= box.y2 * 180 + 2


def test_a_flame_flickers_and_does_not_move_away() -> None:
    first, second = at(BARE, 8.0, FIRE).astype(int), at(BARE, 8.1, FIRE)
    assert (np.abs(first - second).max(axis=2) > 40).sum() > 40
    boxes = [box_of(BARE, t, FIRE) for t in np.arange(8, 11, 0.3)]
    centres = [box.centre.x for box in boxes if box]
    assert np.ptp(centres) < 0.05


def test_a_fire_lights_up_its_surroundings_at_night_more_than_by_day() -> None:
    def warmth(scene: Scene) -> float:
        spot = (slice(130, 140), slice(110, 125))  # on the road beside it
        with_fire, without = at(scene, 10.0, FIRE)[spot].astype(int), at(scene, 10.0)[spot]
        return float((with_fire - without)[..., 2].mean())

    night = replace(BARE, light=replace(BARE.light, sunshine=0.0, skylight=0.25))
    assert warmth(night) > warmth(BARE) + 15


@pytest.mark.parametrize("effect", [FIRE, SMOKE])
def test_what_stands_before_it_hides_it_and_what_stands_behind_does_not(effect: Effect) -> None:
    wall = solid("truck", Still(-1.0, 9.0, 0.0), block(4.5, 8.0))
    assert (
        box_of(replace(BARE, actors=(wall,)), 8.0, replace(effect, life=1.0) if isinstance(effect, Smoke) else effect)
        is None
    )
    behind = solid("truck", Still(-1.0, 15.0, 0.0), block(3.0, 8.0))
    assert box_of(replace(BARE, actors=(behind,)), 8.0, effect) is not None


def test_smoke_rises_and_spreads_with_the_wind() -> None:
    right = replace(SMOKE, wind=(1.2, 0.0))
    early, late = box_of(BARE, 2.5, right), box_of(BARE, 8.0, right)
    assert early is not None
    assert late is not None
    assert late.y1 < early.y1
    assert late.x2 > early.x2 + 0.1
    assert late.x1 == pytest.approx(early.x1, abs=0.06)


def test_smoke_lowers_contrast_and_does_not_blacken() -> None:
    box = box_of(BARE, 8.0, SMOKE)
    assert box is not None
    image = at(BARE, 8.0, replace(SMOKE, thick=3.0))
    middle = image[int(box.centre.y * 180) - 8 : int(box.centre.y * 180) + 8, int(box.centre.x * 320) - 8 :][:, :16]
    assert 60 < middle.mean() < 200
    assert np.abs(np.diff(middle.astype(int), axis=1)).mean() < 6


def test_who_stands_behind_thick_smoke_is_not_in_the_truth() -> None:
    person = walker(Still(-0.6, 14.0, 0.0), random_look(np.random.default_rng(1)), name="guest")
    scene = replace(BARE, actors=(person,))

    def names(thick: float) -> set[str]:
        veiled = replace(scene, effects=(replace(SMOKE, thick=thick, z=0.0, rise=0.5, wind=(0.1, 0.0)),))
        return {seen.actor for seen in veiled.picture(timedelta(seconds=9)).seen}

    assert "guest" in names(0.05)
    assert "guest" not in names(6.0)


@pytest.mark.parametrize("effect", [FIRE, SMOKE])
def test_the_same_time_gives_the_same_picture(effect: Fire | Smoke) -> None:
    fresh = replace(effect)
    assert (at(BARE, 7.3, effect) == at(BARE, 7.3, fresh)).all()
    assert (at(BARE, 7.3, effect) != at(BARE, 7.3, replace(effect, seed=9))).any()


@pytest.mark.parametrize(
    "effect", [replace(FIRE, y=-5.0), replace(SMOKE, y=-9.0, wind=(0.0, 0.0)), replace(FIRE, x=60.0)]
)
def test_what_burns_outside_the_picture_is_not_seen(effect: Effect) -> None:
    assert box_of(BARE, 8.0, effect) is None
    assert change(8.0, effect).max() == 0
