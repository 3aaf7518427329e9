"""Keeps watch-lists and the plates on them.

Pure but for the connection that it is handed: the caller opens the transaction, says whose list it may be, writes down
what was done, and commits. Passes are matched against what stands here (`dashboard.watch_intake`), so that a change
counts from the next pass on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, exists, func, insert, select, update

from dashboard.database import parts
from dashboard.schema import watch_entries, watch_lists
from dashboard.watch_records import EntryDraft, ListDraft, NameTaken, Span, WatchEntry, WatchList
from ioc.plate_pattern import Pattern
from ioc.types import Severity


def all_lists(connection: Connection, owner: str | None = None) -> list[WatchList]:
    """Return all watch-lists by name, or those of one owner."""
    query = _lists().order_by(watch_lists.c.name)
    if owner is not None:
        query = query.where(watch_lists.c.owner == owner)
    return [_list(row) for row in connection.execute(query)]


def all_told(connection: Connection) -> dict[int, ListDraft]:
    """Return what is said of each list, by its number."""
    return {row.id: _told(row) for row in connection.execute(select(watch_lists))}


def list_with(connection: Connection, list_id: int) -> WatchList | None:
    """Return the list of that number, or None."""
    row = connection.execute(_lists().where(watch_lists.c.id == list_id)).first()
    return None if row is None else _list(row)


def list_named(connection: Connection, name: str) -> WatchList | None:
    """Return the list of that name, or None."""
    row = connection.execute(_lists().where(watch_lists.c.name == name)).first()
    return None if row is None else _list(row)


def add_list(connection: Connection, draft: ListDraft, at: datetime) -> int:
    """Add an empty list and return its number; raise NameTaken when the name is taken."""
    _check_name(connection, draft.name, None)
    values = {**_list_row(draft), "changed": at}
    return int(connection.execute(insert(watch_lists).values(values).returning(watch_lists.c.id)).scalar_one())


def alter_list(connection: Connection, list_id: int, draft: ListDraft, at: datetime) -> None:
    """Let a list be as the draft says; raise NameTaken when the name is another list's."""
    _check_name(connection, draft.name, list_id)
    _touch(connection, list_id, at, _list_row(draft))


def remove_list(connection: Connection, list_id: int) -> None:
    """Remove a list with all plates on it; the alerts that it raised stay."""
    connection.execute(delete(watch_lists).where(watch_lists.c.id == list_id))


def entries_of(
    connection: Connection, list_id: int, pattern: Pattern | None = None, after: str = "", limit: int | None = None
) -> list[WatchEntry]:
    """Return the plates on a list that fit a pattern, by their texts; those that follow a text when one is given."""
    query = select(watch_entries).where(watch_entries.c.list_id == list_id, watch_entries.c.plate > after)
    if pattern is not None:
        query = query.where(watch_entries.c.plate.like(pattern.like))
    return [_entry(row) for row in connection.execute(query.order_by(watch_entries.c.plate).limit(limit))]


def entry_with(connection: Connection, list_id: int, entry_id: int) -> WatchEntry | None:
    """Return the entry of that number on a list, or None."""
    mine = (watch_entries.c.list_id == list_id) & (watch_entries.c.id == entry_id)
    row = connection.execute(select(watch_entries).where(mine)).first()
    return None if row is None else _entry(row)


def entries_with(connection: Connection, plates: Sequence[str]) -> list[WatchEntry]:
    """Return what stands on any list of some plates, as many as fit one query."""
    return [_entry(row) for row in connection.execute(select(watch_entries).where(watch_entries.c.plate.in_(plates)))]


def put_entries(connection: Connection, list_id: int, entries: Sequence[EntryDraft], at: datetime) -> int:
    """Put plates on a list, no plate twice; return how many stood there before and were replaced."""
    replaced = 0
    for part in parts([entry.plate for entry in entries]):
        mine = (watch_entries.c.list_id == list_id) & watch_entries.c.plate.in_(part)
        replaced += connection.execute(delete(watch_entries).where(mine)).rowcount
    if entries:
        connection.execute(insert(watch_entries), [_entry_row(list_id, entry) for entry in entries])
    _touch(connection, list_id, at)
    return replaced


def take_off(connection: Connection, entry: WatchEntry, at: datetime) -> None:
    """Take a plate off its list."""
    connection.execute(delete(watch_entries).where(watch_entries.c.id == entry.id))
    _touch(connection, entry.list_id, at)


def plates_on(connection: Connection, list_id: int) -> set[str]:
    """Return the texts of all plates on a list."""
    return set(connection.scalars(select(watch_entries.c.plate).where(watch_entries.c.list_id == list_id)))


def clear(connection: Connection, list_id: int) -> None:
    """Take every plate off a list."""
    connection.execute(delete(watch_entries).where(watch_entries.c.list_id == list_id))


def _entry(row: Row[Any]) -> WatchEntry:
    priority = None if row.priority is None else Severity(row.priority)
    told = EntryDraft(row.plate, row.note, priority, Span(row.valid_from, row.valid_until))
    return WatchEntry(row.id, row.list_id, told)


def _lists() -> Select[Any]:
    count = select(func.count()).where(watch_entries.c.list_id == watch_lists.c.id).scalar_subquery()
    return select(watch_lists, count.label("entries"))


def _list(row: Row[Any]) -> WatchList:
    return WatchList(row.id, _told(row), row.changed, row.entries)


def _told(row: Row[Any]) -> ListDraft:
    return ListDraft(
        name=row.name,
        owner=row.owner,
        purpose=row.purpose,
        case=row.case,
        priority=Severity(row.priority),
        misreads=row.misreads,
        valid=Span(row.valid_from, row.valid_until),
    )


def _list_row(draft: ListDraft) -> dict[str, Any]:
    plain = {name: getattr(draft, name) for name in ("name", "owner", "purpose", "case", "misreads")}
    return {**plain, "priority": draft.priority.value, **_span_row(draft.valid)}


def _entry_row(list_id: int, entry: EntryDraft) -> dict[str, Any]:
    priority = None if entry.priority is None else entry.priority.value
    row = {"list_id": list_id, "plate": entry.plate, "note": entry.note, "priority": priority}
    return {**row, **_span_row(entry.valid)}


def _span_row(span: Span) -> dict[str, datetime | None]:
    return {"valid_from": span.since, "valid_until": span.until}


def _touch(connection: Connection, list_id: int, at: datetime, values: dict[str, Any] | None = None) -> None:
    mine = watch_lists.c.id == list_id
    connection.execute(update(watch_lists).where(mine).values({**(values or {}), "changed": at}))


def _check_name(connection: Connection, name: str, own: int | None) -> None:
    taken = exists().where(watch_lists.c.name == name, watch_lists.c.id != (own or 0))
    if connection.scalar(select(taken)):
        raise NameTaken(f"there is a watch-list {name!r} already")
