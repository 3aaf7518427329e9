"""Trials: a tape and its truth, folded by many settings in one pass, over processes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from ioc import rulebook, trials
from ioc.errors import IocError, UsageError
from ioc.ports import Rule
from ioc.site import SiteError, load_site
from ioc.sweep_settings import Setting
from ioc.tape import TapeError, TapeHeader, open_tape, write_tape
from ioc.truth import read_truth
from ioc.types import Json
from tests.ioc.street_tapes import streets, write_streets

ROAD: dict[str, Json] = {"name": "road", "labels": ["car", "bus", "truck", "motorcycle", "bicycle"]}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write_streets(tmp_path, streets(2))


def one(folder: Path, name: str = "street-1") -> trials.Trial:
    return trials.trial(folder / f"{name}.tape", read_truth(folder / f"{name}.json"))


def test_a_trial_knows_its_camera_and_truth(site: Path, tmp_path: Path) -> None:
    own = one(tmp_path)
    assert (own.name, own.camera, own.labels, own.hours) == ("street-1", "west", None, 60 / 3600)
    assert len(own.truth.events) == 2


def test_the_truth_is_beside_the_recording_or_in_a_folder(site: Path, tmp_path: Path) -> None:
    tape = tmp_path / "street-1.tape"
    assert trials.truth_of(tape, None) == tmp_path / "street-1.json"
    assert trials.truth_of(tape, tmp_path / "truth") == tmp_path / "truth" / "street-1.json"
    with pytest.raises(UsageError, match=r"a.b.mp4: no such recording"):
        trials.truth_of(tmp_path / "a.b.mp4", None)


def test_many_settings_in_one_pass_raise_what_each_raises_alone(site: Path, tmp_path: Path) -> None:
    own, checked = one(tmp_path), load_site(site)

    def rules(sure: float) -> tuple[Rule, ...]:
        return rulebook.make_rules(Setting({"sure": sure}).applied(checked, "illegal_parking"), "west", site)

    together = trials.raised(own, [rules(0.2), rules(0.4), rules(0.6)])
    assert together == [trials.raised(own, [rules(sure)])[0] for sure in (0.2, 0.4, 0.6)]
    assert [len(alerts) for alerts in together] == [3, 2, 1]
    assert together[2][0].kind == "illegal_parking"
    assert 29 <= together[2][0].media_s <= 31


def test_a_tape_of_a_camera_that_the_site_lacks_is_refused(site: Path, tmp_path: Path) -> None:
    text = site.read_text(encoding="utf-8").replace('"west"', '"north"')
    site.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"of camera 'west', which .*site.toml does not have; it has: east, north"):
        trials.check(one(tmp_path), load_site(site), site)


def test_a_tape_that_was_not_looked_at_for_what_rules_need_is_refused(site: Path, tmp_path: Path) -> None:
    path = tmp_path / "street-1.tape"
    tape = open_tape(path)
    seen = list(tape)
    write_tape(path, TapeHeader("west", tape.header.start, models=(ROAD,)), seen)
    checked = load_site(site)
    with pytest.raises(UsageError, match=r"made without looking for person, which rules in .*site.toml need"):
        trials.check(one(tmp_path), checked, site)
    trials.check(one(tmp_path), Setting().applied(checked, "illegal_parking"), site)


def test_rules_that_cannot_be_made_are_told(site: Path, tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="sure"):
        trials.check(one(tmp_path), Setting({"sure": 7}).applied(load_site(site), "illegal_parking"), site)


def test_a_tape_that_is_none_is_refused(site: Path, tmp_path: Path) -> None:
    (tmp_path / "street-1.tape").write_text("no tape")
    with pytest.raises(TapeError, match=r"street-1.tape: "):
        one(tmp_path)


def pid(items: Sequence[int]) -> tuple[int, int]:
    return sum(items), os.getpid()


def lost(item: int) -> None:
    os._exit(item)


def test_work_is_spread_in_order_and_done_here_when_there_is_one_process() -> None:
    items = [[1, 2], [3], [4, 5]]
    here, there = list(trials.spread(pid, items, 1)), list(trials.spread(pid, items, 2))
    assert [total for total, _ in there] == [total for total, _ in here] == [3, 3, 9]
    assert {where for _, where in here} == {os.getpid()}
    assert os.getpid() not in {where for _, where in there}


def test_a_lost_process_is_told() -> None:
    with pytest.raises(IocError, match="a worker process ended"):
        list(trials.spread(lost, [1, 1], 2))
