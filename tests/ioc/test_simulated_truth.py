"""What a scene's rules owe follows from its script and their own settings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ioc.errors import UsageError
from ioc.rulebook import kinds
from ioc.simulated_truth import DWELL, OWED, truth_of
from ioc.truth import Truth
from ioc.truth_file import KINDS
from streams.scene_play import play
from tests.streams.scripts import BASE, STREET, script

QUIET: dict[str, Any] = {**STREET, "lane": [{**STREET["lane"][0], "per_minute": 0}]}
CROWD: dict[str, Any] = {"people": 9, "area": [-4, 8, 4, 18], "doors": [[-12, 12], [12, 12]], "over": 4}
SQUARE: dict[str, Any] = {
    **BASE,
    "duration": 90,
    "zone": [{"name": "square", "ground": [[-5, 7], [5, 7], [5, 19], [-5, 19]]}],
    "rule": [{"name": "crowd", "kind": "overcrowding", "zone": "square", "at_most": 6, "after": "PT8S"}],
}


def truth(value: dict[str, Any], **changed: Any) -> Truth:
    parsed = script(value, **changed)
    return truth_of(parsed, play(parsed), "gate.mp4")


def parking(start: float, end: float, **changed: Any) -> dict[str, Any]:
    return {**STREET["parking"][0], "start": start, "end": end, **changed}


def test_every_kind_of_rule_is_known() -> None:
    assert set(kinds()) <= OWED.keys() | DWELL.keys(), "a new kind of rule: say in OWED what it owes"
    assert not set(OWED) & set(DWELL), "what a rule owes is not told twice"
    assert set(OWED) | set(DWELL) == set(KINDS)


def test_a_stay_is_owed_when_it_has_lasted_as_long_as_the_rule_says() -> None:
    told = truth(QUIET)
    assert (told.clip, told.duration_s) == ("gate.mp4", 20.0)
    (event,) = told.events
    assert (event.kind, event.start_s, event.due_s, event.end_s) == ("illegal_parking", 4.0, 9.0, 14.0)
    assert event.box is not None


def test_the_rules_default_holds_where_it_says_nothing() -> None:
    rule = {"name": "no-parking", "kind": "illegal_parking", "zone": "kerb"}
    (event,) = truth(QUIET, duration=200, rule=[rule], parking=[parking(20, 150)]).events
    assert event.due_s == 80.0


@pytest.mark.parametrize(
    ("stay", "events", "ignored"),
    [((4.0, 6.0), 0, 0), ((4.0, 8.0), 0, 1), ((4.0, 10.0), 0, 1), ((4.0, 11.0), 1, 0), ((14.0, 40.0), 0, 1)],
)
def test_short_stops_owe_nothing_and_what_is_near_the_limit_is_not_judged(
    stay: tuple[float, float], events: int, ignored: int
) -> None:
    told = truth(QUIET, parking=[parking(*stay)])
    assert (len(told.events), len(told.ignore)) == (events, ignored)


def test_labels_that_the_rule_does_not_name_may_stand() -> None:
    assert truth(QUIET, parking=[parking(4, 14, who="motorcycle")]).events == ()
    rule = {**STREET["rule"][0], "labels": ["motorcycle"]}
    assert len(truth(QUIET, rule=[rule], parking=[parking(4, 14, who="motorcycle")]).events) == 1


def test_a_queue_at_red_owes_nothing() -> None:
    lane = {**STREET["lane"][0], "start": [4.4, -10.0], "end": [4.4, 70.0], "per_minute": 25}
    lane["signal"] = {"stop": 34.0, "cycle": 60, "red": [5, 55]}
    assert truth(STREET, duration=60, lane=[lane], parking=[]).events == ()


def test_what_stands_at_the_beginning_counts_from_there() -> None:
    (event,) = truth(QUIET, parking=[], standing=[{"who": "car", "where": [4.4, 15.0]}]).events
    assert (event.start_s, event.due_s, event.end_s) == (0.0, 5.0, 20.0)


def test_a_crowd_beyond_the_limit_is_owed_once() -> None:
    (event,) = truth(SQUARE, gathering=[{**CROWD, "start": 20, "end": 50}]).events
    assert event.kind == "overcrowding"
    assert 15 < event.start_s < 21
    assert event.due_s == pytest.approx(event.start_s + 8)
    assert event.end_s is not None
    assert 50 < event.end_s < 62
    assert event.box is not None


def test_people_are_counted_now_and_then_where_a_rule_watches_for_crowds() -> None:
    told = truth(SQUARE, gathering=[{**CROWD, "start": 20, "end": 55}])
    assert [(count.at_s, count.people, count.zone) for count in told.counts] == [
        (15.0, told.counts[0].people, "square"),
        (45.0, 9, "square"),
        (75.0, 0, "square"),
    ]
    assert truth(QUIET).counts == ()


def test_a_second_crowd_is_a_second_event_once_the_first_has_left() -> None:
    first, second = {**CROWD, "start": 12, "end": 30}, {**CROWD, "start": 58, "end": 80}
    assert len(truth(SQUARE, gathering=[first, second]).events) == 2


def test_a_crowd_that_only_thins_out_for_a_moment_is_one_event() -> None:
    stays = {**CROWD, "people": 6, "start": 12, "end": 70}
    more = [{**CROWD, "people": 3, "start": start, "end": start + 12} for start in (20, 50)]
    (event,) = truth(SQUARE, gathering=[stays, *more]).events
    assert event.end_s is not None
    assert event.end_s > 62


@pytest.mark.parametrize("changed", [{"people": 6}, {"end": 21}])
def test_a_crowd_within_the_limit_or_a_short_one_owes_nothing(changed: dict[str, Any]) -> None:
    assert truth(SQUARE, gathering=[{**CROWD, "start": 20, "end": 50, **changed}]).events == ()


def test_events_stand_in_the_order_in_which_they_are_due() -> None:
    told = truth(QUIET, duration=60, parking=[parking(40, 55), parking(4, 14)])
    assert [event.start_s for event in told.events] == [4.0, 40.0]


PASSER = [[0, -3, 10], [6, 0, 12], [8, 0, 12], [20, 12, 16]]


@pytest.mark.parametrize(
    ("changed", "kind", "start", "due"),
    [
        ({"fire": [{"x": 0, "y": 12, "start": 3, "growth": 5}]}, "fire", 3.0, 8.0),
        ({"smoke": [{"x": 0, "y": 12, "start": 3, "growth": 5}]}, "smoke", 3.0, 13.0),
        ({"fault": [{"kind": "black", "start": 4, "end": 19}]}, "camera_health", 4.0, 14.0),
        ({"water": {"levels": [[0, -0.1], [10, 0.1]]}, "duration": 40}, "flood", 7.6, 27.6),
        ({"dumping": [{"path": [[0, -20, 14], [10, 20, 14]], "start": 5}]}, "littering", 5.8, 15.8),
    ],
)
def test_kinds_without_a_rule_are_told_where_the_scene_shows_them(
    changed: dict[str, Any], kind: str, start: float, due: float
) -> None:
    (event,) = truth(BASE, **changed).events
    assert event.kind == kind
    assert (event.start_s, event.due_s) == pytest.approx((start, due), abs=0.3)
    assert (event.box is None) == (kind in {"camera_health", "flood"})


def test_steam_is_shown_and_owes_nothing() -> None:
    steam = {"x": 0, "y": 12, "start": 1, "growth": 2, "colour": [235, 235, 235]}
    assert truth(BASE, steam=[steam]).events == ()
    at = timedelta(seconds=12)
    steaming, clear = play(script(BASE, steam=[steam])).scene.picture(at), play(script(BASE)).scene.picture(at)
    assert (steaming.image != clear.image).mean() > 0.01
    assert steaming.seen == clear.seen == ()


def test_a_bag_is_litter_once_its_owner_has_gone() -> None:
    (event,) = truth(BASE, duration=40, leaving=[{"path": PASSER, "left": 7}]).events
    assert event.kind == "littering"
    assert event.start_s > 9
    assert event.due_s == pytest.approx(event.start_s + 10)


@pytest.mark.parametrize(
    "leaving",
    [
        {"path": [[0, -3, 10], [6, 0, 12], [25, 0, 12], [30, 12, 16]], "left": 7, "taken": 24},
        {"path": PASSER, "left": 7, "taken": 15, "taker": [[10, 5, 12], [15, 0, 12], [20, 9, 12]]},
    ],
)
def test_a_bag_that_is_watched_or_soon_picked_up_is_none(leaving: dict[str, Any]) -> None:
    assert truth(BASE, duration=40, leaving=[leaving]).events == ()


def test_a_bag_that_nobody_can_put_down_is_refused() -> None:
    with pytest.raises(UsageError, match="gate: leaving-0: nobody is there to put it down at 30 s"):
        truth(BASE, duration=40, leaving=[{"path": PASSER, "left": 30}])
