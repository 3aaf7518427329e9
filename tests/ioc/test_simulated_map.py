"""The streets that are invented around simulated cameras."""

from __future__ import annotations

import json
from math import cos, hypot, radians
from pathlib import Path

import pytest

from dashboard.map_file import read_map
from ioc.simulated_map import APART_M, DEGREE_M, city_map, write_map

PLACES = [(21.270, 106.190), (21.2795, 106.194), (21.268, 106.203), (21.2701, 106.1901)]


def distance(place: tuple[float, float], line: list[list[float]]) -> float:
    """Return how many metres a place (latitude, longitude) lies from the line through two points."""
    shrink = cos(radians(place[0]))
    (ax, ay), (bx, by) = (
        ((lon - place[1]) * DEGREE_M * shrink, (lat - place[0]) * DEGREE_M) for lon, lat in (line[0], line[-1])
    )
    return abs(ax * by - bx * ay) / hypot(bx - ax, by - ay)


def test_each_camera_stands_at_a_crossing_of_larger_streets(tmp_path: Path) -> None:
    kept = json.loads(read_map(write_map(PLACES, tmp_path / "streets.geojson")).content)
    for place in PLACES:
        near = [line for line in kept["lines"]["main"] if distance(place, line) < APART_M / 4]
        assert len(near) >= 2


def test_no_gap_between_streets_is_wide_and_there_is_a_river_and_a_park(tmp_path: Path) -> None:
    lines = json.loads(read_map(write_map(PLACES, tmp_path / "streets.geojson")).content)["lines"]
    assert set(lines) == {"main", "road", "water", "green"}
    streets = lines["main"] + lines["road"]
    for place in (*PLACES, (21.275, 106.197)):
        assert sorted(distance(place, line) for line in streets)[1] <= APART_M
    assert all(ring[0] == ring[-1] for ring in lines["water"] + lines["green"])


def test_the_map_says_that_it_is_simulated_and_is_the_same_each_time() -> None:
    assert city_map(PLACES) == city_map(PLACES)
    assert city_map(PLACES)["attribution"].startswith("Simulated streets")


@pytest.mark.parametrize("places", [PLACES[:1], [(0.0, 0.0)] * 3, [(-33.9, 151.2), (-33.8, 151.3)]])
def test_one_camera_or_many_anywhere_have_a_map(places: list[tuple[float, float]], tmp_path: Path) -> None:
    assert b"main" in read_map(write_map(places, tmp_path / "streets.geojson")).content
