"""Scoring: which alert answers which event, and the figures that follow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.scoring import Outcome, Raised, Tally, Verdict, judge, score, total
from ioc.truth import Corners, Truth

LEFT: Corners = (0.0, 0.0, 0.4, 1.0)
RIGHT: Corners = (0.6, 0.0, 1.0, 1.0)


def truth(*events: tuple[str, float, Corners | None], ignore: tuple[tuple[str, float, float], ...] = ()) -> Truth:
    return Truth.model_validate(
        {
            "duration_s": 60.0,
            "events": [{"kind": kind, "start_s": due, "due_s": due, "box": box} for kind, due, box in events],
            "ignore": [{"kind": kind, "start_s": start, "end_s": end} for kind, start, end in ignore],
        }
    )


def counts(tally: Tally) -> tuple[int, int, int, int]:
    return tally.right, tally.false, tally.doubled, tally.missed


@pytest.mark.parametrize(
    ("raised", "expected"),
    [(17.9, (0, 1, 0, 1)), (18.0, (1, 0, 0, 0)), (20.0, (1, 0, 0, 0)), (30.0, (1, 0, 0, 0)), (30.1, (0, 1, 0, 1))],
)
def test_an_alert_is_right_from_2_s_before_to_10_s_after_it_is_due(
    raised: float, expected: tuple[int, int, int, int]
) -> None:
    tallies = score(truth(("fire", 20.0, None)), [Raised("fire", raised, LEFT)])
    assert counts(tallies["fire"]) == expected


def test_boxes_must_touch_where_both_have_one() -> None:
    shown = truth(("fire", 20.0, LEFT))
    assert counts(score(shown, [Raised("fire", 20.0, RIGHT)])["fire"]) == (0, 1, 0, 1)
    assert counts(score(shown, [Raised("fire", 20.0, None)])["fire"]) == (1, 0, 0, 0)
    # Boxes that share an edge alone do not touch.
    assert counts(score(shown, [Raised("fire", 20.0, (0.4, 0.0, 0.5, 1.0))])["fire"]) == (0, 1, 0, 1)


def test_a_second_alert_for_one_event_is_a_duplicate() -> None:
    tallies = score(truth(("fire", 20.0, None)), [Raised("fire", 21.0, None), Raised("fire", 20.0, None)])
    assert counts(tallies["fire"]) == (1, 0, 1, 0)
    assert tallies["fire"].delays == [0.0]


def test_each_alert_has_its_verdict() -> None:
    shown = truth(("fire", 20.0, LEFT), ("fire", 40.0, None), ignore=(("fire", 0.0, 5.0),))
    raised = [Raised("fire", at, LEFT) for at in (30.0, 20.0, 21.0, 3.0)]
    verdicts = judge(shown, raised)
    assert [(v.alert.media_s, v.outcome, v.event) for v in verdicts] == [
        (3.0, "ignored", None),
        (20.0, "right", 0),
        (21.0, "doubled", 0),
        (30.0, "doubled", 0),
    ]
    assert [v.wrong for v in verdicts] == [False, False, True, True]
    assert judge(shown, [Raised("fire", 60.0, None)]) == [Verdict(Raised("fire", 60.0, None), Outcome.FALSE)]


def test_two_events_at_once_take_an_alert_each() -> None:
    tallies = score(
        truth(("fire", 20.0, None), ("fire", 21.0, None)), [Raised("fire", 22.0, None), Raised("fire", 23.0, None)]
    )
    assert counts(tallies["fire"]) == (2, 0, 0, 0)
    assert tallies["fire"].delays == [2.0, 2.0]


def test_an_alert_of_another_kind_is_false_there_and_the_event_is_missed() -> None:
    tallies = score(truth(("fire", 20.0, None)), [Raised("smoke", 20.0, None)])
    assert counts(tallies["fire"]) == (0, 0, 0, 1)
    assert counts(tallies["smoke"]) == (0, 1, 0, 0)


def test_what_is_not_judged_is_neither_right_nor_false() -> None:
    shown = truth(ignore=(("fire", 10.0, 20.0),))
    assert score(shown, [Raised("fire", 15.0, None)]) == {}
    assert counts(score(shown, [Raised("smoke", 15.0, None)])["smoke"]) == (0, 1, 0, 0)
    assert counts(score(shown, [Raised("fire", 21.0, None)])["fire"]) == (0, 1, 0, 0)


def test_hits_are_judged_by_the_plates_that_pass_where_the_truth_lists_them() -> None:
    listed = Truth.model_validate({"duration_s": 60.0, "plates": []})
    assert [verdict.outcome for verdict in judge(listed, [Raised("plate", 5.0, None)])] == [Outcome.IGNORED]
    assert counts(score(truth(), [Raised("plate", 5.0, None)])["plate"]) == (0, 1, 0, 0)


def test_an_event_within_a_stretch_that_is_not_judged_still_counts_its_alert() -> None:
    shown = truth(("fire", 15.0, None), ignore=(("fire", 10.0, 20.0),))
    assert counts(score(shown, [Raised("fire", 15.0, None), Raised("fire", 16.0, None)])["fire"]) == (1, 0, 1, 0)


def test_recordings_add_up_by_kind() -> None:
    one = score(truth(("smoke", 20.0, None)), [Raised("smoke", 21.0, None)])
    two = score(truth(("smoke", 20.0, None), ("fire", 5.0, None)), [Raised("smoke", 50.0, None)])
    tallies = total([one, two])
    assert list(tallies) == ["fire", "smoke"]
    assert counts(tallies["smoke"]) == (1, 1, 0, 1)
    assert counts(tallies["fire"]) == (0, 0, 0, 1)
    assert counts(one["smoke"]) == (1, 0, 0, 0)


def test_figures_follow_from_the_counts() -> None:
    figures = Tally(right=6, false=2, doubled=1, missed=3, delays=[1.0, 3.0, 2.0, 8.0, 0.0, 4.0]).figures(hours=48.0)
    assert figures["precision"] == pytest.approx(6 / 9)
    assert figures["recall"] == pytest.approx(6 / 9)
    assert figures["f1"] == pytest.approx(6 / 9)
    assert figures["mean_delay_s"] == pytest.approx(3.0)
    assert figures["median_delay_s"] == pytest.approx(2.5)
    assert figures["median_delay_s_95"] == (0.0, 8.0)
    assert figures["false_per_camera_day"] == pytest.approx(1.5)
    assert figures["false_per_camera_day_95"] == pytest.approx((0.3094, 4.3836), abs=1e-3)


def test_nothing_raised_and_nothing_shown_has_no_figures() -> None:
    figures = Tally().figures(hours=1.0)
    assert [figures[name] for name in ("precision", "recall", "f1", "f1_95", "mean_delay_s")] == [None] * 5
    assert figures["false_per_hour"] == 0


def test_the_two_roles_weigh_precision_and_recall_apart() -> None:
    eager = Tally(right=9, false=9, missed=1)
    careful = Tally(right=6, false=0, missed=4)
    assert eager.f(0.5) < careful.f(0.5)  # type: ignore[operator]
    assert eager.f(60.0) > careful.f(60.0)  # type: ignore[operator]
    assert eager.f(1.0) == pytest.approx(eager.f1)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_f1_lies_within_its_interval(right: int, false: int, doubled: int, missed: int) -> None:
    tally = Tally(right, false, doubled, missed)
    if tally.f1 is None:
        assert tally.f1_interval is None
        return
    assert tally.f1_interval is not None
    low, high = tally.f1_interval
    assert low - 1e-9 <= tally.f1 <= high + 1e-9
