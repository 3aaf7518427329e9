"""Water that rises is told of once, by its class; floors, cuts, what is usual and what passes are not."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest

from detectors.flood import Config, Detector
from ioc.flood_gauges import PARTS, level_of
from ioc.ports import RuleSetup, Stage
from ioc.types import Alert, Json, Observation, Phase, Reading, Severity
from tests.detectors.rising import RULER, SETUP, Course, bystanders, course, depth, rising, water
from tests.detectors.street import Look, fold, raised, seconds

FLOOD = course((20, 0.0), (50, 0.6))
"""A quarter of the road is under water after 32.5 seconds."""


def share(amount: Course, until: float = 140, *, detail: float = 0.8, people: int = 0, **config: Any) -> list[Alert]:
    seen = rising(lambda t: water(amount(t), detail), Look(until), bystanders(people))
    return fold(Detector(SETUP, Config(**config)), seen)


def at_ruler(amount: Course, until: float = 140, **config: Any) -> list[Alert]:
    seen = rising(lambda t: depth(amount(t)), Look(until))
    return fold(Detector(SETUP, Config(ruler=RULER.name, **config)), seen)


def test_a_quarter_of_the_road_under_water_for_a_minute_is_a_flood() -> None:
    (alert,) = share(FLOOD)
    assert (alert.phase, alert.subject, alert.severity) == (Phase.RAISED, "zone:road", Severity.HIGH)
    assert seconds(alert.began) == pytest.approx(33, abs=4)
    assert seconds(alert.at) == pytest.approx(93, abs=5)
    assert (alert.details["index"], alert.details["usual_index"]) == (60, 2)
    assert [evidence.box for evidence in alert.evidence] == [alert.box]


def test_a_camera_that_looks_at_a_flood_from_the_start_tells_of_it_in_time() -> None:
    (alert,) = share(lambda _: 0.6, 30, after=timedelta(seconds=2))
    assert seconds(alert.began) == 0
    assert 2 <= seconds(alert.at) <= 6


@pytest.mark.parametrize("config", [{"after": timedelta(0)}, {"after": timedelta(seconds=2)}])
def test_however_short_it_must_last_one_look_is_never_enough(config: dict[str, Any]) -> None:
    assert share(course((20, 0), (20.1, 0.24), (23.9, 0.24), (24, 0)), **config) == []
    spike = course((20, 0), (20.1, 1), (21.9, 1), (22, 0))
    assert share(spike, **config) == []


@pytest.mark.parametrize("amount", [0.0, 0.12, 0.24])
def test_a_road_that_is_merely_wet_is_none(amount: float) -> None:
    assert share(lambda _: amount, 200) == []


def test_single_looks_that_see_nothing_are_no_end() -> None:
    assert [alert.phase for alert in share(lambda t: 0.0 if t % 10 == 0 else FLOOD(t), 200)] == [Phase.RAISED]


def test_what_is_usual_for_the_camera_is_no_flood_and_more_than_that_is() -> None:
    pond = course((0, 0.2), (3600, 0.2), (3640, 0.34), (4000, 0.34))
    assert share(pond, 4000) == []
    rising_pond = course((0, 0.2), (3600, 0.2), (3640, 0.5), (4000, 0.5))
    (alert,) = share(rising_pond, 3740)
    assert alert.details["usual_index"] == pytest.approx(20, abs=1)


def test_a_smooth_floor_with_people_on_it_is_none() -> None:
    assert share(FLOOD, detail=0.3, people=4) == []
    assert raised(share(FLOOD, detail=0.3, people=3))
    assert raised(share(FLOOD, detail=0.6, people=9))


def test_a_floor_that_people_have_stood_on_for_an_hour_is_usual_when_they_have_gone() -> None:
    seen = rising(lambda _: water(0.55, 0.3), Look(3600 * 2), bystanders(5))
    empty = rising(lambda _: water(0.55, 0.3), Look(300, begin=3600 * 2))
    assert fold(Detector(SETUP, Config()), [*seen, *empty]) == []


def test_water_that_comes_from_one_look_to_the_next_has_to_stay() -> None:
    after = timedelta(seconds=2)
    assert share(course((20, 0.0), (20.1, 0.6), (27, 0.6), (27.1, 0)), after=after) == []
    (alert,) = share(course((20, 0.0), (20.1, 0.6)), 40, after=after)
    assert seconds(alert.at) == pytest.approx(31, abs=1.5)


def test_a_lorry_that_hides_the_water_for_a_look_makes_it_come_no_later() -> None:
    after = timedelta(seconds=10)
    (alert,) = share(lambda t: 0.1 if 4 <= t < 6 else 0.6, 40, after=after)
    assert seconds(alert.at) <= 14


def test_it_is_told_again_when_it_gets_worse_or_better_and_cleared_when_it_has_gone() -> None:
    tide = course((20, 0.0), (60, 0.4), (150, 0.4), (170, 0.9), (300, 0.9), (320, 0.3), (500, 0.3), (510, 0.0))
    alerts = share(tide, 700, update_every=timedelta(hours=1))
    told = [(alert.phase, alert.severity, alert.details["level"]) for alert in alerts]
    assert told == [
        (Phase.RAISED, Severity.MEDIUM, "part"),
        (Phase.UPDATED, Severity.CRITICAL, "most"),
        (Phase.UPDATED, Severity.MEDIUM, "part"),
        (Phase.CLEARED, Severity.MEDIUM, "part"),
    ]
    assert len({alert.id for alert in alerts}) == 1
    assert alerts[-1].details["peak_index"] == 90
    assert alerts[-1].evidence == ()


def test_it_goes_on_being_told_and_at_the_edge_of_a_class_it_is_not_told_all_the_time() -> None:
    flicker = itertools.cycle([0.48, 0.52])
    alerts = share(lambda t: FLOOD(t) and next(flicker), 1000)
    assert {alert.details["level"] for alert in alerts} == {"half"}
    assert [round(seconds(b.at) - seconds(a.at)) for a, b in itertools.pairwise(alerts)] == [300] * (len(alerts) - 1)
    assert len(alerts) == 4


@pytest.mark.parametrize(
    ("centimetres", "name", "severity"),
    [
        (6, "ankle", Severity.MEDIUM),
        (20, "kerb", Severity.MEDIUM),
        (40, "axle", Severity.HIGH),
        (70, "impassable", Severity.CRITICAL),
    ],
)
def test_a_ruler_tells_how_deep_it_is_and_what_that_is_called(
    centimetres: float, name: str, severity: Severity
) -> None:
    (alert,) = at_ruler(course((20, 0), (60, centimetres)))
    assert (alert.subject, alert.details["level"], alert.severity) == ("ruler:pier", name, severity)
    assert (alert.details["depth_cm"], alert.box) == (centimetres, RULER.box)
    assert alert.details["peak_cm"] == centimetres


def test_water_below_the_least_class_is_not_told() -> None:
    assert at_ruler(lambda _: 4.0) == []
    assert at_ruler(lambda _: 12.0, at_least="kerb") == []
    assert raised(at_ruler(lambda _: 4.0, at_least="wet"))


def test_a_ruler_tells_how_fast_it_rises_and_how_it_went() -> None:
    alerts = at_ruler(course((0, 0), (3600, 60)), 1200)
    first, last = alerts[0], alerts[-1]
    assert last.details["trend_cm_h"] == pytest.approx(60, abs=2)
    assert seconds(first.at) == pytest.approx(300 + 60, abs=8)
    line: Any = last.details["line"]
    assert line[-1][0] == 0
    assert line[0][0] == pytest.approx(10 * 60, abs=12)
    assert [level for _, level in line] == sorted(level for _, level in line)


def test_classes_are_told_as_the_water_rises_and_falls() -> None:
    alerts = at_ruler(course((0, 0), (600, 60), (900, 60), (1500, 0)), 1700, update_every=timedelta(hours=1))
    names = [alert.details["level"] for alert in alerts]
    assert names == ["ankle", "kerb", "axle", "impassable", "axle", "kerb", "ankle", "ankle"]
    assert alerts[-1].phase is Phase.CLEARED


def test_readings_of_other_zones_and_rulers_and_none_at_all_say_nothing() -> None:
    others = [water(0.9, zone="yard"), depth(90, "other"), None]
    seen = rising(lambda t: others[round(t / 2) % 3], Look(200))
    for config in (Config(), Config(ruler=RULER.name)):
        rule = Detector(SETUP, config)
        assert fold(rule, seen) == []
        assert list(rule.watched()) == []


def test_without_a_zone_the_whole_picture_is_watched() -> None:
    rule = Detector(RuleSetup("the-rule", SETUP.camera), Config())
    (alert,) = fold(rule, rising(lambda t: water(FLOOD(t), zone=""), Look(140)))
    assert (alert.subject, alert.box) == ("frame", None)


def flooded(begin: float, until: float, run: str) -> list[Observation]:
    return rising(lambda _: water(0.6), Look(until - begin, begin=begin, run=run))


def test_after_half_a_minute_without_a_look_it_begins_to_count_again_and_not_before() -> None:
    for begin, told in ((90, 0), (70, 1)):
        seen = [*flooded(0, 50, "a"), *flooded(begin, begin + 50, "b")]
        assert len(fold(Detector(SETUP, Config()), seen)) == told


@pytest.mark.parametrize("config", [Config(), Config(ruler=RULER.name)])
def test_it_goes_on_where_the_program_ended(config: Config) -> None:
    def seen(begin: float, until: float) -> list[Observation]:
        reading = water if config.ruler is None else depth
        return rising(
            lambda t: reading(FLOOD(t) if config.ruler is None else 60 * FLOOD(t)), Look(until - begin, begin)
        )

    whole = fold(Detector(SETUP, config), seen(0, 200))
    for cut in (0, 44, 80, 150):
        first, second = Detector(SETUP, config), Detector(SETUP, config)
        before = fold(first, seen(0, cut))
        second.restore(first.state())
        alerts = [*before, *fold(second, seen(cut, 200))]
        assert [(alert.id, alert.at) for alert in alerts] == [(alert.id, alert.at) for alert in whole]


def test_what_is_no_state_is_refused() -> None:
    states: list[Json] = [[], {"last": "yesterday"}]
    for state in states:
        with pytest.raises(ValueError, match="no state of water"):
            Detector(SETUP, Config()).restore(state)


def test_a_flood_goes_on_over_a_break() -> None:
    rule = Detector(SETUP, Config())
    before = rising(lambda _: water(0.6), Look(70, run="a"))
    after = rising(lambda t: water(0.6 if t < 200 else 0.0), Look(200, begin=150, run="b"))
    alerts = fold(rule, [*before, *after])
    assert [alert.phase for alert in alerts] == [Phase.RAISED, Phase.CLEARED]


def test_a_ruler_that_the_camera_has_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no ruler 'bridge'; it has: pier"):
        Detector(SETUP, Config(ruler="bridge"))
    with pytest.raises(ValueError, match="it has: none"):
        Detector(RuleSetup("the-rule", SETUP.camera), Config(ruler="bridge"))


@pytest.mark.parametrize(
    ("amount", "people", "state", "stage"),
    [
        (lambda _: 0.1, 0, "dry", Stage.QUIET),
        (lambda _: 0.6, 0, "wet", Stage.RISING),
        (lambda _: 0.6, 5, "a floor", Stage.HELD),
        (lambda t: 0.6 if t > 21 else 0.0, 0, "came at once", Stage.HELD),
    ],
)
def test_it_says_how_far_it_is_from_an_alert(amount: Course, people: int, state: str, stage: Stage) -> None:
    rule = Detector(SETUP, Config())
    fold(rule, rising(lambda t: water(amount(t), 0.3), Look(30), bystanders(people)))
    (watched,) = rule.watched()
    assert (watched.state, watched.stage) == (state, stage)
    assert watched.gauges[1].limit == 0.25


def test_levels_go_up_at_once_and_down_only_when_it_is_clear() -> None:
    assert [level_of(PARTS, value, 0, 0.05) for value in (0.0, 0.49, 0.5, 0.8)] == [0, 0, 1, 2]
    assert [level_of(PARTS, value, 1, 0.05) for value in (0.46, 0.44, 0.76)] == [1, 0, 2]
    assert level_of(PARTS, 0.1, 2, 0.05) == 0


def test_a_reading_without_figures_is_taken_for_dry() -> None:
    odd = Reading("water", {"zone": "road", "share": "much"}, 1.0)
    assert fold(Detector(SETUP, Config()), rising(lambda _: odd, Look(100))) == []
