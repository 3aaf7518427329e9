"""`ioc bench watch`: made-up passes are matched against a list, and what came of it is told."""

from __future__ import annotations

import json

import pytest

from ioc.__main__ import run_command

SMALL = ("--entries", "300", "--vehicles", "3000", "--passes", "400")


def test_what_is_read_right_raises_its_alert_and_misreads_do_at_times(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["bench", "watch", *SMALL, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["read_right"]["raised"] == found["read_right"]["passes"] > 150
    assert 0 <= found["misread"]["raised"] <= found["misread"]["passes"]
    assert found["misread"]["passes"] + found["read_right"]["passes"] == 200
    assert found["false"]["passes"] == 400
    assert found["false"]["alerts"] < 20
    assert found["batch_ms"]["p50"] <= found["batch_ms"]["p95"]


def test_exact_lists_take_no_misreads(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["bench", "watch", *SMALL, "--exact"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "a pass", "fifty passes", "watched, read right", "watched, misread", "false alerts"
    ]  # fmt: skip
    assert lines[3].startswith("watched, misread: 0 of ")


def test_a_list_of_all_vehicles_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["bench", "watch", "--entries", "500", "--vehicles", "500"]) == 2
    assert "give more than --entries" in capsys.readouterr().err
