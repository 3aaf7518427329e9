"""`ioc truth` as a person meets it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ioc.__main__ import run_command
from ioc.commands.truth import new
from ioc.errors import UsageError
from streams.scenes import DemoCamera
from tests.ioc.kerb_site import kerb_site
from tests.ioc.test_commands import complaint
from tests.ioc.test_truth import FIRE, written
from tests.streams.drawn_video import draw


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Return a recording of two seconds."""
    return draw(tmp_path / "gate.mp4", 50)


def test_a_new_truth_is_filled_in_and_then_good(
    tmp_path: Path, clip: Path, kerb: DemoCamera, capsys: pytest.CaptureFixture[str]
) -> None:
    site = kerb_site(tmp_path, kerb)
    out = tmp_path / "truth.json"
    command = ["truth", "new", "--clip", str(clip), "--out", str(out), "--site", str(site), "--camera", "c1"]
    assert run_command(command) == 0
    made = json.loads(out.read_text(encoding="utf-8"))
    assert made["duration_s"] == pytest.approx(2, abs=0.01)
    assert [zone["name"] for zone in made["zones"]] == ["kerb"]
    assert [rule["kind"] for rule in made["rules"]] == ["illegal_parking"]
    assert run_command(["truth", "check", str(out)]) == 2
    assert (
        complaint(capsys)
        == f"{out}: example: remove this key once all events are marked; until then nothing can be scored"
    )
    del made["example"]
    made["events"] = [{"kind": "fire", "start_s": 0.5, "due_s": 1}]
    out.write_text(json.dumps(made), encoding="utf-8")
    assert run_command(["truth", "check", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}: good: events: 1, stretches to ignore: 0; 2.00 s long\n"


def test_a_truth_stands_beside_its_recording_and_is_never_overwritten(
    clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["truth", "new", "--clip", str(clip)]) == 0
    beside = clip.with_suffix(".json")
    before = beside.read_bytes()
    assert run_command(["truth", "new", "--clip", str(clip)]) == 2
    assert "exists already" in complaint(capsys)
    assert beside.read_bytes() == before


@pytest.mark.parametrize(
    ("options", "said", "code"),
    [
        (["--site", "site.toml"], "belong together", 2),
        (["--camera", "c1"], "belong together", 2),
        (["--site", "SITE", "--camera", "c9"], "no camera 'c9'; there are: c1", 2),
        (["--out", "/nowhere/truth.json"], "cannot be written", 1),
    ],
)
def test_what_cannot_be_made_is_one_line(
    tmp_path: Path,
    clip: Path,
    kerb: DemoCamera,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    said: str,
    code: int,
) -> None:
    site = str(kerb_site(tmp_path, kerb))
    options = [site if option == "SITE" else option for option in options]
    assert run_command(["truth", "new", "--clip", str(clip), *options]) == code
    assert said in complaint(capsys)
    assert not clip.with_suffix(".json").exists()


def test_a_clip_that_is_none_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("no video")
    assert run_command(["truth", "new", "--clip", str(text)]) == 1
    assert str(text) in complaint(capsys)


def test_a_recording_whose_name_is_no_text_is_one_line(clip: Path) -> None:
    strange = clip.rename(clip.with_name(os.fsdecode(b"\xff.mp4")))
    with pytest.raises(UsageError, match="rename the recording"):
        new(strange)
    assert not strange.with_suffix(".json").exists()


def test_every_file_is_checked_and_every_problem_told(
    tmp_path: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = tmp_path / "gate.json"
    short.write_text(json.dumps({"clip": clip.name, "duration_s": 1.0, "events": []}))
    strange = written(tmp_path, events=[{**FIRE, "kind": "fires"}, {**FIRE, "box": [0, 0, 2, 1]}])
    missing = tmp_path / "none.json"
    assert run_command(["truth", "check", str(short), str(strange), str(missing)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[1] for line in said] == [
        "duration_s",
        "events[0].kind",
        "events[1].box",
        "No such file or directory; expected a truth file (see docs/truth.md)",
    ]
    assert "shorter than the recording's 2.00 s" in said[0]


def test_recordings_may_lie_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    truth = written(tmp_path)
    assert run_command(["truth", "check", str(truth)]) == 0
    assert "a.mp4 is not at hand" in capsys.readouterr().out
    clips = tmp_path / "clips"
    clips.mkdir()
    draw(clips / "a.mp4", 25)
    assert run_command(["truth", "check", "--clips", str(clips), str(truth)]) == 2
    assert "40 s is longer than the recording's 1.00 s" in complaint(capsys)


def test_a_recording_that_cannot_be_read_does_not_end_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.mp4").write_text("no video")
    good = tmp_path / "good.json"
    good.write_text('{"duration_s": 4}')
    assert run_command(["truth", "check", str(written(tmp_path)), str(good)]) == 2
    shown = capsys.readouterr()
    assert shown.err.splitlines()[0].startswith(str(tmp_path / "a.mp4"))
    assert "good.json: good" in shown.out


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["truth", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Truth"


def test_a_folder_of_recordings_that_is_not_there_is_noted(
    tmp_path: Path, kerb: DemoCamera, capsys: pytest.CaptureFixture[str]
) -> None:
    site = kerb_site(tmp_path, kerb, more='[truth]\nclips = "clips"\n')
    assert run_command(["check-site", str(site)]) == 0
    assert f"there is no folder {tmp_path / 'clips'}" in capsys.readouterr().out
    (tmp_path / "clips").mkdir()
    assert run_command(["check-site", str(site)]) == 0
    assert "clips" not in capsys.readouterr().out
