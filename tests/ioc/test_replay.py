"""`ioc replay` over a drawn recording: the alert, the same bytes each time, and the tape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from alerts.wire import AlertMessage
from ioc.__main__ import run_command
from ioc.tape import read_tape
from models.manifest import load_manifest
from streams.scenes import DemoCamera
from tests.ioc.kerb_site import kerb_site


def replay(site: Path, out: Path, *options: str | Path) -> int:
    return run_command(["replay", "--site", str(site), "--camera", "c1", "--out", str(out), *map(str, options)])


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def replayed(kerb: DemoCamera, kerb_clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a site, the alerts of the recording, and its tape."""
    folder = tmp_path_factory.mktemp("replayed")
    site = kerb_site(folder, kerb)
    assert replay(site, folder / "alerts.jsonl", "--video", kerb_clip, "--tape", folder / "kerb.tape") == 0
    return folder


def test_the_parked_car_is_told_of_once_and_when_due(replayed: Path) -> None:
    raised = [line for line in lines_of(replayed / "alerts.jsonl") if line["phase"] == "raised"]
    assert [line["kind"] for line in raised] == ["illegal_parking"]
    assert 12 <= raised[0]["media_s"] <= 16
    assert raised[0]["details"]["label"] == "car"


def test_each_line_is_a_wire_message_and_its_media_time(replayed: Path) -> None:
    for line in lines_of(replayed / "alerts.jsonl"):
        assert isinstance(line.pop("media_s"), float)
        message = AlertMessage.model_validate(line)
        assert (message.site, message.camera, message.rule) == ("site", "c1", "no-parking")


def test_the_same_recording_gives_the_same_bytes(replayed: Path, kerb_clip: Path) -> None:
    again, tape = replayed / "again.jsonl", replayed / "again.tape"
    assert replay(replayed / "site.toml", again, "--video", kerb_clip, "--tape", tape) == 0
    assert again.read_bytes() == (replayed / "alerts.jsonl").read_bytes()
    assert tape.read_bytes() == (replayed / "kerb.tape").read_bytes()


def test_its_tape_gives_the_same_bytes(replayed: Path) -> None:
    folded = replayed / "folded.jsonl"
    assert replay(replayed / "site.toml", folded, "--tape", replayed / "kerb.tape") == 0
    assert folded.read_bytes() == (replayed / "alerts.jsonl").read_bytes()


def test_a_tape_says_what_it_was_made_of(replayed: Path, kerb_clip: Path) -> None:
    header = read_tape(replayed / "kerb.tape").header
    assert (header.camera, header.clip) == ("c1", kerb_clip.name)
    assert header.models[0]["name"] == "road"
    assert header.sampler == {"rate_hz": 5.0}


def test_tape_and_alerts_say_which_weights_ran_and_it_is_floats_unless_asked(replayed: Path) -> None:
    (ran,) = read_tape(replayed / "kerb.tape").header.models
    road = load_manifest().named("road")
    assert (ran["sha256"], ran["variant"], ran["provider"]) == (road.sha256, "float32", "cpu")
    said = {key: ran[key] for key in ("name", "sha256", "provider", "variant")}
    lines = lines_of(replayed / "alerts.jsonl")
    assert lines
    assert all(line["models"] == [said] for line in lines)
    assert not list(replayed.rglob("variants.json"))


def test_a_tape_made_of_the_same_is_used_again_and_another_one_is_not(
    replayed: Path, kerb: DemoCamera, kerb_clip: Path, tmp_path: Path
) -> None:
    tape = tmp_path / "kerb.tape"
    tape.write_bytes((replayed / "kerb.tape").read_bytes())
    before = tape.stat().st_ino
    site = kerb_site(tmp_path, kerb, after="PT20S")
    assert replay(site, tmp_path / "a.jsonl", "--video", kerb_clip, "--tape", tape) == 0
    assert tape.stat().st_ino == before
    raised = lines_of(tmp_path / "a.jsonl")[0]
    assert raised["media_s"] >= 24

    site = kerb_site(tmp_path, kerb, more="[inference]\nrate = 2\n")
    assert replay(site, tmp_path / "b.jsonl", "--video", kerb_clip, "--tape", tape) == 0
    assert tape.stat().st_ino != before
    assert read_tape(tape).header.sampler == {"rate_hz": 2.0}


@pytest.mark.parametrize(
    ("options", "code", "expected"),
    [
        ((), 2, "give --video FILE, --tape FILE, or both"),
        (("--video", "absent.mp4"), 1, "absent.mp4"),
        (("--tape", "absent.tape"), 1, "make it with `ioc replay --video"),
        (("--tape", "site.toml"), 1, "not a whole tape"),
        (("--video", "empty.mp4"), 1, "empty.mp4"),
        (("--video", "text.mp4"), 1, "text.mp4"),
    ],
)
def test_what_cannot_be_replayed_is_one_line(
    tmp_path: Path,
    kerb: DemoCamera,
    options: tuple[str, ...],
    code: int,
    expected: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    site = kerb_site(tmp_path, kerb)
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("no video")
    out = tmp_path / "out.jsonl"
    given = [option if option.startswith("--") else str(tmp_path / option) for option in options]
    assert replay(site, out, *given) == code
    (line,) = capsys.readouterr().err.splitlines()
    assert expected in line
    assert not out.exists()


def test_a_tape_of_another_camera_is_refused(
    replayed: Path, kerb: DemoCamera, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = kerb_site(tmp_path, kerb)
    site.write_text(site.read_text(encoding="utf-8").replace('"c1"', '"c2"'), encoding="utf-8")
    command = ["replay", "--site", str(site), "--camera", "c2", "--out", str(tmp_path / "o"), "--tape"]
    assert run_command([*command, str(replayed / "kerb.tape")]) == 2
    assert "was made for camera 'c1', not 'c2'" in capsys.readouterr().err


def test_a_tape_that_is_something_else_is_not_overwritten(
    kerb: DemoCamera, kerb_clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = kerb_site(tmp_path, kerb)
    text = site.read_bytes()
    assert replay(site, tmp_path / "out.jsonl", "--video", kerb_clip, "--tape", site) == 1
    assert site.read_bytes() == text
    assert "not a whole tape" in capsys.readouterr().err


def test_alerts_that_cannot_be_written_are_one_line(
    replayed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "absent" / "alerts.jsonl"
    assert replay(replayed / "site.toml", out, "--tape", replayed / "kerb.tape") == 1
    assert "cannot be written" in capsys.readouterr().err
