"""One incident is one alert, by the alerts' own time."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.policy import Policy
from ioc.types import Alert, Json, Phase, Severity
from tests.alerts.drawn import alert

RAISED, UPDATED, CLEARED = Phase.RAISED, Phase.UPDATED, Phase.CLEARED


def told(policy: Policy, *alerts: Alert) -> list[Alert]:
    """Return what the policy lets through."""
    return [admitted for item in alerts if (admitted := policy.admit(item)) is not None]


def test_an_incident_is_told_from_its_raise_to_its_end() -> None:
    alerts = [alert(RAISED, 60), alert(UPDATED, 100), alert(CLEARED, 130)]
    assert told(Policy(), *alerts) == alerts


def test_a_raise_of_an_open_incident_is_noise() -> None:
    assert told(Policy(), alert(RAISED, 60), alert(RAISED, 61), alert(RAISED, 600)) == [alert(RAISED, 60)]


@pytest.mark.parametrize("phase", [UPDATED, CLEARED])
def test_what_was_never_raised_is_noise(phase: Phase) -> None:
    assert told(Policy(), alert(phase)) == []


def test_an_end_is_told_once() -> None:
    assert len(told(Policy(), alert(RAISED, 60), alert(CLEARED, 70), alert(CLEARED, 71), alert(UPDATED, 900))) == 2


def test_updates_are_told_no_faster_than_the_interval() -> None:
    updates = [alert(UPDATED, 60 + second) for second in range(1, 100)]
    policy = Policy(update_interval=timedelta(seconds=30))
    assert [a.at for a in told(policy, alert(RAISED, 60), *updates)] == [alert(at=at).at for at in (60, 90, 120, 150)]


def test_an_update_that_is_graver_is_told_at_once() -> None:
    graver = alert(UPDATED, 62, severity=Severity.HIGH)
    assert told(
        Policy(), alert(RAISED, 60), alert(UPDATED, 61), graver, alert(UPDATED, 63, severity=Severity.HIGH)
    ) == [
        alert(RAISED, 60),
        graver,
    ]


def test_what_lies_before_the_last_thing_told_is_noise() -> None:
    late = [alert(UPDATED, 99, severity=Severity.HIGH), alert(CLEARED, 99)]
    assert told(Policy(), alert(RAISED, 60), alert(UPDATED, 100), *late) == [alert(RAISED, 60), alert(UPDATED, 100)]


def test_an_incident_that_returns_is_an_update_and_can_end_again() -> None:
    policy = Policy()
    admitted = told(policy, alert(RAISED, 60), alert(CLEARED, 70), alert(RAISED, 80), alert(CLEARED, 90))
    assert [a.phase for a in admitted] == [RAISED, CLEARED, UPDATED, CLEARED]
    assert told(policy, alert(RAISED, 90)) == [], "as late as its end: a repetition"


def test_incidents_that_differ_in_subject_rule_or_beginning_are_apart() -> None:
    others = [alert(RAISED, 60, subject="b"), alert(RAISED, 60, rule="b"), alert(RAISED, 60, began=1)]
    assert told(Policy(), alert(RAISED, 60), *others) == [alert(RAISED, 60), *others]


def test_memory_is_bounded_and_the_longest_untold_is_given_up_first() -> None:
    policy = Policy(max_incidents=3)
    for n in range(4):
        policy.admit(alert(RAISED, 60 + n, subject=str(n)))
    cleared = told(policy, *(alert(CLEARED, 100, subject=str(n)) for n in range(4)))
    assert [a.subject for a in cleared] == ["1", "2", "3"]


def test_a_rule_that_only_raises_does_not_crowd_out_another() -> None:
    policy = Policy(max_incidents=10)
    policy.admit(alert(RAISED, 60, rule="parking"))
    for n in range(1000):
        policy.admit(alert(RAISED, 60 + n, rule="plates", subject=f"plate:{n}"))
    assert told(policy, alert(CLEARED, 2000, rule="parking")) == [alert(CLEARED, 2000, rule="parking")]


ALERTS = st.lists(
    st.builds(
        alert,
        st.sampled_from(Phase),
        st.integers(0, 200),
        subject=st.sampled_from("abc"),
        severity=st.sampled_from([Severity.LOW, Severity.HIGH]),
    ),
    max_size=40,
)


@given(ALERTS)
def test_whatever_comes_each_incident_reads_as_one_story(alerts: list[Alert]) -> None:
    admitted = told(Policy(), *alerts)
    for subject in "abc":
        story = [a for a in admitted if a.subject == subject]
        phases = [a.phase for a in story]
        assert phases[:1] in ([], [RAISED])
        assert RAISED not in phases[1:]
        assert [a.at for a in story] == sorted(a.at for a in story)
        ends = [n for n, phase in enumerate(phases) if phase is CLEARED]
        assert all(phases[n + 1] is UPDATED for n in ends if n + 1 < len(phases))


@given(ALERTS)
def test_the_same_alerts_give_the_same_answers(alerts: list[Alert]) -> None:
    assert told(Policy(), *alerts) == told(Policy(), *alerts)


def test_a_program_that_begins_anew_knows_what_is_open() -> None:
    before, after_restart = Policy(), Policy()
    told(before, alert(RAISED, 60), alert(RAISED, 61, subject="b"), alert(CLEARED, 65, subject="b"))
    after_restart.restore(json.loads(json.dumps(before.state())))
    again = [alert(RAISED, 62), alert(CLEARED, 90), alert(CLEARED, 91, subject="b")]
    assert told(after_restart, *again) == [alert(CLEARED, 90)]


@pytest.mark.parametrize("state", [None, [], {"no-stopping": {"a": []}}, {"no-stopping": 3}])
def test_what_is_no_state_of_incidents_is_refused(state: Json) -> None:
    with pytest.raises(ValueError, match="no state of open incidents"):
        Policy().restore(state)
