"""Which texts a plate's text may be a misread of, and which may be misreads of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.plate_traffic import vehicle_texts
from ioc import plate_neighbours
from ioc.plate_confusion import NOTHING, Confusions
from ioc.plate_grammar import CHARACTERS
from ioc.plate_neighbours import Neighbour, neighbours
from models.training.plate_designs import KINDS, design_of

MEASURED = Confusions(
    {**{(own, own): 1000 for own in CHARACTERS}, ("8", "B"): 50, ("B", "8"): 20, ("1", NOTHING): 30, (NOTHING, "1"): 10}
)
TEXTS = st.text(CHARACTERS, min_size=1, max_size=9)


def near(text: str, scores: tuple[float, ...] = ()) -> dict[str, Neighbour]:
    return neighbours(text, MEASURED, MEASURED.doubts(text, scores))


def by_source(text: str, scores: tuple[float, ...] = ()) -> list[str]:
    found = near(text, scores)
    return sorted(found, key=lambda other: found[other].as_source)


@settings(max_examples=15, deadline=None)
@given(text=TEXTS)
def test_every_single_error_is_among_them_and_the_text_itself_is_not(text: str) -> None:
    found = near(text)
    assert text not in found
    for place in range(len(text)):
        left, right = text[:place], text[place + 1 :]
        assert {f"{left}{own}{right}" for own in CHARACTERS} - {text} <= set(found)
        assert {f"{left}{own}{text[place:]}" for own in CHARACTERS} <= set(found)
        assert left + right in found


@settings(max_examples=15, deadline=None)
@given(text=TEXTS)
def test_it_costs_what_the_cheapest_way_does_or_more(text: str) -> None:
    for other, costs in list(near(text).items())[::23]:
        assert costs.as_source >= MEASURED.distance(other, text) - 1e-9
        assert costs.as_read >= MEASURED.distance(text, other) - 1e-9


def test_the_two_ways_cost_what_was_counted_of_each() -> None:
    found = near("98A12345")["9BA12345"]
    assert found.as_source == MEASURED.cost("B", "8")
    assert found.as_read == MEASURED.cost("8", "B") < found.as_source
    twice = near("98A12348")["9BA1234B"]
    assert twice.as_read == pytest.approx(2 * MEASURED.cost("8", "B"))


def test_pairs_of_errors_are_there_where_they_make_a_plate() -> None:
    found = near("9BA1234B")
    assert found["98A12348"].as_source == pytest.approx(2 * MEASURED.cost("8", "B"))
    pairs = {other for other in found if sum(a != b for a, b in zip(other, "9BA1234B", strict=False)) > 1}
    assert pairs
    assert "98A12348" in by_source("9BA1234B")[:20]


def test_an_error_where_the_reader_was_unsure_comes_first() -> None:
    sure = 0.9995
    end, begin = (sure,) * 7 + (0.4,), (0.4,) + (sure,) * 7
    whole = [[own for own in by_source("98A12345", scores) if len(own) == 8] for scores in (end, begin)]
    assert {own[:7] for own in whole[0][:30]} == {"98A1234"}
    assert {own[1:] for own in whole[1][:30]} == {"8A12345"}
    assert near("98A12345", (0.4,) * 8)["98A12346"].as_read == near("98A12345")["98A12346"].as_read


def test_letters_that_the_reader_does_not_know_are_taken_for_those_it_does() -> None:
    assert "98A12340" in by_source("98A1234O")[:40]


def test_no_more_pairs_are_written_out_than_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    every = len(near("98A12345"))
    monkeypatch.setattr(plate_neighbours, "SOURCES", 3)
    monkeypatch.setattr(plate_neighbours, "READS", 2)
    assert 550 < len(near("98A12345")) < 600 < every


def test_all_kinds_of_plates_look_like_plates() -> None:
    rng = np.random.default_rng(1)
    drawn = [design_of(kind, rng) for kind in KINDS if kind != "free" for _ in range(40)]
    texts = [*vehicle_texts(rng, 300), *("".join(design.texts) for design in drawn)]
    strange = [text for text in texts if not plate_neighbours.LOOKS.fullmatch(plate_neighbours.look(text))]
    assert strange == []
