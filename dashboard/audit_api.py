"""The routes under /api/v1/audit: supervisors read who looked for plates, and check that the log is whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import FastAPI, Query
from pydantic import BaseModel, JsonValue

from alerts.wire_fields import Utc
from dashboard.audit import EntryFilter
from dashboard.guard import Auditing
from dashboard.services import TheServices

Word = Annotated[str, Query(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]


class EntryView(BaseModel):
    """One thing that somebody did."""

    number: int
    at: str
    who: str
    what: str
    purpose: str
    case: str
    details: Mapping[str, JsonValue]
    digest: str


class AuditPage(BaseModel):
    """Entries, newest first; `next` is the `before` of what follows, or None."""

    entries: list[EntryView]
    next: int | None


class AuditVerdict(BaseModel):
    """Whether the log is whole; `head` is worth writing down, to check a later log against."""

    whole: bool
    problem: str
    head: str


def add_routes(app: FastAPI) -> None:
    """Add the routes of this module."""
    app.get("/api/v1/audit")(list_entries)
    app.get("/api/v1/audit/verify")(verify_log)


def list_entries(
    parts: TheServices,
    _supervisor: Auditing,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    who: Word | None = None,
    what: Word | None = None,
    case: Word | None = None,
    since: Utc | None = None,
    until: Utc | None = None,
) -> AuditPage:
    """Return who looked for plates, newest first; `case` is any part of one."""
    found = parts.audit.newest(limit + 1, before, EntryFilter(who, what, case, since, until))
    page = [EntryView.model_validate(entry) for entry in found[:limit]]
    return AuditPage(entries=page, next=page[-1].number if len(found) > limit else None)


def verify_log(parts: TheServices, _supervisor: Auditing) -> AuditVerdict:
    """Check the whole log: whether an entry was changed, or is missing."""
    verdict = parts.audit.verify()
    return AuditVerdict(whole=not verdict.problem, problem=verdict.problem, head=str(verdict.head))
