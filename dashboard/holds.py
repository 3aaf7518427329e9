"""What is kept beyond its time for a case: passes and alerts that somebody holds until a supervisor lets go.

Pure but for the connection that it is handed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

from sqlalchemy import Connection, exists, insert, select, update
from sqlalchemy.sql import ColumnElement

from dashboard.records import Deed
from dashboard.schema import holds

What: TypeAlias = Literal["pass", "alert"]
"""Kinds of records that can be held."""

_STANDING = holds.c.released_at.is_(None)


@dataclass(frozen=True, slots=True)
class Hold:
    """A record that is not deleted, whatever its age: by whom, and for which case."""

    id: int
    record: UUID
    """The hit of a pass, or the id of an alert."""
    what: What
    purpose: str
    case: str
    placed_by: str
    placed_at: datetime
    released: Deed | None


def place(connection: Connection, record: UUID, what: What, deed: Deed, case: str) -> tuple[Hold, bool]:
    """Hold a record for a case, unless it is held for that case already; return the hold, and whether it is new."""
    for hold in holds_of(connection, record):
        if hold.released is None and hold.case == case:
            return hold, False
    row = {"record": record, "what": what, "purpose": deed.note, "case": case}
    connection.execute(insert(holds).values(**row, placed_by=deed.who, placed_at=deed.at))
    return holds_of(connection, record)[0], True


def release(connection: Connection, number: int, deed: Deed) -> Hold:
    """Let a record go that is held, by the number of its hold."""
    values = {"released_by": deed.who, "released_at": deed.at, "released_note": deed.note}
    connection.execute(update(holds).where(holds.c.id == number).values(values))
    (hold,) = _holds(connection, [holds.c.id == number])
    return hold


def hold_with(connection: Connection, number: int) -> Hold | None:
    """Return the hold of that number, or None."""
    return next(iter(_holds(connection, [holds.c.id == number], 1)), None)


def holds_of(connection: Connection, record: UUID) -> list[Hold]:
    """Return the holds of one record, the newest first."""
    return _holds(connection, [holds.c.record == record])


def standing(connection: Connection, limit: int, before: int | None = None) -> list[Hold]:
    """Return what is held, the newest hold first; those before a number when one is given."""
    bounds = [] if before is None else [holds.c.id < before]
    return _holds(connection, [_STANDING, *bounds], limit)


def held(record: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Return whether the record of a row is held."""
    return exists().where(holds.c.record == record, _STANDING)


def _holds(connection: Connection, conditions: Sequence[ColumnElement[bool]], limit: int | None = None) -> list[Hold]:
    query = select(holds).where(*conditions).order_by(holds.c.id.desc()).limit(limit)
    found = []
    for row in connection.execute(query):
        released = None if row.released_by is None else Deed(row.released_by, row.released_at, row.released_note)
        plain = (row.id, row.record, row.what, row.purpose, row.case, row.placed_by, row.placed_at)
        found.append(Hold(*plain, released))
    return found
