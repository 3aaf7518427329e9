"""What rules remember over the end of the program, in a file."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from ioc.ports import Sight
from ioc.rule_memory import SAVED_EVERY, RuleMemory
from ioc.runner import CameraJob, Fold
from ioc.types import Alert, Frame, Json, Observation
from tests.alerts.drawn import after
from tests.ioc.drawn import frame


class Counts:
    """A rule, or a policy, that knows how often it was asked."""

    def __init__(self) -> None:
        self.count = 0

    def observe(self, obs: Observation) -> Iterable[Alert]:
        self.count += 1
        return []

    def admit(self, alert: Alert) -> Alert | None:
        return alert

    def state(self) -> Json:
        return self.count

    def restore(self, state: Json) -> None:
        if not isinstance(state, int):
            raise ValueError("no count")
        self.count = state


class Forgets:
    def observe(self, obs: Observation) -> Iterable[Alert]:
        return []


class Breaks(Counts):
    def observe(self, obs: Observation) -> Iterable[Alert]:
        super().observe(obs)
        raise RuntimeError("the rule broke")


MADE_OF: dict[str, Json] = {"kerb": [{"after": "PT1M"}, None], "litter": [{}, None]}


def counted(*counts: int) -> list[Counts]:
    made = [Counts() for _ in counts]
    for one, count in zip(made, counts, strict=True):
        one.count = count
    return made


def kept(path: Path, made_of: dict[str, Json] = MADE_OF) -> tuple[int, int]:
    """Return what a rule and the policy know when they begin anew."""
    rule, policy = counted(0, 0)
    RuleMemory(path, made_of).restore([rule, Forgets()], policy)
    return rule.count, policy.count


@pytest.fixture
def path(tmp_path: Path) -> Path:
    rule, policy = counted(3, 5)
    path = tmp_path / "c1.json"
    RuleMemory(path, MADE_OF).keep(after(0), [rule, Forgets()], policy, now=False)
    return path


def test_rules_and_policy_go_on_where_they_were(path: Path) -> None:
    assert kept(path) == (3, 5)
    assert [item.name for item in path.parent.iterdir()] == ["c1.json"], "nothing half written stays behind"


def test_a_rule_that_was_changed_begins_afresh(path: Path) -> None:
    assert kept(path, {**MADE_OF, "kerb": [{"after": "PT2M"}, None]}) == (0, 5)


def test_without_a_file_all_begin_afresh(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert kept(tmp_path / "none.json") == (0, 0)
    assert caplog.messages == []


@pytest.mark.parametrize("text", ["", "{", '{"kerb": 3}', '{"kerb": {}}', '{"kerb": {"made_of": [], "state": 1}}'])
def test_a_file_that_is_none_is_left_and_named(tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "c1.json"
    path.write_text(text)
    with caplog.at_level(logging.WARNING):
        assert kept(path) == (0, 0)
    said_nothing_wrong = text.endswith("1}}")
    assert [str(path) in line for line in caplog.messages] == ([] if said_nothing_wrong else [True])


def test_it_is_written_at_once_when_told_and_now_and_then_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "c1.json"
    memory = RuleMemory(path, MADE_OF)
    policy = Counts()

    def written(at: float, count: int, *, now: bool = False) -> int:
        memory.keep(after(at), [*counted(count), Forgets()], policy, now=now)
        state = json.loads(path.read_text())["kerb"]["state"]
        assert isinstance(state, int)
        return state

    step = SAVED_EVERY / timedelta(seconds=1)
    assert written(0, 1) == 1
    assert written(step / 2, 2) == 1
    assert written(step / 2, 3, now=True) == 3
    assert written(1.4 * step, 4) == 3
    assert written(1.6 * step, 5) == 5
    assert written(0, 6) == 6, "the clock was set back"


def test_a_folder_that_is_gone_is_named_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    memory = RuleMemory(tmp_path / "gone" / "c1.json", MADE_OF)
    for at in range(3):
        memory.keep(after(60 * at), [*counted(1), Forgets()], Counts(), now=True)
    assert len(caplog.messages) == 1
    assert "clocks will begin anew" in caplog.messages[0]


def fold_of(rule: Counts, memory: RuleMemory) -> Fold:
    def deliver(alert: Alert, of: Frame | None) -> None:
        raise AssertionError("these rules tell nothing")

    return Fold(
        CameraJob("c1", lambda put, stop: None, lambda: (rule,), Counts, deliver, lambda reason: None, memory=memory)
    )


def test_a_fold_goes_on_where_the_last_one_was(tmp_path: Path) -> None:
    memory = RuleMemory(tmp_path / "c1.json", {"kerb": None})
    first, second = Counts(), Counts()
    ending = fold_of(first, memory)
    for seq in range(7):
        ending.take(frame(seq, seq / 5), Sight())
    ending.remember()
    fold_of(second, memory)
    assert second.count == 7


def test_what_broke_a_rule_is_not_given_to_it_again(tmp_path: Path) -> None:
    memory = RuleMemory(tmp_path / "c1.json", {"kerb": None})
    memory.keep(after(0), counted(9), Counts(), now=True)
    breaking = Breaks()
    fold = fold_of(breaking, memory)
    assert breaking.count == 9
    breaking.count = 0
    fold.or_restart(lambda: fold.take(frame(0, 0), Sight()))
    assert breaking.count == 1, "it began again with nothing"
