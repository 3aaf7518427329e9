"""Golden replays: every kind has one that fires and one that stays quiet, and each comes out as it is written down."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ioc import rulebook
from ioc.errors import UsageError
from ioc.tape import open_tape
from tests.golden import __main__ as golden
from tests.golden.cases import HERE, TAPES, Alerts, Case, cases, named, scene
from tests.golden.difference import difference
from tests.streams.scripts import BASE, write

CASES = cases()
LARGEST = 50_000


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_outcome_is_as_it_is_written_down(case: Case) -> None:
    assert case.alerts.exists(), f"nothing is written down yet: make golden ACCEPT={case.name}"
    lines = golden.changes(case)
    assert not lines, "\n" + "\n".join(lines)


@pytest.mark.parametrize("kind", rulebook.kinds())
def test_every_kind_has_one_that_fires_and_one_that_stays_quiet(kind: str) -> None:
    watched = [case for case in CASES if kind in case.watched]
    assert any(kind in case.raised for case in watched), f"no golden replay in which {kind} fires"
    quiet = [case.name for case in watched if all(alert["kind"] != kind for alert in case.expected)]
    assert quiet, f"no golden replay in which {kind} stays quiet"


def test_nothing_is_written_down_that_nobody_folds_and_tapes_are_small() -> None:
    assert set(HERE.rglob("*.jsonl")) == {case.alerts for case in CASES}
    assert set(HERE.rglob("*.tape")) | set(TAPES.glob("*.tape")) == {case.tape for case in CASES}
    assert all(case.tape.stat().st_size <= LARGEST for case in CASES)


FIRES = next(case for case in CASES if case.name == "illegal_parking-fires")


def told(**changed: object) -> Alerts:
    return [{**alert, **changed} for alert in FIRES.expected]


def test_the_same_alerts_make_no_difference() -> None:
    assert difference(FIRES.expected, told()) == []
    assert difference([], []) == []


def test_what_is_gone_new_or_changed_is_told_in_the_order_of_time() -> None:
    first, *rest = FIRES.expected
    other = {**first, "subject": "place:1,2", "media_s": 999.0}
    later = [{**alert, "details": {**alert["details"], "stood_s": 77.5}} for alert in rest]
    lines = difference(FIRES.expected, [*later, other])
    assert lines[0].startswith(f"gone     {first['media_s']:7.1f} s  raised   illegal_parking  no-stopping  place:")
    assert lines[-1] == "new        999.0 s  raised   illegal_parking  no-stopping  place:1,2"
    assert all("details.stood_s" in line and "→ 77.5" in line for line in lines[1:-1])
    assert len(lines) == len(rest) + 2


def test_many_changed_values_are_counted_and_another_order_is_told() -> None:
    changed = [{**alert, "box": [0.1, 0.2, 0.3, 0.4], "at": "x", "began": "y", "camera": "z"} for alert in told()]
    assert difference(FIRES.expected, changed)[0].endswith(" and 1 more")
    first, second, *rest = FIRES.expected
    assert difference(FIRES.expected, [second, first, *rest]) == ["the same alerts in another order"]


@pytest.fixture
def changed(tmp_path: Path) -> Case:
    """Return a case of which something else is written down."""
    case = replace(FIRES, alerts=tmp_path / "alerts.jsonl")
    case.accept(told(severity="low"))
    return case


def test_a_changed_outcome_names_the_command_that_accepts_it(changed: Case) -> None:
    first, *lines, last = golden.changes(changed)
    assert first == "illegal_parking-fires:"
    assert all("severity low → medium" in line for line in lines)
    assert last == "If that is meant: make golden ACCEPT=illegal_parking-fires"


def test_accepting_writes_down_what_comes_of_it_and_only_that(
    changed: Case, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(golden, "named", lambda names: [changed])
    assert golden.show() == 1
    golden.accept()
    assert "written down" in capsys.readouterr().out
    assert changed.alerts.read_bytes() == FIRES.alerts.read_bytes()
    assert golden.show() == 0
    golden.accept()
    assert capsys.readouterr().out == "as written down\n"


def test_the_commands_run_as_the_failure_prints_them() -> None:
    command = [sys.executable, "-m", "tests.golden", "show", "illegal_parking-fires"]
    ran = subprocess.run(command, cwd=HERE.parents[1], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "as written down\n"), ran.stderr


def test_a_scene_is_drawn_looked_at_and_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "golden"
    here.mkdir()
    monkeypatch.setattr(golden, "HERE", here)
    monkeypatch.setattr(golden, "named", lambda names: [scene(here / name) for name in names])
    script = write(tmp_path, duration=9, view={**BASE["view"], "size": [480, 272]})
    golden.record([str(script)])
    (case,) = cases(here, tmp_path)
    assert (case.name, sorted(case.watched)) == ("gate", ["illegal_parking"])
    assert len(list(open_tape(case.tape))) == 45
    assert case.alerts.exists()
    assert golden.changes(case) == []


def test_an_unknown_name_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match=r"no golden replay 'x'; there are: .*illegal_parking-fires"):
        named(["x"])


def test_what_is_written_down_is_what_the_program_writes(tmp_path: Path) -> None:
    """Otherwise accepting would change lines that nothing changed."""
    for case in CASES:
        copy = replace(case, alerts=tmp_path / "copy.jsonl")
        copy.accept(case.expected)
        assert copy.alerts.read_bytes() == case.alerts.read_bytes()
        assert json.loads(copy.alerts.read_text(encoding="utf-8").splitlines()[0]) if case.expected else True
