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
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import FastAPI, HTTPException, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from dashboard.accounts import User
from dashboard.guard import Searching
from dashboard.plate_records import PlateMatch, PlateRead, ReadFilter
from dashboard.plate_search import companions, likely_plates, newest_reads, read_with
from dashboard.services import Services, TheServices
from dashboard.views import When
from ioc.plate_confusion import Confusions
from ioc.plate_grammar import parse
from ioc.plate_pattern import Pattern, PatternError, parse_pattern
from ioc.types import Json

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500, pattern=r"^[^\x00]*$")]
Word = Annotated[str, Field(min_length=1, max_length=64)]
MATCHES, EXPORTED = 20, 5000
"""Plates that a fuzzy search returns, and passes that an export holds, at most."""
SEARCHES = ("search", "companions")

NOT_FOUND = "there is no such pass among those you may see"


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    purpose: Reason = Field(description="why: it stands in the audit log")
    case: Reason = Field(description="the case or order that this belongs to")


class PlateQuery(_Asked):
    """What is looked for: a plate, a pattern with `?` and `*`, or nothing but a place and a time."""

    plate: str | None = Field(None, max_length=100)
    fuzzy: bool = False
    """Whether plates that may be misreads of this one are wanted."""
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    camera: list[Word] = Field([], max_length=200)
    vehicle: list[Word] = []
    colour: list[Word] = []
    kind: list[Word] = []
    province: list[Word] = []
    direction: list[Word] = []
    limit: int = Field(50, ge=1, le=200)
    cursor: UUID | None = None
    """The id of the last pass seen: what is older is wanted."""


class CompanionQuery(_Asked):
    """Which plates went along with one: on at least so many cameras, each time within so many seconds of it."""

    plate: str = Field(max_length=100)
    within_s: float = Field(60, ge=1, le=600)
    cameras: int = Field(3, ge=2, le=50)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class ReadQuery(BaseModel):
    """Which search one of whose passes is looked at closely: it is written down under the same purpose and case."""

    model_config = ConfigDict(extra="forbid")

    search: int = Field(ge=1)


class ReadView(BaseModel):
    """One pass of a vehicle."""

    hit: UUID
    plate: str
    display: str
    province_name: str | None
    valid: bool
    site: str
    camera: str
    at: When
    vehicle: str
    colour: str
    kind: str
    direction: str | None
    score: float
    box: tuple[float, float, float, float] | None
    details: Mapping[str, JsonValue]

    @classmethod
    def of(cls, read: PlateRead) -> Self:
        """Return the view of a pass."""
        plain = ("hit", "site", "camera", "at", "vehicle", "colour", "kind", "direction", "score", "box")
        values: dict[str, Any] = {name: getattr(read, name) for name in plain}
        upper = read.details.get("upper_len")
        plate = parse(read.text, upper if isinstance(upper, int) else None)
        return cls(
            **values,
            plate=plate.key,
            display=plate.display,
            province_name=plate.province_name,
            valid=plate.valid,
            details=dict(read.details),
        )


class MatchView(BaseModel):
    """A plate that may be the one asked for, misread, and its newest pass."""

    plate: str
    cost: float
    latest: ReadView

    @classmethod
    def of(cls, match: PlateMatch) -> Self:
        """Return the view of a match."""
        return cls(plate=match.text, cost=round(match.cost, 2), latest=ReadView.of(match.latest))


class CompanionView(BaseModel):
    """A plate that went along, on how many cameras, and when last."""

    plate: str
    cameras: int
    latest: When


class CompanionAnswer(BaseModel):
    """Those that went along, on most cameras first."""

    search: int
    companions: list[CompanionView]


class PlateAnswer(BaseModel):
    """What was found: passes, or with `fuzzy` plates. `search` is the number under which it stands in the log."""

    search: int
    reads: list[ReadView] = []
    matches: list[MatchView] = []
    next: UUID | None = None


def add_routes(app: FastAPI) -> None:
    """Add the routes of this module."""
    app.post("/api/v1/plates/search")(search_plates)
    app.post("/api/v1/plates/companions")(search_companions)
    app.post("/api/v1/plates/export", response_class=Response)(export_plates)
    app.post("/api/v1/plates/reads/{hit}")(show_read)


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
    views = [CompanionView(plate=one.text, cameras=one.cameras, latest=one.latest) for one in found]
    return CompanionAnswer(search=number, companions=views)


def export_plates(parts: TheServices, user: Searching, query: PlateQuery) -> Response:
    """Return the newest passes that fit as CSV, at most EXPORTED of them."""
    if query.fuzzy:
        raise HTTPException(422, "only passes can be exported: search for one of the plates")
    found = _newest(parts, user, query, EXPORTED)
    table = as_csv(found)
    _log(parts, user, query, "export", {"rows": len(found), "sha256": hashlib.sha256(table.encode()).hexdigest()})
    mark = {"Content-Disposition": 'attachment; filename="plates.csv"', "Cache-Control": "no-store"}
    return Response(table, media_type="text/csv; charset=utf-8", headers=mark)


def show_read(parts: TheServices, user: Searching, hit: UUID, query: ReadQuery) -> ReadView:
    """Return one pass that a search of the same person found; 404 when there is none."""
    entry = parts.audit.entry(query.search)
    if entry is None or entry["who"] != user.name or entry["what"] not in SEARCHES:
        raise HTTPException(404, "you have made no such search: search first, and give its number")
    read = _pass(parts, user, hit)
    parts.audit.add(
        parts.now(),
        user.name,
        "view",
        purpose=str(entry["purpose"]),
        case=str(entry["case"]),
        details={"hit": str(hit), "plate": read.text, "search": query.search},
    )
    return ReadView.of(read)


def as_csv(reads: Iterable[PlateRead]) -> str:
    """Return passes as a table; no cell begins as a formula does, whatever a camera or a reader is called."""
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(("at", "site", "camera", "plate", "vehicle", "colour", "kind", "direction", "score", "id"))
    for read in reads:
        cells = (read.site, read.camera, read.text, read.vehicle, read.colour, read.kind, read.direction or "")
        rows.writerow((read.at.isoformat(), *map(_harmless, cells), f"{read.score:.3f}", read.hit))
    return file.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _newest(parts: Services, user: User, query: PlateQuery, limit: int) -> list[PlateRead]:
    pattern = None if query.plate is None else _pattern(query.plate)
    wanted = _wanted(parts, user, query)
    with parts.store.database.read() as connection:
        return newest_reads(connection, pattern, wanted, limit)


def _likely(parts: Services, user: User, query: PlateQuery) -> PlateAnswer:
    plate = _whole(query.plate or "")
    wanted = _wanted(parts, user, query)
    with parts.store.database.read() as connection:
        found = likely_plates(connection, plate, _confusions(), wanted, MATCHES)
    number = _log(parts, user, query, "search", {"rows": len(found)})
    return PlateAnswer(search=number, matches=[MatchView.of(match) for match in found])


@cache
def _confusions() -> Confusions:
    return Confusions.measured().either_way()


def _pattern(typed: str) -> Pattern:
    try:
        return parse_pattern(typed)
    except PatternError as error:
        raise HTTPException(422, str(error)) from None


def _whole(typed: str) -> str:
    pattern = _pattern(typed)
    if not pattern.exact:
        raise HTTPException(422, "this needs the whole plate, without ? and *")
    return pattern.text


def _wanted(parts: Services, user: User, query: PlateQuery) -> ReadFilter:
    return ReadFilter(
        rights=user.rights,
        since=query.since,
        until=query.until,
        cameras=tuple(query.camera),
        vehicles=tuple(query.vehicle),
        colours=tuple(query.colour),
        kinds=tuple(query.kind),
        provinces=tuple(query.province),
        directions=tuple(query.direction),
        before=None if query.cursor is None else (_pass(parts, user, query.cursor).at, query.cursor),
    )


def _pass(parts: Services, user: User, hit: UUID) -> PlateRead:
    with parts.store.database.read() as connection:
        read = read_with(connection, hit, user.rights)
    if read is None:
        raise HTTPException(404, NOT_FOUND)
    return read


def _log(parts: Services, user: User, asked: _Asked, what: str, found: Mapping[str, Json]) -> int:
    """Write down what was done and return its number."""
    details = asked.model_dump(mode="json", exclude={"purpose", "case"}, exclude_defaults=True)
    return parts.audit.add(
        parts.now(), user.name, what, purpose=asked.purpose, case=asked.case, details={**details, **found}
    )
