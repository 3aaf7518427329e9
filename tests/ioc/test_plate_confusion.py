"""What a reader takes for what, and which texts that makes likely."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ioc.plate_confusion import NOTHING, STRANGE, Confusions, Sureness
from ioc.plate_grammar import CHARACTERS

MEASURED = Confusions(
    {
        **{(own, own): 1000 for own in CHARACTERS},
        ("8", "B"): 50,
        ("B", "8"): 20,
        ("1", NOTHING): 30,
        (NOTHING, "1"): 10,
    },
    Sureness((0.0, 0.9, 1.0), (1, 9), (3, 1)),
)
TEXTS = st.text(CHARACTERS, min_size=1, max_size=9)


def test_the_same_text_costs_nothing_and_what_is_often_mixed_up_little() -> None:
    assert MEASURED.cost("8", "8") == 0
    assert MEASURED.cost("8", "B") == pytest.approx(3.0, abs=0.05)  # one in twenty
    assert MEASURED.cost("8", "B") < MEASURED.cost("B", "8") < MEASURED.cost("8", "7")


def test_an_error_that_never_happened_is_not_impossible() -> None:
    assert 9 < MEASURED.cost("7", "C") < 11


def test_left_out_and_made_up_characters_cost_what_they_do_often() -> None:
    assert MEASURED.cost("1", NOTHING) < MEASURED.cost("2", NOTHING)
    assert MEASURED.cost(NOTHING, "1") < MEASURED.cost(NOTHING, "2")


def test_a_distance_is_the_cheapest_way() -> None:
    one = MEASURED.cost("8", "B")
    assert MEASURED.distance("98A12345", "98A12345") == 0
    assert MEASURED.distance("98A18348", "98A1B34B") == pytest.approx(2 * one)
    assert MEASURED.distance("98A12345", "98A2345") == pytest.approx(MEASURED.cost("1", NOTHING))
    assert MEASURED.distance("98A2345", "98A12345") == pytest.approx(MEASURED.cost(NOTHING, "1"))
    assert MEASURED.distance("", "12") == pytest.approx(MEASURED.cost(NOTHING, "1") + MEASURED.cost(NOTHING, "2"))


@settings(max_examples=30)
@given(shown=TEXTS, read=TEXTS)
def test_a_distance_is_never_more_than_to_write_it_anew(shown: str, read: str) -> None:
    anew = sum(MEASURED.cost(own, NOTHING) for own in shown) + sum(MEASURED.cost(NOTHING, own) for own in read)
    assert 0 <= MEASURED.distance(shown, read) <= anew + 1e-9
    assert (MEASURED.distance(shown, read) == 0) == (shown == read)


def test_a_character_that_the_reader_does_not_know_is_taken_for_another() -> None:
    assert MEASURED.cost("0", "O") == MEASURED.cost("O", "0") == STRANGE
    assert MEASURED.distance("98O12345", "98012345") == STRANGE


def test_where_the_reader_was_unsure_an_error_costs_less_and_where_it_was_sure_more() -> None:
    sure, unsure, usual = MEASURED.doubts("9A1", [0.9995, 0.6, 1000 / 1003.2])
    assert sure > 0 > unsure
    assert usual == pytest.approx(0, abs=0.05), "as sure as it is right on the whole"
    assert MEASURED.doubts("9", [0.0]) == MEASURED.doubts("9", [-5.0]), "no score says that it is certain"
    assert MEASURED.doubts("9", [1.0]) == MEASURED.doubts("9", [0.99995])


@pytest.mark.parametrize("scores", [[], [0.9, 0.9], [0.9] * 4])
def test_without_a_score_for_each_character_none_is_doubted_more_than_usual(scores: list[float]) -> None:
    assert MEASURED.doubts("9A1", scores) == [0.0] * 3


def test_it_is_kept_as_json_and_comes_back_the_same() -> None:
    again = Confusions.from_json(MEASURED.to_json())
    assert again == MEASURED
    assert again.to_json() == MEASURED.to_json()


@pytest.mark.parametrize("key", ["A4", "A>a", "AB>C", "O>0"])
def test_what_is_no_error_is_refused_with_what_was_expected(key: str) -> None:
    with pytest.raises(ValueError, match=r'expected counts such as "A>4": 3'):
        Confusions.from_json(json.dumps({"errors": {key: 1}, "scores": asdict(Sureness())}))


@pytest.mark.parametrize("text", ["", "[]", '{"A>4": 1}', '{"errors": {"A>4": "x"}, "scores": {}}'])
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected counted errors and scores, got"):
        Confusions.from_json(text)


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="got 'A>4': -1"):
        Confusions.from_json(json.dumps({"errors": {"A>4": -1}, "scores": asdict(Sureness())}))


def test_what_was_measured_of_the_bundled_reader_is_there() -> None:
    found = Confusions.measured()
    assert found.cost("B", "8") < 3 < found.cost("8", "B")
    assert len(found.sureness.bounds) == len(found.sureness.right) + 1 == len(found.sureness.wrong) + 1
    assert found.sureness.right[-1] > sum(found.sureness.right) / 2 > sum(found.sureness.wrong)
