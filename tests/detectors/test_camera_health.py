"""Each fault is told of once, after it has lasted; what passes, and what a camera does of itself, is not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from detectors.camera_health import Config, Detector
from ioc.ports import Confidence, RuleSetup, Stage
from ioc.stories import Told
from ioc.types import Alert, Json, Phase, Severity
from tests.detectors.lens import BLACK, BLURRED, COVERED, DIM, ELSEWHERE, FROZEN, INFRARED, MOVED, SOUND, During, Lens
from tests.detectors.street import CAMERA, START, fold, raised, seconds

FAULTS = {"black": BLACK, "covered": COVERED, "blurred": BLURRED, "moved": MOVED, "frozen": FROZEN}


def rule(**settings: Any) -> Detector:
    return Detector(RuleSetup("lens", CAMERA), Config.model_validate(settings))


def told(lens: Lens, **settings: Any) -> list[Alert]:
    return fold(rule(**settings), lens.seen())


def confidence(lens: Lens, at: float) -> tuple[Confidence, str]:
    """Return how far the pictures are believed at that time, and what is wrong."""
    watching = rule()
    fold(watching, [obs for obs in lens.seen() if seconds(obs.at) <= at])
    trust = watching.trust()
    return trust.confidence, trust.fault


@pytest.mark.parametrize(("fault", "figures"), FAULTS.items())
@pytest.mark.parametrize("rate", [1.0, 2.0, 5.0, 25.0])
def test_a_fault_is_told_once_it_has_lasted_and_cleared_once_it_has_been_away(
    fault: str, figures: dict[str, Json], rate: float
) -> None:
    first, last = told(Lens(80, [During(figures, 10, 30)], rate=rate))
    assert (first.details["fault"], first.phase, first.severity) == (fault, Phase.RAISED, Severity.HIGH)
    known = 10 + (1 / rate if fault == "moved" else 0)
    assert seconds(first.began) == known
    assert seconds(first.at) == known + 8
    assert last.phase is Phase.CLEARED
    assert seconds(last.at) == pytest.approx(30 - 1 / rate + 20, abs=1 / rate)
    assert last.id == first.id


@pytest.mark.parametrize("figures", FAULTS.values())
def test_what_passes_is_no_fault(figures: dict[str, Json]) -> None:
    assert told(Lens(60, [During(figures, begin, begin + 6) for begin in (5, 20, 35)])) == []


@pytest.mark.parametrize("figures", FAULTS.values())
def test_a_fault_that_comes_and_goes_is_one_alert(figures: dict[str, Json]) -> None:
    alerts = told(Lens(160, [During(figures, 10, 25), *(During(figures, t, t + 9) for t in range(40, 120, 20))]))
    assert [alert.phase for alert in alerts] == [Phase.RAISED, Phase.CLEARED]


def test_single_sound_pictures_do_not_start_it_again() -> None:
    def flickering(t: float, figures: dict[str, Json]) -> dict[str, Json]:
        return dict(SOUND) if round(t * 5) % 4 == 0 else figures

    (alert,) = told(Lens(20, [During(BLURRED, 5)], change=flickering))
    assert seconds(alert.at) == pytest.approx(13.2, abs=0.3)


def test_a_picture_that_is_bad_now_and_then_is_no_fault() -> None:
    def flickering(t: float, figures: dict[str, Json]) -> dict[str, Json]:
        return figures | BLURRED if round(t * 5) % 5 == 0 else figures

    assert told(Lens(60, change=flickering)) == []


def test_two_faults_are_two_alerts() -> None:
    alerts = raised(told(Lens(60, [During(BLACK, 5, 20), During(BLURRED, 20, 40)])))
    assert [alert.details["fault"] for alert in alerts] == ["black", "blurred"]


def test_a_moved_camera_says_by_how_much() -> None:
    (alert,) = told(Lens(30, [During(MOVED, 10)]))
    assert (alert.details["across"], alert.details["down"]) == (0.1, 0.0)


def test_a_small_shift_is_no_move_unless_asked_for() -> None:
    small = Lens(30, [During(MOVED | {"across": 0.04}, 10)])
    assert told(small) == []
    assert raised(told(small, moved=0.03))


def test_another_view_at_once_is_a_move_and_one_that_comes_slowly_is_none() -> None:
    (alert,) = told(Lens(30, [During(ELSEWHERE, 10)]))
    assert alert.details["fault"] == "moved"

    def fading(t: float, figures: dict[str, Json]) -> dict[str, Json]:
        return figures | {"kept": max(0.9 - t / 20, 0.05), "alike": 0.2, "moved_back": 0.1}

    assert told(Lens(60, change=fading)) == []


@pytest.mark.parametrize("unsure", [{"proven": False}, {"kept_usually": 0.3}])
def test_where_pictures_never_agree_another_view_is_not_known(unsure: dict[str, Json]) -> None:
    assert told(Lens(30, [During(ELSEWHERE | unsure, 10)])) == []


def test_a_view_that_was_settled_for_ends_it() -> None:
    alerts = told(Lens(90, [During(MOVED, 10, 40), During({"usual": 2}, 40)]))
    assert [alert.phase for alert in alerts] == [Phase.RAISED, Phase.CLEARED]


def test_a_frozen_picture_may_be_encoded_anew_now_and_then() -> None:
    def keyframes(t: float, figures: dict[str, Json]) -> dict[str, Json]:
        return figures | {"changed": 0.3, "motion": 1.2} if t >= 10 and round(t * 5) % 5 < 2 else figures

    (alert,) = told(Lens(25, [During(FROZEN, 10)], change=keyframes))
    assert alert.details["fault"] == "frozen"


def test_a_slow_camera_whose_pictures_come_twice_is_not_frozen() -> None:
    def twice(t: float, figures: dict[str, Json]) -> dict[str, Json]:
        return figures | FROZEN if round(t * 5) % 3 else figures

    assert told(Lens(60, change=twice)) == []


def test_a_place_where_nothing_happens_for_a_while_takes_longer_to_be_frozen() -> None:
    quiet = [During(FROZEN, 10, 16)]
    (alert,) = told(Lens(60, [*quiet, During(FROZEN, 30)]))
    assert seconds(alert.at) == pytest.approx(30 + 3 * 5.8, abs=0.3)


def test_a_place_that_seemed_frozen_and_was_not_takes_longer_the_next_time() -> None:
    alerts = raised(told(Lens(160, [During(FROZEN, 10, 30), During(FROZEN, 60, 100)])))
    assert [seconds(alert.began) for alert in alerts] == [10]


def test_what_is_due_does_not_wait_for_as_long_as_a_lull_may_last() -> None:
    lens = Lens(120, [During(FROZEN, 10, 17), During(FROZEN, 60)])
    assert confidence(lens, 69.8) == (Confidence.DOUBTFUL, "frozen")
    assert confidence(lens, 70) == (Confidence.SOUND, "")


def test_time_that_nobody_looked_at_is_no_evidence() -> None:
    alerts = told(Lens(40, [During(BLURRED, 10)], gaps=[(10.2, 18)]))
    assert [seconds(alert.began) for alert in alerts] == [18]


def test_the_first_picture_of_a_run_repeats_nothing() -> None:
    lens = Lens(30, [During({"changed": None, "motion": None}, 0)])
    assert told(lens) == []


def test_darkness_is_neither_blurred_nor_covered_but_low_light() -> None:
    dark = DIM | {"detail": 0.3, "flat": 0.3}
    (alert,) = told(Lens(30, [During(dark, 10)]))
    assert (alert.details["fault"], alert.severity) == ("low_light", Severity.LOW)


def test_a_switch_to_infrared_is_news_and_no_fault() -> None:
    lens = Lens(60, [During(INFRARED, 10)])
    (alert,) = told(lens)
    assert (alert.details["fault"], alert.severity) == ("infrared", Severity.INFORMATIONAL)
    assert confidence(lens, 12) == (Confidence.DOUBTFUL, "infrared")
    assert confidence(lens, 18) == (Confidence.FAULTY, "infrared")
    assert confidence(lens, 18.2) == (Confidence.SOUND, "")


def test_a_camera_that_was_always_grey_does_not_switch() -> None:
    assert told(Lens(30, [During({"colour": 0.1, "colour_usually": 0.4}, 0)])) == []


def test_what_is_wrong_from_the_first_picture_is_known_as_far_as_it_can_be() -> None:
    assert [a.details["fault"] for a in told(Lens(20, [During(BLACK, 0)], learns=60))] == ["black"]
    assert [a.details["fault"] for a in told(Lens(20, [During(FROZEN, 0)], learns=60))] == ["frozen"]
    assert told(Lens(20, [During(BLURRED, 0)], learns=60)) == []


@pytest.mark.parametrize(("fault", "figures"), FAULTS.items())
def test_pictures_are_doubted_from_the_first_bad_one_and_believed_a_moment_after_the_last(
    fault: str, figures: dict[str, Json]
) -> None:
    lens = Lens(60, [During(figures, 10, 30)])
    assert confidence(lens, 9.8) == (Confidence.SOUND, "")
    assert confidence(lens, 10.2) == (Confidence.DOUBTFUL, fault)
    assert confidence(lens, 18.2) == (Confidence.FAULTY, fault)
    assert confidence(lens, 34) == (Confidence.FAULTY, fault)
    assert confidence(lens, 35) == (Confidence.SOUND, "")


def test_low_light_casts_no_doubt() -> None:
    assert confidence(Lens(30, [During(DIM, 5)]), 8) == (Confidence.SOUND, "")


def test_a_doubt_without_cause_is_soon_over() -> None:
    assert confidence(Lens(30, [During(BLURRED, 10, 10.2)]), 11.8) == (Confidence.SOUND, "")


def test_no_pictures_are_told_of_when_there_are_some_again() -> None:
    first, last = told(Lens(80, gaps=[(10, 25)]))
    assert (first.details["fault"], first.phase, last.phase) == ("offline", Phase.RAISED, Phase.CLEARED)
    assert (seconds(first.began), seconds(first.at)) == (9.8, 25)
    assert seconds(last.at) == pytest.approx(45, abs=0.3)


def test_a_connection_that_comes_and_goes_is_one_alert() -> None:
    alerts = told(Lens(160, gaps=[(t, t + 14) for t in range(10, 100, 20)]))
    assert [alert.phase for alert in alerts] == [Phase.RAISED, Phase.CLEARED]


def test_a_camera_is_offline_while_it_sends_nothing_and_that_is_the_same_alert() -> None:
    watching, (first, *later) = rule(), Lens(60, gaps=[(0.2, 30)]).seen()
    assert fold(watching, [first]) == []
    assert list(watching.silent(START + timedelta(seconds=5))) == []
    (alert,) = watching.silent(START + timedelta(seconds=12))
    assert list(watching.silent(START + timedelta(seconds=14))) == []
    (again,) = raised(told(Lens(60, gaps=[(0.2, 30)])))
    assert alert.id == again.id
    assert [found.phase for found in fold(watching, later)] == [Phase.CLEARED]


def test_a_camera_that_never_sent_a_picture_is_offline_too() -> None:
    watching = rule()
    assert list(watching.silent(START)) == []
    (alert,) = watching.silent(START + timedelta(seconds=11))
    assert (alert.details["fault"], alert.camera, alert.evidence) == ("offline", CAMERA, ())


BAD = [During(BLACK, 0)]


def test_a_fault_goes_on_over_a_short_break_and_begins_anew_after_a_long_one() -> None:
    (alert,) = fold(rule(), [*Lens(6, BAD).seen(), *Lens(20, BAD, begin=6, run="later").seen()])
    assert (seconds(alert.began), seconds(alert.at)) == (0, 8)
    (alert,) = fold(rule(), [*Lens(6, BAD).seen(), *Lens(30, BAD, begin=12, run="later").seen()])
    assert (seconds(alert.began), seconds(alert.at)) == (12, 20)


def test_what_was_told_is_cleared_in_another_run() -> None:
    alerts = fold(rule(), [*Lens(10, BAD).seen(), *Lens(60, begin=10, run="later").seen()])
    assert [found.phase for found in alerts] == [Phase.RAISED, Phase.CLEARED]


def test_what_was_told_is_cleared_in_another_life_of_the_program_which_was_not_the_cameras_pause() -> None:
    before, after = rule(), rule()
    (told_before,) = fold(before, Lens(10, BAD).seen())
    after.restore(before.state())
    (cleared,) = fold(after, Lens(700, begin=600, run="later").seen())
    assert (cleared.id, cleared.phase, seconds(cleared.at)) == (told_before.id, Phase.CLEARED, 600)


@pytest.mark.parametrize("wrong", [None, 7, {"faults": [{"word": "black"}], "lull": "PT0S"}])
def test_what_is_no_state_is_refused(wrong: Json) -> None:
    with pytest.raises(ValueError, match="no state of a camera's health"):
        rule().restore(wrong)


def test_a_camera_that_comes_back_turned_aside_has_moved() -> None:
    (alert,) = fold(rule(), [*Lens(20).seen(), *Lens(40, [During(ELSEWHERE, 0)], begin=21, run="later").seen()])
    assert alert.details["fault"] == "moved"


def test_it_says_where_each_fault_stands() -> None:
    watched = Told(rule())
    fold(watched, Lens(90, [During(BLURRED, 5, 9), During(COVERED, 20, 40)]).seen())
    short, lasting = watched.stories
    assert [change.stage for change in short.changes] == [Stage.RISING, Stage.OVER]
    assert short.changes[-1].why == "it lasted for 3.8 s of 8 s"
    assert [change.stage for change in lasting.changes] == [Stage.RISING, Stage.TOLD, Stage.OVER]
