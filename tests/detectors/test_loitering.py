"""Loitering: who stays is told of, under whatever name, and who passes is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.loitering import Config, Detector
from ioc.ports import RuleSetup
from ioc.types import Phase, Severity
from tests.detectors.street import (
    CAMERA,
    Look,
    Thing,
    Way,
    box_on,
    driving,
    fold,
    observations,
    raised,
    seconds,
    standing,
    tracked,
    zone,
)

YARD = zone((0.2, 0.5), (0.8, 0.5), (0.8, 0.9), (0.2, 0.9), name="yard")
BODY = {"width": 0.05, "height": 0.25}


def rule(setup: RuleSetup = YARD, **changed: object) -> Detector:
    return Detector(setup, Config.model_validate({"after": "PT20S", **changed}))


def person(way: Way, **more: object) -> Thing:
    return Thing(way, "person", **more)  # type: ignore[arg-type]


def pacing(begin: float, end: float) -> Way:
    """Walk to and fro in the yard."""
    return lambda t: box_on(0.5 + 0.2 * abs(1 - (t % 16) / 8), 0.7, **BODY) if begin <= t < end else None


def test_who_stays_is_one_alert_until_they_have_gone() -> None:
    first, last = fold(rule(), observations([person(pacing(3, 40))], Look(60)))
    assert (first.phase, last.phase, first.id) == (Phase.RAISED, Phase.CLEARED, last.id)
    assert first.severity is Severity.LOW
    assert seconds(first.began) == pytest.approx(3, abs=0.3)
    assert seconds(first.at) == pytest.approx(23, abs=0.3)
    assert seconds(last.at) == pytest.approx(45, abs=0.5)
    assert last.details["stayed_s"] == pytest.approx(37, abs=0.5)
    assert [item.kind for item in first.evidence] == ["frame", "frame"]
    assert seconds(first.evidence[0].at) == pytest.approx(3, abs=0.3)


def test_who_passes_is_not_told() -> None:
    walkers = [person(driving(0.7, begin=2.0 * n, speed=0.06, **BODY)) for n in range(12)]
    assert fold(rule(), tracked(walkers, Look(50, jitter=0.02))) == []


def test_who_stays_outside_or_is_no_person_is_not_told() -> None:
    others = [person(standing(0.1, 0.7, **BODY)), person(standing(0.5, 0.45, **BODY)), Thing(standing(0.5, 0.7), "car")]
    assert fold(rule(), observations(others, Look(40))) == []


def test_without_a_zone_the_whole_picture_counts() -> None:
    made = rule(RuleSetup("the-rule", CAMERA))
    assert len(raised(fold(made, observations([person(standing(0.1, 0.45, **BODY))], Look(40))))) == 1


def test_another_identity_goes_on_with_the_clock() -> None:
    names = ((0.0, "a"), (8.0, "b"), (15.0, "c"))
    (alert,) = fold(rule(), observations([person(pacing(0, 99), names=names)], Look(30)))
    assert seconds(alert.at) == pytest.approx(20, abs=0.3)


def test_who_is_hidden_for_a_moment_goes_on_staying_and_who_is_gone_for_long_does_not() -> None:
    def hidden(until: float) -> Thing:
        return person(lambda t: None if 10 <= t < until else box_on(0.5, 0.7, **BODY))

    (alert,) = fold(rule(), tracked([hidden(14)], Look(30)))
    assert seconds(alert.began) < 0.5
    (alert,) = fold(rule(), tracked([hidden(18)], Look(45)))
    assert seconds(alert.began) == pytest.approx(18, abs=0.5)


def test_who_comes_as_another_leaves_has_a_clock_of_their_own() -> None:
    leaves = person(lambda t: box_on(0.5 + 0.1 * max(t - 15, 0), 0.7, **BODY))
    comes = person(lambda t: box_on(0.9 - 0.1 * min(max(t - 12, 0), 4), 0.72, **BODY) if t >= 12 else None)
    (alert,) = fold(rule(), observations([leaves, comes], Look(45)))
    assert seconds(alert.began) == pytest.approx(13, abs=0.5)


def test_who_stands_just_outside_gives_their_clock_to_nobody() -> None:
    steps_out = person(lambda t: box_on(0.75 if t < 15 else 0.82, 0.7, **BODY))
    comes = person(lambda t: box_on(0.78, 0.72, **BODY) if t >= 16 else None)
    assert fold(rule(), observations([steps_out, comes], Look(30))) == []


def test_who_walks_out_of_the_picture_gives_their_clock_to_nobody_who_walks_in_there() -> None:
    leaves = person(lambda t: box_on(0.6 + 0.02 * max(t - 10, 0), 0.7, **BODY) if t < 24 else None)
    comes = person(lambda t: box_on(0.8 - 0.02 * (t - 24), 0.72, **BODY) if t >= 24 else None)
    assert fold(rule(missed="PT10S", after="PT22S"), observations([leaves, comes], Look(40))) == []


def test_two_who_stay_are_two_alerts() -> None:
    both = [person(standing(0.3, 0.7, **BODY)), person(standing(0.6, 0.8, **BODY))]
    alerts = raised(fold(rule(), tracked(both, Look(30, misses=0.1, jitter=0.02))))
    assert len({alert.id for alert in alerts}) == 2


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_missed_boxes_keep_the_outcome(seed: int) -> None:
    street = [person(pacing(2, 60)), *(person(driving(0.85, 4.0 * n, speed=0.1, **BODY)) for n in range(8))]
    alerts = raised(fold(rule(), tracked(street, Look(40, misses=0.1, jitter=0.02, seed=seed))))
    assert len(alerts) == 1
    assert alerts[0].at - alerts[0].began >= timedelta(seconds=20)
    assert seconds(alerts[0].at) == pytest.approx(22, abs=1.5)


@pytest.mark.parametrize("wrong", [{"after": "PT0S"}, {"missed": "-PT1S"}, {"labels": ["car"]}])
def test_settings_that_mean_nothing_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Config.model_validate(wrong)
