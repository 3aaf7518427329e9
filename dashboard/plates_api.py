"""The routes under /api/v1/plates: the police look for vehicles, say why, and are written down.

What is found is handed out only once the audit log has it on the disk.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import cache
from typing import Annotated
from uuid import UUID

from fastapi import FastAPI, HTTPException, Response
from pydantic import Field

from alerts.wire_fields import Utc
from dashboard.accounts import User
from dashboard.asked import Asked, pattern_of
from dashboard.guard import Searching
from dashboard.plate_reads_api import pass_of
from dashboard.plate_records import PlateRead, ReadFilter
from dashboard.plate_search import companions, likely_plates, newest_reads
from dashboard.plate_views import CompanionAnswer, CompanionView, MatchView, PlateAnswer, ReadView
from dashboard.services import Services, TheServices
from dashboard.table_cells import harmless
from ioc.plate_confusion import Confusions
from ioc.types import Json

Word = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]*$")]
Words = Annotated[tuple[Word, ...], Field(max_length=200)]
MATCHES, EXPORTED = 20, 5000
"""Plates that a fuzzy search returns, and passes that an export holds, at most."""


class PlateQuery(Asked):
    """What is looked for: a plate, a pattern with `?` and `*`, or nothing but a place and a time."""

    plate: str | None = Field(None, max_length=100)
    fuzzy: bool = False
    """Whether plates that may be misreads of this one are wanted."""
    hit: UUID | None = None
    """With `fuzzy`, the pass of this plate that may be misread; without, the one that the reader was least sure of."""
    since: Utc | None = None
    until: Utc | None = None
    site: Words = ()
    camera: Words = ()
    vehicle: Words = ()
    colour: Words = ()
    kind: Words = ()
    province: Words = ()
    direction: Words = ()
    limit: int = Field(50, ge=1, le=200)
    cursor: UUID | None = None
    """The id of the last pass seen: what is older is wanted."""


class CompanionQuery(Asked):
    """Which plates went along with one: on at least so many cameras, each time within so many seconds of it."""

    plate: str = Field(max_length=100)
    within_s: float = Field(60, ge=1, le=600)
    cameras: int = Field(3, ge=2, le=50)
    since: Utc | None = None
    until: Utc | None = None


def add_routes(app: FastAPI) -> None:
    """Add the routes of this module."""
    app.post("/api/v1/plates/search")(search_plates)
    app.post("/api/v1/plates/companions")(search_companions)
    app.post("/api/v1/plates/export", response_class=Response)(export_plates)


def search_plates(parts: TheServices, user: Searching, query: PlateQuery) -> PlateAnswer:
    """Return the newest passes that fit, or the likeliest plates; 422 says what is wrong with the pattern."""
    if query.fuzzy:
        return _likely(parts, user, query)
    found = _newest(parts, user, query, query.limit + 1)
    page = found[: query.limit]
    number = _log(parts, user, query, "search", {"rows": len(page)})
    following = page[-1].hit if len(found) > len(page) else None
    return PlateAnswer(search=number, reads=[ReadView.of(read) for read in page], next=following)


def search_companions(parts: TheServices, user: Searching, query: CompanionQuery) -> CompanionAnswer:
    """Return the plates that were seen with this one again and again."""
    plate = _whole(query.plate)
    wanted = ReadFilter(rights=user.rights, since=query.since, until=query.until)
    with parts.store.database.read() as connection:
        found = companions(connection, plate, wanted, within=timedelta(seconds=query.within_s), cameras=query.cameras)
    number = _log(parts, user, query, "companions", {"rows": len(found)})
    return CompanionAnswer(search=number, companions=[CompanionView.of(one) for one in found])


def export_plates(parts: TheServices, user: Searching, query: PlateQuery) -> Response:
    """Return the passes that fit as CSV, newest first; 422 where more fit than one export holds."""
    if query.fuzzy:
        raise HTTPException(422, "only passes can be exported: search for one of the plates")
    found = _newest(parts, user, query, EXPORTED + 1)
    if len(found) > EXPORTED:
        raise HTTPException(422, f"more than {EXPORTED} passes fit, too many for one export: ask for less time")
    table = as_csv(found)
    _log(parts, user, query, "export", {"rows": len(found), "sha256": hashlib.sha256(table.encode()).hexdigest()})
    mark = {"Content-Disposition": 'attachment; filename="plates.csv"', "Cache-Control": "no-store"}
    return Response(table, media_type="text/csv; charset=utf-8", headers=mark)


def as_csv(reads: Iterable[PlateRead]) -> str:
    """Return passes as a table; no cell begins as a formula does, whatever a camera or a reader is called."""
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(("at", "site", "camera", "plate", "vehicle", "colour", "kind", "direction", "score", "id"))
    for read in reads:
        cells = (read.site, read.camera, read.text, read.vehicle, read.colour, read.kind, read.direction or "")
        rows.writerow((read.at.isoformat(), *map(harmless, cells), f"{read.score:.3f}", read.hit))
    return file.getvalue()


def _newest(parts: Services, user: User, query: PlateQuery, limit: int) -> list[PlateRead]:
    pattern = None if query.plate is None else pattern_of(query.plate)
    wanted = _wanted(parts, user, query)
    with parts.store.database.read() as connection:
        return newest_reads(connection, pattern, wanted, limit)


def _likely(parts: Services, user: User, query: PlateQuery) -> PlateAnswer:
    plate = _whole(query.plate or "")
    wanted = _wanted(parts, user, query)
    seen = None if query.hit is None else pass_of(parts, user, query.hit)
    if seen is not None and seen.text != plate:
        raise HTTPException(422, f"that pass shows {seen.text}: look for its plate, or leave out hit")
    with parts.store.database.read() as connection:
        found = likely_plates(connection, plate, _confusions(), wanted, MATCHES, seen)
    number = _log(parts, user, query, "search", {"rows": len(found)})
    return PlateAnswer(search=number, matches=[MatchView.of(match) for match in found])


@cache
def _confusions() -> Confusions:
    return Confusions.measured()


def _whole(typed: str) -> str:
    pattern = pattern_of(typed)
    if not pattern.exact:
        raise HTTPException(422, "this needs the whole plate, without ? and *")
    return pattern.text


def _wanted(parts: Services, user: User, query: PlateQuery) -> ReadFilter:
    return ReadFilter(
        rights=user.rights,
        since=query.since,
        until=query.until,
        sites=query.site,
        cameras=query.camera,
        vehicles=query.vehicle,
        colours=query.colour,
        kinds=query.kind,
        provinces=query.province,
        directions=query.direction,
        before=None if query.cursor is None else (pass_of(parts, user, query.cursor).at, query.cursor),
    )


def _log(parts: Services, user: User, asked: Asked, what: str, found: Mapping[str, Json]) -> int:
    """Write down what was done and return its number."""
    details = asked.model_dump(mode="json", exclude={"purpose", "case"}, exclude_defaults=True)
    return parts.audit.add(
        parts.now(), user.name, what, purpose=asked.purpose, case=asked.case, details={**details, **found}
    )
