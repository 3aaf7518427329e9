"""The routes under /api/v1/alerts."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field

from alerts.wire_fields import Utc
from dashboard.accounts import User
from dashboard.guard import Acting, SignedIn
from dashboard.records import AlertFilter, OperatorState, StoredAlert
from dashboard.services import TheServices
from dashboard.store import Conflict
from dashboard.views import AlertDetail, AlertPage, AlertView, HistoryView
from ioc.types import Phase, Severity

NOT_FOUND = "there is no such alert among those you may see"


class AlertQuery(BaseModel):
    """What may be asked of the list; a name given more than once means any of its values."""

    model_config = ConfigDict(extra="forbid")

    kind: list[str] = []
    site: list[str] = []
    camera: list[str] = []
    state: list[OperatorState | Literal["open"]] = []
    phase: list[Phase] = []
    severity: list[Severity] = []
    since: Utc | None = None
    until: Utc | None = None
    limit: int = Field(50, ge=1, le=200)
    cursor: UUID | None = None
    """The id of the last alert seen: what follows it is wanted."""

    def filter(self, before: StoredAlert | None) -> AlertFilter:
        """Return the same in the store's words."""
        states = {state for state in self.state if isinstance(state, OperatorState)}
        if "open" in self.state:
            states |= {OperatorState.NEW, OperatorState.ACKNOWLEDGED}
        return AlertFilter(
            kinds=tuple(self.kind),
            sites=tuple(self.site),
            cameras=tuple(self.camera),
            states=tuple(sorted(states)),
            phases=tuple(self.phase),
            severities=tuple(self.severity),
            since=self.since,
            until=self.until,
            before=None if before is None else (before.began, before.id),
        )


class Note(BaseModel):
    """What an operator has to say about what they did."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    note: str | None = Field(None, max_length=2000, pattern=r"^[^\x00]*$")


def add_routes(app: FastAPI) -> None:
    """Add the routes of this module."""
    app.get("/api/v1/alerts")(list_alerts)
    app.get("/api/v1/alerts/{alert_id}")(show_alert)
    app.post("/api/v1/alerts/{alert_id}/acknowledge")(acknowledge_alert)
    app.post("/api/v1/alerts/{alert_id}/close")(close_alert)


def list_alerts(parts: TheServices, user: SignedIn, query: Annotated[AlertQuery, Query()]) -> AlertPage:
    """Return the alerts that fit, newest first by when they began."""
    before = None if query.cursor is None else found_alert(parts.store.alert(query.cursor, user.rights))
    found, change = parts.store.alerts(query.filter(before), user.rights, query.limit + 1)
    page = found[: query.limit]
    following = page[-1].id if len(found) > len(page) else None
    return AlertPage(alerts=[AlertView.of(alert) for alert in page], next=following, change=change)


def show_alert(parts: TheServices, user: SignedIn, alert_id: UUID) -> AlertDetail:
    """Return one alert with its history."""
    return _detail(parts, found_alert(parts.store.alert(alert_id, user.rights)))


def acknowledge_alert(parts: TheServices, user: Acting, alert_id: UUID, note: Note) -> AlertDetail:
    """Say that somebody has seen the alert; the first to say so stands. 409 when it is closed already."""
    _check_deed(parts, user, alert_id)
    try:
        done = parts.store.acknowledge(alert_id, user.rights, user.name, note.note or None, parts.now())
    except Conflict as error:
        raise HTTPException(409, str(error)) from None
    parts.feed.notify()
    return _detail(parts, found_alert(done))


def close_alert(parts: TheServices, user: Acting, alert_id: UUID, note: Note) -> AlertDetail:
    """Say that the alert is dealt with; the first to say so stands."""
    _check_deed(parts, user, alert_id)
    done = parts.store.close(alert_id, user.rights, user.name, note.note or None, parts.now())
    parts.feed.notify()
    return _detail(parts, found_alert(done))


def _check_deed(parts: TheServices, user: User, alert_id: UUID) -> None:
    """Raise 404 when there is no such alert, and 403 when its kind is for others to act on."""
    alert = found_alert(parts.store.alert(alert_id, user.rights))
    if not user.role.may_act_on(alert.kind):
        raise HTTPException(403, "you may look, not act: alerts are for operators, those of watch-lists for the police")


def _detail(parts: TheServices, alert: StoredAlert) -> AlertDetail:
    steps = [HistoryView.of(step) for step in parts.store.history(alert.id)]
    return AlertDetail(**AlertView.of(alert).model_dump(), history=steps)


def found_alert(alert: StoredAlert | None) -> StoredAlert:
    """Return the alert; raise 404 when there is none."""
    if alert is None:
        raise HTTPException(404, NOT_FOUND)
    return alert
