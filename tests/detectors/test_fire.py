"""Flames are told of once when enough looks agree; single looks, moving lights, stills and signs are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detectors.fire import Config, Detector
from ioc.ports import RuleSetup
from ioc.types import Alert, Phase, Severity
from tests.detectors.burning import Burns, burning
from tests.detectors.street import CAMERA, Look, fold, raised, seconds, zone

FLAME = Burns(begin=5)
FOG = Burns("smoke", side=0.99, score=0.7, found=1.0)


def told(*things: Burns, until: float = 40, every: float = 0.2, setup: RuleSetup | None = None) -> list[Alert]:
    rule = Detector(setup or RuleSetup("the-rule", CAMERA), Config())
    return fold(rule, burning(things, Look(until), every))


def test_flames_are_told_of_when_they_have_been_found_for_three_seconds() -> None:
    (alert,) = told(FLAME)
    assert (alert.phase, alert.severity, alert.subject) == (Phase.RAISED, Severity.HIGH, "frame")
    assert seconds(alert.at) == pytest.approx(8.3, abs=0.6)
    assert seconds(alert.began) == pytest.approx(5, abs=0.5)
    assert alert.box == FLAME.box(10)


def test_they_are_told_of_within_ten_seconds_when_they_are_looked_at_once_a_second() -> None:
    (alert,) = told(replace(FLAME, found=0.7), every=1.0)
    assert 8 <= seconds(alert.at) <= 15


def test_half_the_looks_are_enough_and_a_tenth_is_not() -> None:
    assert raised(told(replace(FLAME, found=0.6)))
    assert told(replace(FLAME, found=0.1)) == []


def test_a_single_look_is_never_believed() -> None:
    assert told(replace(FLAME, end=5.1, score=0.99)) == []
    assert told(replace(FLAME, end=6.5, score=0.99)) == []


@pytest.mark.parametrize("no_flame", [{"score": 0.15}, {"lively": 0.5}])
def test_what_is_faint_or_holds_still_is_none(no_flame: dict[str, float]) -> None:
    assert told(replace(FLAME, **no_flame)) == []  # type: ignore[arg-type]


def test_a_light_that_drives_on_is_none() -> None:
    assert told(replace(FLAME, where=(0.0, 0.6), side=0.03, drift=0.25, end=8.8)) == []


def test_beside_clear_smoke_faint_flames_are_believed() -> None:
    faint = replace(FLAME, score=0.13)
    smoke = Burns("smoke", begin=5, where=(0.5, 0.3), side=0.4, score=0.7)
    assert raised(told(faint, smoke))
    assert told(faint, replace(smoke, score=0.4)) == []
    assert told(faint, replace(smoke, lively=0.3)) == []


def test_in_fog_and_out_of_focus_only_flames_that_are_surer_than_it_are_believed() -> None:
    lamp = replace(FLAME, score=0.5)
    assert raised(told(lamp, replace(FOG, side=0.4)))
    assert told(lamp, FOG) == []
    assert raised(told(replace(lamp, score=0.8), FOG))
    assert raised(told(lamp, replace(FOG, score=0.3)))


def test_fog_does_not_end_a_fire() -> None:
    out = replace(FLAME, end=12)
    assert [alert.phase for alert in told(out, until=100)] == [Phase.RAISED, Phase.CLEARED]
    assert [alert.phase for alert in told(out, replace(FOG, begin=12), until=100)] == [Phase.RAISED]


def test_smoke_alone_is_no_fire() -> None:
    assert told(Burns("smoke", begin=5, score=0.9)) == []


def test_flames_that_only_an_enlarged_part_shows_are_told_of() -> None:
    assert raised(told(replace(FLAME, whole=False, side=0.02), every=1.0))


def test_it_is_told_again_as_critical_when_it_grows_and_cleared_when_it_is_out() -> None:
    first, second, last = told(replace(FLAME, grows=0.02, end=20), until=90)
    assert [alert.phase for alert in (first, second, last)] == [Phase.RAISED, Phase.UPDATED, Phase.CLEARED]
    assert (first.severity, second.severity) == (Severity.HIGH, Severity.CRITICAL)
    assert seconds(last.at) == pytest.approx(50, abs=1.5)
    assert len({alert.id for alert in (first, second, last)}) == 1
    growth = last.details["growth"]
    assert isinstance(growth, float)
    assert growth > 2


def test_a_large_fire_is_critical_at_once() -> None:
    (alert,) = told(replace(FLAME, side=0.4))
    assert alert.severity is Severity.CRITICAL


def test_one_that_goes_on_is_told_again_each_minute() -> None:
    alerts = told(FLAME, until=150)
    assert [alert.phase for alert in alerts] == [Phase.RAISED, Phase.UPDATED, Phase.UPDATED]


def test_a_pause_is_no_end() -> None:
    again = replace(FLAME, begin=35)
    assert len(told(replace(FLAME, end=15), again, until=60)) == 1


def test_only_its_zone_is_watched() -> None:
    here = zone((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6), name="yard")
    (alert,) = told(FLAME, setup=here)
    assert alert.subject == "zone:yard"
    assert told(replace(FLAME, where=(0.2, 0.2)), setup=here) == []


def test_after_a_gap_or_in_a_new_run_it_begins_to_count_again() -> None:
    rule = Detector(RuleSetup("the-rule", CAMERA), Config())
    early = burning([FLAME], Look(7.4))
    late = burning([FLAME], Look(1.4, begin=16))
    assert fold(rule, [*early, *late]) == []
    fresh = Detector(RuleSetup("the-rule", CAMERA), Config())
    assert fold(fresh, [*early, *burning([FLAME], Look(1.4, begin=7.4, run="later"))]) == []


def test_pictures_that_nobody_looked_at_say_nothing() -> None:
    rule = Detector(RuleSetup("the-rule", CAMERA), Config())
    unlooked = [replace(obs, readings=()) for obs in burning([FLAME], Look(30))]
    assert fold(rule, unlooked) == []
    assert list(rule.watched()) == []
