"""The routes under /api/v1/plates/reads: one pass that a search found, looked at closely, and its pictures.

The crop of a plate is part of what a search found: the search's number in the log opens it. All other pictures open
with the number of a look at this very pass, so none is seen of which the log does not tell.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import FastAPI, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from dashboard.accounts import User
from dashboard.audit import Entry
from dashboard.evidence_api import file_of
from dashboard.guard import Searching
from dashboard.plate_records import PlateRead
from dashboard.plate_search import read_with
from dashboard.plate_views import ReadDetail
from dashboard.services import Services, TheServices

SEARCHES, VIEW = ("search", "companions"), "view"
"""What the log calls a search that finds passes, and a look at one."""
CROP = "crop"
"""The kind of evidence that shows the plate and nothing around it."""

NOT_FOUND = "there is no such pass among those you may see"


class ReadQuery(BaseModel):
    """Which search one of whose passes is looked at closely: it is written down under the same purpose and case."""

    model_config = ConfigDict(extra="forbid")

    search: int = Field(ge=1)


def add_routes(app: FastAPI) -> None:
    """Add the routes of this module."""
    app.post("/api/v1/plates/reads/{hit}")(show_read)
    app.get("/api/v1/plates/reads/{hit}/evidence/{number}", response_class=Response)(show_picture)


def show_read(parts: TheServices, user: Searching, hit: UUID, query: ReadQuery) -> ReadDetail:
    """Return one pass that a search of the same person found; 404 when there is none."""
    search = own_entry(parts, user, query.search)
    if search is None or search["what"] not in SEARCHES:
        raise HTTPException(404, "you have made no such search: search first, and give its number")
    read = pass_of(parts, user, hit)
    entry = parts.audit.add(
        parts.now(),
        user.name,
        VIEW,
        purpose=str(search["purpose"]),
        case=str(search["case"]),
        details={"hit": str(hit), "plate": read.text, "search": query.search},
    )
    return ReadDetail.seen(read, entry)


def show_picture(
    parts: TheServices,
    user: Searching,
    request: Request,
    hit: UUID,
    number: int,
    entry: Annotated[int, Query(ge=1, le=2**62)],
) -> Response:
    """Return a file of a pass to whoever has the entry that opens it; else as for an alert's pictures."""
    read = pass_of(parts, user, hit)
    opened = own_entry(parts, user, entry)
    if opened is None or not _opens(opened, read, number):
        raise HTTPException(403, "look at the pass first, and give the number of that look")
    return file_of(parts, request, read.evidence, number)


def pass_of(parts: Services, user: User, hit: UUID) -> PlateRead:
    """Return the pass of that id; raise 404 when there is none that the person may see."""
    with parts.store.database.read() as connection:
        read = read_with(connection, hit, user.rights)
    if read is None:
        raise HTTPException(404, NOT_FOUND)
    return read


def own_entry(parts: Services, user: User, number: int) -> Entry | None:
    """Return the log's entry of that number, or None when it is not of something that this person did."""
    entry = parts.audit.entry(number)
    return entry if entry is not None and entry["who"] == user.name else None


def _opens(entry: Entry, read: PlateRead, number: int) -> bool:
    if entry["what"] in SEARCHES:
        return 0 <= number < len(read.evidence) and read.evidence[number]["kind"] == CROP
    details = entry["details"]
    return entry["what"] == VIEW and isinstance(details, dict) and details.get("hit") == str(read.hit)
