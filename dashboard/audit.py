"""The audit log: who looked for plates, saw or took them away, when and why, and what was deleted. It only grows.

The entries form a chain (`ioc.audit_chain`). Beside the store, the file `audit.head` in the data folder remembers how
far it reached, so that entries cut off at its end are missed too.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.engine import RowMapping
from sqlalchemy.sql import ColumnElement

from dashboard.data_folder import DataFolderError, write_private
from dashboard.database import Database
from dashboard.schema import audit_log
from ioc.audit_chain import EMPTY, Head, Verdict, check, digest_of
from ioc.types import Json

HEAD = "audit.head"
"""The head's file in the data folder."""

Entry = dict[str, Json]
"""The fields of `ioc.audit_chain.FIELDS`, and the digest."""


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries are wanted; what is not given means any."""

    who: str | None = None
    what: str | None = None
    case: str | None = None
    """Part of it, in small or capital letters."""
    since: datetime | None = None
    until: datetime | None = None


EVERY_ENTRY = EntryFilter()


class Pen:
    """Writes entries in one transaction, that of its connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.written: Head | None = None
        """The head of the log after the last entry, None before the first."""

    def add(self, at: datetime, who: str, what: str, *, purpose: str, case: str, details: Mapping[str, Json]) -> int:
        """Write an entry and return its number."""
        before = self.written or _last(self.connection)
        entry: Entry = {
            "number": before.count + 1,
            "at": _iso(at),
            "who": who,
            "what": what,
            "purpose": purpose,
            "case": case,
            "details": dict(details),
        }
        digest = digest_of(before.digest, entry)
        self.connection.execute(insert(audit_log), [{**entry, "at": at, "digest": digest}])
        self.written = Head(before.count + 1, digest)
        return before.count + 1


class Audit:
    """The audit log of one store, with its head in a file. Raises StoreError when the database fails."""

    def __init__(self, database: Database, head: Path) -> None:
        self._database, self._head = database, head
        self._writing = threading.Lock()

    def add(self, at: datetime, who: str, what: str, *, purpose: str, case: str, details: Mapping[str, Json]) -> int:
        """Write an entry and return its number; it is on the disk then."""
        with self.write() as pen:
            return pen.add(at, who, what, purpose=purpose, case=case, details=details)

    @contextmanager
    def write(self) -> Iterator[Pen]:
        """Give a pen: its entries and whatever is done by its connection are on the disk at the end, or none of it."""
        with self._writing:
            with self._database.write() as connection:
                pen = Pen(connection)
                yield pen
            if pen.written is not None:
                _keep(self._head, pen.written)

    def entry(self, number: int) -> Entry | None:
        """Return the entry of that number, or None."""
        return next((entry for entry in self.newest(1, number + 1) if entry["number"] == number), None)

    def newest(self, limit: int, before: int | None = None, wanted: EntryFilter = EVERY_ENTRY) -> list[Entry]:
        """Return the latest entries that are wanted, newest first; those before a number when one is given."""
        query = select(audit_log).where(*_conditions(wanted)).order_by(audit_log.c.number.desc()).limit(limit)
        if before is not None:
            query = query.where(audit_log.c.number < before)
        with self._database.read() as connection:
            return [_entry(row) for row in connection.execute(query).mappings()]

    def entries(self) -> Iterator[Entry]:
        """Yield every entry from the first on."""
        with self._database.read() as connection:
            for row in connection.execute(select(audit_log).order_by(audit_log.c.number)).mappings():
                yield _entry(row)

    def release(self) -> None:
        """Let go of the database."""
        self._database.close()

    def verify(self, *expected: Head) -> Verdict:
        """Check the whole log against its chain, its head file and heads that somebody wrote down.

        Raises DataFolderError when the head file cannot be read.
        """
        return check(self.entries(), (*expected, kept_head(self._head)))


def kept_head(path: Path) -> Head:
    """Return the head that a file holds, that of an empty log when there is none; raise DataFolderError."""
    try:
        return Head.parse(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        return EMPTY
    except (OSError, ValueError) as error:
        raise DataFolderError(f"{path} cannot be read as the audit log's head: {error}") from None


def _keep(path: Path, head: Head) -> None:
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        write_private(draft, f"{head}\n")
        draft.replace(path)
    except OSError as error:
        raise DataFolderError(f"{path} cannot be written ({error.strerror}): give this user the folder") from None
    finally:
        draft.unlink(missing_ok=True)


def _last(connection: Connection) -> Head:
    number = connection.scalar(select(func.max(audit_log.c.number)))
    if number is None:
        return EMPTY
    digest = connection.scalar(select(audit_log.c.digest).where(audit_log.c.number == number))
    return Head(number, str(digest))


def _conditions(wanted: EntryFilter) -> list[ColumnElement[bool]]:
    found = [audit_log.c[name] == value for name in ("who", "what") if (value := getattr(wanted, name)) is not None]
    if wanted.case is not None:
        found.append(audit_log.c.case.icontains(wanted.case, autoescape=True))
    if wanted.since is not None:
        found.append(audit_log.c.at >= wanted.since)
    if wanted.until is not None:
        found.append(audit_log.c.at < wanted.until)
    return found


def _entry(row: RowMapping) -> Entry:
    return {**row, "at": _iso(row["at"])}


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
