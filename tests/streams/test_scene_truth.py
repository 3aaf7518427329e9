"""What a script says of its scene agrees with what its pictures show."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from ioc.geometry import contains, iou
from ioc.types import Point
from streams.scene_play import Stay, play
from streams.scene_truth import PlateLog, box_of, on_picture, people_in, picture_truth, spans_where, stays_in
from tests.streams.scripts import BASE, STREET, script

QUIET = {**STREET, "lane": [{**STREET["lane"][0], "per_minute": 0}]}
SQUARE = {
    **BASE,
    "duration": 60,
    "view": {**BASE["view"], "size": [480, 270]},
    "zone": [{"name": "square", "ground": [[-5, 7], [5, 7], [5, 19], [-5, 19]]}],
    "gathering": [
        {"people": 9, "area": [-4, 8, 4, 18], "doors": [[-12, 12], [12, 12]], "start": 20, "end": 35, "over": 6}
    ],
}


def stays(duration: float = 20.0, **changed: object) -> list[Stay]:
    parsed = script(QUIET, duration=duration, **changed)
    return list(stays_in(play(parsed), parsed.zones[0].points))


def test_a_box_from_the_geometry_is_the_box_of_the_picture() -> None:
    (stay,) = stays()
    played = play(script(QUIET))
    (seen,) = (one for one in played.scene.picture(timedelta(seconds=9)).seen if one.actor == "parking-0")
    box = box_of(played, stay)
    assert box is not None
    assert iou(box, seen.detection.box) > 0.9


def test_a_place_on_the_ground_is_where_the_picture_shows_it() -> None:
    played = play(script(QUIET))
    place = on_picture(played, 0.0, 20.0)
    assert place is not None
    assert place.x == pytest.approx(0.5)
    assert on_picture(played, 0.0, -3.0) is None


def test_who_stands_elsewhere_is_not_in_the_zone() -> None:
    assert [stay.actor.name for stay in stays()] == ["parking-0"]
    assert stays(parking=[{**STREET["parking"][0], "where": [0.5, 15.0]}]) == []
    behind = {"who": "car", "where": [4.4, -15.0]}
    assert stays(parking=[], standing=[behind]) == []


def test_a_stay_is_cut_to_the_scene() -> None:
    always = {"who": "car", "where": [4.4, 12.0]}
    (stay,) = stays(parking=[], standing=[always])
    assert stay.span == (0.0, 20.0)


def test_in_a_scene_that_loops_a_stay_over_the_end_is_there_at_the_beginning_too() -> None:
    late = {**STREET["parking"][0], "start": 31.0, "end": 46.0}
    assert [stay.span for stay in stays(40.0, loop=True, parking=[late])] == [(0.0, 6.0), (31.0, 40.0)]
    assert [stay.span for stay in stays(40.0, loop=False, parking=[late])] == [(31.0, 40.0)]


def test_people_are_counted_by_where_they_stand() -> None:
    parsed = script(SQUARE)
    counts = people_in(play(parsed), parsed.zones[0].points, [0.0, 21.0, 27.5, 34.0, 59.9])
    assert counts == [0, 9, 9, 9, 0]
    seen = play(parsed).scene.picture(timedelta(seconds=30)).objects
    assert sum(contains(parsed.zones[0].points, one.box.foot) for one in seen if one.label == "person") >= 8


def test_without_a_zone_the_whole_picture_counts() -> None:
    parsed = script(
        SQUARE, gathering=[], standing=[{"who": "person", "where": [0, 12]}, {"who": "person", "where": [40, 12]}]
    )
    assert people_in(play(parsed), None, [3.0, 17.0]) == [1, 1]


def test_a_picture_is_told_with_the_names_of_what_it_shows() -> None:
    drawn = play(script(QUIET)).scene.picture(timedelta(seconds=9))
    told: dict[str, Any] = picture_truth(drawn, 90, 9.0)
    assert (told["seq"], told["media_s"], told["fault"]) == (90, 9.0, None)
    (thing,) = (thing for thing in told["objects"] if thing["track"] == "parking-0")
    assert thing["label"] == "car"
    assert len(thing["box"]) == 4


def test_spans_are_found_at_both_ends() -> None:
    assert spans_where(np.array([True, True, False, True]), 0.5) == [(0.0, 1.0), (1.5, 2.0)]
    assert spans_where(np.zeros(3, bool), 0.5) == []


def test_zones_may_be_any_polygon() -> None:
    parsed = script(QUIET)
    all_of_it = (Point(0, 0), Point(1, 0), Point(1, 1), Point(0, 1))
    assert len(list(stays_in(play(parsed), all_of_it))) == 1


def test_a_plate_passes_for_as_long_as_it_can_be_read() -> None:
    drives = {"who": "car", "path": [[0, 0, 40], [10, 0, 2]], "plate": ["98A-123.45", "white"]}
    near = {**BASE["view"], "position": [0, 0, 3], "size": [1280, 720]}
    scene = play(script(BASE, view=near, moving=[drives])).scene
    log = PlateLog()
    for t in range(60, 100, 2):
        log.take(scene.picture(timedelta(seconds=t / 10)), t / 10)
    ((text, first, last),) = log.passes
    assert text == "98A12345"
    assert 6 < first < last < 10
