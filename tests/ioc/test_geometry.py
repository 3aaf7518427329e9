from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ioc.geometry import (
    bounds,
    clip_to_box,
    contains,
    covered,
    crossing,
    iou,
    mean_box,
    pairwise_iou,
    polygon_area,
    shared,
)
from ioc.types import Box, Point

SQUARE = [Point(0.2, 0.2), Point(0.6, 0.2), Point(0.6, 0.6), Point(0.2, 0.6)]
ARROW = [Point(0.1, 0.1), Point(0.9, 0.1), Point(0.5, 0.4), Point(0.9, 0.9), Point(0.1, 0.9)]

fraction = st.floats(0, 1, allow_nan=False)


points = st.builds(Point, fraction, fraction)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x1, x2 = sorted((draw(fraction), draw(fraction)))
    y1, y2 = sorted((draw(fraction), draw(fraction)))
    assume(x2 - x1 > 1e-3)
    assume(y2 - y1 > 1e-3)
    return Box(x1, y1, x2, y2)


@pytest.mark.parametrize(
    ("polygon", "point", "inside"),
    [
        (SQUARE, Point(0.4, 0.4), True),
        (SQUARE, Point(0.1, 0.4), False),
        (SQUARE, Point(0.4, 0.7), False),
        (ARROW, Point(0.2, 0.5), True),
        (ARROW, Point(0.8, 0.45), False),
        (ARROW, Point(0.8, 0.85), True),
    ],
)
def test_a_point_is_inside_or_not(polygon: list[Point], point: Point, inside: bool) -> None:
    assert contains(polygon, point) is inside
    assert contains(polygon[::-1], point) is inside


@given(boxes(), fraction, fraction)
def test_containment_agrees_with_a_box(box: Box, x: float, y: float) -> None:
    assume(min(abs(x - box.x1), abs(x - box.x2), abs(y - box.y1), abs(y - box.y2)) > 1e-9)
    corners = [Point(box.x1, box.y1), Point(box.x2, box.y1), Point(box.x2, box.y2), Point(box.x1, box.y2)]
    assert contains(corners, Point(x, y)) == (box.x1 < x < box.x2 and box.y1 < y < box.y2)


def test_area_whichever_way_round() -> None:
    assert polygon_area(SQUARE) == pytest.approx(0.16)
    assert polygon_area(SQUARE[::-1]) == pytest.approx(0.16)
    assert polygon_area(ARROW) == pytest.approx(0.48)


def test_bounds_surround_the_polygon() -> None:
    assert bounds(ARROW) == Box(0.1, 0.1, 0.9, 0.9)


@pytest.mark.parametrize(
    ("box", "fraction_covered"),
    [
        (Box(0.3, 0.3, 0.5, 0.5), 1.0),
        (Box(0.4, 0.3, 0.8, 0.5), 0.5),
        (Box(0.5, 0.5, 0.7, 0.7), 0.25),
        (Box(0.7, 0.7, 0.9, 0.9), 0.0),
        (Box(0.0, 0.0, 1.0, 1.0), 0.16),
        (Box(0.6, 0.2, 0.8, 0.6), 0.0),
    ],
)
def test_how_much_of_a_box_a_zone_covers(box: Box, fraction_covered: float) -> None:
    assert covered(box, SQUARE) == pytest.approx(fraction_covered)


@given(boxes())
def test_clipping_never_leaves_the_box(box: Box) -> None:
    for corner in clip_to_box(ARROW, box):
        assert box.x1 - 1e-9 <= corner.x <= box.x2 + 1e-9
        assert box.y1 - 1e-9 <= corner.y <= box.y2 + 1e-9
    assert 0 <= covered(box, ARROW) <= 1


@given(boxes(), boxes())
def test_overlap_is_the_same_both_ways(a: Box, b: Box) -> None:
    assert iou(a, b) == pytest.approx(iou(b, a))
    assert 0 <= iou(a, b) <= 1 + 1e-9
    assert iou(a, a) == pytest.approx(1)


def test_overlaps_of_many_boxes_at_once() -> None:
    a = np.array([[0, 0, 0.5, 0.5], [0.5, 0.5, 1, 1]])
    b = np.array([[0, 0, 0.5, 0.5], [0.25, 0, 0.75, 0.5], [0.6, 0.6, 0.7, 0.7]])
    assert pairwise_iou(a, b) == pytest.approx(np.array([[1, 1 / 3, 0], [0, 0, 0.04]]))
    assert pairwise_iou(a, np.empty((0, 4))).shape == (2, 0)


@given(boxes(), boxes())
def test_one_pair_is_worth_exactly_what_it_is_among_many(a: Box, b: Box) -> None:
    """Rules use both forms: a threshold between them must not decide otherwise."""
    among = pairwise_iou(np.array([a.as_tuple(), b.as_tuple()]), np.array([b.as_tuple(), a.as_tuple()]))
    assert among[0, 0] == iou(a, b) == iou(b, a)


@given(boxes(), boxes())
def test_what_is_shared_is_what_covers_a_box_of_corners(a: Box, b: Box) -> None:
    corners = [Point(b.x1, b.y1), Point(b.x2, b.y1), Point(b.x2, b.y2), Point(b.x1, b.y2)]
    assert shared(a, b) == pytest.approx(covered(a, corners) * a.area, abs=1e-9)


@given(st.lists(boxes(), min_size=1, max_size=30))
def test_the_mean_is_the_mean_of_the_corners(many: list[Box]) -> None:
    mean = np.array([box.as_tuple() for box in many]).mean(axis=0).round(4)
    assert mean_box(many).as_tuple() == tuple(mean.tolist())


def test_a_way_crosses_a_line_to_its_right_or_to_its_left() -> None:
    line = Point(0.2, 0.5), Point(0.8, 0.5)
    far, near = Point(0.5, 0.3), Point(0.4, 0.7)
    assert (crossing(line, far, near), crossing(line, near, far)) == (1, -1)
    assert crossing(line[::-1], far, near) == -1
    assert crossing(line, far, Point(0.6, 0.4)) == 0
    assert crossing(line, Point(0.9, 0.3), Point(0.95, 0.7)) == 0, "beside its end"
    assert crossing(line, near, near) == 0


@given(points, points, points, points)
@example(Point(1.5e-196, 0.0), Point(1.0, 0.0), Point(0.0, 0.0), Point(1.0, 1.0))
def test_who_comes_back_crosses_the_other_way(a: Point, b: Point, before: Point, after: Point) -> None:
    assert crossing((a, b), before, after) == -crossing((a, b), after, before)


@given(st.lists(fraction, min_size=2, max_size=8))
def test_a_line_is_crossed_as_often_as_its_sides_change(places: list[float]) -> None:
    line = Point(0.0, 0.5), Point(1.0, 0.5)
    steps = [crossing(line, Point(0.4, was), Point(0.4, now)) for was, now in pairwise(places)]
    assert sum(steps) == int(places[-1] > 0.5) - int(places[0] > 0.5)
