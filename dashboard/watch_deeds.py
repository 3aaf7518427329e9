"""What somebody does to watch-lists: each deed and its entry in the audit log are kept together, or neither.

An entry stands under the list's own purpose and case. Rights are the caller's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from pydantic_core import to_jsonable_python

from dashboard.accounts import User
from dashboard.audit import Audit, Pen
from dashboard.watch_import import Taken, take_table
from dashboard.watch_records import EntryDraft, ListDraft, WatchEntry, WatchList
from dashboard.watch_store import (
    add_list,
    alter_list,
    entries_of,
    entry_with,
    put_entries,
    remove_list,
    take_off,
)
from dashboard.watch_table import Table, as_table, read_table
from ioc.errors import UsageError
from ioc.plate_pattern import Pattern
from ioc.types import Json


class NoOwner(UsageError):
    """A list is to be given to somebody who may not have one."""


@dataclass(frozen=True, slots=True)
class WatchDeeds:
    """What one person does at one time. Methods raise StoreError when the database fails."""

    audit: Audit
    who: str
    at: datetime

    def make(self, draft: ListDraft) -> WatchList:
        """Make an empty list; raise NameTaken."""
        with self.audit.write() as pen:
            made = WatchList(add_list(pen.connection, draft, self.at), draft, self.at, 0)
            self._write_down(pen, made, "watch_make", {"told": _json(draft)})
        return made

    def change(self, found: WatchList, draft: ListDraft) -> WatchList:
        """Let a list be as the draft says; raise NameTaken. Its plates stay."""
        before, after = _json(found.told), _json(draft)
        differing = {name: before[name] for name in before if before[name] != after[name]}
        changed = WatchList(found.id, draft, self.at, found.entries)
        with self.audit.write() as pen:
            alter_list(pen.connection, found.id, draft, self.at)
            self._write_down(pen, changed, "watch_change", {"told": after, "before": differing})
        return changed

    def remove(self, found: WatchList) -> None:
        """Remove a list with all of its plates."""
        with self.audit.write() as pen:
            remove_list(pen.connection, found.id)
            self._write_down(pen, found, "watch_remove", {"rows": found.entries})

    def look(self, found: WatchList, pattern: Pattern | None, after: str, limit: int) -> list[WatchEntry]:
        """Return the plates on a list that fit a pattern and follow a text."""
        with self.audit.write() as pen:
            entries = entries_of(pen.connection, found.id, pattern, after, limit)
            asked = {} if pattern is None else {"plate": pattern.text}
            self._write_down(pen, found, "watch_view", {**asked, "rows": len(entries)})
        return entries

    def put(self, found: WatchList, draft: EntryDraft) -> tuple[WatchEntry, bool]:
        """Put a plate on a list; return it, and whether it replaced what stood there."""
        with self.audit.write() as pen:
            replaced = put_entries(pen.connection, found.id, [draft], self.at)
            (entry,) = entries_of(pen.connection, found.id, Pattern(draft.plate))
            self._write_down(pen, found, "watch_put", {**_json(draft), "replaced": replaced})
        return entry, bool(replaced)

    def take_off(self, found: WatchList, entry_id: int) -> bool:
        """Take a plate off a list; return whether it stood there."""
        with self.audit.write() as pen:
            entry = entry_with(pen.connection, found.id, entry_id)
            if entry is not None:
                take_off(pen.connection, entry, self.at)
                self._write_down(pen, found, "watch_take_off", {"plate": entry.told.plate})
        return entry is not None

    def take_in(self, found: WatchList, content: bytes, *, partial: bool, replace: bool) -> tuple[Taken, Table]:
        """Put the plates of a CSV file on a list, as `watch_import` says; raise TableError and Unclear."""
        table = read_table(content)
        with self.audit.write() as pen:
            taken = take_table(pen.connection, found.id, table, self.at, partial=partial, replace=replace)
            if taken.taken:
                self._write_down(pen, found, "watch_import", {**asdict(taken), "sha256": _digest(content)})
        return taken, table

    def give_out(self, found: WatchList) -> str:
        """Return all plates of a list as CSV."""
        with self.audit.write() as pen:
            entries = entries_of(pen.connection, found.id)
            table = as_table(entries)
            digest = _digest(table.encode())
            self._write_down(pen, found, "watch_export", {"rows": len(entries), "sha256": digest})
        return table

    def _write_down(self, pen: Pen, found: WatchList, what: str, details: Mapping[str, Json]) -> None:
        told = found.told
        about: dict[str, Json] = {"list": found.id, "name": told.name, **details}
        pen.add(self.at, self.who, what, purpose=told.purpose, case=told.case, details=about)


def check_owner(people: Iterable[User], name: str) -> None:
    """Raise NoOwner for somebody who may have no watch-list."""
    if not any(one.name == name and one.active and one.role.may_search for one in people):
        raise NoOwner(f"{name!r} is nobody of the police who may sign in")


def _json(draft: ListDraft | EntryDraft) -> dict[str, Json]:
    plain: dict[str, Json] = to_jsonable_python(asdict(draft))
    return plain


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
