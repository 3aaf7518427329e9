"""Tables of plates: every form that people's programs write, and a line for each cell that cannot be used."""

from __future__ import annotations

import csv
import io
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import watch_table
from dashboard.watch_records import EntryDraft, Span, WatchEntry
from dashboard.watch_table import TableError, as_table, read_table
from ioc.plate_grammar import CHARACTERS
from ioc.types import Severity

HEADER = "plate,note,valid_from,valid_until,priority\n"


def problems(text: str) -> list[str]:
    return [str(problem) for problem in read_table(text.encode()).problems]


def test_a_row_says_all_that_an_entry_can() -> None:
    (entry,) = read_table((HEADER + "98a-123.45, red Wave ,2026-03-01,2026-03-31,HIGH\n").encode()).entries
    assert entry == EntryDraft(
        "98A12345",
        "red Wave",
        Severity.HIGH,
        Span(datetime(2026, 2, 28, 17, tzinfo=UTC), datetime(2026, 3, 31, 17, tzinfo=UTC)),
    ), "days of Vietnam, the last of them as a whole"


def test_moments_are_taken_with_their_offset() -> None:
    (entry,) = read_table(b"plate,valid_from\n98A12345,2026-03-01T08:00+07:00\n").entries
    assert entry.valid == Span(datetime(2026, 3, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-mark"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_form_that_programs_write_is_read(encoding: str, delimiter: str, ending: str) -> None:
    text = ending.join([f"Note{delimiter} PLATE ", f'"Đỏ; vỡ, đèn\tsau"{delimiter}98A12345', f"{delimiter}", ""])
    content = text.encode(encoding) if encoding != "utf-16-le-mark" else b"\xff\xfe" + text.encode("utf-16-le")
    table = read_table(content)
    assert table.problems == ()
    assert table.entries == (EntryDraft("98A12345", "Đỏ; vỡ, đèn sau"),)


def test_each_cell_that_cannot_be_used_is_told_and_the_other_rows_are_kept() -> None:
    rows = [
        "98A12345,,,,",
        "98A*,,,,",
        "98A12346,=HYPERLINK(1),,,",
        "98A12347,,31/12/2026,2026-12-32,urgent",
        "98A12348,,2026-03-02,2026-03-01,",
        "98A12349,,2026-03-01T08:00,,",
        "98A-123.45,again,,,",
        "98A12350,a,b",
        '98A12351,"two\nlines",,,',
        f"98A12352,{'x' * 501},,,",
        "98A12353,a\u202eb,,,",
        "98A12354,,0001-01-01,9999-12-31,",
    ]
    table = read_table((HEADER + "\n".join(rows)).encode())
    assert [entry.plate for entry in table.entries] == ["98A12345", "98A12351"]
    assert [str(problem) for problem in table.problems] == [
        "row 3, plate: a watch-list holds whole plates, without ? and *",
        "row 4, note: is a formula: put the text there that it stands for",
        "row 5, valid_from: '31/12/2026' is no date such as 2026-03-01 or 2026-03-01T08:00+07:00",
        "row 5, valid_until: '2026-12-32' is no date such as 2026-03-01 or 2026-03-01T08:00+07:00",
        "row 5, priority: 'urgent' is none of: informational, low, medium, high, critical",
        "row 6, valid_until: lies before valid_from",
        "row 7, valid_from: '2026-03-01T08:00' does not say where: write 2026-03-01T08:00+07:00",
        "row 8, plate: stands in row 2 already",
        "row 9, all: has 3 cells, the header 5: put a text that holds the delimiter in quotes",
        "row 11, note: has 501 characters, 500 at most",
        "row 12, note: holds characters that cannot be shown",
        "row 13, valid_from: '0001-01-01' is no date such as 2026-03-01 or 2026-03-01T08:00+07:00",
        "row 13, valid_until: '9999-12-31' is no date such as 2026-03-01 or 2026-03-01T08:00+07:00",
    ]
    assert table.entries[1].note == "two lines"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no column 'plate'"),
        (b"note,priority\nx,low\n", "no column 'plate'"),
        (b"plate,colour\n98A12345,red\n", "unknown column 'colour'"),
        (b"plate,plate\n98A12345,98A12345\n", "'plate' is there twice"),
        (b"98A12345\n98A12346\n", "unknown column '98a12345'"),
        (b"plate,note\n\n,\n", "no plate below its header"),
        ("plate,note\n98A12345,Đen\n".encode("cp1258"), "not UTF-8"),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00", "is no text"),
        (b"\xff\xd8\xff\xe0", "not UTF-8"),
        (b'plate,note\n98A12345,"open\n98A12346,x\n', "is no CSV from line 3 on"),
        (b"plate\n" + b"9" * 200_000 + b"\n", "is no CSV from line 2 on"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(content: bytes, why: str) -> None:
    with pytest.raises(TableError, match=why) as caught:
        read_table(content)
    assert "\n" not in str(caught.value)


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_table, "MOST_ROWS", 3)
    assert len(read_table(b"plate\n98A1\n98A2\n98A3\n").entries) == 3
    with pytest.raises(TableError, match="more than 3 rows"):
        read_table(b"plate\n98A1\n98A2\n98A3\n98A4\n")
    monkeypatch.setattr(watch_table, "MOST_BYTES", 2**20)
    with pytest.raises(TableError, match="larger than 1 MiB"):
        read_table(b"plate\n" + b"\n" * 2**20)


def test_a_hundred_thousand_rows_are_read_in_seconds_wrong_ones_too() -> None:
    rows = [
        f"98A{number:05d},note {number},2026-03-01,{'2026' if number % 2 else '26'}-12-31,low\n"
        for number in range(100_000)
    ]
    began = time.perf_counter()
    table = read_table((HEADER + "".join(rows)).encode())
    assert (len(table.entries), len(table.problems)) == (50_000, 50_000)
    assert time.perf_counter() - began < 30


NOTES = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=40)
MOMENTS = st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2990, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ENTRIES = st.builds(
    EntryDraft,
    plate=st.text(CHARACTERS, min_size=4, max_size=12),
    note=NOTES | NOTES.map("={}".format) | NOTES.map("+{}".format) | NOTES.map("'={}".format),
    priority=st.none() | st.sampled_from(Severity),
    valid=st.builds(Span, MOMENTS, MOMENTS).filter(lambda span: not span.is_empty),
)


@settings(max_examples=40)
@given(st.lists(ENTRIES, min_size=1, unique_by=lambda entry: entry.plate))
def test_what_is_given_out_is_taken_in_again_and_no_cell_begins_a_formula(entries: list[EntryDraft]) -> None:
    table = as_table(WatchEntry(number, 1, entry) for number, entry in enumerate(entries))
    again = read_table(table.encode())
    assert again.problems == ()
    assert list(again.entries) == entries
    cells = [cell for row in csv.reader(io.StringIO(table, newline="")) for cell in row]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
