"""Ground in metres, on a drawn camera's picture of a flat place."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.geometry import polygon_area
from ioc.ground import Ground
from ioc.types import Point

METRES = [Point(-5, 5), Point(5, 5), Point(4, 30), Point(-6, 28)]


def seen(place: Point, height: float = 6.0, tilt: float = 0.3) -> Point:
    """Return where a camera so many metres above the ground, tilted down by so many radians, shows a place."""
    depth = place.y * math.cos(tilt) + height * math.sin(tilt)
    return Point(0.5 + 0.7 * place.x / depth, 0.5 + 0.7 * (height * math.cos(tilt) - place.y * math.sin(tilt)) / depth)


def test_a_square_of_a_metre_has_a_square_metre_wherever_it_lies() -> None:
    ground = Ground([seen(place) for place in METRES], METRES)
    for x, y in ((0, 6), (-4, 12), (3, 27)):
        corners = [Point(x, y), Point(x + 1, y), Point(x + 1, y + 1), Point(x, y + 1)]
        assert ground.area([seen(corner) for corner in corners]) == pytest.approx(1)


@given(st.floats(3, 12), st.floats(0.15, 1.2), st.integers(0, 3))
def test_neither_the_camera_s_place_nor_the_first_corner_matters(height: float, tilt: float, turn: int) -> None:
    metres = METRES[turn:] + METRES[:turn]
    ground = Ground([seen(place, height, tilt) for place in metres], metres)
    zone = [Point(0, 8), Point(3, 8), Point(0, 14)]
    assert ground.area([seen(corner, height, tilt) for corner in zone]) == pytest.approx(9)


def test_a_picture_from_straight_above_is_a_plan() -> None:
    corners = [Point(0, 0), Point(1, 0), Point(1, 1), Point(0, 1)]
    ground = Ground(corners, [Point(0, 0), Point(16, 0), Point(16, 9), Point(0, 9)])
    assert ground.area(corners) == pytest.approx(144)
    assert ground.area([Point(0, 0), Point(0.5, 0), Point(0, 1)]) == pytest.approx(36)


def test_what_reaches_the_horizon_has_no_area() -> None:
    ground = Ground([seen(place) for place in METRES], METRES)
    horizon = 0.5 - 0.7 * math.tan(0.3)
    assert ground.area([Point(0.2, 0.9), Point(0.8, 0.9), Point(0.5, horizon - 0.01)]) is None
    assert ground.area([Point(0.2, 0.9), Point(0.8, 0.9), Point(0.5, horizon + 0.01)]) > 100  # type: ignore[operator]


@pytest.mark.parametrize(
    ("picture", "metres", "why"),
    [
        (METRES[:3], METRES[:3], "four places"),
        (METRES, [*METRES[:3], Point(0, 5)], "no three lie on one line"),
        (METRES, [METRES[n] for n in (0, 2, 1, 3)], "in the same order"),
    ],
)
def test_places_that_cannot_belong_together_are_refused(picture: list[Point], metres: list[Point], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Ground([seen(place) for place in picture], metres)


def test_the_horizon_may_be_the_picture_s_upper_edge() -> None:
    picture = [Point(0.2, 0.5), Point(0.8, 0.5), Point(0.7, 0.9), Point(0.3, 0.9)]
    metres = [Point(place.x / place.y, 1 / place.y) for place in picture]
    assert Ground(picture, metres).area(picture) == pytest.approx(polygon_area(metres))
