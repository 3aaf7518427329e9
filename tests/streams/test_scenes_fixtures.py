"""Market stalls, railings and parking bays."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from ioc.types import Image
from streams.drawing import View
from streams.scene import Scene, Sensor, walker
from streams.scene_backdrop import paint_place
from streams.scene_fixtures import fixtures, stall
from streams.scene_motion import Still
from streams.scene_people import random_look
from streams.scene_places import Place
from tests.streams.small_scenes import DAY, passing_car

VIEW = View((0.0, 0.0, 5.0), 0.0, 0.28, 240.0, (320, 180))
MARKET = Place(half_road=3.0, pavement=6.0, walls=(), lanes=(), stalls=((4.5, 12.0), (4.5, 18.0)))
RIVER = Place(half_road=3.0, pavement=2.0, walls=(), lanes=(), river=(5.0, 20.0), railing=True)


def scene(place: Place) -> Scene:
    return replace(passing_car(), view=VIEW, place=place, actors=(), sensor=Sensor(0.0, 0.0))


def picture(place: Place) -> Image:
    return scene(place).picture(timedelta(0)).image


def test_stalls_stand_where_they_are_asked_for_and_are_not_named() -> None:
    drawn = scene(MARKET).picture(timedelta(0))
    changed = (drawn.image != picture(replace(MARKET, stalls=()))).any(axis=2)
    for y in (12.0, 18.0):
        column, row = VIEW.project(np.array([(4.5, y, 1.4)]))[0][0].astype(int)
        assert changed[row - 6 : row + 6, column - 6 : column + 6].mean() > 0.3
    assert not changed[:, :150].any()
    assert drawn.seen == ()


def test_a_stall_hides_who_stands_behind_it() -> None:
    look = random_look(np.random.default_rng(1))
    behind, aside = (
        walker(Still(4.9, 19.2, 0.0), look, name="behind"),
        walker(Still(-2.0, 19.2, 0.0), look, name="aside"),
    )
    low = replace(VIEW, position=(2.5, 0.0, 1.6), pitch=0.03)
    crowded = replace(scene(MARKET), view=low, actors=(behind, aside), least_visible=0.8)
    assert {seen.actor for seen in crowded.picture(timedelta(0)).seen} == {"aside"}


def test_stalls_are_about_as_large_as_real_ones_and_differ() -> None:
    meshes = [stall(np.random.default_rng(seed)) for seed in range(8)]
    for mesh in meshes:
        assert 2.0 < mesh.vertices[:, 2].max() < 2.8
        assert 2.2 < max(mesh.footprint) < 3.2
    assert len({tuple(mesh.quads.colour[-1]) for mesh in meshes}) > 2


def test_fixtures_are_the_same_for_the_same_seed() -> None:
    first, again, other = (fixtures(MARKET, seed) for seed in (1, 1, 2))
    assert all((a.mesh.quads.colour == b.mesh.quads.colour).all() for a, b in zip(first, again, strict=True))
    assert any((a.mesh.quads.colour != b.mesh.quads.colour).any() for a, b in zip(first, other, strict=True))


def test_a_railing_runs_along_the_river_alone() -> None:
    changed = (picture(RIVER) != picture(replace(RIVER, railing=False))).any(axis=2)
    (near, far), _ = VIEW.project(np.array([(4.75, 10.0, 1.0), (4.75, 30.0, 1.0)]))
    for column, row in (near.astype(int), far.astype(int)):
        assert changed[row - 2 : row + 3, column - 2 : column + 3].any()
    assert not changed[:, :150].any()
    assert fixtures(replace(RIVER, river=None), 1) == ()


@pytest.mark.parametrize("bays", [(-2.5, 8.0, 2.5, 28.0), (-7.5, 12.0, 7.5, 17.0)])
def test_bays_are_marked_off_along_the_longer_side(bays: tuple[float, float, float, float]) -> None:
    x1, y1, x2, y2 = bays
    park = Place(half_road=16.0, pavement=3.0, walls=(), lanes=(), worn=0.0)
    plain, marked = (paint_place(replace(park, bays=b), VIEW, DAY, 1).astype(int) for b in ((), (bays,)))
    gain = (marked - plain).mean(axis=2)

    def lines(start: tuple[float, float], end: tuple[float, float]) -> int:
        """Count the white lines between two places, ends included."""
        share = np.linspace(-0.02, 1.02, 400)[:, None]
        places = np.asarray(start) + (np.asarray(end) - np.asarray(start)) * share
        pixels = VIEW.project(np.column_stack([places, np.zeros(400)]))[0].astype(int)
        white = gain[np.clip(pixels[:, 1], 0, 179), np.clip(pixels[:, 0], 0, 319)] > 12
        return int((np.diff(white.astype(int)) == 1).sum())

    if y2 - y1 > x2 - x1:
        assert lines((0.7, y1), (0.7, y2)) == pytest.approx((y2 - y1) / 2.5 + 1, abs=1)
    else:
        assert lines((x1, 14.0), (x2, 14.0)) == pytest.approx((x2 - x1) / 2.5 + 1, abs=1)
    assert (gain[:20] == 0).all()
