"""What several reads of one plate say together."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.plate_ballot import CREDIT, Elected, Guess, Vote, credited, elect, most_said
from ioc.plate_grammar import CHARACTERS


def vote(
    text: str,
    sure: float | Sequence[float] = 0.97,
    *,
    upper_len: int | None = None,
    others: Sequence[tuple[str, float]] = (),
    **view: float,
) -> Vote:
    """Return a read of a one-line plate, unless it is said how many characters stand above."""
    scores = (sure,) * len(text) if isinstance(sure, float) else tuple(sure)
    whole = 1.0
    for score in scores:
        whole *= score
    above = len(text) if upper_len is None else upper_len
    alternatives = tuple(Guess(other, len(other) if upper_len is None else upper_len, p) for other, p in others)
    return Vote(Guess(text, above, whole), scores, alternatives, **view)


def said(*votes: Vote) -> str:
    return elect(votes).guess.text


def test_one_read_is_what_it_is_and_its_alternatives_stand_beside_it() -> None:
    found = elect([vote("98A12345", 0.9, others=[("98A12346", 0.2)])])
    assert found.guess.text == "98A12345"
    assert [other.text for other in found.alternatives] == ["98A12346"]
    assert found.scores == pytest.approx((0.9,) * 8)
    assert 0.3 < found.guess.score < 0.5
    assert found.certainty > 0.7


def test_a_text_that_nobody_read_right_is_put_together_from_its_characters() -> None:
    assert said(vote("88A12345"), vote("98A17345"), vote("98A12348")) == "98A12345"


def test_a_clear_view_outvotes_two_that_are_far_or_blurred() -> None:
    far, blurred = vote("98A12346", height=6.0), vote("98A12346", sharpness=0.2)
    assert said(far, blurred, vote("98A12345")) == "98A12345"
    assert said(vote("98A12346"), vote("98A12346"), vote("98A12345")) == "98A12346"


def test_a_sure_character_outvotes_two_doubtful_ones() -> None:
    doubtful = (0.97,) * 7 + (0.4,)
    assert said(vote("98A12346", doubtful), vote("98A12346", doubtful), vote("98A12345")) == "98A12345"


def test_guesses_from_afar_do_not_make_a_sure_text_doubtful() -> None:
    guesses = [vote(text, 0.75, height=8.0) for text in ("38A12345", "98H12345", "98A17345", "96A12345")]
    found = elect([*guesses, vote("98A12345", height=20.0), vote("98A12345", height=22.0)])
    assert found.guess.text == "98A12345"
    assert found.guess.score > 0.6


def test_texts_of_other_layouts_are_not_mixed() -> None:
    two_lines = vote("98A12345", upper_len=3)
    motorbike = vote("98A12345", upper_len=4)
    assert elect([two_lines, two_lines, motorbike]).guess.upper_len == 3
    assert elect([two_lines, motorbike, motorbike]).guess.upper_len == 4
    # One that lost a character says nothing of where the others stand.
    assert said(vote("98A1234"), vote("98A12345"), vote("98A12345")) == "98A12345"


def test_the_grammar_decides_between_two_that_are_about_as_likely() -> None:
    odd = (0.97,) * 7 + (0.6,)
    assert said(vote("98A1234S", odd, others=[("98A12345", 0.3)])) == "98A12345"


def test_the_grammar_never_overrules_a_reader_that_is_much_surer() -> None:
    assert said(vote("98A1234S", 0.99, others=[("98A12345", 0.05)])) == "98A1234S"
    assert credited("98A1234S", 8, 0.5) == 0.5
    assert credited("98A12345", 8, 0.5) == 0.5 * CREDIT


def test_a_reader_that_is_sure_of_nothing_is_heard_without_breaking() -> None:
    found = elect([Vote(Guess("98A12345", 8, 0.0), (0.0,) * 8, height=0.0, sharpness=0.0)])
    assert found.guess.text == "98A12345"
    assert found.guess.score < 1e-6


texts = st.text(CHARACTERS, min_size=1, max_size=10)
votes = st.lists(
    st.builds(
        vote,
        texts,
        st.floats(0.05, 1.0),
        others=st.lists(st.tuples(texts, st.floats(0.0, 1.0)), max_size=3),
        height=st.floats(0.0, 60.0),
        sharpness=st.floats(0.0, 1.0),
    ),
    min_size=1,
    max_size=6,
)


@given(votes)
def test_whatever_is_read_the_result_is_whole(cast: list[Vote]) -> None:
    found = elect(cast)
    known = {guess.layout for own in cast for guess in (own.guess, *own.alternatives)}
    assert found.guess.layout in known
    assert len(found.scores) == len(found.guess.text)
    assert all(0 <= score <= 1 for score in (*found.scores, found.certainty, found.guess.score))
    assert len(found.alternatives) <= 5
    assert found.guess not in found.alternatives


@given(votes)
def test_the_order_of_the_reads_does_not_matter(cast: list[Vote]) -> None:
    other = sorted(cast, key=lambda own: own.guess.text[::-1])
    assert rounded(elect(other)) == rounded(elect(cast))


def rounded(found: Elected) -> tuple[str, int, float]:
    return found.guess.text, found.guess.upper_len, round(found.certainty, 6)


@given(texts, st.integers(1, 5))
def test_reads_that_all_say_the_same_are_believed(text: str, count: int) -> None:
    found = elect([vote(text)] * count)
    assert found.guess.text == text
    assert found.certainty == 1


def test_the_word_with_most_weight_is_said() -> None:
    assert most_said([("white", 0.5), ("yellow", 0.7), ("white", 0.4)]) == "white"
    assert most_said([]) is None
