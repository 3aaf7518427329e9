"""The seer of densities: whom it looks at and when, and what it tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ioc.types import Box, Detection, Frame, Image, Point, Reading
from models.crowd_sight import CrowdSight
from tests.models.drawn_map import CELL, model

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HEIGHT, WIDTH = 160, 320
RIGHT = (Point(0.5, 0), Point(1, 0), Point(1, 1), Point(0.5, 1))


def heads(*cells: tuple[int, int]) -> Image:
    """A grey picture with a blue cell (row, column) for each head."""
    image = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    for row, column in cells:
        image[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL] = (255, 0, 0)
    return image


def frame(seconds: float, image: Image | None = None, camera: str = "square", run: str = "r") -> Frame:
    at = START + timedelta(seconds=seconds)
    return Frame(camera, run, round(seconds * 5), at, heads() if image is None else image)


@pytest.fixture
def sight(tmp_path: Path) -> CrowdSight:
    counter = model(tmp_path, layout="density", labels=["heads"])
    return CrowdSight(counter, {"square": {None: None, "right": RIGHT}, "bridge": {None: None}})


def value_of(readings: tuple[Reading, ...]) -> Any:
    """Return what the one reading says."""
    (reading,) = readings
    assert (reading.kind, reading.score, reading.box) == ("density", 1.0, None)
    return reading.value


def test_people_are_counted_in_the_zones_that_are_watched(sight: CrowdSight) -> None:
    (read,) = sight.look([frame(0, heads((2, 5), (3, 30), (9, 35)))], [()])
    value = value_of(read)
    assert value["people"] == {"": 3.0, "right": 2.0}
    assert np.array(value["heat"]).shape == (9, 16)
    assert np.sum(value["heat"]) == pytest.approx(3)


def test_whoever_is_found_counts_once_and_only_when_surely_a_person(sight: CrowdSight) -> None:
    people = (
        Detection("person", 0.5, Box(0.125, 0.1, 0.15, 0.5)),
        Detection("person", 0.5, Box(0.8, 0.1, 0.85, 0.5)),
        Detection("person", 0.2, Box(0.3, 0.1, 0.35, 0.5)),
        Detection("car", 0.9, Box(0.6, 0.1, 0.75, 0.5)),
    )
    (read,) = sight.look([frame(0, heads((2, 5), (3, 30)))], [people])
    assert value_of(read)["people"] == {"": 3.0, "right": 2.0}


@pytest.mark.parametrize(("rate", "looks"), [(2, 20), (5, 17), (25, 21)])
def test_how_often_is_looked_follows_time_and_no_count_of_pictures(sight: CrowdSight, rate: float, looks: int) -> None:
    frames = [frame(n / rate) for n in range(round(10 * rate))]
    read = sight.look(frames, [()] * len(frames))
    assert sum(map(len, read)) == looks


def test_each_camera_has_its_own_time_and_a_new_run_is_looked_at_at_once(sight: CrowdSight) -> None:
    frames = [frame(0), frame(0.1, camera="bridge"), frame(0.2), frame(0.3, run="later"), frame(0.4, run="later")]
    assert [len(read) for read in sight.look(frames, [()] * 5)] == [1, 1, 0, 1, 0]


def test_no_frames_give_no_readings(sight: CrowdSight) -> None:
    assert sight.look([], []) == []


def test_what_decides_is_described(sight: CrowdSight) -> None:
    told = sight.describe()
    assert told["reads"] == "density"
    assert told["size"] == 320
    assert told["zones"] == {
        "square": {"": [], "right": [[0.5, 0], [1, 0], [1, 1], [0.5, 1]]},
        "bridge": {"": []},
    }
    (ran,) = sight.ran()
    assert ran["name"] == "map"
    assert ran.items() <= told.items()
