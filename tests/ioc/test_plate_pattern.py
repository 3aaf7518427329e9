"""What may be typed to look for plates, and what it finds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.plate_pattern import LONGEST, Pattern, PatternError, parse_pattern


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("98A-123.45", "98A12345"),
        ("98a 123 45", "98A12345"),
        ("29-MĐ1 234.56", "29MD123456"),
        ("９８Ａ１２３", "98A123"),  # full width, as some keyboards type it
        ("98A-1??.45", "98A1??45"),
        ("*2345", "*2345"),
        ("98A***45", "98A*45"),
    ],
)
def test_what_people_type_is_put_right(typed: str, text: str) -> None:
    assert parse_pattern(typed).text == text


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "at least one letter or digit"),
        ("  -.", "at least one letter or digit"),
        ("*?*", "at least one letter or digit"),
        ("98A'; DROP", '"\'" stands on no plate'),
        ("<b>98A</b>", "'<' stands on no plate"),
        ("98A%", "'%' stands on no plate"),
        ("98A[0-9]+", r"'\[' stands on no plate"),
        ("98A\x00", r"'\\x00' stands on no plate"),
        ("Ж123", "'Ж' stands on no plate"),
        ("1" * (LONGEST + 1), "at most 24"),
        ("1" * 10_000, "at most 24"),
    ],
)
def test_what_no_plate_bears_is_refused_with_the_reason(typed: str, why: str) -> None:
    with pytest.raises(PatternError, match=why):
        parse_pattern(typed)


def test_only_a_pattern_without_wildcards_is_exact() -> None:
    assert [Pattern(text).exact for text in ("98A12345", "98A1?345", "98A*")] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "prefix", "suffix"),
    [("98A1??45", "98A1", "45"), ("*2345", "", "2345"), ("98A*", "98A", ""), ("98A12345", "98A12345", "98A12345")],
)
def test_how_every_match_begins_and_ends(text: str, prefix: str, suffix: str) -> None:
    assert (Pattern(text).prefix, Pattern(text).suffix) == (prefix, suffix)


PIECES = st.text("AB1?*", min_size=1, max_size=8)


@given(typed=PIECES.filter(lambda text: text.strip("?*")), text=st.text("AB1", max_size=8))
def test_a_match_begins_and_ends_as_is_said(typed: str, text: str) -> None:
    pattern = parse_pattern(typed)
    expression = pattern.text.replace("?", ".").replace("*", ".*")
    if re.fullmatch(expression, text):
        assert text.startswith(pattern.prefix)
        assert text.endswith(pattern.suffix)


def test_like_says_the_same_in_sql() -> None:
    assert Pattern("98A1??4*").like == "98A1__4%"
