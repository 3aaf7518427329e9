"""`ioc score` as a person meets it: a table, JSON, and one line for what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ioc.__main__ import run_command
from tests.ioc.street_tapes import streets, write_streets
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


def test_folders_are_paired_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    truths, found = tmp_path / "truths", tmp_path / "found"
    truths.mkdir()
    found.mkdir()
    for name in ("east", "west"):
        written(truths).rename(truths / f"{name}.json")
    alerts(found, RIGHT, name="east.jsonl")
    alerts(found, name="of-no-truth.jsonl")
    options = ("--truth", truths, "--alerts", found)
    assert run_command(["score", *map(str, options)]) == 2
    assert "west.jsonl: No such file or directory; expected alerts" in complaint(capsys)
    alerts(found, name="west.jsonl")
    report = scored(capsys, *options)
    assert (report["clips"], report["kinds"]["fire"]["tp"], report["kinds"]["fire"]["fn"]) == (2, 1, 1)
    assert run_command(["score", "--truth", str(found), "--alerts", str(found)]) == 2
    assert "no truth files in this folder" in complaint(capsys)


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


PLATE = {"kind": "plate", "subject": "plate:98A12345", "media_s": 11.0}
PASSES = [{"text": "98A-123.45", "start_s": 10, "end_s": 12}, {"text": "98-B1 234.56", "start_s": 20, "end_s": 22}]


def test_hits_are_scored_where_the_truth_lists_plates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = alerts(tmp_path, RIGHT, PLATE, {**PLATE, "subject": "plate:98B123458", "media_s": 21})
    report = scored(capsys, "--truth", written(tmp_path, plates=PASSES), "--alerts", path)
    assert list(report["kinds"]) == ["fire"]
    assert (report["plates"]["right"], report["plates"]["wrong"], report["counts"]) == (1, 1, None)
    assert report["plates"]["confusions"] == [{"shown": "6", "read": "8", "count": 1}]
    assert run_command(["score", "--truth", str(tmp_path / "truth.json"), "--alerts", str(path)]) == 0
    text = capsys.readouterr().out
    assert "0.50 (0.09–0.91)" in text
    assert "read wrong: 6 as 8 1×" in text


def test_hits_answer_events_like_any_alert_where_nobody_listed_plates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = scored(capsys, "--truth", written(tmp_path), "--alerts", alerts(tmp_path, PLATE))
    assert report["kinds"]["plate"]["fp"] == 1
    assert report["plates"] is None


def test_recordings_without_listed_plates_say_nothing_of_plates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = tmp_path / "listed"
    listed.mkdir()
    path = alerts(tmp_path, PLATE)
    options = (
        "--truth",
        written(listed, plates=PASSES),
        "--alerts",
        path,
        "--truth",
        written(tmp_path),
        "--alerts",
        path,
    )
    report = scored(capsys, *options)
    assert [report["plates"][name] for name in ("right", "false", "missed")] == [1, 0, 1]
    assert report["kinds"]["plate"]["fp"] == 1


def test_counts_are_scored_from_the_tape(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = write_streets(tmp_path, streets(2))
    truth = written(tmp_path, counts=[{"at_s": 20, "people": 2}])
    options: list[str | Path] = ["--truth", truth, "--alerts", alerts(tmp_path)]
    assert scored(capsys, *options)["counts"] is None
    with_tape = [*options, "--tape", tmp_path / "street-1.tape", "--site", site]
    assert scored(capsys, *with_tape)["counts"] == {"read": 1, "unread": 0, "mean_absolute_error": 2.0, "bias": -2.0}
    for more, said in ((with_tape, "mean absolute error"), (options, "people counted: not scored; give --site")):
        assert run_command(["score", *map(str, more)]) == 0
        assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    "options", [("--site", "site.toml"), ("--tape", "a.tape"), ("--site", "s", *["--tape", "t"] * 2)]
)
def test_counts_need_a_tape_for_every_truth(
    tmp_path: Path, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["score", "--truth", str(written(tmp_path)), "--alerts", str(alerts(tmp_path)), *options]
    assert run_command(command) == 2
    assert "counts of people need --site, and one --tape for every --truth" in complaint(capsys)
