"""An audit log's chain: whatever is done to the log afterwards is found."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.audit_chain import BEFORE_ALL, EMPTY, FIELDS, Head, check, digest_of


def chain(count: int) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    for number in range(1, count + 1):
        entry: dict[str, Any] = {
            "number": number,
            "at": f"2026-03-01T06:00:{number:02}Z",
            "who": "chief",
            "what": "search",
            "purpose": "điều tra",
            "case": f"BG-{number}",
            "details": {"asked": "98A*", "rows": number},
        }
        entry["digest"] = digest_of(entries[-1]["digest"] if entries else BEFORE_ALL, entry)
        entries.append(entry)
    return entries


def test_a_whole_log_has_no_problem_and_tells_its_head() -> None:
    entries = chain(5)
    verdict = check(entries)
    assert verdict.problem == ""
    assert verdict.head == Head(5, entries[-1]["digest"])
    assert check([]).head == EMPTY


@given(number=st.integers(0, 5), name=st.sampled_from([*FIELDS, "digest"]))
def test_a_changed_field_is_found_at_its_entry(number: int, name: str) -> None:
    entries = chain(6)
    entries[number][name] = {"rows": -1} if name == "details" else 99 if name == "number" else "someone else"
    verdict = check(entries)
    assert f"entry {number + 1} " in verdict.problem
    assert verdict.head.count == number


@given(number=st.integers(0, 4))
def test_a_removed_entry_is_found(number: int) -> None:
    entries = chain(6)
    del entries[number]
    assert check(entries).problem == f"entry {number + 1} is missing: entry {number + 2} stands in its place"


def test_an_entry_slipped_in_or_moved_is_found() -> None:
    entries = chain(4)
    assert check([*entries[:2], entries[1], *entries[2:]]).problem
    assert check([entries[0], entries[2], entries[1], entries[3]]).problem


def test_a_lost_end_is_found_by_the_head_alone() -> None:
    entries = chain(4)
    head = check(entries).head
    assert check(entries[:3]).problem == ""
    assert check(entries[:3], [head]).problem == "the last entries are missing: there were 4, there are 3"
    assert check(entries, [head]).problem == ""


def test_a_log_that_was_written_anew_is_found_by_an_older_head() -> None:
    old = check(chain(2)).head
    other = chain(4)
    other[0]["who"] = "nobody"
    before = BEFORE_ALL
    for entry in other:
        entry["digest"] = before = digest_of(before, entry)
    assert check(other).problem == ""
    assert check(other, [old]).problem == "entry 2 is not the one that was there: the log was written anew"


def test_a_damaged_entry_is_told() -> None:
    entries = chain(2)
    del entries[1]["case"]
    assert check(entries).problem == "entry 2 is damaged: it lacks a field"


def test_a_head_is_written_and_read() -> None:
    head = check(chain(3)).head
    assert Head.parse(f" {head}\n") == head


@pytest.mark.parametrize("text", ["", "5", "5:abc", "x:" + "0" * 64, "5:" + "G" * 64])
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a number of entries"):
        Head.parse(text)
