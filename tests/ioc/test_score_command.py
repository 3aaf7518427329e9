"""`ioc score` as a person meets it: a table, JSON, and one line for what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ioc.__main__ import run_command
from tests.ioc.test_commands import complaint
from tests.ioc.test_truth import written


def alerts(folder: Path, *lines: dict[str, Any] | str, name: str = "alerts.jsonl") -> Path:
    path = folder / name
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


RIGHT = {"kind": "fire", "phase": "raised", "media_s": 6.0, "box": [0.1, 0.2, 0.3, 0.4], "camera": "gate"}


def scored(capsys: pytest.CaptureFixture[str], *options: str | Path) -> Any:
    assert run_command(["score", *map(str, options), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_only_what_was_raised_is_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = alerts(tmp_path, RIGHT, {**RIGHT, "phase": "updated"}, "", {**RIGHT, "phase": "cleared", "media_s": 30})
    report = scored(capsys, "--truth", written(tmp_path), "--alerts", path)
    assert (report["clips"], report["hours"]) == (1, pytest.approx(40 / 3600))
    fire = report["kinds"]["fire"]
    assert [fire[name] for name in ("tp", "fp", "duplicates", "fn", "f1")] == [1, 0, 0, 0, 1.0]
    assert fire["mean_delay_s"] == pytest.approx(1.0)


def test_recordings_are_scored_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    truth, found = written(tmp_path), alerts(tmp_path, RIGHT)
    nothing = alerts(tmp_path, name="nothing.jsonl")
    report = scored(capsys, "--truth", truth, "--alerts", found, "--truth", truth, "--alerts", nothing)
    assert report["clips"] == 2
    assert report["kinds"]["fire"]["recall"] == pytest.approx(0.5)


def test_people_get_a_table_with_intervals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["score", "--truth", str(written(tmp_path)), "--alerts", str(alerts(tmp_path, RIGHT))]
    assert run_command(command) == 0
    text = capsys.readouterr().out
    assert "1 recording, 0.7 min" in text
    assert "fire" in text
    assert "1.00 (0.21–1.00)" in text
    assert max(map(len, text.splitlines())) <= 100


def test_a_truth_without_alerts_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    truth = str(written(tmp_path))
    command = ["score", "--truth", truth, "--truth", truth, "--alerts", str(alerts(tmp_path))]
    assert run_command(command) == 2
    assert "2 --truth and 1 --alerts" in complaint(capsys)


@pytest.mark.parametrize(
    ("line", "said"),
    [("{", "line 2: line: "), ('{"kind": "fire"}', "line 2: media_s: "), ({**RIGHT, "box": [1, 2]}, "line 2: box")],
)
def test_a_line_that_is_no_alert_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: dict[str, Any] | str, said: str
) -> None:
    path = alerts(tmp_path, RIGHT, line)
    assert run_command(["score", "--truth", str(written(tmp_path)), "--alerts", str(path)]) == 2
    assert f"{path}: {said}" in complaint(capsys)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    path = tmp_path / "alerts.jsonl"
    if content is not None:
        path.write_bytes(content)
    assert run_command(["score", "--truth", str(written(tmp_path)), "--alerts", str(path)]) == 2
    assert "alerts as `ioc replay --out` writes them" in complaint(capsys)
