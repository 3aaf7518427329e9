"""`ioc bench plates`: the gate that is drawn, what is counted, and that it is measured for real."""

from __future__ import annotations

import json

import pytest

from ioc.__main__ import run_command
from ioc.bench_plates import GATE, Outcome, gate
from ioc.scoring_plates import PlateTally
from streams.scene_play import play
from streams.scene_script import load_script


def test_the_gate_is_the_demos_with_denser_traffic_that_does_not_come_again() -> None:
    script, shown = gate(200, 25, 3), load_script(GATE)
    assert (script.view, script.place, script.rule) == (shown.view, shown.place, shown.rule)
    assert (script.fps, script.seed, script.loop, script.moving) == (25, 3, False, ())
    played = play(script)
    assert 190 <= sum(actor.plate is not None for actor in played.scene.actors) <= 240
    assert gate(20, 5, 1).seconds < script.seconds / 5


def test_what_becomes_of_passes_is_told_as_shares() -> None:
    found = Outcome(PlateTally(right=95, wrong=2, doubled=1, missed=3), strange=2).figures()
    assert (found["passes"], found["missed"], found["wrong"], found["twice"], found["false"]) == (100, 3, 2, 1, 2)
    assert found["once"] == pytest.approx(0.96)
    assert found["doubled"] == pytest.approx(0.01)
    assert found["exact"] == pytest.approx(95 / 97)
    nothing = Outcome(PlateTally(), strange=0).figures()
    assert (nothing["once"], nothing["doubled"], nothing["exact"]) == (None, None, None)


def test_vehicles_pass_and_are_read_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["bench", "plates", "--passes", "3", "--fps", "5", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["fps"] == 5
    assert row["passes"] >= 2
    assert (row["once"], row["doubled"], row["exact"], row["false"]) == (1.0, 0.0, 1.0, 0)


def test_a_table_is_printed_for_people(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("ioc.bench_plates.measure", lambda script, step: Outcome(PlateTally(right=script.fps), 0))
    assert run_command(["bench", "plates", "--fps", "5", "--fps", "10"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["fps", "passes", "missed"]
    assert [row.split()[1] for row in rows] == ["5", "10"]
