"""Empty drawn places: ground, house fronts, sky."""

from dataclasses import replace

import numpy as np
import pytest

from ioc.types import Image
from streams.drawing import Floats, Light, View
from streams.scene_backdrop import paint_place
from streams.scene_fronts import PIXELS_PER_METRE, house_row
from streams.scene_places import Place, Wall
from streams.scene_texture import cloud

VIEW = View(position=(0.0, 0.0, 6.0), yaw=0.0, pitch=0.25, focal=260.0, size=(320, 180))
DAY = Light(sun=(0.0, -0.5, 0.87), sunshine=0.5, skylight=0.6)
NIGHT = Light(sun=(0.0, -0.5, 0.87), sunshine=0.0, skylight=0.3, haze=(40, 36, 36), lamps=True)
OPEN = Place(half_road=6.0, pavement=4.0, walls=(), worn=0.0)


def at_ground(image: Image, x: float, y: float, reach: int = 1) -> Floats:
    """Return the mean colour around a place on the ground."""
    pixels, _ = VIEW.project(np.array([[x, y, 0.0]]))
    column, row = int(pixels[0, 0]), int(pixels[0, 1])
    patch = image[row - reach : row + reach + 1, column - reach : column + reach + 1]
    return np.asarray(patch.reshape(-1, 3).mean(axis=0), dtype=np.float64)


def test_the_picture_has_the_size_of_the_view() -> None:
    assert paint_place(OPEN, VIEW, DAY, 1).shape == (180, 320, 3)


def test_the_same_seed_paints_the_same_place_and_another_does_not() -> None:
    street = replace(OPEN, walls=(Wall("x", 10.0, 0.0, 60.0), Wall("x", -10.0, 0.0, 60.0)))
    first, again, other = (paint_place(street, VIEW, DAY, seed) for seed in (1, 1, 2))
    assert (first == again).all()
    assert np.abs(first.astype(int) - other).mean() > 3


def test_there_is_sky_above_the_horizon_and_road_below() -> None:
    image = paint_place(OPEN, VIEW, DAY, 1)
    assert image[:8].mean() > 150
    assert at_ground(image, 0.9, 12, 3).mean() < 130


def test_night_is_darker_than_day() -> None:
    assert paint_place(OPEN, VIEW, NIGHT, 1).mean() < paint_place(OPEN, VIEW, DAY, 1).mean() * 0.6


def test_haze_hides_what_is_far_and_not_what_is_near() -> None:
    misty = replace(DAY, haze=(10.0, 10.0, 250.0), haze_distance=30.0)
    image = paint_place(OPEN, VIEW, misty, 1)
    assert at_ground(image, 0.8, 60)[2] > 210
    assert at_ground(image, 0.8, 9.5)[2] < 170


def test_a_zebra_has_stripes_across_the_road() -> None:
    plain, striped = paint_place(OPEN, VIEW, DAY, 1), paint_place(replace(OPEN, zebras=(14.0,)), VIEW, DAY, 1)
    change = [(at_ground(striped, x, 14.0, 0) - at_ground(plain, x, 14.0, 0)).mean() for x in np.arange(-4, 4, 0.14)]
    bright = np.array(change) > 40
    assert 0.3 < bright.mean() < 0.7
    assert np.abs(np.diff(bright.astype(int))).sum() >= 10
    assert (at_ground(striped, 1.0, 20.0) == at_ground(plain, 1.0, 20.0)).all()


def test_lanes_are_dashed() -> None:
    image = paint_place(replace(OPEN, lanes=(3.0,)), VIEW, DAY, 1)
    along = np.array([at_ground(image, 3.0, y, 0).mean() for y in np.arange(10, 25, 0.25)])
    beside = np.array([at_ground(image, 3.9, y, 0).mean() for y in np.arange(10, 25, 0.25)])
    painted = along > beside + 25
    assert 0.3 < painted.mean() < 0.8


def test_a_no_parking_strip_is_hatched_in_yellow() -> None:
    image = paint_place(replace(OPEN, hatched=(3.5, 10.0, 5.8, 18.0)), VIEW, DAY, 1)
    yellow = (image[..., 2].astype(int) - image[..., 0]) > 60
    rows, columns = np.nonzero(yellow)
    corners, _ = VIEW.project(np.array([(3.5, 10, 0), (5.8, 10, 0), (3.5, 18, 0), (5.8, 18, 0)], dtype=np.float64))
    assert len(rows) > 60
    assert corners[:, 0].min() - 2 <= columns.min()
    assert columns.max() <= corners[:, 0].max() + 2
    assert corners[:, 1].min() - 2 <= rows.min()
    assert rows.max() <= corners[:, 1].max() + 2


def test_the_pavement_lies_beside_the_road_behind_a_kerb() -> None:
    image = paint_place(replace(OPEN, paving=(60, 90, 200)), VIEW, DAY, 1)

    def redness(x: float) -> float:
        colour = at_ground(image, x, 16.0)
        return float(colour[2] - colour[0])

    assert abs(redness(4.5)) < 25
    assert redness(8.0) > 80
    assert at_ground(image, 6.08, 12.0, 0).mean() > at_ground(image, 5.0, 12.0, 0).mean() + 30


def test_a_crossing_street_goes_through_the_pavement() -> None:
    crossed = paint_place(replace(OPEN, paving=(60, 90, 200), crossing=(14.0, 20.0)), VIEW, DAY, 1)
    colour = at_ground(crossed, 8.0, 17.0)
    assert colour[2] - colour[0] < 25


def test_a_wall_hides_what_is_behind_it_and_nothing_before_it() -> None:
    walled = replace(OPEN, walls=(Wall("y", 30.0, -40.0, 40.0, 12.0),))
    open_air, closed = paint_place(OPEN, VIEW, DAY, 1), paint_place(walled, VIEW, DAY, 1)
    pixels, _ = VIEW.project(np.array([[0.0, 30.0, 0.0], [0.0, 30.0, 2.0]]))
    foot, eaves = int(pixels[0, 1]), int(pixels[1, 1])
    assert np.abs(closed[eaves : foot - 2].astype(int) - open_air[eaves : foot - 2]).mean() > 15
    before_open, before_closed = open_air[foot + 3 :].astype(int), closed[foot + 3 :].astype(int)
    assert np.abs(before_open.mean() - before_closed.mean()) < 4


def test_of_two_walls_the_nearer_is_seen() -> None:
    near, far = Wall("y", 25.0, -40.0, 40.0, 10.0), Wall("y", 45.0, -40.0, 40.0, 10.0)
    foot = int(VIEW.project(np.array([[0.0, 25.0, 0.2]]))[0][0, 1])
    both, alone = (paint_place(replace(OPEN, walls=w), VIEW, DAY, 1) for w in ((near, far), (near,)))
    assert (both[foot - 2] == alone[foot - 2]).all()


def test_trees_are_green_and_cover_the_sky() -> None:
    treed = paint_place(replace(OPEN, trees=((5.0, 16.0),)), VIEW, DAY, 1)
    bare = paint_place(OPEN, VIEW, DAY, 1)
    changed = np.abs(treed.astype(int) - bare).sum(axis=2) > 30
    assert changed.sum() > 300
    colour = treed[changed].mean(axis=0)
    assert colour[1] > colour[0]
    assert colour[1] > colour[2]


def test_wires_hang_between_poles() -> None:
    poles = ((-5.0, 12.0), (-5.0, 40.0))
    changed = paint_place(replace(OPEN, poles=poles), VIEW, DAY, 1) != paint_place(OPEN, VIEW, DAY, 1)
    middle, _ = VIEW.project(np.array([[-5.0, 26.0, 7.6]]))
    column, row = int(middle[0, 0]), int(middle[0, 1])
    assert changed[max(row - 8, 0) : row + 8, column - 3 : column + 4].any()


@pytest.mark.parametrize("seed", range(4))
def test_a_cloud_tiles_and_is_normalised(seed: int) -> None:
    texture = cloud(np.random.default_rng(seed))
    assert (float(texture.mean()), float(texture.std())) == pytest.approx((0, 1), abs=1e-3)
    seam = np.abs(texture[:, 0] - texture[:, -1]).mean()
    inside = np.abs(np.diff(texture, axis=1)).mean()
    assert seam < inside * 2.5


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("lamps", [False, True])
def test_house_fronts_fill_their_row(seed: int, lamps: bool) -> None:
    front = house_row(np.random.default_rng(seed), 60.0, 12.0, lamps=lamps)
    rows, columns = front.solid.shape
    assert (rows, columns) == (12 * PIXELS_PER_METRE, 60 * PIXELS_PER_METRE)
    assert front.colours.shape == (rows, columns, 3)
    assert front.solid[-1].mean() > 0.6
    # No house floats: whatever is solid is solid down to the ground.
    assert (front.solid[1:] >= front.solid[:-1]).all()
    assert front.lit.any() == lamps


@pytest.mark.parametrize("length", [0.5, 1.3, 3.9, 4.1])
def test_a_row_may_be_shorter_than_a_house(length: float) -> None:
    front = house_row(np.random.default_rng(1), length, 9.0, lamps=True)
    assert front.solid.shape[1] >= 10
