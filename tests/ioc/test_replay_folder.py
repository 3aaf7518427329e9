"""`ioc replay` over folders: one file of alerts a recording, whatever the number of processes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ioc.__main__ import run_command
from ioc.commands.replay_progress import Total
from ioc.replay_crew import replay_all
from ioc.replay_job import Job, Progress
from ioc.tape import read_tape, write_tape
from streams.encoder import encode
from streams.scenes import DemoCamera
from tests.ioc.kerb_site import kerb_site

TAPES = Path(__file__).parents[1] / "tapes"
SITE = TAPES / "site.toml"
KINDS = ("illegal_parking", "overcrowding")


def replay(site: Path, out: Path, *options: str | Path) -> int:
    return run_command(["replay", "--site", str(site), "--out", str(out), *map(str, options)])


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def tapes(tmp_path: Path) -> Path:
    """Return a folder of four tapes of two cameras."""
    folder = tmp_path / "tapes"
    folder.mkdir()
    for path in (path for kind in KINDS for path in TAPES.glob(f"{kind}-*.tape")):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_a_folder_of_tapes_gives_the_same_bytes_for_any_number_of_processes(
    tapes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for jobs in (1, 2):
        assert replay(SITE, tmp_path / f"by-{jobs}", "--tape", tapes, "--jobs", str(jobs)) == 0
        assert "4 of 4 recordings replayed, 0:0" in capsys.readouterr().out
    by_one = contents(tmp_path / "by-1")
    assert by_one == contents(tmp_path / "by-2")
    assert sorted(by_one) == sorted(f"{kind}-{outcome}.jsonl" for kind in KINDS for outcome in ("fires", "quiet"))
    assert all(bool(lines) == ("fires" in name) for name, lines in by_one.items())


def test_one_bad_tape_is_told_of_and_the_others_go_on(
    tapes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tapes / "a-broken.tape").write_text("no tape")
    whole = read_tape(tapes / "overcrowding-quiet.tape")
    write_tape(tapes / "b-strange.tape", replace(whole.header, camera="c9"), whole.observations)
    assert replay(SITE, tmp_path / "out", "--tape", tapes, "--jobs", "2") == 1
    first, second, last = capsys.readouterr().err.splitlines()
    told = "\n".join(sorted((first, second)))
    assert "a-broken.tape: not a" in told
    assert "b-strange.tape: " in told
    assert "no camera 'c9'" in told
    assert last == "ioc: 2 of 6 recordings could not be replayed: see the lines above"
    assert len(contents(tmp_path / "out")) == 4


def test_recordings_are_replayed_by_the_cameras_they_are_named_after(
    kerb: DemoCamera, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clips = tmp_path / "clips"
    clips.mkdir()
    encode(replace(kerb.scene, duration=timedelta(seconds=10)), clips / "c1.mp4")
    (clips / "c2.mp4").write_bytes((clips / "c1.mp4").read_bytes())
    site = kerb_site(tmp_path, kerb, after="PT3S")
    settings = "[inference]\nrate = 2\nsize = 320\n"
    second = site.read_text(encoding="utf-8").replace('"c1"', '"c2"').replace('"no-parking"', '"second"')
    site.write_text(site.read_text(encoding="utf-8") + second + settings, encoding="utf-8")

    options = ("--tape", tmp_path / "kept", "--report", tmp_path / "pages", "--jobs", "2")
    assert replay(site, tmp_path / "two", "--video", clips, *options) == 0
    assert "2 of 2 recordings replayed" in capsys.readouterr().out
    assert sorted(contents(tmp_path / "pages")) == ["c1.html", "c2.html", "index.html"]
    assert contents(tmp_path / "pages")["c2.html"].count(b"data:image/jpeg;base64,") == 2
    kept = tmp_path / "kept"
    assert [read_tape(path).header.camera for path in sorted(kept.iterdir())] == ["c1", "c2"]

    # The same clip alone, by name, and from the tapes: the same bytes.
    assert replay(site, tmp_path / "alone.jsonl", "--video", clips / "c2.mp4") == 0
    alerts = contents(tmp_path / "two")
    assert (tmp_path / "alone.jsonl").read_bytes() == alerts["c2.jsonl"]
    raised = [json.loads(line) for line in alerts["c2.jsonl"].splitlines()]
    assert [(line["camera"], line["rule"], line["phase"]) for line in raised] == [("c2", "second", "raised")]
    assert replay(site, tmp_path / "folded", "--tape", kept, "--jobs", "1") == 0
    assert contents(tmp_path / "folded") == alerts


def test_a_recording_that_no_camera_is_named_after_needs_one(
    kerb: DemoCamera, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = kerb_site(tmp_path, kerb)
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "other.mp4").touch()
    for video in (tmp_path / "clips", tmp_path / "clips" / "other.mp4"):
        assert replay(site, tmp_path / "out", "--video", video) == 2
        assert "has no camera 'other'; name one with --camera, there are: c1" in capsys.readouterr().err


def test_what_cannot_be_told_apart_or_written_is_refused_before_anything_is_done(
    tapes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert replay(SITE, tmp_path / "file", "--tape", tapes) == 2
    assert "--out" in capsys.readouterr().err
    clips = tmp_path / "clips"
    clips.mkdir()
    for name in ("overcrowding.mp4", "overcrowding.mkv"):
        (clips / name).touch()
    assert replay(SITE, tmp_path / "out", "--video", clips) == 2
    assert "overcrowding.mp4: would be written into the same file as overcrowding.mkv" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_one_recording_may_be_written_into_a_folder_too(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert replay(SITE, tmp_path / "out", "--tape", TAPES / "overcrowding-fires.tape") == 0
    assert (tmp_path / "out" / "overcrowding-fires.jsonl").stat().st_size > 0


def test_speed_holds_a_replay_back_and_changes_nothing(tmp_path: Path) -> None:
    tape = TAPES / "overcrowding-quiet.tape"
    began = time.monotonic()
    assert replay(SITE, tmp_path / "slow.jsonl", "--tape", tape, "--speed", "60") == 0
    assert 0.9 < time.monotonic() - began < 5
    assert replay(SITE, tmp_path / "fast.jsonl", "--tape", tape) == 0
    assert (tmp_path / "slow.jsonl").read_bytes() == (tmp_path / "fast.jsonl").read_bytes()
    assert replay(SITE, tmp_path / "none.jsonl", "--tape", tape, "--speed", "0") == 2


def test_a_worker_that_is_killed_costs_its_job_and_is_replaced(tmp_path: Path) -> None:
    tape = TAPES / "overcrowding-quiet.tape"
    jobs = [Job(SITE, tmp_path / f"{n}.jsonl", tape=tape, speed=0.01 if n == 0 else None) for n in range(4)]
    killed: list[Progress] = []

    def kill_first(number: int, progress: Progress) -> None:
        if number == 0 and not killed:
            killed.append(progress)
            os.kill(workers()[0], signal.SIGKILL)

    def workers() -> list[int]:
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="utf-8").split()
        return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    came = dict(replay_all(jobs, 2, kill_first))
    assert killed
    assert "killed by signal 9" in came[0].problem
    assert "--jobs" in came[0].problem
    assert [came[n].problem for n in (1, 2, 3)] == ["", "", ""]
    assert not (tmp_path / "0.jsonl").exists()


def test_ctrl_c_ends_all_processes_and_leaves_no_half_written_file(tapes: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = ["--site", str(SITE), "--tape", str(tapes), "--out", str(out), "--jobs", "2", "--speed", "1"]
    command = [sys.executable, "-m", "ioc", "replay", *options]
    # Tests that run in the background were told to ignore Ctrl-C, which programs that they start would inherit.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, before)
    deadline = time.monotonic() + 60
    while len(list(out.glob(".*.part"))) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "Traceback" not in said
    assert list(out.iterdir()) == []


def test_on_a_terminal_a_bar_tells_how_far_it_is_and_logs_stand_above_it(tmp_path: Path) -> None:
    whole = (TAPES / "overcrowding-quiet.tape").read_bytes()
    (tmp_path / "cut.tape").write_bytes(whole[:-40])
    options = ["--site", str(SITE), "--tape", str(tmp_path / "cut.tape"), "--out", str(tmp_path / "a.jsonl")]
    ours, theirs = os.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "ioc", "replay", *options, "--speed", "60"],
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
    )
    os.close(theirs)
    said = b""
    with suppress(OSError):  # Linux tells the end of a terminal so
        while piece := os.read(ours, 65536):
            said += piece
    os.close(ours)
    assert running.wait() == 0
    text = said.decode()
    assert re.search(r"0:00:\d\d of media time", text)
    assert "× real time, left:" in text
    warning = re.search(r"([^\r\n]*)\d{4}-\d\d-\d\d [\d:,]+ WARNING", text)
    assert warning is not None
    assert re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", warning[1]) == ""


def test_the_total_of_several_replays_guesses_the_length_of_those_not_begun() -> None:
    total = Total(4, began=10.0)
    assert (total.seconds, total.media) == (None, timedelta(0))
    total(0, Progress(timedelta(seconds=30), timedelta(seconds=60)))
    total(2, Progress(timedelta(seconds=10), timedelta(seconds=20)))
    total(3, Progress(timedelta(seconds=1)))
    assert total.seconds == 160
    assert total.media == timedelta(seconds=41)
    assert (total.count, total.speed(now=12.0)) == ("0 of 4, ", "20.5 × real time")
    total.end(3, timedelta(seconds=40))
    assert total.seconds == 160
    assert (total.count, total.speed(now=10.4)) == ("1 of 4, ", "200 × real time")
    assert Total(1, began=0.0).count == ""
