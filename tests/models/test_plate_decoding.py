from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.plate_decoding import Line, best_texts, character_scores

A, B, BLANK = 0, 1, 2


def line(*places: tuple[float, float]) -> Line:
    """Return a line of two characters, A and B, whose probabilities are given; the rest is blank."""
    return np.array([(a, b, 1 - a - b) for a, b in places], np.float32)


def every_text(own: Line) -> dict[tuple[int, ...], float]:
    """Return each text's probability by laying out every path there is."""
    total: dict[tuple[int, ...], float] = {}
    for path in product(range(own.shape[1]), repeat=len(own)):
        chance = float(np.prod([own[place, number] for place, number in enumerate(path)]))
        text = tuple(n for n, before in zip(path, (None, *path[:-1]), strict=True) if n not in (before, BLANK))
        total[text] = total.get(text, 0.0) + chance
    return total


@st.composite
def lines(draw: st.DrawFn) -> Line:
    rows = draw(st.lists(st.tuples(*[st.floats(0.05, 1)] * 3), min_size=2, max_size=5))
    values = np.array(rows, np.float32)
    return np.asarray(values / values.sum(1, keepdims=True), np.float32)


@given(lines())
def test_the_first_text_is_the_likeliest_of_all(own: Line) -> None:
    truth = every_text(own)
    first = best_texts(own, 1)[0]
    assert truth[first.characters] >= max(truth.values()) * 0.9
    assert first.score <= truth[first.characters] + 1e-5


@given(lines(), st.integers(1, 5))
def test_texts_come_once_each_and_the_surest_first(own: Line, count: int) -> None:
    found = best_texts(own, count)
    assert 1 <= len(found) <= count
    assert len({guess.characters for guess in found}) == len(found)
    scores = [guess.score for guess in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_a_character_that_spreads_is_one_and_two_need_a_gap() -> None:
    assert best_texts(line((0.9, 0), (0.9, 0), (0.9, 0)), 1)[0].characters == (A,)
    assert best_texts(line((0.9, 0), (0.02, 0), (0.9, 0)), 1)[0].characters == (A, A)


def test_a_text_counts_all_its_paths() -> None:
    # Each single path of A is less likely than the empty one, all together are likelier.
    own = line((0.45, 0), (0.45, 0))
    assert best_texts(own, 1)[0].characters == (A,)
    assert best_texts(own, 1)[0].score == pytest.approx(0.45 * 0.45 + 2 * 0.45 * 0.55, abs=1e-6)


def test_nothing_is_read_where_nothing_is() -> None:
    (guess,) = best_texts(line((0, 0), (0, 0)), 3)
    assert guess.characters == ()
    assert guess.score == pytest.approx(1)


def test_doubt_shows_in_the_second_text_and_in_the_character_s_score() -> None:
    own = line((0.9, 0), (0, 0), (0.3, 0.6), (0, 0), (0.9, 0))
    first, second = best_texts(own, 2)
    assert first.characters == (A, B, A)
    assert second.characters == (A, A, A)
    assert character_scores(own, first.characters) == pytest.approx([0.9, 0.6, 0.9])
    assert character_scores(own, second.characters) == pytest.approx([0.9, 0.3, 0.9])


def test_a_character_s_score_is_taken_at_its_own_place() -> None:
    own = line((0.5, 0), (0.8, 0), (0, 0), (0.6, 0))
    assert character_scores(own, (A, A)) == pytest.approx([0.8, 0.6])
    assert character_scores(own, ()) == []


@given(lines())
def test_every_character_of_a_text_has_a_score(own: Line) -> None:
    for guess in best_texts(own, 3):
        scores = character_scores(own, guess.characters)
        assert len(scores) == len(guess.characters)
        assert all(0 <= score <= 1 for score in scores)
