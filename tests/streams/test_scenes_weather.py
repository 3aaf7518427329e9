"""Water, rain, wet streets, lamps and the light of the day in drawn scenes."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pytest

from ioc.types import Image
from streams.drawing import Floats, Light, View
from streams.scene import Scene, Sensor, solid
from streams.scene_backdrop import mirrored, paint_place, surface_heights
from streams.scene_cars import car
from streams.scene_daylight import between
from streams.scene_furniture import lamp_head, lamplight
from streams.scene_light import LIGHTS, light_like
from streams.scene_motion import Still
from streams.scene_places import Place, Wall
from streams.scene_rain import Rain
from streams.scene_water import Ruler, Water
from tests.streams.small_scenes import DAY, passing_car
from tests.streams.test_scenes import block

VIEW = View((0.0, 0.0, 5.0), 0.0, 0.28, 240.0, (320, 180))
STREET = Place(half_road=4.0, pavement=3.0, walls=(Wall("x", 7.0, 2.0, 80.0, 9.0), Wall("y", 60.0, -40, 40)), lanes=())
NIGHT = LIGHTS["deep night"]


def scene(water: Water | None = None, light: Light = DAY, place: Place = STREET) -> Scene:
    return replace(passing_car(), view=VIEW, light=light, place=place, actors=(), sensor=Sensor(0.0, 0.0), water=water)


def at(given: Scene, seconds: float) -> Image:
    return given.picture(timedelta(seconds=seconds)).image


def pixel(x: float, y: float, z: float = 0.0) -> tuple[int, int]:
    """Return the (row, column) that shows a place."""
    column, row = VIEW.project(np.array([(x, y, z)]))[0][0]
    return int(row), int(column)


def covered(level: float) -> npt.NDArray[np.bool_]:
    """Return which pixels (H, W) blood-red water of that level changes."""
    dry, wet = at(scene(), 0.0).astype(int), at(scene(Water(((0.0, level),), murk=(0.0, 0.0, 250.0))), 0.0)
    return np.asarray(np.abs(wet - dry).max(axis=2) > 15)


def test_water_rises_from_the_gutters_over_the_road_onto_the_pavement() -> None:
    gutter, middle, pavement = pixel(3.8, 14.0), pixel(0.0, 14.0), pixel(5.2, 14.0)
    wet = [covered(level) for level in (-0.2, 0.06, 0.14, 0.3)]
    covers = [[bool(mask[place]) for place in (gutter, middle, pavement)] for mask in wet]
    assert covers == [[False] * 3, [True, False, False], [True, True, False], [True] * 3]


def test_water_stands_at_house_fronts_as_high_as_it_is() -> None:
    wet = covered(0.8)
    assert wet[pixel(7.0, 20.0, 0.6)]
    assert not wet[pixel(7.0, 20.0, 1.0)]


def test_water_hides_markings_and_moves() -> None:
    marked = replace(STREET, zebras=(14.0,))

    def contrast(water: Water | None) -> float:
        row, left = pixel(-2.0, 14.0)
        return float(at(scene(water, place=marked), 1.0)[row, left : left + 60].astype(float).std())

    flood = Water(((0.0, 0.4),))
    assert contrast(flood) < contrast(None) * 0.5
    first, second = (at(scene(flood), t).astype(int) for t in (1.0, 1.5))
    changed = np.abs(first - second).max(axis=2) > 3
    assert changed[100:].mean() > 0.2
    assert not changed[:40].any()


def test_levels_lie_on_straight_lines_between_their_times() -> None:
    water = Water(((10.0, -0.1), (20.0, 0.3)), (Ruler(3.0, 12.0, name="kerb"), Ruler(4.0, 12.0, zero=-1.0)))
    assert [water.level(t) for t in (0.0, 10.0, 15.0, 20.0, 99.0)] == pytest.approx([-0.1, -0.1, 0.1, 0.3, 0.3])
    assert [(m.kind, m.place, m.value) for m in water.measures(15.0)] == [
        ("water_level", "kerb", 0.1),
        ("water_level", "ruler", 1.1),
    ]
    assert water.measures(0.0)[0].value == 0.0


def test_a_picture_tells_the_depth_at_each_ruler() -> None:
    flooded = scene(Water(((0.0, 0.0), (10.0, 0.5)), (Ruler(2.0, 12.0),)))
    assert [m.value for m in flooded.picture(timedelta(seconds=4)).measures] == [0.2]
    assert scene().picture(timedelta(0)).measures == ()


def test_a_ruler_and_a_car_stand_in_the_water() -> None:
    guest = solid("car", Still(0.0, 14.0, 0.0), car(np.random.default_rng(1)))

    def box_bottom(level: float) -> float:
        flooded = replace(scene(Water(((0.0, level),))), actors=(guest,))
        return next(s.detection.box.y2 for s in flooded.picture(timedelta(0)).seen)

    # At 14 m half a metre is 8 pixels of 180.
    assert box_bottom(-1.0) - box_bottom(0.5) == pytest.approx(8 / 180, abs=3 / 180)

    def board(level: float) -> int:
        water = Water(((0.0, level),))
        flooded, ruled = scene(water), scene(replace(water, rulers=(Ruler(1.0, 9.0, height=1.2),)))
        return int((np.abs(at(flooded, 0.0).astype(int) - at(ruled, 0.0)).max(axis=2) > 60).sum())

    assert board(0.8) == pytest.approx(board(0.0) / 3, rel=0.3)


def test_a_river_lies_in_its_channel() -> None:
    river = replace(STREET, half_road=2.0, walls=(), river=(3.0, 14.0))
    low, high = (at(scene(Water(((0.0, level),)), place=river), 0.0).astype(int) for level in (-2.4, -0.4))
    dry = at(scene(place=river), 0.0)
    for image in (low, high):
        changed = np.abs(image - dry).max(axis=2) > 6
        assert not changed[pixel(0.0, 14.0)]
        assert changed[pixel(8.0, 14.0)]
    wall = pixel(14.0, 22.0, -1.4)
    assert (np.abs(low - dry).max(axis=2) > 6)[wall] == np.False_
    assert (np.abs(high - dry).max(axis=2) > 6)[wall] == np.True_


def test_heights_of_a_place() -> None:
    heights = surface_heights(replace(STREET, poles=((-5.0, 14.0),)), VIEW, DAY, 1)
    assert heights.shape == (180, 320)
    assert abs(heights[pixel(3.9, 12.0)]) < 0.08
    assert heights[pixel(5.5, 12.0)] == pytest.approx(0.18, abs=0.07)
    assert heights[pixel(7.0, 20.0, 2.0)] == pytest.approx(2.0, abs=0.15)
    assert heights[pixel(-5.0, 14.0, 3.0)] == pytest.approx(3.0, abs=0.4)
    assert np.isinf(heights[0, 0])


def test_still_water_mirrors_what_stands_beyond_it() -> None:
    blue = replace(DAY, haze=(250.0, 120.0, 60.0), haze_distance=1e9)
    mirror = mirrored(replace(STREET, walls=()), VIEW, blue, 1)
    colour = mirror[90:].reshape(-1, 3).mean(axis=0)
    assert colour[0] > colour[2] + 20


def test_a_wet_street_is_darker_and_mirrors_from_afar() -> None:
    open_air = replace(STREET, walls=STREET.walls[:1])
    dry, wet = (paint_place(open_air, VIEW, replace(DAY, wet=w), 1).astype(int) for w in (0.0, 1.0))
    near, far = pixel(0.5, 10.0), pixel(0.5, 45.0)
    assert wet[near].mean() < dry[near].mean() * 0.85
    assert (wet[far] - dry[far]).mean() > (wet[near] - dry[near]).mean() + 10
    above = surface_heights(open_air, VIEW, DAY, 1) > 1.0
    assert (wet[above] == dry[above]).all(axis=1).mean() > 0.98  # edges with the street behind them are mixed


def test_rain_falls_while_it_lasts_and_never_twice_alike() -> None:
    rain = replace(scene(), effects=(Rain(heavy=0.8, start=1.0, end=3.0),))
    dry = at(scene(), 0.0)
    assert (at(rain, 0.9) == dry).all()
    assert (at(rain, 3.0) == dry).all()
    first, second, again = at(rain, 1.0), at(rain, 1.1), at(rain, 1.0)
    assert (first == again).all()
    assert (first >= dry).all()
    streaks = (first.astype(int) - dry).max(axis=2) > 8
    assert 0.01 < streaks.mean() < 0.5
    assert (first != second).any(axis=2).mean() > 0.02


def test_heavier_rain_has_more_streaks() -> None:
    dry = at(scene(), 0.0).astype(int)
    drizzle, storm = (at(replace(scene(), effects=(Rain(heavy=h),)), 0.0) - dry for h in (0.2, 1.0))
    assert storm.sum() > drizzle.sum() * 2.5


def test_street_lamps_light_up_the_ground_below_them_at_night_alone() -> None:
    lit = replace(STREET, lamps=((4.6, 14.0),))
    head = lamp_head((4.6, 14.0))
    below = pixel(head[0], 14.0)

    def gain(light: Light, place: tuple[int, int]) -> float:
        return float(
            paint_place(lit, VIEW, light, 1)[place].astype(int).mean()
            - paint_place(STREET, VIEW, light, 1)[place].mean()
        )

    assert gain(NIGHT, below) > 25
    assert gain(NIGHT, below) > gain(NIGHT, pixel(0.0, 40.0)) * 2
    assert gain(DAY, below) == pytest.approx(0, abs=1)


def test_lamplight_falls_off_with_the_distance() -> None:
    below = lamp_head((4.6, 14.0))
    places: Floats = np.array([(below[0], 14.0 + away, 0.0) for away in (0.0, 5.0, 12.0, 40.0)])
    given = lamplight(((4.6, 14.0),), places)
    assert (np.diff(given) < 0).all()
    assert given[0] > 0.3
    assert given[-1] < 0.03
    assert (lamplight((), places) == 0).all()


def test_who_walks_under_a_lamp_is_brighter_than_beside_it() -> None:
    post = solid("truck", Still(3.0, 14.0, 0.0), block(2.0))

    def bright(lamps: tuple[tuple[float, float], ...]) -> float:
        drawn = replace(scene(light=NIGHT, place=replace(STREET, lamps=lamps)), actors=(post,)).picture(timedelta(0))
        return float(drawn.image[pixel(3.0, 13.6, 1.0)].mean())

    assert bright(((4.6, 14.0),)) > bright(()) * 1.5


def test_headlamps_light_the_road_ahead_at_night_and_not_behind() -> None:
    guest = solid("car", Still(0.0, 24.0, -np.pi / 2), car(np.random.default_rng(1)))

    def change(light: Light, y: float) -> float:
        with_car, without = at(replace(scene(light=light), actors=(guest,)), 0.0), at(scene(light=light), 0.0)
        return float(with_car[pixel(0.0, y)].astype(int).mean() - without[pixel(0.0, y)].mean())

    assert change(NIGHT, 17.0) > 12
    assert change(NIGHT, 40.0) == pytest.approx(0, abs=2)
    assert change(DAY, 17.0) == pytest.approx(0, abs=2)


def test_the_light_of_the_day_turns_from_one_hour_into_the_next() -> None:
    hours = ((10.0, LIGHTS["sunny"]), (20.0, LIGHTS["dusk"]), (30.0, NIGHT))
    day = replace(scene(), hours=hours)
    levels = [float(at(day, t).mean()) for t in (0.0, 10.0, 14.0, 20.0, 25.0, 30.0, 99.0)]
    assert levels[0] == levels[1]
    assert levels[-1] == levels[-2]
    assert (np.diff(levels[1:-1]) < -3).all()
    assert (at(day, 20.0) == at(scene(light=LIGHTS["dusk"]), 0.0)).all()


def test_lamps_go_on_half_way() -> None:
    mixed = [between(LIGHTS["sunny"], LIGHTS["dusk"], share) for share in (0.0, 0.4, 0.6, 1.0)]
    assert [light.lamps for light in mixed] == [False, False, True, True]
    assert mixed[0] == LIGHTS["sunny"]
    assert mixed[-1].sunshine == pytest.approx(LIGHTS["dusk"].sunshine)
    assert mixed[-1].haze == pytest.approx(LIGHTS["dusk"].haze)
    morning, evening = (light_like("sunny", turn, 25) for turn in (-80, 80))
    assert np.linalg.norm(between(morning, evening, 0.5).sun) == pytest.approx(1)
    assert LIGHTS["sunny"].skylight < mixed[1].skylight < mixed[2].skylight < LIGHTS["dusk"].skylight


def test_a_flooded_night_is_the_same_each_time() -> None:
    def fresh() -> Scene:
        return replace(scene(Water(((0.0, 0.0), (9.0, 0.3))), NIGHT), effects=(Rain(),))

    late, early = fresh(), fresh()
    late_first = [at(late, t) for t in (8.0, 2.0)]
    early_first = [at(early, t) for t in (2.0, 8.0)]
    assert (late_first[0] == early_first[1]).all()
    assert (late_first[1] == early_first[0]).all()


def test_what_fog_swallows_is_not_in_the_truth() -> None:
    near, far = (
        solid("truck", Still(x, y, 0.0), block(3.0), name=name)
        for x, y, name in ((-2.0, 14.0, "near"), (3.0, 50.0, "far"))
    )

    def names(haze_distance: float) -> set[str]:
        foggy = replace(scene(light=replace(DAY, haze_distance=haze_distance)), actors=(near, far))
        return {seen.actor for seen in foggy.picture(timedelta(0)).seen}

    assert names(250.0) == {"near", "far"}
    assert names(15.0) == {"near"}


def test_a_wet_street_mirrors_lamps_at_night() -> None:
    wet = replace(NIGHT, wet=1.0)
    lit = replace(STREET, walls=(), lamps=((4.6, 24.0),))
    x, y, z = lamp_head((4.6, 24.0))
    spot = pixel(x, y, -z)
    lamps, none = (mirrored(replace(lit, lamps=at_), VIEW, wet, 1).astype(int) for at_ in (lit.lamps, ()))
    assert (lamps - none)[spot].mean() > 30
    guest = solid("car", Still(0.0, 24.0, -np.pi / 2), car(np.random.default_rng(1)))
    wet_car, wet_none = (
        at(replace(scene(light=wet, place=replace(STREET, walls=())), actors=actors), 0.0).astype(int)
        for actors in ((guest,), ())
    )
    below = pixel(0.6, 21.7, -0.7)
    assert (wet_car - wet_none)[below].mean() > 40
