"""Which plates a read may have been: within a budget that grows with the plate, and never across many errors."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.plate_confusion import Confusions
from ioc.plate_grammar import CHARACTERS
from ioc.plate_match import EACH, LONGEST, SHORTEST, Misreads, Source, budget

COUNTS = {**{(own, own): 1000 for own in CHARACTERS}, ("B", "8"): 150, ("6", "8"): 30, ("1", ""): 30, ("", "7"): 900}
CONFUSIONS = Confusions(COUNTS)
MISREADS = Misreads(CONFUSIONS)
TEXTS = st.text(CHARACTERS + "OI", min_size=1, max_size=12)


def sources(read: str, *scores: float) -> dict[str, Source]:
    return {source.plate: source for source in MISREADS.sources(read, scores)}


@given(TEXTS, st.lists(st.floats(0, 1), max_size=12))
def test_what_was_read_always_comes_first_and_costs_nothing(read: str, scores: list[float]) -> None:
    first, *others = MISREADS.sources(read, scores)
    assert first == Source(read)
    assert all(other.plate != read and other.cost > 0 for other in others)


@given(TEXTS, st.lists(st.floats(0, 1), max_size=12))
def test_every_source_is_within_its_budget_and_two_errors_and_the_likeliest_come_first(
    read: str, scores: list[float]
) -> None:
    found = MISREADS.sources(read, scores)
    for source in found:
        assert source.cost <= budget(source.plate)
        assert len(source.errors) <= 2
        assert abs(len(source.plate) - len(read)) <= 2
        least = CONFUSIONS.distance(source.plate, read) if set(source.plate + read) <= set(CHARACTERS) else 0.0
        assert source.cost >= least - 1e-9, "no way to the read is cheaper than the cheapest"
    assert [source.cost for source in found] == sorted(source.cost for source in found)
    assert len({source.plate for source in found}) == len(found)


@given(st.text(CHARACTERS, min_size=8, max_size=9), st.data())
def test_surer_readers_are_believed_more(read: str, data: st.DataObject) -> None:
    scores = data.draw(st.lists(st.floats(0, 1), min_size=len(read), max_size=len(read)))
    surer = [min(score + 0.1, 1.0) for score in scores]
    assert sources(read, *surer).keys() <= sources(read, *scores).keys() <= sources(read).keys()


def test_the_budget_grows_with_the_plate_and_short_plates_have_none() -> None:
    found = [budget("9" * length) for length in range(1, 13)]
    assert found == sorted(found)
    assert found[: SHORTEST - 1] == [0.0] * (SHORTEST - 1)
    assert found[7] == pytest.approx(8 * EACH)
    assert found[-1] == budget("9" * LONGEST)


def test_common_errors_are_thought_of_and_rare_ones_are_not() -> None:
    found = sources("98A12348")
    assert {"9BA12348", "98A1234B", "98A12346"} <= found.keys()
    assert not {"98A12345", "98A12347", "98A1234X"} & found.keys()
    (error,) = found["98A12346"].errors
    assert (error.shown, error.read, error.once_in) == ("6", "8", 34)


def test_the_errors_are_those_that_make_the_read_not_their_reverse() -> None:
    assert "98A12348" not in sources("98A12346"), "8 is not taken for 6"


def test_lost_and_made_up_characters_are_thought_of() -> None:
    (lost,) = sources("98A2345")["98A12345"].errors
    assert (lost.shown, lost.read) == ("1", "")
    (made_up,) = sources("98A712345")["98A12345"].errors
    assert (made_up.shown, made_up.read) == ("", "7")


def test_two_errors_are_thought_of_where_both_are_common_and_three_never() -> None:
    found = sources("98B188888")
    assert len(found["98B1BB888"].errors) == 2
    assert "98B1BBB88" not in found


def test_short_plates_are_matched_exactly_alone() -> None:
    assert sources("AB88").keys() == {"AB88"}
    assert all(len(plate) >= SHORTEST for plate in sources("AB888").keys() - {"AB888"})


def test_characters_that_the_reader_does_not_know_are_taken_as_they_are() -> None:
    assert all("O" in plate for plate in sources("98O12348"))


def test_what_is_no_plate_costs_little_time() -> None:
    began = time.process_time()
    for _ in range(10):
        MISREADS.sources("8B" * 12)
    assert time.process_time() - began < 2
