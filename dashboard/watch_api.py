"""The routes under /api/v1/watch-lists: plates that raise an alert when one passes.

A list is its owner's; supervisors see all of them. Whatever is done to a list, and each look at its plates, is written
into the audit log under the list's own purpose and case, together with the deed or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException

from dashboard.accounts import User
from dashboard.asked import pattern_of
from dashboard.audit import Pen
from dashboard.guard import Searching
from dashboard.records import Role
from dashboard.services import Services, TheServices
from dashboard.watch_records import NameTaken, WatchEntry, WatchList
from dashboard.watch_store import (
    add_list,
    all_lists,
    alter_list,
    entries_of,
    entry_with,
    list_with,
    put_entries,
    remove_list,
    take_off,
)
from dashboard.watch_views import EntryPage, EntryQuery, EntryView, ListView, NewEntry, NewList, PutView
from ioc.types import Json

NO_LIST = "there is no such watch-list among those you may see"
NO_ENTRY = "there is no such plate on the list any more: load it again"


def add_routes(app: FastAPI) -> None:
    """Add the routes of this module."""
    app.get("/api/v1/watch-lists")(show_lists)
    app.post("/api/v1/watch-lists", status_code=201)(make_list)
    app.get("/api/v1/watch-lists/{list_id}")(show_list)
    app.put("/api/v1/watch-lists/{list_id}")(change_list)
    app.delete("/api/v1/watch-lists/{list_id}", status_code=204)(drop_list)
    app.post("/api/v1/watch-lists/{list_id}/entries/search")(search_entries)
    app.post("/api/v1/watch-lists/{list_id}/entries")(put_entry)
    app.delete("/api/v1/watch-lists/{list_id}/entries/{entry_id}", status_code=204)(drop_entry)


def the_list(parts: TheServices, user: Searching, list_id: int) -> WatchList:
    """Return the list when it is the person's own, or they are a supervisor; 404 otherwise."""
    with parts.store.database.read() as connection:
        found = list_with(connection, list_id) if list_id < 2**31 else None
    if found is None or not (user.role is Role.SUPERVISOR or found.told.owner == user.name):
        raise HTTPException(404, NO_LIST)
    return found


TheList = Annotated[WatchList, Depends(the_list)]


def show_lists(parts: TheServices, user: Searching) -> list[ListView]:
    """Return one's own lists by name, a supervisor all of them."""
    with parts.store.database.read() as connection:
        found = all_lists(connection, None if user.role is Role.SUPERVISOR else user.name)
    return [ListView.of(one, parts.now()) for one in found]


def show_list(parts: TheServices, found: TheList) -> ListView:
    """Return one list, without its plates."""
    return ListView.of(found, parts.now())


def make_list(parts: TheServices, user: Searching, wanted: NewList) -> ListView:
    """Make an empty list of one's own; 409 when the name is taken."""
    draft = wanted.draft(_owner(parts, user, wanted, user.name))
    with _one_name(), parts.audit.write() as pen:
        list_id = add_list(pen.connection, draft, parts.now())
        made = WatchList(list_id, draft, parts.now(), 0)
        write_down(pen, parts, user, made, "watch_make", {"told": ListView.of(made, parts.now()).told})
    return ListView.of(made, parts.now())


def change_list(parts: TheServices, user: Searching, found: TheList, wanted: NewList) -> ListView:
    """Let a list be as it is told; 409 when the name is taken. Its plates stay."""
    draft = wanted.draft(_owner(parts, user, wanted, found.told.owner))
    changed = WatchList(found.id, draft, parts.now(), found.entries)
    with _one_name(), parts.audit.write() as pen:
        alter_list(pen.connection, found.id, draft, parts.now())
        before, after = (ListView.of(one, parts.now()).told for one in (found, changed))
        differing = {name: before[name] for name in before if before[name] != after[name]}
        write_down(pen, parts, user, changed, "watch_change", {"told": after, "before": differing})
    return ListView.of(changed, parts.now())


def drop_list(parts: TheServices, user: Searching, found: TheList) -> None:
    """Remove a list with all of its plates."""
    with parts.audit.write() as pen:
        write_down(pen, parts, user, found, "watch_remove", {"rows": found.entries})
        remove_list(pen.connection, found.id)


def search_entries(parts: TheServices, user: Searching, found: TheList, query: EntryQuery) -> EntryPage:
    """Return the plates of a list that fit, by their texts; 422 says what is wrong with the pattern."""
    pattern = None if query.plate is None else pattern_of(query.plate)
    with parts.audit.write() as pen:
        after = "" if query.cursor is None else _entry(pen, found, query.cursor).told.plate
        entries = entries_of(pen.connection, found.id, pattern, after, query.limit + 1)
        page = entries[: query.limit]
        asked = query.model_dump(mode="json", exclude_defaults=True)
        write_down(pen, parts, user, found, "watch_view", {**asked, "rows": len(page)})
    following = page[-1].id if len(entries) > len(page) else None
    return EntryPage(entries=[EntryView.of(entry) for entry in page], next=following)


def put_entry(parts: TheServices, user: Searching, found: TheList, wanted: NewEntry) -> PutView:
    """Put a plate on a list, in the place of what it said of the same plate before."""
    draft = wanted.draft()
    with parts.audit.write() as pen:
        replaced = put_entries(pen.connection, found.id, [draft], parts.now())
        (entry,) = entries_of(pen.connection, found.id, pattern_of(draft.plate))
        write_down(pen, parts, user, found, "watch_put", {**wanted.model_dump(mode="json"), "replaced": replaced})
    return PutView(entry=EntryView.of(entry), replaced=bool(replaced))


def drop_entry(parts: TheServices, user: Searching, found: TheList, entry_id: int) -> None:
    """Take a plate off a list; 404 when it is not there."""
    with parts.audit.write() as pen:
        entry = _entry(pen, found, entry_id)
        take_off(pen.connection, entry, parts.now())
        write_down(pen, parts, user, found, "watch_take_off", {"plate": entry.told.plate})


def write_down(pen: Pen, parts: Services, user: User, found: WatchList, what: str, details: Mapping[str, Json]) -> None:
    """Write down what is done to a list, under its purpose and case."""
    told = found.told
    about: dict[str, Json] = {"list": found.id, "name": told.name, **details}
    pen.add(parts.now(), user.name, what, purpose=told.purpose, case=told.case, details=about)


def _entry(pen: Pen, found: WatchList, entry_id: int) -> WatchEntry:
    entry = entry_with(pen.connection, found.id, entry_id) if entry_id < 2**62 else None
    if entry is None:
        raise HTTPException(404, NO_ENTRY)
    return entry


def _owner(parts: Services, user: User, wanted: NewList, otherwise: str) -> str:
    """Return whose a list is to be; raise 403 for whoever may not say so, 422 for somebody who may hold none."""
    if wanted.owner is None or wanted.owner == otherwise:
        return otherwise
    if user.role is not Role.SUPERVISOR:
        raise HTTPException(403, "only supervisors may give a list to somebody else")
    if not any(one.name == wanted.owner and one.role.may_search and one.active for one in parts.accounts.users()):
        raise HTTPException(422, f"{wanted.owner!r} is nobody of the police who may sign in")
    return wanted.owner


@contextmanager
def _one_name() -> Iterator[None]:
    try:
        yield
    except NameTaken as error:
        raise HTTPException(409, str(error)) from None
