"""`ioc simulate` writes a recording, its truth and its site file, and says what is wrong with a script."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import cv2
import pytest

from ioc.__main__ import run_command
from ioc.site import load_site
from ioc.truth import read_truth
from streams.scene_demo import city_scripts
from tests.streams.scripts import STREET, write

SHORT: dict[str, Any] = {**STREET, "duration": 2, "parking": [{**STREET["parking"][0], "start": -9, "end": 9}]}


def simulate(*arguments: object) -> int:
    return run_command(["simulate", *map(str, arguments)])


def test_one_drawing_gives_video_pictures_and_their_truth(tmp_path: Path) -> None:
    script = write(tmp_path, SHORT)
    video, frames, boxes = tmp_path / "gate.mp4", tmp_path / "frames", tmp_path / "boxes.jsonl"
    truth = tmp_path / "gate.json"
    assert simulate(script, "--out", video, "--frames", frames, "--boxes", boxes, "--truth", truth) == 0
    assert read_truth(truth).clip == "gate.mp4"
    assert read_truth(truth).plates == (), "none is large enough to be read"
    with av.open(str(video)) as container:
        pictures = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    names = sorted(path.name for path in frames.iterdir())
    lines = [json.loads(line) for line in boxes.read_text().splitlines()]
    assert len(pictures) == len(names) == len(lines) == 20
    assert names[-1] == "000019.jpg"
    still = cv2.imread(str(frames / names[10]))
    assert still is not None
    assert abs(still.astype(int) - pictures[10]).mean() < 6
    assert (lines[10]["seq"], lines[10]["media_s"]) == (10, 1.0)
    (car,) = (thing for thing in lines[10]["objects"] if thing["track"] == "parking-0")
    assert car["label"] == "car"


def test_the_same_script_gives_the_same_bytes(tmp_path: Path) -> None:
    script = write(tmp_path, SHORT)
    for name in ("a", "b"):
        assert simulate(script, "--out", tmp_path / f"{name}.mp4", "--boxes", tmp_path / f"{name}.jsonl") == 0
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()


def test_truth_and_site_belong_to_the_recording(tmp_path: Path) -> None:
    script, video = write(tmp_path, {**SHORT, "duration": 15}), tmp_path / "gate.mp4"
    truth, site = tmp_path / "gate.json", tmp_path / "site.toml"
    assert simulate(script, "--truth", truth, "--site", site) == 0
    assert not video.exists(), "nothing is drawn for them"
    told = read_truth(truth)
    assert told.plates is None, "nobody looked"
    assert (told.clip, told.duration_s, [event.due_s for event in told.events]) == ("gate.toml", 15.0, [5.0])
    read = load_site(site)
    assert [(camera.id, camera.source, camera.simulated) for camera in read.camera] == [("gate", str(script), True)]
    assert run_command(["check-site", str(site)]) == 0
    assert run_command(["truth", "check", str(truth)]) == 0


def test_without_an_option_the_script_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate(write(tmp_path)) == 0
    told = capsys.readouterr().out
    assert "gate: 0:00:20 at 10 pictures a second, 192 × 112" in told
    assert "illegal_parking from 4 s is owed at 9 s" in told
    assert simulate(write(tmp_path, parking=[])) == 0
    assert "nothing is owed" in capsys.readouterr().out


def test_without_a_script_those_that_ship_are_named_and_can_be_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate() == 0
    names = capsys.readouterr().out.split()
    assert names == [path.stem for path in city_scripts()]
    assert simulate(names[0]) == 0
    assert capsys.readouterr().out.startswith(f"{names[0]}: ")


@pytest.mark.parametrize(
    ("changed", "lines"),
    [
        ({"colour": 1, "fps": 99}, ["gate.toml: fps: Input should be less than", "gate.toml: colour: unknown key"]),
        ({"rule": [{**STREET["rule"][0], "kind": "flying"}]}, ["gate.toml: rule[0].kind: unknown kind 'flying'"]),
        ({"rule": [{**STREET["rule"][0], "dwell": 3}]}, ["gate.toml: rule[0].dwell: unknown key"]),
    ],
)
def test_everything_that_is_wrong_is_listed(
    tmp_path: Path, changed: dict[str, Any], lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate(write(tmp_path, **changed)) == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == len(lines)
    assert all(line in whole for line, whole in zip(lines, told, strict=True))


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nowhere"], "nowhere: neither a scene script nor one that ships; there are: demo-"),
        (["nowhere.toml"], "nowhere.toml: No such file or directory; expected a scene script"),
        (["--out", "a.mp4"], "nothing to draw: name a script, such as demo-"),
    ],
)
def test_what_cannot_be_meant_names_the_way_out(
    arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate(*arguments) == 2
    assert line in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--out", "--boxes", "--frames", "--truth", "--site"])
def test_what_cannot_be_written_is_one_line(tmp_path: Path, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert simulate(write(tmp_path, SHORT), option, tmp_path / "file" / "x") == 1
    told = capsys.readouterr().err
    assert "cannot" in told
    assert len(told.splitlines()) == 1
    assert not list(tmp_path.glob(".*unfinished"))
