"""The routes that hold records beyond their time: the police hold them for a case, a supervisor lets them go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Self
from uuid import UUID

from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel

from dashboard.accounts import User
from dashboard.alerts_api import found_alert
from dashboard.asked import Asked
from dashboard.audit import Pen
from dashboard.guard import Holding, Releasing
from dashboard.holds import Hold, What, hold_with, holds_of, place, release, standing
from dashboard.plate_reads_api import pass_of
from dashboard.plate_search import read_with
from dashboard.records import Deed
from dashboard.services import Services, TheServices
from dashboard.views import DeedView, When
from ioc.types import Json

NOT_FOUND = "there is no such hold among the records that you may see"


class HoldView(BaseModel):
    """A record that is kept for a case, whatever its age, until a supervisor lets it go."""

    id: int
    record: UUID
    """The hit of a pass, or the id of an alert."""
    what: What
    purpose: str
    case: str
    placed_by: str
    placed_at: When
    released: DeedView | None

    @classmethod
    def of(cls, hold: Hold) -> Self:
        """Return the view of a hold."""
        return cls(**{**asdict(hold), "released": DeedView.of(hold.released)})


class HoldPage(BaseModel):
    """What is held, the newest hold first; `next` is the `before` of what follows, or None."""

    holds: list[HoldView]
    next: int | None


def add_routes(app: FastAPI) -> None:
    """Add the routes of this module."""
    app.post("/api/v1/plates/reads/{hit}/hold")(hold_pass)
    app.post("/api/v1/alerts/{alert_id}/hold")(hold_alert)
    app.get("/api/v1/holds")(list_holds)
    app.post("/api/v1/holds/{number}/release")(release_hold)


def hold_pass(parts: TheServices, user: Holding, hit: UUID, asked: Asked) -> HoldView:
    """Keep a pass for a case; where it is held for that case already, return that hold."""
    with parts.audit.write() as pen:  # whoever deletes waits meanwhile
        read = pass_of(parts, user, hit)
        return _hold(pen, parts, user, hit, "pass", asked, {"plate": read.text})


def hold_alert(parts: TheServices, user: Holding, alert_id: UUID, asked: Asked) -> HoldView:
    """Keep an alert for a case; where it is held for that case already, return that hold."""
    with parts.audit.write() as pen:
        alert = found_alert(parts.store.alert(alert_id, user.rights))
        return _hold(pen, parts, user, alert_id, "alert", asked, {"kind": alert.kind, "camera": alert.camera})


def list_holds(
    parts: TheServices,
    user: Holding,
    record: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> HoldPage:
    """Return what is held, or who holds one record, of the cameras that the person may see."""
    with parts.store.database.read() as connection:
        if record is None:
            found = standing(connection, limit + 1, before)
        else:
            found = [hold for hold in holds_of(connection, record) if hold.released is None]
    page = found[:limit]
    seen = [HoldView.of(hold) for hold in page if _sees(parts, user, hold)]
    return HoldPage(holds=seen, next=page[-1].id if len(found) > limit else None)


def release_hold(parts: TheServices, user: Releasing, number: int, asked: Asked) -> HoldView:
    """Let a record go; it is deleted when its time is over and nobody else holds it. The first to do so stands."""
    with parts.audit.write() as pen:
        held = hold_with(pen.connection, number) if number < 2**31 else None
        if held is None or not _sees(parts, user, held):
            raise HTTPException(404, NOT_FOUND)
        if held.released is None:
            held = release(pen.connection, number, Deed(user.name, parts.now(), asked.purpose))
            _log(pen, parts, user, "release", asked, {"hold": number, held.what: str(held.record)})
    return HoldView.of(held)


def _hold(
    pen: Pen, parts: Services, user: User, record: UUID, what: What, asked: Asked, details: Mapping[str, Json]
) -> HoldView:
    """Hold a record and write that down."""
    held, fresh = place(pen.connection, record, what, Deed(user.name, parts.now(), asked.purpose), asked.case)
    if fresh:
        _log(pen, parts, user, "hold", asked, {"hold": held.id, what: str(record), **details})
    return HoldView.of(held)


def _log(pen: Pen, parts: Services, user: User, what: str, asked: Asked, details: Mapping[str, Json]) -> None:
    pen.add(parts.now(), user.name, what, purpose=asked.purpose, case=asked.case, details=details)


def _sees(parts: Services, user: User, hold: Hold) -> bool:
    """Return whether the person may see the camera of a held record."""
    if hold.what == "alert":
        return parts.store.alert(hold.record, user.rights) is not None
    with parts.store.database.read() as connection:
        return read_with(connection, hold.record, user.rights) is not None
