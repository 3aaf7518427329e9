"""Edits: what one text takes for what in another."""

from __future__ import annotations

import pytest

from ioc.text_edits import edits


@pytest.mark.parametrize(
    ("true", "read", "wrong"),
    [
        ("98A12345", "98A12345", []),
        ("98A12345", "98A12845", [("3", "8")]),
        ("98A12345", "98A1245", [("3", "")]),
        ("98A1245", "98A12345", [("", "3")]),
        ("", "9", [("", "9")]),
        ("98", "", [("9", ""), ("8", "")]),
    ],
)
def test_edits_say_what_was_taken_for_what(true: str, read: str, wrong: list[tuple[str, str]]) -> None:
    steps = edits(true, read)
    assert [step for step in steps if step[0] != step[1]] == wrong
    assert "".join(own for own, _ in steps) == true
    assert "".join(own for _, own in steps) == read
