"""`ioc bench seers`: every seer is measured beside the yardstick, and what it costs adds up."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from ioc import clock
from ioc.__main__ import run_command
from ioc.bench_seers import DECODE, OBJECTS, Cost, Watch, as_recording
from ioc.errors import UsageError
from ioc.seers import SEERS
from ioc.types import Detection, Frame, Json, Reading
from models.asking import asks
from streams.scene_demo import city_scripts
from streams.sources import seconds_of
from tests.ioc.drawn import ListedFrames, OneCarEverywhere, frame


def busy(seconds: float) -> None:
    """Use the processor for so long."""
    began = clock.processor_seconds()
    while clock.processor_seconds() - began < seconds:
        pass


class Model:
    """A network that takes four milliseconds a look."""

    @asks
    def maps(self, shown: Sequence[Frame]) -> None:
        """Look at each."""
        busy(0.004 * len(shown))


class Seer:
    """Works a millisecond on each picture, and asks about every other one."""

    def __init__(self) -> None:
        self.found: list[Sequence[Detection]] = []

    def look(self, frames: Sequence[Frame], found: Sequence[Sequence[Detection]]) -> list[tuple[Reading, ...]]:
        self.found += found
        busy(0.001)
        Model().maps([one for one in frames if one.seq % 10])
        return [() for _ in frames]

    def describe(self) -> dict[str, Json]:
        return {}

    def ran(self) -> list[dict[str, str]]:
        return []


def told(stages: Sequence[Cost]) -> dict[str, Cost]:
    return {cost.stage: cost for cost in stages}


def test_own_work_and_looks_are_told_apart_and_add_up() -> None:
    seer, steps = Seer(), []
    watch = Watch(OneCarEverywhere(), {"light": seer})
    recording = ListedFrames([frame(n, n / 25) for n in range(101)])
    found = watch.measure(recording, 5.0, 60.0, lambda: steps.append(1))
    assert (found.pictures, len(steps), found.seconds, found.size) == (20, 20, 4.0, (64, 36))
    assert [cost.stage for cost in found.stages] == [DECODE, OBJECTS, "light"]
    light = told(found.stages)["light"]
    assert 1 <= light.own_ms < 3
    assert light.looks_a_second == 2.5
    assert light.look_ms is not None
    assert 4 <= light.look_ms < 8
    assert light.all_ms == pytest.approx(light.own_ms + light.look_ms / 2)
    assert told(found.stages)[OBJECTS].look_ms is None, "this one asks no network"
    assert [len(detections) for detections in seer.found] == [1] * 21, "seers are shown what was detected"


def test_the_first_picture_is_not_counted_and_time_is_up_when_it_is() -> None:
    watch = Watch(OneCarEverywhere(), {})
    found = watch.measure(ListedFrames([frame(n, n / 5) for n in range(50)]), 5.0, 2.0, lambda: None)
    assert (found.pictures, found.seconds) == (10, 2.0)


@pytest.mark.parametrize("pictures", [0, 1])
def test_a_recording_without_time_cannot_be_measured(pictures: int) -> None:
    watch = Watch(OneCarEverywhere(), {})
    with pytest.raises(UsageError, match="holds no time to be measured"):
        watch.measure(ListedFrames([frame(n, n / 5) for n in range(pictures)]), 5.0, 2.0, lambda: None)


def test_a_scene_script_is_drawn_as_far_as_it_is_looked_at(tmp_path: Path) -> None:
    script = next(path for path in city_scripts() if path.stem == "demo-kerb")
    drawn = as_recording(script, 1.0, tmp_path)
    assert drawn.parent == tmp_path
    assert 1.0 < seconds_of(drawn) <= 2.5
    assert as_recording(drawn, 1.0, tmp_path / "elsewhere") == drawn


def test_everything_that_reads_pictures_is_measured(kerb_clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["bench", "seers", "--video", str(kerb_clip), "--seconds", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["video"], found["size"], found["pictures"], found["rate"]) == (kerb_clip.name, [640, 360], 10, 5.0)
    stages = {row["stage"]: row for row in found["stages"]}
    assert stages.keys() == {DECODE, OBJECTS, *SEERS}
    assert stages[OBJECTS]["looks_a_second"] == pytest.approx(5.0)
    assert stages["camera_health"]["looks_a_second"] == 0
    assert 1 <= stages["hazard"]["looks_a_second"] <= 6
    for row in stages.values():
        looks = row["looks_a_second"] / found["rate"] * (row["look_ms"] or 0.0)
        assert row["all_ms"] == pytest.approx(row["own_ms"] + looks, rel=0.01)


def test_it_is_told_as_a_table(
    kerb_clip: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch(OneCarEverywhere(), {"light": Seer()})
    monkeypatch.setattr("ioc.bench_seers.watch_of_all", lambda: (watch, 5.0))
    assert run_command(["bench", "seers", "--video", str(kerb_clip), "--seconds", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == f"{kerb_clip.name}, 640 × 360, 1 s, 5 pictures looked at"
    assert lines[2].split() == ["own", "ms", "looks", "a", "second", "ms", "a", "look", "all", "ms", "×", "objects"]
    assert [line.split()[0] for line in lines[3:]] == [DECODE, OBJECTS, "light"]
    assert lines[3].split()[2:4] == ["0.000", "–"]


def test_a_recording_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["bench", "seers", "--video", str(tmp_path / "absent.mp4")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "absent.mp4" in line
    assert run_command(["bench", "seers", "--video", str(tmp_path / "absent.toml")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "absent.toml" in line
