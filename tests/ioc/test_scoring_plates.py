"""Plate hits against passes: which hit is of which pass, and what follows."""

from __future__ import annotations

from typing import Any

import pytest

from ioc.scoring_plates import Hit, PlateTally, score_plates
from ioc.truth import Corners, Truth

LEFT: Corners = (0.0, 0.0, 0.4, 1.0)
RIGHT: Corners = (0.6, 0.0, 1.0, 1.0)


def truth(*plates: tuple[str, float, float], box: Corners | None = None, **more: Any) -> Truth:
    """Return a recording in which plates are seen between two seconds each."""
    passes = [{"text": text, "start_s": start, "end_s": end, "box": box} for text, start, end in plates]
    return Truth.model_validate({"duration_s": 60, "plates": passes, **more})


def counts(tally: PlateTally) -> tuple[int, ...]:
    return tally.right, tally.wrong, tally.doubled, tally.false, tally.missed


@pytest.mark.parametrize(
    ("media_s", "expected"),
    [(7.9, (0, 0, 0, 1, 1)), (8.0, (1, 0, 0, 0, 0)), (22.0, (1, 0, 0, 0, 0)), (22.1, (0, 0, 0, 1, 1))],
)
def test_a_hit_is_right_from_2_s_before_the_pass_to_10_s_after(media_s: float, expected: tuple[int, ...]) -> None:
    assert counts(score_plates(truth(("98A-123.45", 10, 12)), [Hit("98A12345", media_s, None)])) == expected


def test_a_misread_says_what_was_taken_for_what() -> None:
    tally = score_plates(
        truth(("98A12345", 10, 12), ("51B6789", 20, 22)), [Hit("98A12845", 11, None), Hit("51B678", 21, None)]
    )
    assert counts(tally) == (0, 2, 0, 0, 0)
    assert tally.confusions == [("3", "8", 1), ("9", "", 1)]
    assert tally.character_errors == pytest.approx(2 / 15)


def test_the_most_frequent_confusion_comes_first() -> None:
    plates = [(f"98A1000{n}", 10 * n, 10 * n + 2) for n in range(1, 4)]
    read = [Hit(f"98A1008{n}", 10 * n, None) for n in range(1, 3)] + [Hit("98A10008", 30, None)]
    assert score_plates(truth(*plates), read).confusions == [("0", "8", 2), ("3", "8", 1)]


def test_a_further_hit_of_a_pass_is_doubled_whatever_it_says() -> None:
    hits = [Hit("98A12345", 11, None), Hit("98A12345", 12, None), Hit("98A12346", 12, None)]
    assert counts(score_plates(truth(("98A12345", 10, 12)), hits)) == (1, 0, 2, 0, 0)


def test_the_hit_that_is_nearest_to_the_text_is_the_passes_own() -> None:
    hits = [Hit("98A12346", 10, None), Hit("98A12345", 12, None)]
    assert counts(score_plates(truth(("98A12345", 10, 12)), hits)) == (1, 0, 1, 0, 0)


def test_two_vehicles_at_once_each_take_their_own_hit() -> None:
    shown = truth(("98A12345", 10, 12), ("98A12346", 10, 12))
    assert counts(score_plates(shown, [Hit("98A12346", 11, None), Hit("98A12345", 11, None)])) == (2, 0, 0, 0, 0)


def test_the_same_plate_may_pass_twice() -> None:
    shown = truth(("98A12345", 5, 7), ("98A12345", 40, 42))
    assert counts(score_plates(shown, [Hit("98A12345", 6, None), Hit("98A12345", 41, None)])) == (2, 0, 0, 0, 0)


def test_a_text_that_is_mostly_another_is_a_misread_only_where_boxes_touch() -> None:
    strange = "30F55667"
    assert counts(score_plates(truth(("98A12345", 10, 12)), [Hit(strange, 11, LEFT)])) == (0, 0, 0, 1, 1)
    shown = truth(("98A12345", 10, 12), box=LEFT)
    assert counts(score_plates(shown, [Hit(strange, 11, LEFT)])) == (0, 1, 0, 0, 0)
    assert counts(score_plates(shown, [Hit("98A12345", 11, RIGHT)])) == (0, 0, 0, 1, 1)


def test_what_is_not_judged_is_not_false() -> None:
    shown = truth(ignore=[{"kind": "plate", "start_s": 0, "end_s": 20}])
    assert counts(score_plates(shown, [Hit("98A12345", 11, None), Hit("98A12345", 21, None)])) == (0, 0, 0, 1, 0)


def test_figures_follow_from_the_counts_of_all_recordings() -> None:
    tally = score_plates(truth(("98A12345", 10, 12), ("51B6789", 20, 22)), [Hit("98A12345", 11, None)])
    tally.add(score_plates(truth(("98A12345", 10, 12)), [Hit("98A12845", 11, None), Hit("99X11111", 50, None)]))
    figures = tally.figures()
    assert [figures[name] for name in ("right", "wrong", "doubled", "false", "missed")] == [1, 1, 0, 1, 1]
    assert figures["exact_of_passes"] == pytest.approx(1 / 3)
    assert figures["exact_of_hits"] == pytest.approx(1 / 3)
    assert figures["character_error_rate"] == pytest.approx(1 / 16)
    assert figures["confusions"] == [{"shown": "3", "read": "8", "count": 1}]


def test_nothing_shown_and_nothing_read_has_no_figures() -> None:
    figures = PlateTally().figures()
    assert [figures[n] for n in ("exact_of_passes", "exact_of_hits", "character_error_rate")] == [None] * 3
