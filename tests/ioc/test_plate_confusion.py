"""What a reader takes for what, and which texts that makes likely."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ioc.plate_confusion import NOTHING, Confusions
from ioc.plate_grammar import CHARACTERS

MEASURED = Confusions(
    {**{(own, own): 1000 for own in CHARACTERS}, ("8", "B"): 50, ("B", "8"): 20, ("1", NOTHING): 30, (NOTHING, "1"): 10}
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


def test_readings_come_by_rising_cost_and_each_once() -> None:
    found = MEASURED.readings("98A12348", 2000)
    costs = list(found.values())
    assert len(found) == 2000
    assert costs == sorted(costs)
    assert list(found)[:4] == ["98A12348", "9BA12348", "98A1234B", "98A2348"]
    assert "9BA1234B" in found


@settings(max_examples=20)
@given(shown=TEXTS)
def test_a_reading_costs_what_its_distance_is_or_more(shown: str) -> None:
    for read, cost in list(MEASURED.readings(shown, 300).items())[::37]:
        assert MEASURED.distance(shown, read) <= cost + 1e-9


def test_every_single_error_is_found_among_the_readings() -> None:
    found = MEASURED.readings("9A", 10**6)
    for own in CHARACTERS:
        assert {f"9{own}", f"{own}A", f"{own}9A", f"9{own}A", f"9A{own}"} <= set(found)
    assert {"9", "A", ""} <= set(found)


def test_of_two_errors_neither_undoes_the_other() -> None:
    found = MEASURED.readings("12", 10**6)
    assert found["88"] == pytest.approx(MEASURED.cost("1", "8") + MEASURED.cost("2", "8"))
    assert all(len(read) <= 4 for read in found)


def test_it_is_kept_as_json_and_comes_back_the_same() -> None:
    again = Confusions.from_json(MEASURED.to_json())
    assert again.counts == MEASURED.counts
    assert again.to_json() == MEASURED.to_json()


@pytest.mark.parametrize("text", ['{"A4": 1}', '{"A>a": 1}', '{"AB>C": 1}', '{"A>B": -1}', '{"O>0": 1}'])
def test_other_json_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match=r'expected counts such as "A>4": 3'):
        Confusions.from_json(text)
