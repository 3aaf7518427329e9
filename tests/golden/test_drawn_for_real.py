"""A scene drawn and looked at for real, again and again: the same script gives the same bytes, and its alert."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ioc.__main__ import run_command
from ioc.simulated_site import site_table
from ioc.toml_text import to_toml
from streams.scene_script import load_script
from tests.golden.cases import read_alerts
from tests.streams.scripts import BASE, STREET, write

SETTINGS = {"rate": 2.0, "size": 416}
VIEW = {**BASE["view"], "size": [480, 272]}


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of two scripts that differ in their traffic's seed, and the site that watches them."""
    folder = tmp_path_factory.mktemp("scenes")
    (folder / "clips").mkdir()
    (rule,) = STREET["rule"]
    written = [
        write(folder / "clips", name=name, seed=seed, duration=12, view=VIEW, rule=[{**rule, "name": f"kerb-{name}"}])
        for name, seed in (("a", 101), ("b", 202))
    ]
    table = site_table([load_script(path) for path in written], inference=SETTINGS)
    (folder / "site.toml").write_text(to_toml(table), encoding="utf-8")
    return folder


def replayed(scenes: Path, name: str, jobs: int) -> dict[str, bytes]:
    """Draw and replay both scenes; return all that was written."""
    out, kept = scenes / name / "alerts", scenes / name / "tapes"
    options: list[Any] = ["--video", scenes / "clips", "--out", out, "--tape", kept, "--jobs", jobs]
    assert run_command(["replay", "--site", str(scenes / "site.toml"), *map(str, options)]) == 0
    return {path.name: path.read_bytes() for folder in (out, kept) for path in folder.iterdir()}


@pytest.fixture(scope="module")
def once(scenes: Path) -> dict[str, bytes]:
    return replayed(scenes, "once", jobs=1)


def test_two_runs_and_two_numbers_of_workers_give_the_same_bytes(scenes: Path, once: dict[str, bytes]) -> None:
    assert sorted(once) == ["a.jsonl", "a.tape", "b.jsonl", "b.tape"]
    assert replayed(scenes, "again", jobs=1) == once
    assert replayed(scenes, "by two", jobs=2) == once


def test_the_car_that_the_script_parks_is_told_of_when_it_is_due(scenes: Path, once: dict[str, bytes]) -> None:
    for name in ("a", "b"):
        raised = read_alerts(scenes / "once" / "alerts" / f"{name}.jsonl")
        assert [(alert["kind"], alert["camera"], alert["phase"]) for alert in raised] == [
            ("illegal_parking", name, "raised")
        ]
        assert 8.5 <= raised[0]["media_s"] <= 11


def test_another_seed_is_another_street(once: dict[str, bytes]) -> None:
    assert once["a.tape"] != once["b.tape"]
