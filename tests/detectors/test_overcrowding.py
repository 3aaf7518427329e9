"""Overcrowding: one alert a breach, however the count flickers."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.overcrowding import Config, Detector
from ioc.ports import RuleSetup
from ioc.types import Box, Observation, Phase, Severity, Track
from tests.detectors.street import (
    CAMERA,
    RUN,
    Look,
    Thing,
    at,
    box_on,
    fold,
    observations,
    raised,
    renamed,
    seconds,
    standing,
    tracked,
    zone,
    zone_box,
)

SQUARE = zone((0.0, 0.4), (1.0, 0.4), (1.0, 1.0), (0.0, 1.0), name="square")
BODY = {"width": 0.03, "height": 0.1}


def rule(at_most: int = 5, setup: RuleSetup = SQUARE, **settings_: object) -> Detector:
    return Detector(setup, Config.model_validate({"at_most": at_most, "after": timedelta(seconds=4), **settings_}))


def crowd(count: Callable[[float], int], until: float, begin: float = 0.0, run: str = RUN) -> list[Observation]:
    """As many people as `count` says at each time, each of them standing at a place of its own."""
    seen = []
    for seq in range(round((until - begin) * 5)):
        t = begin + seq / 5
        boxes = [box_on(0.05 + 0.06 * (n % 15), 0.6 + 0.15 * (n // 15), **BODY) for n in range(count(t))]
        people = tuple(Track(f"{run}-{n}", "person", 0.7, box, at(begin)) for n, box in enumerate(boxes) if box)
        seen.append(Observation(CAMERA, run, seq, at(t), people))
    return seen


def test_a_breach_is_one_alert_from_its_beginning_to_its_end() -> None:
    first, last = fold(rule(), crowd(lambda t: 9 if 10 <= t < 30 else 4, 60))
    assert (first.phase, last.phase) == (Phase.RAISED, Phase.CLEARED)
    assert first.id == last.id
    # The median of two seconds knows of it a second late.
    assert seconds(first.began) == pytest.approx(11, abs=0.5)
    assert seconds(first.at) == pytest.approx(16, abs=0.5)
    # Missed for a second, a median of two seconds, five seconds low.
    assert seconds(last.at) == pytest.approx(37, abs=0.7)
    assert first.severity is Severity.HIGH
    assert first.subject == "zone:square"
    assert first.box == zone_box(SQUARE)
    assert first.details == {"count": 9, "peak": 9, "at_most": 5}
    assert last.details["peak"] == 9


def test_the_alert_shows_the_entry_and_the_threshold() -> None:
    (first,) = fold(rule(), crowd(lambda t: 9 if t >= 10 else 4, 20))
    entry, threshold = first.evidence
    assert (entry.at, threshold.at) == (first.began, first.at)
    assert entry.seq == round(seconds(first.began) * 5)


def test_a_full_zone_is_no_breach() -> None:
    assert fold(rule(), crowd(lambda _: 5, 60)) == []


def test_a_short_breach_does_not_fire() -> None:
    assert fold(rule(), crowd(lambda t: 9 if 10 <= t < 13 else 4, 40)) == []


def test_short_breaches_do_not_add_up() -> None:
    assert fold(rule(), crowd(lambda t: 9 if t % 9 < 3 else 4, 90)) == []


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_flicker_around_the_limit_is_one_alert(seed: int) -> None:
    people = [Thing(standing(0.05 + 0.06 * n, 0.7, begin=5, end=40, **BODY), "person") for n in range(7)]
    alerts = fold(rule(), tracked(people, Look(60, misses=0.15, jitter=0.03, seed=seed)))
    assert [alert.phase for alert in alerts] == [Phase.RAISED, Phase.CLEARED]


def test_a_count_that_swings_above_the_leave_threshold_is_one_alert() -> None:
    alerts = fold(rule(at_most=20), crowd(lambda t: 25 if t % 20 < 12 else 20, 100))
    assert [alert.phase for alert in alerts] == [Phase.RAISED, Phase.UPDATED]


def test_a_breach_after_a_real_pause_is_another_alert() -> None:
    alerts = fold(rule(), crowd(lambda t: 2 if 20 <= t < 40 else 9, 60))
    assert [alert.phase for alert in alerts] == [Phase.RAISED, Phase.CLEARED, Phase.RAISED]
    assert alerts[0].id != alerts[2].id


def test_a_breach_that_goes_on_is_told_every_minute_with_its_peak() -> None:
    alerts = fold(rule(), crowd(lambda t: 12 if 30 <= t < 40 else 7, 150))
    assert [alert.phase for alert in alerts] == [Phase.RAISED, Phase.UPDATED, Phase.UPDATED]
    assert [alert.details["peak"] for alert in alerts] == [7, 12, 12]
    assert [alert.details["count"] for alert in alerts] == [7, 7, 7]
    assert len({alert.id for alert in alerts}) == 1


def test_only_people_whose_feet_are_in_the_zone_count() -> None:
    upper = [Thing(standing(0.1 + 0.1 * n, 0.35, **BODY), "person") for n in range(6)]
    lower = [Thing(standing(0.1 + 0.1 * n, 0.45, **BODY), "person") for n in range(6)]
    assert fold(rule(), observations(upper, Look(20))) == []
    assert len(fold(rule(), observations(lower, Look(20)))) == 1


def test_only_people_count() -> None:
    mixed = [Thing(standing(0.1 + 0.05 * n, 0.7, **BODY), "person") for n in range(5)]
    mixed += [Thing(standing(0.1 + 0.2 * n, 0.9), "motorcycle") for n in range(5)]
    assert fold(rule(), observations(mixed, Look(20))) == []


def test_who_is_cut_off_by_the_lower_edge_stands_in_a_zone_that_ends_there() -> None:
    people = [Thing(standing(0.1 + 0.1 * n, 1.04, **BODY), "person") for n in range(6)]
    assert len(fold(rule(), observations(people, Look(20)))) == 1


def test_without_a_zone_the_whole_picture_counts() -> None:
    (alert,) = fold(rule(setup=RuleSetup("r", CAMERA)), crowd(lambda _: 9, 20))
    assert alert.subject == "frame"
    assert alert.box == Box(0.035, 0.5, 0.545, 0.6)


def test_who_is_followed_under_a_new_name_is_no_second_person() -> None:
    people = [
        Thing(standing(0.1 + 0.1 * n, 0.7, **BODY), "person", names=tuple((float(t), f"{n}x{t}") for t in range(60)))
        for n in range(5)
    ]
    assert fold(rule(), observations(people, Look(60))) == []


def test_a_new_run_never_completes_an_old_dwell() -> None:
    seen = crowd(lambda _: 9, 4) + crowd(lambda _: 9, 8.5, begin=4, run="later")
    assert fold(rule(), seen) == []
    assert len(fold(rule(), crowd(lambda _: 9, 7.5))) == 1


def test_time_that_nobody_looked_at_is_no_evidence() -> None:
    seen = crowd(lambda _: 9, 4) + crowd(lambda _: 9, 34, begin=30)
    assert fold(rule(), seen) == []


def test_a_breach_told_before_the_camera_was_lost_is_not_told_again() -> None:
    seen = crowd(lambda _: 9, 10) + crowd(lambda t: 9 if t < 45 else 0, 60, begin=40, run="later")
    alerts = fold(rule(), seen)
    assert [alert.phase for alert in alerts] == [Phase.RAISED, Phase.CLEARED]
    assert len({alert.id for alert in alerts}) == 1


def test_nobody_at_all_may_be_the_limit() -> None:
    (alert,) = raised(fold(rule(at_most=0), crowd(lambda t: 1 if 5 <= t < 15 else 0, 40)))
    assert alert.details["at_most"] == 0


def test_one_person_may_be_the_limit_and_the_breach_ends() -> None:
    alerts = fold(rule(at_most=1), crowd(lambda t: 2 if 5 <= t < 15 else 1, 40))
    assert [alert.phase for alert in alerts] == [Phase.RAISED, Phase.CLEARED]


@pytest.mark.parametrize("rate", [1, 2, 25])
def test_the_rate_of_pictures_changes_nothing(rate: float) -> None:
    people = [Thing(standing(0.05 + 0.06 * n, 0.7, begin=5, end=40, **BODY), "person") for n in range(7)]
    alerts = fold(rule(), observations(people, Look(60, rate=rate)))
    assert [alert.phase for alert in alerts] == [Phase.RAISED, Phase.CLEARED]
    assert seconds(alerts[0].at) == pytest.approx(11, abs=1.6)


@settings(max_examples=10, deadline=None)
@given(st.sets(st.integers(0, 299), max_size=30))
def test_lost_pictures_keep_the_outcome(lost: set[int]) -> None:
    whole = crowd(lambda t: 9 if 10 <= t < 40 else 4, 60)
    expected, found = (fold(rule(), seen) for seen in (whole, [obs for obs in whole if obs.seq not in lost]))
    assert [alert.phase for alert in found] == [alert.phase for alert in expected] == [Phase.RAISED, Phase.CLEARED]
    assert all(abs(a.at - b.at) < timedelta(seconds=3) for a, b in zip(found, expected, strict=True))


def test_the_names_of_tracks_change_nothing() -> None:
    seen = crowd(lambda t: 9 if 10 <= t < 40 else 4, 60)
    assert fold(rule(), renamed(seen, lambda name: name[::-1])) == fold(rule(), seen)


def test_memory_does_not_grow_with_the_people_who_pass() -> None:
    watching, sizes = rule(), []
    people = [Thing(standing(0.5, 0.7, begin=0.5 * n, end=0.5 * n + 3, **BODY), "person") for n in range(400)]
    for obs in observations(people, Look(200)):
        list(watching.observe(obs))
        sizes.append(len(pickle.dumps(watching)))
    assert max(sizes[500:]) < 1.2 * max(sizes[100:500])


@pytest.mark.parametrize(
    "wrong", [{}, {"at_most": -1}, {"at_most": 3, "leave": 1.5}, {"at_most": 3, "labels": ["car"]}]
)
def test_settings_that_mean_nothing_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=list(wrong)[-1] if wrong else "at_most"):
        Config.model_validate(wrong)
