"""A script is checked when it is read, and what is wrong is said in one line."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ioc.errors import UsageError
from ioc.types import Point
from streams.scene_places import Wall
from streams.scene_script import SceneScript, load_script, parse_script
from streams.scene_script_parts import (
    Dumping,
    Gathering,
    Lane,
    Leaving,
    LightPart,
    Moving,
    Parking,
    Signal,
    Standing,
    ViewPart,
)
from tests.streams.scripts import BASE, STREET, script, write


def test_a_camera_is_named_like_its_file_and_says_that_it_is_simulated(tmp_path: Path) -> None:
    read = load_script(write(tmp_path, name="bg-017"))
    assert (read.id, read.duration, read.fps, read.loop) == ("bg-017", timedelta(seconds=20), 10, False)
    assert read.place.walls == (Wall("y", 60.0, -40.0, 40.0),)


def test_durations_are_seconds_or_iso() -> None:
    assert script(duration="PT1M30S").seconds == 90.0


def test_a_zone_on_the_ground_becomes_fractions_of_the_frame() -> None:
    (zone,) = script().zones
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in zone.polygon)
    left, right = min(x for x, _ in zone.polygon), max(x for x, _ in zone.polygon)
    assert 0.5 < left < right <= 1, "it lies to the right of the camera"


def test_a_zone_may_be_given_in_fractions_as_in_the_site_file() -> None:
    zones = script(BASE, zone=[{"name": "all", "polygon": [[0, 0], [1, 0], [1, 1]]}]).zones
    assert zones[0].points == (Point(0, 0), Point(1, 0), Point(1, 1))


def test_a_rule_keeps_the_keys_of_its_kind() -> None:
    assert script().rule[0].entry == {
        "name": "no-parking", "kind": "illegal_parking", "zone": "kerb", "after": "PT5S",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"colour": 3}, "gate.toml: colour: unknown key; check its spelling against docs/simulator.md"),
        ({"duration": 0}, "gate.toml: duration: Input should be greater than 0"),
        ({"view": {"position": [0, 0, 5], "tilt": 3}}, "gate.toml: view.tilt: unknown key"),
        ({"view": {"pitch": 20}}, "gate.toml: view.position: is missing"),
        ({"place": {**BASE["place"], "lakes": 1}}, "gate.toml: place.lakes: unknown key"),
        ({"light": {"like": "noon"}}, "gate.toml: light.like: Input should be 'sunny'"),
        ({"zone": [{"name": "kerb"}]}, "gate.toml: zone[0]: expected either polygon"),
        (
            {"zone": [{"name": "kerb", "ground": [[0, -90], [1, -90], [1, -91]]}]},
            "gate.toml: zone[0]: the picture shows none of it",
        ),
        (
            {"zone": [{"name": "kerb", "ground": [[0, -5], [1, -5], [1, 20]]}]},
            "gate.toml: zone[0]: the picture shows none of it, or it reaches behind the camera",
        ),
        (
            {"zone": [{"name": "kerb", "ground": [[90, 9], [91, 9], [91, 10]]}]},
            "gate.toml: zone[0]: the picture shows none of it",
        ),
        ({"zone": []}, "gate.toml: rule[0].zone: there is no 'kerb'; there are: none"),
        ({"lane": []}, "gate.toml: parking[0].lane: there is no 'out'; there are: none"),
        ({"lane": STREET["lane"] * 2}, "gate.toml: lane: names must differ, 'out' stands twice"),
        (
            {"lane": [{**STREET["lane"][0], "signal": {"stop": 3, "cycle": 30, "red": [20, 40]}}]},
            "gate.toml: lane[0].signal: red: expected two times that rise within the cycle",
        ),
        ({"lane": [{**STREET["lane"][0], "mix": {"bag": 1}}]}, "gate.toml: lane[0]: mix: a bag does not move"),
        ({"lane": [{**STREET["lane"][0], "mix": {"tram": 1}}]}, "gate.toml: lane[0].mix.tram"),
        (
            {"parking": [{**STREET["parking"][0], "end": 4}]},
            "gate.toml: parking[0].end: expected a time after start",
        ),
        ({"lane": [{**STREET["lane"][0], "mix": {}}]}, "gate.toml: lane[0].mix: Dictionary should have at least 1"),
        (
            {"parking": [{**STREET["parking"][0], "look": "tank"}]},
            "gate.toml: parking[0]: look: there is no 'tank' for it; there are: sedan, hatchback",
        ),
        (
            {"standing": [{"who": "bus", "where": [0, 9], "look": "box"}]},
            "gate.toml: standing[0]: look: there is no 'box' for it; there are: none",
        ),
        (
            {"parking": [{**STREET["parking"][0], "plate": ["98I-123.45", "white"]}]},
            "gate.toml: parking[0].plate: no plate bears 'I'",
        ),
        (
            {"leaving": [{"path": [[0, 0, 9], [9, 9, 9]], "left": 5, "taken": 5}]},
            "gate.toml: leaving[0]: taken: expected a time after left",
        ),
        (
            {"moving": [{"who": "car", "path": [[0, 0, 0], [0, 1, 1]]}]},
            "gate.toml: moving[0].path: expected times that rise",
        ),
        ({"fault": [{"kind": "black", "start": 3, "end": 2}]}, "gate.toml: fault[0].end: expected a time after start"),
        (
            {"gathering": [{"people": 0, "area": [0, 0, 1, 1], "doors": [[0, 0]], "start": 1, "end": 2}]},
            "gate.toml: gathering[0].people: Input should be greater than or equal to 1, got 0",
        ),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(changed: dict[str, Any], line: str) -> None:
    with pytest.raises(UsageError) as refused:
        script(**changed)
    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "No such file or directory"), (b"name = \xff", "not TOML"), (b"name = ", "not TOML")],
)
def test_a_file_that_is_none_names_the_way_out(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "gate.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=rf"gate.toml: {reason}.*see docs/simulator.md"):
        load_script(path)


PAGE = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text(encoding="utf-8")


def test_the_example_of_the_page_is_a_script() -> None:
    example = PAGE.split("```toml")[1].split("```")[0]
    read = parse_script(tomllib.loads(example), Path("gate.toml"))
    assert read.parking
    assert read.zones


def test_the_page_explains_every_key() -> None:
    for key in SceneScript.model_fields:
        assert f"`{key}`" in PAGE or f"`[[{key}]]`" in PAGE or f"`[{key}]`" in PAGE, key
    for part in (Lane, Signal, Parking, Standing, Moving, Gathering, Leaving, Dumping, ViewPart, LightPart):
        for key in part.model_fields:
            assert f"`{key}`" in PAGE, f"{part.__name__}.{key}"
