"""Watch-lists as tables: CSV as people's programs write it, read with a line for each cell that cannot be used.

Commas, semicolons or tabs, told by the header; UTF-8, or UTF-16 with a mark. Dates are written as 2026-03-01, a whole
day of Vietnam's time, or with a time and its offset. Text is text: nothing is ever interpreted.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import TypeVar

from dashboard.table_cells import harmless, plain
from dashboard.watch_records import EntryDraft, Span, WatchEntry, one_line, whole_plate
from ioc.errors import UsageError
from ioc.types import Severity

COLUMNS = ("plate", "note", "valid_from", "valid_until", "priority")
MOST_BYTES = 32 * 1024 * 1024
MOST_ROWS = 200_000
VIETNAM = timezone(timedelta(hours=7))
"""Where a date without a time begins."""

Value = TypeVar("Value")

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class TableError(UsageError):
    """A file is no table of a watch-list at all."""


@dataclass(frozen=True, slots=True)
class CellProblem:
    """Why a cell cannot be used."""

    row: int
    """As a table's program numbers them: the header is row 1."""
    column: str
    problem: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Table:
    """The rows that can be used, and what is wrong with the others."""

    entries: tuple[EntryDraft, ...]
    problems: tuple[CellProblem, ...]


def read_table(content: bytes) -> Table:
    """Return what a CSV file holds; raise TableError when its form, its header or its size is wrong."""
    text = _decoded(content)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    entries: dict[str, EntryDraft] = {}
    rows_of: dict[str, int] = {}
    problems: list[CellProblem] = []
    try:
        header = _header(next(rows, []))
        for number, cells in enumerate(rows, 2):
            if not any(cell.strip() for cell in cells):
                continue
            found = _entry(number, header, cells)
            if isinstance(found, EntryDraft) and found.plate in entries:
                found = [CellProblem(number, "plate", f"stands in row {rows_of[found.plate]} already")]
            if isinstance(found, EntryDraft):
                entries[found.plate], rows_of[found.plate] = found, number
            else:
                problems += found
            if number > MOST_ROWS + 1:
                raise TableError(f"the file has more than {MOST_ROWS:,} rows: divide it")
    except csv.Error as error:
        raise TableError(f"the file is no CSV from line {rows.line_num} on ({error}): save it again as CSV") from None
    if not entries and not problems:
        raise TableError("the file holds no plate below its header")
    return Table(tuple(entries.values()), tuple(problems))


def as_table(entries: Iterable[WatchEntry]) -> str:
    """Return plates as a table that `read_table` reads back the same; no cell begins as a formula does."""
    file = io.StringIO(newline="")
    rows = csv.writer(file)
    rows.writerow(COLUMNS)
    for entry in entries:
        told = entry.told
        dates = ("" if at is None else at.isoformat() for at in (told.valid.since, told.valid.until))
        rows.writerow((told.plate, harmless(told.note), *dates, told.priority or ""))
    return file.getvalue()


def _decoded(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise TableError(f"the file is larger than {MOST_BYTES // 2**20} MiB: divide it")
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise TableError("the file is not UTF-8: save it as “CSV UTF-8”") from None
    if "\0" in text:
        raise TableError("the file is no text: save it as CSV")
    return text


def _delimiter(text: str) -> str:
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)


def _header(cells: Sequence[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    known = f"a header names its columns, of: {', '.join(COLUMNS)}"
    for name in names:
        if name not in COLUMNS:
            raise TableError(f"unknown column {name[:40]!r}: {known}")
        if names.count(name) > 1:
            raise TableError(f"the column {name!r} is there twice")
    if "plate" not in names:
        raise TableError(f"there is no column 'plate': {known}")
    return names


def _entry(number: int, header: Sequence[str], cells: Sequence[str]) -> EntryDraft | list[CellProblem]:
    if len(cells) != len(header):
        problem = f"has {len(cells)} cells, the header {len(header)}: put a text that holds the delimiter in quotes"
        return [CellProblem(number, "all", problem)]
    row = _Row(number, dict(zip(header, cells, strict=True)))
    plate, note = row.value("plate", whole_plate), row.value("note", _note)
    valid = Span(row.value("valid_from", _begin), row.value("valid_until", _end))
    priority = row.value("priority", _priority)
    if valid.is_empty:
        row.problems.append(CellProblem(number, "valid_until", "lies before valid_from"))
    if row.problems or plate is None:
        return row.problems
    return EntryDraft(plate, note or "", priority, valid)


class _Row:
    """One row's cells, and what is wrong with them."""

    def __init__(self, number: int, cells: Mapping[str, str]) -> None:
        self._number, self._cells = number, cells
        self.problems: list[CellProblem] = []

    def value(self, column: str, read: Callable[[str], Value]) -> Value | None:
        """Return what a cell says, None when that cannot be used."""
        try:
            return read(self._cells.get(column, "").strip())
        except ValueError as error:
            self.problems.append(CellProblem(self._number, column, str(error)))
            return None


def _note(cell: str) -> str:
    if cell.startswith(("=", "@")):
        raise ValueError("is a formula: put the text there that it stands for")
    return one_line(plain(cell))


def _begin(cell: str) -> datetime | None:
    return _moment(cell, timedelta(0))


def _end(cell: str) -> datetime | None:
    """Return when a validity ends: a day belongs to it as a whole."""
    return _moment(cell, timedelta(days=1))


def _moment(cell: str, later: timedelta) -> datetime | None:
    if not cell:
        return None
    try:
        if len(cell) == len("2026-03-01"):
            return (datetime.combine(date.fromisoformat(cell), time(), VIETNAM) + later).astimezone(UTC)
        moment = datetime.fromisoformat(cell)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{cell[:40]!r} is no date such as 2026-03-01 or 2026-03-01T08:00+07:00") from None
    raise ValueError(f"{cell[:40]!r} does not say where: write 2026-03-01T08:00+07:00")


def _priority(cell: str) -> Severity | None:
    try:
        return Severity(cell.lower()) if cell else None
    except ValueError:
        raise ValueError(f"{cell[:40]!r} is none of: {', '.join(Severity)}") from None
