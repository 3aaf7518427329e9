"""Two settings over the same recordings: what changed hands, and the figures of the difference."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ioc.comparison import Both, Hands, changes, compare
from ioc.scoring import Raised, judge
from ioc.truth import Corners, Truth

LEFT: Corners = (0.0, 0.0, 0.4, 1.0)
RIGHT: Corners = (0.6, 0.0, 1.0, 1.0)


def both(
    due: Sequence[float], a: Sequence[float], b: Sequence[float], *, name: str = "one", box: Corners | None = None
) -> Both:
    """Return a recording with fires due at these seconds, and fires raised at these with A and with B."""
    truth = Truth.model_validate(
        {"duration_s": 3600, "events": [{"kind": "fire", "start_s": at, "due_s": at, "box": box} for at in due]}
    )
    raised = [[Raised("fire", at, box) for at in alerts] for alerts in (a, b)]
    return Both(name, truth, *(tuple(judge(truth, alerts)) for alerts in raised))


def changed(recording: Both) -> list[tuple[str, float]]:
    return [(change.hands.value, change.media_s) for change in changes(recording)]


def test_an_event_changes_hands_when_one_of_the_two_finds_it() -> None:
    assert changed(both([10, 100, 200], [11, 101], [12, 201])) == [
        ("right only in A", 100.0),
        ("right only in B", 200.0),
    ]


def test_an_alert_that_comes_too_late_loses_the_event_and_is_false() -> None:
    assert changed(both([10], [11], [25])) == [("right only in A", 10.0), ("false only in B", 25.0)]


def test_false_alarms_of_both_at_about_one_time_are_the_same_one() -> None:
    assert changed(both([], [50, 300], [58, 400])) == [("false only in A", 300.0), ("false only in B", 400.0)]
    assert changed(both([], [50, 52], [51])) == [("false only in A", 52.0)]
    assert changed(both([], [60, 52], [61, 54])) == []


def test_false_alarms_at_other_places_or_of_other_kinds_are_others() -> None:
    truth = Truth(duration_s=60)
    a = tuple(judge(truth, [Raised("fire", 5.0, LEFT), Raised("fire", 9.0, LEFT)]))
    b = tuple(judge(truth, [Raised("fire", 5.0, RIGHT), Raised("smoke", 9.0, LEFT)]))
    found = list(changes(Both("one", truth, a, b)))
    assert [(change.kind, change.hands) for change in found] == [
        ("fire", Hands.FALSE_IN_A),
        ("fire", Hands.FALSE_IN_B),
        ("fire", Hands.FALSE_IN_A),
        ("smoke", Hands.FALSE_IN_B),
    ]
    assert [own.kind for own in compare([Both("one", truth, a, b)])] == ["fire", "smoke"]


def test_a_doubled_alert_changes_hands_like_a_false_one() -> None:
    assert changed(both([10], [11], [11, 13])) == [("false only in B", 13.0)]


def test_what_is_ignored_changes_no_hands() -> None:
    truth = Truth.model_validate({"duration_s": 60, "ignore": [{"kind": "fire", "start_s": 0, "end_s": 9}]})
    a = tuple(judge(truth, [Raised("fire", 5.0, None)]))
    assert list(changes(Both("one", truth, a, ()))) == []


def test_the_figures_are_of_all_recordings_together() -> None:
    recordings = [
        both([10, 100], [11, 101], [12], name="one"),
        both([10, 100], [11], [13, 104, 300], name="two"),
        both([10], [], [10], name="three"),
    ]
    (fire,) = compare(recordings)
    assert (fire.kind, fire.hours) == ("fire", 3.0)
    assert [(own.right, own.wrong, own.missed) for own in (fire.a, fire.b)] == [(3, 0, 2), (4, 1, 1)]
    assert fire.recall.value == pytest.approx(4 / 5 - 3 / 5)
    assert fire.precision.value == pytest.approx(4 / 5 - 1)
    assert fire.f1.value == pytest.approx(8 / 10 - 6 / 8)
    assert fire.false_per_camera_day.value == pytest.approx(8.0)
    assert fire.delay_s.value == pytest.approx(1.5)  # 1 s and 2 s later at what both find
    assert [fire.count(hands) for hands in Hands] == [1, 2, 0, 1]
    assert fire.events_p == 1.0
    assert fire.false_p == 1.0
    assert fire.recall.interval is None  # three recordings are too few for one


def test_enough_recordings_have_intervals() -> None:
    (fire,) = compare([both([10, 100], [11], [11, 101] if n % 4 else [11], name=str(n)) for n in range(16)])
    assert fire.recall.value == pytest.approx(0.375)
    assert fire.recall.interval is not None
    assert 0.2 < fire.recall.interval[0] < 0.375 < fire.recall.interval[1] <= 0.5
    assert fire.false_per_camera_day.interval == (0.0, 0.0)
    assert fire.events_p == pytest.approx(2 / 2**12)
    assert fire.false_p is None
    assert (fire.delay_s.value, fire.delay_s.interval) == (0.0, (0.0, 0.0))


def test_nothing_raised_has_no_precision_to_compare() -> None:
    (fire,) = compare([both([10], [], [11])])
    assert fire.precision.value is None
    assert fire.recall.value == 1.0
    assert fire.delay_s.value is None
