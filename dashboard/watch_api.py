"""The routes under /api/v1/watch-lists: plates that raise an alert when one passes.

A list is its owner's; supervisors see all of them. Whatever is done to a list, and each look at its plates, is written
into the audit log (`dashboard.watch_deeds`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException

from dashboard.accounts import User
from dashboard.asked import pattern_of
from dashboard.guard import Searching
from dashboard.records import Role
from dashboard.services import Services, TheServices
from dashboard.watch_deeds import NoOwner, WatchDeeds, check_owner
from dashboard.watch_records import NameTaken, WatchList
from dashboard.watch_store import all_lists, entry_with, list_with
from dashboard.watch_views import EntryPage, EntryQuery, EntryView, ListView, NewEntry, NewList, PutView

NO_LIST = "there is no such watch-list among those you may see"
NO_ENTRY = "there is no such plate on the list any more: load it again"
MOST = 2**31 - 1
"""No number of a list or an entry is larger."""


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
        found = list_with(connection, min(list_id, MOST))
    if found is None or not (user.role is Role.SUPERVISOR or found.told.owner == user.name):
        raise HTTPException(404, NO_LIST)
    return found


TheList = Annotated[WatchList, Depends(the_list)]


def the_deeds(parts: TheServices, user: Searching) -> WatchDeeds:
    """Return what the person does now."""
    return WatchDeeds(parts.audit, user.name, parts.now())


TheDeeds = Annotated[WatchDeeds, Depends(the_deeds)]


def show_lists(parts: TheServices, user: Searching) -> list[ListView]:
    """Return one's own lists by name, a supervisor all of them."""
    with parts.store.database.read() as connection:
        found = all_lists(connection, None if user.role is Role.SUPERVISOR else user.name)
    return [ListView.of(one, parts.now()) for one in found]


def show_list(parts: TheServices, found: TheList) -> ListView:
    """Return one list, without its plates."""
    return ListView.of(found, parts.now())


def make_list(parts: TheServices, user: Searching, deeds: TheDeeds, wanted: NewList) -> ListView:
    """Make an empty list of one's own; 409 when the name is taken."""
    draft = wanted.draft(_owner(parts, user, wanted, user.name))
    with _one_name():
        return ListView.of(deeds.make(draft), deeds.at)


def change_list(parts: TheServices, user: Searching, deeds: TheDeeds, found: TheList, wanted: NewList) -> ListView:
    """Let a list be as it is told; 409 when the name is taken. Its plates stay."""
    draft = wanted.draft(_owner(parts, user, wanted, found.told.owner))
    with _one_name():
        return ListView.of(deeds.change(found, draft), deeds.at)


def drop_list(deeds: TheDeeds, found: TheList) -> None:
    """Remove a list with all of its plates."""
    deeds.remove(found)


def search_entries(parts: TheServices, deeds: TheDeeds, found: TheList, query: EntryQuery) -> EntryPage:
    """Return the plates of a list that fit, by their texts; 422 says what is wrong with the pattern."""
    pattern = None if query.plate is None else pattern_of(query.plate)
    after = "" if query.cursor is None else _plate(parts, found, query.cursor)
    entries = deeds.look(found, pattern, after, query.limit + 1)
    page = entries[: query.limit]
    following = page[-1].id if len(entries) > len(page) else None
    return EntryPage(entries=[EntryView.of(entry) for entry in page], next=following)


def put_entry(deeds: TheDeeds, found: TheList, wanted: NewEntry) -> PutView:
    """Put a plate on a list, in the place of what it said of the same plate before."""
    entry, replaced = deeds.put(found, wanted.draft())
    return PutView(entry=EntryView.of(entry), replaced=replaced)


def drop_entry(deeds: TheDeeds, found: TheList, entry_id: int) -> None:
    """Take a plate off a list; 404 when it is not there."""
    if not deeds.take_off(found, min(entry_id, MOST)):
        raise HTTPException(404, NO_ENTRY)


def _plate(parts: Services, found: WatchList, entry_id: int) -> str:
    with parts.store.database.read() as connection:
        entry = entry_with(connection, found.id, min(entry_id, MOST))
    if entry is None:
        raise HTTPException(404, NO_ENTRY)
    return entry.told.plate


def _owner(parts: Services, user: User, wanted: NewList, otherwise: str) -> str:
    """Return whose a list is to be; raise 403 for whoever may not say so, 422 for somebody who may have none."""
    if wanted.owner is None or wanted.owner == otherwise:
        return otherwise
    if user.role is not Role.SUPERVISOR:
        raise HTTPException(403, "only supervisors may give a list to somebody else")
    try:
        check_owner(parts.accounts.users(), wanted.owner)
    except NoOwner as error:
        raise HTTPException(422, str(error)) from None
    return wanted.owner


@contextmanager
def _one_name() -> Iterator[None]:
    try:
        yield
    except NameTaken as error:
        raise HTTPException(409, str(error)) from None
