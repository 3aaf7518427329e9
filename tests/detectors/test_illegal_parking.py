"""Illegal parking: when it fires, when it does not, and that the clock belongs to the place."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.illegal_parking import Config, Detector
from ioc.ports import RuleSetup
from ioc.types import Box, Phase, Severity
from tests.detectors.gate import plate_on, plate_reading
from tests.detectors.street import (
    CAMERA,
    RUN,
    Look,
    Thing,
    at,
    box_on,
    driving,
    fold,
    observations,
    raised,
    renamed,
    same_place,
    seconds,
    shifted,
    standing,
    stopping,
    tracked,
    zone,
)

KERB = zone((0.0, 0.5), (1.0, 0.5), (1.0, 0.7), (0.0, 0.7))
TEN = timedelta(seconds=10)


def rule(after: timedelta = TEN, **settings_: object) -> Detector:
    return Detector(KERB, Config.model_validate({"after": after, **settings_}))


def test_a_stop_longer_than_allowed_is_one_alert_from_its_beginning_to_its_end() -> None:
    seen = observations([Thing(stopping(0.5, 0.6, begin=5, end=30))], Look(60))
    first, last = fold(rule(), seen)
    assert (first.phase, last.phase) == (Phase.RAISED, Phase.CLEARED)
    assert first.id == last.id
    assert seconds(first.began) == pytest.approx(5, abs=1)
    assert seconds(first.at) == pytest.approx(15, abs=1.2)
    assert 30 < seconds(last.at) < 36
    assert first.box is not None
    assert first.box.foot.x == pytest.approx(0.5, abs=0.03)
    assert first.severity is Severity.MEDIUM
    assert first.details["label"] == "car"
    assert last.details["stood_s"] == pytest.approx(25, abs=1.5)


def test_the_alert_shows_the_entry_and_the_threshold() -> None:
    (first,) = raised(fold(rule(), observations([Thing(stopping(0.5, 0.6, 5, 30))], Look(60))))
    entry, threshold = first.evidence
    assert entry.kind == threshold.kind == "frame"
    assert (threshold.seq, threshold.at) == (round(seconds(first.at) * 5), first.at)
    assert entry.at == at(entry.seq / 5)
    assert seconds(entry.at) == pytest.approx(6, abs=1)
    assert entry.box is not None


def test_what_stands_there_in_the_first_picture_counts_from_it() -> None:
    (alert,) = fold(rule(), tracked([Thing(standing(0.5, 0.6))], Look(20)))
    assert seconds(alert.began) == 0
    assert seconds(alert.at) == pytest.approx(10, abs=0.2)


def test_short_stops_do_not_fire() -> None:
    assert fold(rule(), observations([Thing(stopping(0.5, 0.6, begin=5, end=13))], Look(40))) == []


def test_many_short_stops_at_one_place_do_not_add_up() -> None:
    stops = [Thing(stopping(0.5, 0.6, begin=10.0 * n, end=10.0 * n + 6)) for n in range(1, 6)]
    assert fold(rule(), observations(stops, Look(80))) == []
    assert fold(rule(), tracked(stops, Look(80, jitter=0.03))) == []


def test_passing_traffic_does_not_fire() -> None:
    cars = [Thing(driving(0.6, begin=0.8 * n, speed=0.35)) for n in range(60)]
    assert fold(rule(), tracked(cars, Look(50, jitter=0.05))) == []


@pytest.mark.parametrize("speed", [0.006, 0.01, 0.03])
def test_creeping_traffic_does_not_fire(speed: float) -> None:
    # 0.006 of the frame a second is six hundredths of the car's length.
    cars = [Thing(driving(0.6, begin=-(0.15 * n - 0.3) / speed, speed=speed)) for n in range(6)]
    assert fold(rule(), observations(cars, Look(60, jitter=0.02))) == []


def test_what_stands_outside_the_zone_does_not_fire() -> None:
    beside = [Thing(standing(0.3, 0.75)), Thing(standing(0.6, 0.45))]
    assert fold(rule(), observations(beside, Look(40))) == []


def test_a_tall_vehicle_belongs_where_its_wheels_are() -> None:
    reaches_in = Thing(standing(0.3, 0.85, height=0.3), "bus")
    stands_in = Thing(standing(0.7, 0.65, height=0.3), "bus")
    alerts = fold(rule(), observations([reaches_in, stands_in], Look(20)))
    assert [alert.box.foot.x for alert in alerts if alert.box] == [pytest.approx(0.7, abs=0.01)]


def test_only_the_named_vehicles_count() -> None:
    seen = observations([Thing(standing(0.3, 0.6), "motorcycle"), Thing(standing(0.6, 0.6), "person")], Look(20))
    assert fold(rule(), seen) == []
    (alert,) = fold(rule(labels=["motorcycle"]), seen)
    assert alert.details["label"] == "motorcycle"


def test_one_that_may_stand_there_is_not_told_for_being_mistaken_now_and_then() -> None:
    seen = [
        replace(obs, tracks=tuple(replace(track, label="car" if obs.seq % 5 == 0 else "bus") for track in obs.tracks))
        for obs in observations([Thing(standing(0.5, 0.6))], Look(20))
    ]
    assert fold(rule(labels=["car"]), seen) == []
    (alert,) = fold(rule(labels=["car", "bus"]), seen)
    assert alert.details["label"] == "bus"


def test_two_parked_side_by_side_are_two_alerts_and_the_one_that_leaves_between_them_is_none() -> None:
    cars = [Thing(standing(0.40, 0.6)), Thing(stopping(0.52, 0.6, -9, 4)), Thing(standing(0.64, 0.6))]
    alerts = fold(rule(), tracked(cars, Look(25, jitter=0.02)))
    assert [alert.phase for alert in alerts] == [Phase.RAISED] * 2
    assert alerts[0].id != alerts[1].id
    assert {round(alert.box.foot.x, 1) for alert in alerts if alert.box} == {0.4, 0.6}


def test_the_clock_goes_on_under_another_identity() -> None:
    names = ((0.0, "a"), (6.0, "b"), (7.0, "c"), (9.5, "a"))
    (alert,) = fold(rule(), observations([Thing(standing(0.5, 0.6), names=names)], Look(14)))
    assert seconds(alert.at) == pytest.approx(10, abs=0.3)


def test_identities_exchanged_with_a_passing_vehicle_neither_stop_nor_start_a_clock() -> None:
    parked = Thing(standing(0.5, 0.6), names=((0.0, "a"), (6.0, "b")))
    passing = Thing(driving(0.66, begin=4.5, speed=0.33), names=((0.0, "b"), (6.0, "a")))
    alerts = fold(rule(), observations([parked, passing], Look(14)))
    assert [seconds(alert.at) for alert in alerts] == [pytest.approx(10, abs=0.3)]


def test_a_vehicle_missed_for_longer_than_tracks_live_goes_on_standing() -> None:
    car = Thing(lambda t: None if 12 < t < 20 else box_on(0.5, 0.6))
    (alert,) = fold(rule(timedelta(seconds=25)), tracked([car], Look(30)))
    assert seconds(alert.began) == 0
    assert seconds(alert.at) == pytest.approx(25, abs=0.3)


@pytest.mark.parametrize("hidden_for", [5, 20, 50])
def test_a_bus_that_stops_in_front_does_not_reset_the_clock(hidden_for: int) -> None:
    car = Thing(standing(0.5, 0.6))
    bus = Thing(stopping(0.5, 0.68, begin=12, end=12 + hidden_for, width=0.3, height=0.25), "bus")
    alerts = fold(rule(timedelta(seconds=20)), tracked([car, bus], Look(30 + hidden_for, jitter=0.02)))
    mine = [alert for alert in raised(alerts) if alert.details["label"] == "car"]
    assert len(mine) == 1
    assert seconds(mine[0].began) == 0
    # It is told when it can be seen, not while it is only remembered.
    assert seconds(mine[0].at) >= min(20, 12 + hidden_for)


def test_a_vehicle_hidden_for_longer_than_the_memory_is_forgotten() -> None:
    car = Thing(lambda t: None if 15 < t < 90 else box_on(0.5, 0.6))
    alerts = fold(rule(), tracked([car], Look(120)))
    assert [alert.phase for alert in alerts] == [Phase.RAISED, Phase.CLEARED, Phase.RAISED]
    assert alerts[0].id != alerts[2].id


def test_the_next_vehicle_at_the_same_place_has_a_clock_of_its_own() -> None:
    first, second = Thing(stopping(0.5, 0.6, begin=3, end=11)), Thing(stopping(0.5, 0.6, begin=14, end=60))
    (alert,) = fold(rule(), tracked([first, second], Look(30, jitter=0.02)))
    assert seconds(alert.began) == pytest.approx(14, abs=1)


def test_a_vehicle_that_pulls_in_where_another_vanished_unseen_has_a_clock_of_its_own() -> None:
    first, second = Thing(standing(0.5, 0.6, end=9)), Thing(stopping(0.5, 0.6, begin=14, end=60))
    (alert,) = fold(rule(), tracked([first, second], Look(30)))
    assert seconds(alert.began) == pytest.approx(14, abs=1)


def test_an_alert_goes_on_being_told_and_ends_when_the_vehicle_has_gone() -> None:
    seen = observations([Thing(stopping(0.5, 0.6, begin=0, end=150))], Look(200))
    alerts = fold(rule(), seen)
    assert [alert.phase for alert in alerts] == [Phase.RAISED, Phase.UPDATED, Phase.UPDATED, Phase.CLEARED]
    assert len({alert.id for alert in alerts}) == 1
    assert [round(seconds(alert.at)) for alert in alerts[:3]] == [10, 70, 130]


def test_two_boxes_around_one_vehicle_are_one_alert() -> None:
    twice = [Thing(standing(0.5, 0.6)), Thing(standing(0.505, 0.605, width=0.11, height=0.09), "truck")]
    assert len(fold(rule(), observations(twice, Look(30)))) == 1


@pytest.mark.parametrize(("score", "misses"), [(0.3, 0.0), (0.6, 0.6)])
def test_what_is_hardly_seen_is_not_told(score: float, misses: float) -> None:
    doubtful = [Thing(standing(0.5, 0.6), score=score)]
    assert fold(rule(), observations(doubtful, Look(60, misses=misses))) == []
    assert len(fold(rule(sure=0), observations(doubtful, Look(60, misses=misses)))) == 1


def test_pictures_in_which_something_hides_it_do_not_count_against_it() -> None:
    car = Thing(standing(0.5, 0.6), score=0.5)
    bus = Thing(stopping(0.5, 0.68, begin=6, end=26, width=0.3, height=0.25), "bus")
    (alert,) = [a for a in raised(fold(rule(), tracked([car, bus], Look(40)))) if a.details["label"] == "car"]
    assert seconds(alert.at) < 30


def test_a_break_longer_than_the_memory_restarts_the_clock() -> None:
    car = [Thing(standing(0.5, 0.6))]
    seen = observations(car, Look(8)) + observations(car, Look(8, begin=75, run="later"))
    assert fold(rule(), seen) == []


@pytest.mark.parametrize("gap", [0.2, 5, 50])
def test_the_clock_goes_on_when_the_camera_comes_back(gap: float) -> None:
    car = [Thing(standing(0.5, 0.6))]
    back = 8 + gap
    seen = observations(car, Look(8)) + observations(car, Look(30, begin=back, run="later"))
    (alert,) = raised(fold(rule(), seen))
    assert seconds(alert.began) == 0
    assert seconds(alert.at) == pytest.approx(max(10, back + 0.8), abs=0.3)


def test_another_that_stands_elsewhere_after_a_break_inherits_no_clock() -> None:
    seen = observations([Thing(standing(0.5, 0.6))], Look(8))
    seen += observations([Thing(standing(0.53, 0.6))], Look(9, begin=30, run="later"))
    assert fold(rule(), seen) == []


def test_the_break_does_not_count_for_who_waited_in_a_queue() -> None:
    waiting = queue(4, begin=3, end=100)
    seen = observations(waiting, Look(12)) + observations(waiting, Look(8, begin=40, run="later"))
    assert fold(rule(), seen) == []


def test_a_clock_that_is_set_back_begins_every_stay_anew() -> None:
    car = [Thing(standing(0.5, 0.6))]
    seen = observations(car, Look(8, begin=100)) + observations(car, Look(15, run="later"))
    (alert,) = fold(rule(), seen)
    assert seconds(alert.began) == 0
    assert seconds(alert.at) == pytest.approx(10, abs=0.3)


def test_a_stay_told_before_the_camera_was_lost_is_not_told_again() -> None:
    car = [Thing(standing(0.5, 0.6, end=50))]
    seen = observations(car, Look(15)) + observations(car, Look(90, begin=25, run="later"))
    alerts = fold(rule(), seen)
    assert [alert.phase for alert in alerts] == [Phase.RAISED, Phase.CLEARED]
    assert len({alert.id for alert in alerts}) == 1
    assert seconds(alerts[1].at) > 50


def test_a_stay_told_long_before_the_camera_came_back_is_over() -> None:
    car = [Thing(standing(0.5, 0.6, end=20))]
    seen = observations(car, Look(15)) + observations(car, Look(5, begin=600, run="later"))
    alerts = fold(rule(), seen)
    assert [alert.phase for alert in alerts] == [Phase.RAISED, Phase.CLEARED]
    assert seconds(alerts[1].at) == 600


def queue(count: int, begin: float, end: float) -> list[Thing]:
    return [
        Thing(stopping(0.8 - 0.13 * n, 0.6, begin=begin + 1.5 * n, end=end + 1.2 * n, speed=0.2)) for n in range(count)
    ]


def test_a_queue_at_a_red_light_is_not_parking() -> None:
    waiting = queue(5, begin=3, end=40)
    assert fold(rule(), tracked(waiting, Look(60, jitter=0.02))) == []
    assert len(raised(fold(rule(queue=0), tracked(waiting, Look(60, jitter=0.02))))) == 5


def test_what_stays_when_the_queue_moves_on_is_parking() -> None:
    left_behind = Thing(stopping(0.28, 0.6, begin=3, end=100, speed=0.2))
    alerts = fold(rule(), tracked([*queue(4, 3, 25), left_behind], Look(60)))
    (alert,) = raised(alerts)
    assert alert.box is not None
    assert alert.box.foot.x == pytest.approx(0.28, abs=0.02)
    assert 33 < seconds(alert.at) < 45
    assert alert.details["held_s"] == pytest.approx(23, abs=4)


def test_motorcycles_at_a_light_make_a_queue_too() -> None:
    riders = [
        Thing(stopping(x, 0.6, begin=2, end=40, speed=0.2, width=0.03, height=0.06), "motorcycle") for x in (0.5, 0.58)
    ]
    car = Thing(stopping(0.7, 0.6, begin=3, end=40, speed=0.2))
    assert fold(rule(), observations([*riders, car], Look(60))) == []
    assert len(raised(fold(rule(), observations([riders[0], car], Look(60))))) == 1


@pytest.mark.parametrize(
    ("zone_kind", "allowed"), [("no_park", 60), ("pavement", 60), ("no_stop", 20), ("bus_stop", 20), ("crossing", 20)]
)
def test_how_long_one_may_stand_follows_from_the_kind_of_zone(zone_kind: str, allowed: int) -> None:
    assert Config.model_validate({"zone_kind": zone_kind}).after == timedelta(seconds=allowed)
    assert Config.model_validate({"zone_kind": zone_kind, "after": "PT15S"}).after == timedelta(seconds=15)
    made = Detector(KERB, Config.model_validate({"zone_kind": zone_kind}))
    (alert,) = raised(fold(made, observations([Thing(standing(0.5, 0.6))], Look(70))))
    assert alert.details["zone_kind"] == zone_kind
    assert seconds(alert.at) == pytest.approx(allowed, abs=0.3)


def test_on_the_other_days_one_may_stand() -> None:
    seen = observations([Thing(standing(0.5, 0.6))], Look(20))
    assert len(raised(fold(rule(days="odd"), seen))) == 1, "the street is drawn on the first of March"
    assert fold(rule(days="even"), seen) == []


def test_the_plate_that_was_read_is_told_with_its_vehicle() -> None:
    box = box_on(0.5, 0.6)
    assert box is not None
    car = Thing(stopping(0.5, 0.6, begin=4, end=40))
    seen = [
        replace(obs, readings=(plate_reading("30A12345", plate_on(obs.tracks[0].box)),)) if 20 <= obs.seq < 25 else obs
        for obs in observations([car], Look(30))
    ]
    (alert,) = raised(fold(rule(), seen))
    assert alert.details["plate"] == "30A12345"
    assert [item.kind for item in alert.evidence] == ["frame", "crop", "frame"]
    assert 20 <= alert.evidence[1].seq < 25


@pytest.mark.parametrize("text", ["", "SALE50"])
def test_what_is_no_plate_is_not_told(text: str) -> None:
    car = Thing(standing(0.5, 0.6))
    reading = plate_reading(text, plate_on(Box(0.45, 0.52, 0.55, 0.6)))
    seen = [replace(obs, readings=(reading,)) for obs in observations([car], Look(12))]
    (alert,) = raised(fold(rule(), seen))
    assert "plate" not in alert.details


def test_it_cites_where_stays_began_until_they_are_told() -> None:
    watching = rule()
    cited = []
    for obs in observations([Thing(standing(0.5, 0.6)), Thing(standing(0.3, 0.45))], Look(12)):
        (*_,) = watching.observe(obs)
        cited.append([item.seq for item in watching.cited()])
    began = next(seqs for seqs in cited if seqs)
    assert len(began) == 1, "not what stands outside"
    assert [seqs for seqs in cited if seqs and seqs != began] == []
    assert cited[-1] == []


@pytest.mark.parametrize("state", [None, {}, {"at": None}, {"at": "now", "stays": []}, {"at": None, "stays": [{}]}])
def test_what_is_no_state_of_it_is_refused(state: object) -> None:
    with pytest.raises(ValueError, match="no state of places"):
        rule().restore(state)  # type: ignore[arg-type]


@settings(max_examples=8, deadline=None)
@given(st.integers(5, 220), st.floats(0, 50))
def test_a_restart_at_any_moment_keeps_the_outcome(cut: int, pause: float) -> None:
    """The street stands still while the program is away: what happens then cannot be seen."""
    whole = observations(STREET, Look(45, jitter=0.02))
    expected = raised(fold(rule(), whole))
    before, after = rule(), rule()
    found = raised(fold(before, whole[:cut]))
    after.restore(json.loads(json.dumps(before.state())))
    gap = timedelta(seconds=pause)
    late = renamed(shifted(whole[cut:], gap), lambda name: f"later-{name}")
    found += raised(fold(after, [replace(obs, run="later") for obs in late]))
    assert len({alert.id for alert in found}) == len(found)
    standing_then = [alert for alert in expected if alert.began <= whole[cut].at - timedelta(seconds=1.5)]
    for theirs in standing_then:
        (mine,) = [alert for alert in found if same_place(alert, theirs) and alert.began == theirs.began]
        assert mine.at <= max(theirs.at, whole[cut].at + gap) + timedelta(seconds=1)


def test_a_row_that_stood_there_from_the_start_is_no_queue() -> None:
    row = [Thing(standing(0.2 + 0.13 * n, 0.6)) for n in range(5)]
    assert len(raised(fold(rule(), tracked(row, Look(20))))) == 5


@pytest.mark.parametrize("rate", [1, 2, 10, 25])
def test_the_rate_of_pictures_changes_nothing(rate: float) -> None:
    things = [Thing(stopping(0.5, 0.6, begin=6, end=40)), Thing(driving(0.68, begin=8, speed=0.2))]
    alerts = fold(rule(), tracked(things, Look(90, rate=rate, jitter=0.02)))
    assert [alert.phase for alert in alerts] == [Phase.RAISED, Phase.CLEARED]
    assert seconds(alerts[0].at) == pytest.approx(16, abs=2.5)


STREET = [
    Thing(standing(0.30, 0.6)),
    Thing(stopping(0.60, 0.6, begin=6, end=34)),
    Thing(stopping(0.80, 0.6, begin=12, end=17)),
    *(Thing(driving(0.68, begin=3.0 * n, speed=0.3, height=0.12)) for n in range(15)),
]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_missed_boxes_keep_the_outcome(seed: int) -> None:
    alerts = raised(fold(rule(), tracked(STREET, Look(45, misses=0.1, jitter=0.03, seed=seed))))
    assert len(alerts) == 2
    for alert, due, x in zip(alerts, (10, 16), (0.3, 0.6), strict=True):
        assert alert.box is not None
        assert alert.box.foot.x == pytest.approx(x, abs=0.03)
        assert due - 1 <= seconds(alert.at) <= due + 3


@settings(max_examples=15, deadline=None)
@given(st.sets(st.integers(0, 224), max_size=22))
def test_lost_pictures_keep_the_outcome(lost: set[int]) -> None:
    whole = observations(STREET, Look(45, jitter=0.02))
    expected = raised(fold(rule(), whole))
    found = raised(fold(rule(), [obs for obs in whole if obs.seq not in lost]))
    assert len(found) == len(expected) == 2
    for mine, theirs in zip(found, expected, strict=True):
        assert same_place(mine, theirs)
        assert abs(mine.at - theirs.at) <= timedelta(seconds=3)


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_names_and_the_order_of_tracks_change_nothing(dice: object) -> None:
    seen = observations(STREET, Look(45, jitter=0.02))
    names = sorted({track.id for obs in seen for track in obs.tracks})
    others = [f"{RUN}-{n}" for n in range(100, 100 + len(names))]
    dice.shuffle(others)  # type: ignore[attr-defined]
    table = dict(zip(names, others, strict=True))
    assert fold(rule(), renamed(seen, table.__getitem__)) == fold(rule(), seen)


@settings(max_examples=10, deadline=None)
@given(st.timedeltas(timedelta(days=-9000), timedelta(days=9000)))
def test_another_time_of_day_changes_nothing_but_the_times(by: timedelta) -> None:
    seen = observations(STREET, Look(45, jitter=0.02))
    expected = [
        replace(
            alert,
            began=alert.began + by,
            at=alert.at + by,
            evidence=tuple(replace(item, at=item.at + by) for item in alert.evidence),
        )
        for alert in fold(rule(), seen)
    ]
    assert fold(rule(), shifted(seen, by)) == expected


def test_memory_does_not_grow_with_the_traffic() -> None:
    things = [Thing(driving(0.6, begin=1.0 * n)) for n in range(300)]
    things += [Thing(stopping(0.5, 0.66, begin=20.0 * n, end=20.0 * n + 5)) for n in range(15)]
    watching, sizes = rule(), []
    for obs in observations(things, Look(300)):
        list(watching.observe(obs))
        sizes.append(len(pickle.dumps(watching)))
    quarters = [max(part) for part in (sizes[300:600], sizes[600:900], sizes[900:1200])]
    assert max(quarters) < 1.3 * min(quarters)


def test_alerts_come_in_the_order_of_time() -> None:
    alerts = fold(rule(), tracked(STREET, Look(60)))
    assert len(alerts) == 3
    assert all(a.at <= b.at for a, b in pairwise(alerts))
    assert all(alert.began <= alert.at for alert in alerts)


def test_it_cannot_do_without_a_zone() -> None:
    with pytest.raises(ValueError, match="zone: is missing"):
        Detector(RuleSetup("r", CAMERA), Config())


@pytest.mark.parametrize(
    "wrong",
    [
        {"after": "PT0S"},
        {"after": "soon"},
        {"labels": []},
        {"labels": ["tank"]},
        {"queue": -1},
        {"at_most": 3},
        {"hours": ["6-22"]},
    ],
)
def test_settings_that_mean_nothing_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Config.model_validate(wrong)


def test_durations_are_read_as_iso_8601() -> None:
    assert Config.model_validate({"after": "PT1M30S"}).after == timedelta(seconds=90)


def test_the_box_is_where_the_vehicle_stands() -> None:
    (alert,) = raised(fold(rule(), observations([Thing(standing(0.5, 0.6))], Look(12))))
    assert alert.box == Box(0.45, 0.52, 0.55, 0.6)
