"""What is put down and left is told of once; bags whose owners stay, passers-by, light and people are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from detectors.littering import Config, Detector
from ioc.ports import RuleSetup, Stage
from ioc.stories import Told
from ioc.types import Alert, Observation, Phase
from tests.detectors.pavement import BODY, Lies, pavement, person
from tests.detectors.street import CAMERA, Look, Thing, driving, fold, raised, seconds, standing, zone

ANYWHERE = RuleSetup("the-rule", CAMERA)
BROUGHT = person((0, 0.1, 0.8), (5, 0.48, 0.8), (7, 0.48, 0.8), (12, 0.95, 0.8))
"""Somebody who comes from the left, stays from 5 s to 7 s, and goes away to the right."""
BAG = Lies(0.5, 0.8, begin=6)


def rule(setup: RuleSetup = ANYWHERE, **settings: object) -> Detector:
    return Detector(setup, Config.model_validate({"after": "PT5S", **settings}))


def told(
    things: list[Thing], lies: list[Lies], *, until: float = 40, setup: RuleSetup = ANYWHERE, **settings: object
) -> list[Alert]:
    return fold(rule(setup, **settings), pavement(things, lies, Look(until, misses=0.05, jitter=0.01)))


def test_what_is_left_is_told_once_when_its_owner_has_been_away_for_long_enough() -> None:
    (alert,) = told([BROUGHT], [BAG])
    assert alert.phase is Phase.RAISED
    assert seconds(alert.at) == pytest.approx(7.6 + 5, abs=1.2)
    assert seconds(alert.began) == pytest.approx(6, abs=0.3)
    assert alert.box == BAG.box
    assert alert.details["owner"] == "person"
    assert alert.details["away_s"] == pytest.approx(5, abs=0.3)
    assert len(alert.evidence) == 2


def test_it_is_cleared_when_it_is_picked_up() -> None:
    first, last = told([BROUGHT], [replace(BAG, end=30)])
    assert (first.phase, last.phase) == (Phase.RAISED, Phase.CLEARED)
    assert seconds(last.at) == pytest.approx(32, abs=0.5)
    assert first.id == last.id


def test_a_bag_whose_owner_stays_beside_it_is_none_however_long() -> None:
    stays = person((0, 0.1, 0.8), (5, 0.46, 0.8), (300, 0.46, 0.8))
    assert told([stays], [BAG], until=300) == []


def test_an_owner_who_comes_back_begins_anew() -> None:
    back = person((0, 0.1, 0.8), (5, 0.48, 0.8), (7, 0.48, 0.8), (9, 0.6, 0.8), (11, 0.48, 0.8), (60, 0.48, 0.8))
    assert told([back], [BAG], until=60) == []


def test_an_owner_who_only_passes_by_again_has_not_come_back() -> None:
    again = person((0, 0.1, 0.8), (5, 0.48, 0.8), (7, 0.48, 0.8), (9, 0.6, 0.8), (15, 0.05, 0.8), (60, 0.05, 0.8))
    (alert,) = told([again], [BAG])
    assert seconds(alert.at) == pytest.approx(7.8 + 5, abs=1.5)


def test_passers_by_change_nothing() -> None:
    others = [person((t, 0.05, 0.82), (t + 4, 0.95, 0.82)) for t in (8, 9.5, 11, 14, 18)]
    (alert,) = raised(told([BROUGHT, *others], [BAG]))
    assert seconds(alert.at) == pytest.approx(12.6, abs=1.5)


def test_picked_up_before_it_is_due_is_none() -> None:
    assert told([BROUGHT], [replace(BAG, end=11)]) == []


def test_what_comes_with_nobody_near_is_none() -> None:
    far = person((0, 0.1, 0.4), (30, 0.9, 0.4))
    assert told([far], [BAG]) == []


@pytest.mark.parametrize(
    ("doubtful", "why"),
    [
        ({"placed": -0.5}, "nothing was put there"),
        ({"placed": 0.0}, "nothing was put there"),
        ({"visible": 0.2}, "hardly anything"),
        ({"label": "person"}, "it is a person"),
        ({"label": "car"}, "it is a car"),
        ({"size": (0.12, 0.20)}, "too large"),
    ],
)
def test_what_may_be_no_thing_is_not_told_and_says_why(doubtful: dict[str, object], why: str) -> None:
    watched = Told(rule())
    seen = pavement([BROUGHT], [replace(BAG, **doubtful)], Look(40))  # type: ignore[arg-type]
    assert fold(watched, seen) == []
    assert any(why in change.why for story in watched.stories for change in story.changes)


def test_a_bag_may_look_like_one() -> None:
    assert raised(told([BROUGHT], [replace(BAG, label="bag")]))


def test_only_the_zone_is_watched() -> None:
    kerb = zone((0.0, 0.7), (0.4, 0.7), (0.4, 1.0), (0.0, 1.0))
    assert told([BROUGHT], [BAG], setup=kerb) == []
    assert raised(told([BROUGHT], [BAG], setup=zone((0.4, 0.7), (0.6, 0.7), (0.6, 1.0), (0.4, 1.0))))


def test_a_lorry_that_drops_its_load_is_the_owner() -> None:
    lorry = Thing(driving(0.82, 2, speed=0.15, width=0.25, height=0.25), "truck")
    heap = Lies(0.5, 0.8, begin=5.3, size=(0.08, 0.05))
    (alert,) = told([lorry], [heap])
    assert alert.details["owner"] == "truck"


def test_traffic_beside_it_drops_nothing() -> None:
    lorry = Thing(driving(0.6, 2, speed=0.15, width=0.25, height=0.25), "truck")
    assert told([lorry], [Lies(0.5, 0.8, begin=5.3)]) == []


def test_a_parked_car_is_no_litter() -> None:
    car = Thing(standing(0.5, 0.8, begin=5, width=0.12, height=0.1))
    driver = person((5, 0.58, 0.8), (7, 0.6, 0.8), (12, 0.95, 0.8))
    assert told([car, driver], [Lies(0.5, 0.8, begin=5, size=(0.11, 0.09))], largest=5) == []


def test_an_owner_who_is_lost_from_sight_beside_it_is_believed_to_be_there_for_a_moment() -> None:
    vanishes = person((0, 0.1, 0.8), (5, 0.48, 0.8), (9, 0.48, 0.8))
    (alert,) = told([vanishes], [BAG])
    assert seconds(alert.at) == pytest.approx(9 + 3 + 5, abs=0.8)


def test_an_owner_under_another_identity_is_the_same() -> None:
    whole = person((0, 0.1, 0.8), (5, 0.48, 0.8), (60, 0.48, 0.8))
    gap = replace(whole, way=lambda t: None if 10 <= t < 11.5 else whole.way(t))
    assert told([gap], [BAG], until=60) == []


def test_two_things_are_two_alerts() -> None:
    other = person((0, 0.9, 0.5), (8, 0.72, 0.5), (9, 0.72, 0.5), (14, 0.95, 0.5))
    alerts = raised(told([BROUGHT, other], [BAG, Lies(0.7, 0.5, begin=8.5, place=2)]))
    assert len({alert.subject for alert in alerts}) == len(alerts) == 2


def test_a_new_run_ends_what_was_told_and_forgets_what_was_not() -> None:
    seen = pavement([BROUGHT], [BAG], Look(14))
    later = pavement([], [replace(BAG, place=1)], Look(30, begin=14, run="later"))
    alerts = fold(rule(), [*seen, *later])
    assert [alert.phase for alert in alerts] == [Phase.RAISED, Phase.CLEARED]
    early = [obs for obs in seen if seconds(obs.at) < 11]
    assert fold(rule(), [*early, *later]) == []


def test_it_says_where_each_thing_stands() -> None:
    watched = Told(rule())
    fold(watched, pavement([BROUGHT], [replace(BAG, end=30)], Look(40)))
    (story,) = watched.stories
    assert [change.state for change in story.changes] == ["attended", "alone", "left behind", "picked up"]
    assert [change.stage for change in story.changes] == [Stage.HELD, Stage.RISING, Stage.TOLD, Stage.OVER]


def test_a_thing_that_is_hidden_for_a_moment_goes_on() -> None:
    seen = pavement([BROUGHT], [BAG], Look(40))

    def hidden(obs: Observation) -> bool:
        return 9 <= seconds(obs.at) < 10.5

    assert len(raised(fold(rule(), [replace(o, readings=()) if hidden(o) else o for o in seen]))) == 1


def test_the_body_in_these_tests_is_larger_than_the_bag() -> None:
    assert BAG.box.area < 0.7 * BODY["width"] * BODY["height"]
    assert Config(after=timedelta(seconds=5)).largest == 0.7
