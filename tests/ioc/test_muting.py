"""While a camera's pictures cannot be believed, its rules' alerts are kept back, dropped, or say so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.policy import Policy
from ioc import pipeline, replay
from ioc.muting import Muting
from ioc.ports import Confidence, Rule, Trust
from ioc.stories import Told
from ioc.types import Alert, Observation, Phase, Severity
from tests.ioc.drawn import START, after, observation

LONG_AGO = after(-100)
EACH = timedelta(0)
"""Every update is told."""
S, D, F = Confidence.SOUND, Confidence.DOUBTFUL, Confidence.FAULTY


def alert(obs: Observation, kind: str, subject: str, phase: Phase) -> Alert:
    return Alert(kind, kind, obs.camera, subject, phase, Severity.LOW, LONG_AGO, obs.at)


class Watch:
    """An overseer whose trust in each picture is given, and who tells of each picture that it does not believe."""

    def __init__(self, *trust: Confidence) -> None:
        self._trust, self._now = trust, S

    def observe(self, obs: Observation) -> Iterable[Alert]:
        self._now = self._trust[obs.seq]
        return [] if self._now is S else [alert(obs, "health", str(obs.seq), Phase.RAISED)]

    def silent(self, at: datetime) -> Iterable[Alert]:
        return [alert(observation(0, 0), "health", f"silent {(at - START).total_seconds():g}", Phase.RAISED)]

    def trust(self) -> Trust:
        return Trust(self._now, "" if self._now is S else "blurred")


class Talker:
    """Tells in each picture of a subject of its own that begins, unless another phase is given for the picture."""

    def __init__(self, phases: dict[int, Phase] | None = None, subject: str = "") -> None:
        self._phases, self._subject = phases or {}, subject

    def observe(self, obs: Observation) -> Iterable[Alert]:
        return [alert(obs, "talk", self._subject or str(obs.seq), self._phases.get(obs.seq, Phase.RAISED))]


def seen(count: int) -> list[Observation]:
    return [observation(seq, seq / 5) for seq in range(count)]


def talked(alerts: Iterable[Alert]) -> list[str]:
    return [found.subject for found in alerts if found.kind == "talk"]


@pytest.mark.parametrize(
    ("trust", "told"),
    [
        ([S, S, S, S], ["0", "1", "2", "3"]),
        ([S, D, D, S], ["0", "1", "2", "3"]),
        ([S, D, F, S], ["0", "3"]),
        ([S, F, F, S], ["0", "3"]),
        ([F, D, S, S], ["1", "2", "3"]),
        ([S, D, S, F], ["0", "1", "2"]),
        ([S, S, D, D], ["0", "1", "2", "3"]),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_what_begins_in_a_fault_or_in_the_doubt_before_it_is_not_told(
    trust: list[Confidence], told: list[str], *, first: bool
) -> None:
    rules: list[Rule] = [Watch(*trust), Talker()] if first else [Talker(), Watch(*trust)]
    assert talked(pipeline.alerts(seen(4), rules)) == told


def test_what_is_kept_back_is_told_as_it_was_and_when_the_doubt_is_over() -> None:
    muting = Muting([Watch(S, D, D, S), Talker()])
    told = [[found for found in muting.observe(obs) if found.kind == "talk"] for obs in seen(4)]
    assert [talked(alerts) for alerts in told] == [["0"], [], [], ["1", "2", "3"]]
    assert [found.at for found in told[3]] == [after(0.2), after(0.4), after(0.6)]


def test_news_of_what_was_told_before_says_what_is_wrong_with_the_camera() -> None:
    talker = Talker({1: Phase.UPDATED, 2: Phase.UPDATED, 3: Phase.CLEARED}, subject="one")
    found = [a for a in pipeline.alerts(seen(4), [talker, Watch(S, D, F, S)]) if a.kind == "talk"]
    assert [(a.phase, a.details) for a in found] == [
        (Phase.RAISED, {}),
        (Phase.UPDATED, {"camera_fault": "blurred"}),
        (Phase.UPDATED, {"camera_fault": "blurred"}),
        (Phase.CLEARED, {}),
    ]


def test_an_incident_that_was_muted_is_told_when_it_goes_on_after_the_fault() -> None:
    phases = {1: Phase.UPDATED, 2: Phase.UPDATED, 3: Phase.UPDATED, 4: Phase.CLEARED}
    found = list(replay.alerts(seen(5), [Watch(F, F, S, S, S), Talker(phases, subject="one")], Policy(EACH)))
    assert [(a.phase, a.at) for a in found if a.kind == "talk"] == [
        (Phase.RAISED, after(0.4)),
        (Phase.UPDATED, after(0.6)),
        (Phase.CLEARED, after(0.8)),
    ]


def test_an_incident_that_was_muted_and_ends_is_not_told_of() -> None:
    talker = Talker({1: Phase.CLEARED, 2: Phase.UPDATED}, subject="one")
    assert talked(replay.alerts(seen(3), [Watch(F, S, S), talker], Policy())) == []


class Slow:
    """Tells at the end of what began with each earlier picture."""

    def __init__(self, last: int) -> None:
        self._last = last
        self._seen: list[Observation] = []

    def observe(self, obs: Observation) -> Iterable[Alert]:
        self._seen.append(obs)
        if obs.seq != self._last:
            return []
        return [replace(alert(obs, "talk", str(one.seq), Phase.RAISED), began=one.at) for one in self._seen]


def test_what_began_in_a_fault_or_a_moment_before_is_not_told_when_it_is_over() -> None:
    trust = [*[S] * 10, D, D, F, F, D, S, *[S] * 4]
    assert talked(pipeline.alerts(seen(20), [Watch(*trust), Slow(19)])) == [
        *map(str, range(5)),
        *map(str, range(14, 20)),
    ]


def test_what_began_in_a_doubt_without_cause_is_told() -> None:
    assert talked(pipeline.alerts(seen(6), [Watch(S, D, D, S, S, S), Slow(5)])) == list("012345")


def test_who_oversees_is_never_muted_and_the_worst_counts() -> None:
    found = list(pipeline.alerts(seen(2), [Watch(D, S), Talker(), Watch(F, S)]))
    assert [(a.kind, a.subject) for a in found] == [("health", "0"), ("health", "0"), ("talk", "1")]


def test_without_an_overseer_everything_is_told_at_once() -> None:
    muting = Muting([Talker(), Talker()])
    assert [talked(muting.observe(obs)) for obs in seen(2)] == [["0", "0"], ["1", "1"]]
    assert list(muting.silent(START)) == []


def test_silence_is_the_overseers_to_tell() -> None:
    assert [found.subject for found in Muting([Talker(), Watch(S)]).silent(after(12))] == ["silent 12"]


def test_an_alert_before_another_rule_breaks_is_not_lost() -> None:
    class Broken:
        def observe(self, obs: Observation) -> Iterable[Alert]:
            raise ValueError(obs.seq)

    told = Muting([Talker(), Broken()]).observe(observation(0, 0))
    assert next(iter(told)).subject == "0"
    with pytest.raises(ValueError, match="0"):
        list(told)


def test_who_is_asked_for_a_report_mutes_as_ever() -> None:
    def rules(trust: Sequence[Confidence]) -> list[Watch | Talker]:
        return [Talker(), Watch(*trust)]

    trust = [S, D, F, S]
    plain = list(pipeline.alerts(seen(4), rules(trust)))
    assert list(pipeline.alerts(seen(4), [Told(rule) for rule in rules(trust)])) == plain
