"""`ioc tape`: what a tape says of itself, and pieces of live tapes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ioc.__main__ import run_command
from ioc.tape import TapeHeader, open_tape, write_tape
from ioc.types import Box, Observation, Track
from tests.ioc.drawn import RUN, START, after, observation

LIVE = TapeHeader(camera="c1", start=START, models=({"name": "road"},), sampler={"rate_hz": 5.0}, code="abc")


def seen(begin: int, end: int) -> list[Observation]:
    track = Track(f"{RUN}-0", "car", 0.5, Box(0, 0, 1, 1), START)
    return [observation(t, t, track) for t in range(begin, end)]


@pytest.fixture
def hours(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "8.tape", tmp_path / "9.tape"]
    write_tape(paths[0], LIVE, seen(0, 100))
    write_tape(paths[1], replace(LIVE, start=after(100)), seen(100, 160))
    return paths


def test_a_tape_tells_what_it_was_made_of_and_what_is_on_it(
    hours: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["tape", "show", "--json", *map(str, hours)]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["camera"], first["start"], first["models"]) == ("c1", START.isoformat(), [{"name": "road"}])
    assert (first["observations"], first["seconds"], first["tracks"], first["boxes"]) == (100, 99.0, 1, {"car": 100})
    assert second["bytes"] == hours[1].stat().st_size
    assert run_command(["tape", "show", str(hours[0])]) == 0
    text = capsys.readouterr().out
    assert text.splitlines()[0] == str(hours[0])
    assert 'models        [{"name": "road"}]' in text


def test_joined_tapes_are_one_whatever_their_order(hours: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "joined.tape"
    assert run_command(["tape", "join", *map(str, reversed(hours)), "--out", str(out)]) == 0
    assert open_tape(out).header == LIVE
    assert list(open_tape(out)) == seen(0, 160)


def test_a_piece_begins_and_ends_when_it_is_told_to(
    hours: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "piece.tape"
    times = ("--from", "2026-03-01T15:01:30+07:00", "--until", "2026-03-01T08:02:00Z")
    assert run_command(["tape", "join", *map(str, hours), "--out", str(out), *times]) == 0
    assert "30 observations" in capsys.readouterr().out
    assert open_tape(out).header == replace(LIVE, start=after(90))
    assert list(open_tape(out)) == seen(90, 120)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--from", "noon"), "--from noon: expected a time with its zone"),
        (("--until", "2026-03-01T08:00"), "expected a time with its zone"),
        (
            ("--from", "2027-01-01T00:00Z"),
            "nothing was seen in that time; the first tape begins at 2026-03-01T08:00:00Z",
        ),
        (("clip.tape",), "was made of a.mp4; only tapes of a live camera can be joined"),
        (("other.tape",), "another camera, model, sampling or code than"),
    ],
)
def test_what_cannot_be_joined_is_one_line(
    hours: list[Path], tmp_path: Path, options: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tape(tmp_path / "clip.tape", replace(LIVE, clip="a.mp4"), seen(0, 5))
    write_tape(tmp_path / "other.tape", replace(LIVE, camera="c2"), seen(0, 5))
    given = [str(tmp_path / option) if option.endswith(".tape") else option for option in options]
    out = tmp_path / "out.tape"
    assert run_command(["tape", "join", *map(str, hours), *given, "--out", str(out)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert not out.exists()


def test_a_tape_that_cannot_be_written_or_read_is_one_line(
    hours: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["tape", "join", str(hours[0]), "--out", str(tmp_path / "absent" / "out.tape")]) == 1
    assert "cannot be written: No such file or directory" in capsys.readouterr().err
    assert run_command(["tape", "show", str(tmp_path / "absent.tape")]) == 1
    assert "no such tape" in capsys.readouterr().err
