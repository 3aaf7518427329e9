"""The seer of water: when it looks, what it tells of zones, and what of rulers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ioc.geometry import widened
from ioc.rulers import Ruler
from ioc.types import Box, Detection, Frame, Image, Point, Reading
from models.flood_sight import FloodSight, Zones
from models.waterline import strip_profile
from tests.models.drawn_map import CELL, model

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HEIGHT, WIDTH = 160, 320
LOWER = (Point(0, 0.5), Point(1, 0.5), Point(1, 1), Point(0, 1))
RIGHT = (Point(0.5, 0), Point(1, 0), Point(1, 1), Point(0.5, 1))
BARE = Ruler("wall", Point(0.25, 1.0), Point(0.25, 0.0), width=0.1, marks=((0.0, 0.0), (1.0, 200.0)))


def street(rows: int = 0, *, rough: float = 0.0, smooth_water: bool = False) -> Image:
    """A grey street whose lowest `rows` of cells are blue water; the street, and the water unless smooth, are rough."""
    noise = np.random.default_rng(3).normal(0, rough, (HEIGHT, WIDTH, 1))
    top = HEIGHT - rows * CELL
    image = np.full((HEIGHT, WIDTH, 3), 120.0)
    image[top:] = (230, 60, 60)
    if smooth_water:
        noise[top:] = 0
    return np.asarray(np.clip(image + noise, 0, 255), np.uint8)


def frame(seconds: float, image: Image | None = None, camera: str = "quay", run: str = "r") -> Frame:
    at = START + timedelta(seconds=seconds)
    return Frame(camera, run, round(seconds * 5), at, street() if image is None else image)


@pytest.fixture
def sight(tmp_path: Path) -> FloodSight:
    ruler = Ruler(**{**vars(BARE), "dry": tuple(map(float, strip_profile(street(), BARE)))})
    zones: dict[str, Zones] = {"quay": {"lower": LOWER, "right": RIGHT, None: None}, "bridge": {None: None}}
    return FloodSight(model(tmp_path), zones, {"quay": [ruler], "pier": [ruler]})


def values(readings: tuple[Reading, ...], kind: str = "water") -> dict[str, Any]:
    """Return what is read, by the zones' or the rulers' names."""
    found: dict[str, Any] = {}
    for reading in readings:
        value: Any = reading.value
        if reading.kind == kind:
            found[value.get("zone", value.get("ruler"))] = value
    return found


def test_the_share_of_each_zone_that_is_under_water_is_told(sight: FloodSight) -> None:
    (read,) = sight.look([frame(0, street(5))], [()])
    assert {name: value["share"] for name, value in values(read).items()} == {"lower": 0.5, "right": 0.25, "": 0.25}
    assert [reading.box for reading in read][:3] == [Box(0, 0.5, 1, 1), Box(0.5, 0, 1, 1), Box(0, 0, 1, 1)]


def test_a_dry_street_has_none(sight: FloodSight) -> None:
    (read,) = sight.look([frame(0)], [()])
    assert all((value["share"], value["detail"]) == (0, 1) for value in values(read).values())


def test_it_tells_smooth_water_from_rough(sight: FloodSight) -> None:
    rough, smooth = (street(5, rough=12, smooth_water=one) for one in (False, True))
    (read, other) = sight.look([frame(0, rough), frame(5, smooth)], [(), ()])
    assert values(read)["lower"]["detail"] == pytest.approx(1, abs=0.25)
    assert values(other)["lower"]["detail"] < 0.35


def test_where_all_of_a_zone_is_under_water_its_detail_is_compared_with_nothing(sight: FloodSight) -> None:
    (read,) = sight.look([frame(0, street(20, rough=12))], [()])
    assert values(read)["lower"] == {"zone": "lower", "share": 1.0, "detail": 1.0}


@pytest.mark.parametrize(("rate", "looks"), [(1, 10), (5, 10), (25, 10)])
def test_how_often_is_looked_follows_time_and_no_count_of_pictures(sight: FloodSight, rate: float, looks: int) -> None:
    frames = [frame(n / rate) for n in range(round(20 * rate))]
    assert sum(bool(read) for read in sight.look(frames, [()] * len(frames))) == looks


def test_each_camera_has_its_own_time_and_a_new_run_is_looked_at_at_once(sight: FloodSight) -> None:
    frames = [frame(0), frame(0.1, camera="bridge"), frame(0.2), frame(0.3, run="later"), frame(0.4, run="later")]
    assert [bool(read) for read in sight.look(frames, [()] * 5)] == [True, True, False, True, False]


def test_a_ruler_tells_how_deep_it_is(sight: FloodSight) -> None:
    dry, wet = sight.look([frame(0), frame(2, street(8))], [(), ()])
    assert values(dry, "water_level") == {"wall": {"ruler": "wall", "depth_cm": 0.0}}
    assert values(wet, "water_level")["wall"]["depth_cm"] == pytest.approx(80, abs=5)


def test_a_ruler_that_something_hides_tells_nothing(sight: FloodSight) -> None:
    lorry = Detection("truck", 0.8, Box(0.1, 0.4, 0.9, 1.0))
    far = Detection("truck", 0.8, Box(0.5, 0.5, 0.9, 1.0))
    faint = Detection("truck", 0.1, Box(0.1, 0.4, 0.9, 1.0))
    itself = Detection("motorcycle", 0.8, widened(BARE.box, 0.1, 0.1))
    things = [(lorry,), (far,), (faint,), (itself,)]
    seen = sight.look([frame(2 * n) for n in range(len(things))], things)
    assert [bool(values(read, "water_level")) for read in seen] == [False, True, True, True]


def test_a_camera_that_is_only_read_at_its_ruler_asks_no_network(sight: FloodSight) -> None:
    (read,) = sight.look([frame(0, street(5), camera="pier")], [()])
    assert [reading.kind for reading in read] == ["water_level"]


def test_what_decides_is_described(sight: FloodSight) -> None:
    told = sight.describe()
    assert (told["reads"], told["every_s"]) == ("water", 2.0)
    (ran,) = sight.ran()
    assert ran.items() <= told.items()
