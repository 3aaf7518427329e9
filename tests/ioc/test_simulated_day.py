"""A simulated day is whole, believable and the same for the same seed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from ioc.__main__ import run_command
from ioc.simulated_day import write_day
from ioc.truth import read_truth
from streams.scene_day import PLACES, day
from streams.scene_play import Play, play
from streams.scene_script import SceneScript, load_script
from tests.streams.collisions import first_collision

HOURS = 0.1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("day")
    write_day(made, 8, HOURS, 1, lambda done: None)
    return made


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def scripts(folder: Path) -> list[SceneScript]:
    return [load_script(path) for path in sorted((folder / "scenes").iterdir())]


@pytest.fixture(scope="module")
def plays(folder: Path) -> dict[str, Play]:
    return {script.id: play(script) for script in scripts(folder)}


def test_there_is_a_script_a_truth_and_a_site_for_every_camera(folder: Path) -> None:
    names = [path.stem for path in sorted((folder / "scenes").iterdir())]
    assert [name.split("-")[2] for name in names] == list(PLACES)
    assert [path.stem for path in sorted((folder / "truth").iterdir())] == names
    assert run_command(["check-site", str(folder / "site.toml")]) == 0
    site = tomllib.loads((folder / "site.toml").read_text())
    assert [camera["id"] for camera in site["camera"]] == names
    assert all(camera["simulated"] and camera["location"] for camera in site["camera"])
    assert all(read_truth(path).duration_s == 360 for path in (folder / "truth").iterdir())


def test_the_same_seed_gives_the_same_day_and_another_seed_another(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        write_day(tmp_path / name, 2, 0.05, seed, lambda done: None)
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert files(tmp_path / "a") != files(tmp_path / "c")


def test_further_cameras_leave_the_first_ones_as_they_are() -> None:
    two, ten = list(day(2, 0.1, 1)), list(day(10, 0.1, 1))
    assert ten[:2] == two
    assert ten[8][0] == "day-09-street"
    assert ten[8][1] != ten[0][1]


def test_every_kind_is_owed_at_a_rate_of_two_hundred_an_hour(folder: Path) -> None:
    owed = [event.kind for path in (folder / "truth").iterdir() for event in read_truth(path).events]
    assert set(owed) == {"illegal_parking", "overcrowding", "littering", "fire", "smoke"}
    assert len(owed) >= 0.7 * 200 * HOURS


def test_no_two_vehicles_drive_through_one_another(plays: dict[str, Play]) -> None:
    assert {name: first_collision(played.scene, 1.0) for name, played in plays.items()} == dict.fromkeys(plays)


def test_it_holds_what_rules_must_bear(plays: dict[str, Play]) -> None:
    short = [s for played in plays.values() for s in played.stays if s.span[1] - s.span[0] < 15]
    assert len(short) >= 8, "stops too short to count"
    waiting = 0
    for t in range(0, 350, 5):
        actors = plays["day-03-junction"].scene.actors
        poses = [a.motion.at(float(t)) for a in actors if a.name.startswith("waiting")]
        waiting = max(waiting, sum(pose is not None and pose.speed < 0.1 for pose in poses))
    assert waiting >= 4, "a queue at red"


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert run_command(["simulate", "--day", str(tmp_path / "file"), "--hours", "0.05"]) == 1
    assert "cannot be made" in capsys.readouterr().err


def test_the_command_says_what_is_owed_and_how_to_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments: list[Any] = ["simulate", "--day", tmp_path / "day", "--cameras", 1, "--hours", 0.1]
    assert run_command(list(map(str, arguments))) == 0
    told = capsys.readouterr().out
    assert "1 cameras, 0.1 h each; owed: illegal_parking" in told
    assert f"ioc replay --site {tmp_path}/day/site.toml --video {tmp_path}/day/scenes" in told


def test_a_day_takes_no_script_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["simulate", "demo-kerb", "--day", str(tmp_path / "day")]) == 2
    assert "--day writes scripts of its own" in capsys.readouterr().err
