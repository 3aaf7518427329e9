"""`ioc doctor` where something is missing."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from ioc.commands import doctor


def line_of(what: str, capsys: pytest.CaptureFixture[str]) -> str:
    (line,) = [line for line in capsys.readouterr().out.splitlines() if f" {what} " in f" {line} "]
    return line


def test_a_port_in_use_is_a_note_that_names_the_way_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        assert doctor.command(data=tmp_path, port=port) == 0
    line = line_of("dashboard port", capsys)
    assert line.startswith("note")
    assert str(port) in line
    assert "[dashboard] port" in line


def test_a_data_folder_that_is_not_there_yet_is_judged_by_its_parent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor.command(data=tmp_path / "a" / "b", port=0) == 0
    line = line_of("data folder", capsys)
    assert line.startswith("good")
    assert str(tmp_path) in line
    assert "GB free" in line
    assert not (tmp_path / "a").exists()


def test_a_full_disk_will_not_work(capsys: pytest.CaptureFixture[str]) -> None:
    """/proc has no room at all."""
    assert doctor.command(data=Path("/proc"), port=0) == 1
    shown = capsys.readouterr().out
    assert "1 things will not work" in shown
    assert any(line.startswith("bad") and "data folder" in line for line in shown.splitlines())


def test_cores_and_weights_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    doctor.command(data=tmp_path, port=0)
    shown = capsys.readouterr().out
    assert f"{os.cpu_count()} cores" in shown
    assert "road" in shown
    assert "digests are right" in shown


def test_every_line_has_a_grade(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    doctor.command(data=tmp_path, port=0)
    *lines, verdict = capsys.readouterr().out.splitlines()
    assert all(line.split()[0] in {"good", "note", "bad"} for line in lines)
    assert verdict == "Everything needed is there: try `ioc demo`."
