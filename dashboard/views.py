"""What the API answers with; the shapes that `docs/api.md` describes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, JsonValue, PlainSerializer

from alerts.wire import CameraState
from dashboard.accounts import User
from dashboard.evidence_files import Look, look_of
from dashboard.records import Deed, HistoryEntry, OperatorState, Role, StoredAlert, StoredCamera, StoredEngine
from dashboard.subscriber import Listening
from ioc.types import Phase, Severity


def _iso(at: datetime) -> str:
    """Return the time to the microsecond, so that texts sort as times do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


When = Annotated[datetime, PlainSerializer(_iso, return_type=str)]


class DeedView(BaseModel):
    """Who did something, when, and what they noted."""

    who: str
    at: When
    note: str | None

    @classmethod
    def of(cls, deed: Deed | None) -> DeedView | None:
        """Return the view of a deed, or None for none."""
        return None if deed is None else cls(who=deed.who, at=deed.at, note=deed.note)


class EvidenceView(BaseModel):
    """One picture, crop or clip; `url` is None when no file was kept."""

    kind: str
    look: Look
    at: When
    box: tuple[float, float, float, float] | None
    url: str | None
    sha256: str | None


class AlertView(BaseModel):
    """Where one incident stands."""

    id: UUID
    site: str
    camera: str
    rule: str
    kind: str
    subject: str
    phase: Phase
    severity: Severity
    began: When
    at: When
    box: tuple[float, float, float, float] | None
    details: Mapping[str, JsonValue]
    evidence: list[EvidenceView]
    state: OperatorState
    acknowledged: DeedView | None
    closed: DeedView | None

    @classmethod
    def of(cls, alert: StoredAlert) -> AlertView:
        """Return the view of a stored alert."""
        plain = ("id", "site", "camera", "rule", "kind", "subject", "phase", "severity", "began", "at", "box", "state")
        values: dict[str, Any] = {name: getattr(alert, name) for name in plain}
        return cls(
            **values,
            details=dict(alert.details),
            evidence=evidence_views(f"alerts/{alert.id}", alert.evidence),
            acknowledged=DeedView.of(alert.acknowledged),
            closed=DeedView.of(alert.closed),
        )


def evidence_views(place: str, evidence: Iterable[Mapping[str, Any]]) -> list[EvidenceView]:
    """Return the views of a record's pictures; `place` is where the API has the record."""
    return [_evidence(f"/api/v1/{place}/evidence/{number}", item) for number, item in enumerate(evidence)]


def _evidence(url: str, item: Mapping[str, Any]) -> EvidenceView:
    kept = item["path"] is not None and item["sha256"] is not None
    return EvidenceView(
        kind=item["kind"],
        look=look_of(item),
        at=item["at"],
        box=item["box"],
        url=f"{url}?v={item['sha256'][:12]}" if kept else None,
        sha256=item["sha256"],
    )


class AlertPage(BaseModel):
    """Part of the list, newest first."""

    alerts: list[AlertView]
    next: UUID | None
    """The `cursor` of what follows; None at the end."""
    change: int
    """Number of the last change that the list shows: where to begin with `/api/v1/events`."""


class HistoryView(BaseModel):
    """One step of an incident."""

    what: str
    at: When
    severity: str | None
    who: str | None
    note: str | None

    @classmethod
    def of(cls, step: HistoryEntry) -> HistoryView:
        """Return the view of a step."""
        return cls(what=step.what, at=step.at, severity=step.severity, who=step.who, note=step.note)


class AlertDetail(AlertView):
    """One incident with how it came to stand there."""

    history: list[HistoryView]


class CameraView(BaseModel):
    """How a camera is, as far as can be known now."""

    site: str
    camera: str
    name: str
    location: tuple[float, float] | None
    simulated: bool
    state: CameraState | Literal["unavailable"]
    since: When
    reason: str

    @classmethod
    def of(cls, camera: StoredCamera, engine: StoredEngine | None, listening: Listening) -> CameraView:
        """Return the camera's state, or "unavailable" when nothing can be known: never the last one it had."""
        state: CameraState | Literal["unavailable"] = CameraState(camera.state)
        since, reason = camera.since, camera.reason
        if not listening.connected:
            state, since, reason = "unavailable", listening.since, "the dashboard has no connection to the broker"
        elif engine is not None and engine.state == "offline":
            state, since, reason = "unavailable", engine.since, "the engine that watches it is offline"
        return cls(
            site=camera.site,
            camera=camera.camera,
            name=camera.name or camera.camera,
            location=camera.location,
            simulated=camera.simulated,
            state=state,
            since=since,
            reason=reason,
        )


class SiteView(BaseModel):
    """Whether a site's engine is up; "unknown" before it was ever heard, and without a connection to the broker."""

    site: str
    engine: Literal["online", "offline", "unknown"]
    since: When | None


class CameraList(BaseModel):
    """All cameras that one may see."""

    cameras: list[CameraView]
    sites: list[SiteView]
    broker: Literal["connected", "lost"]


class Me(BaseModel):
    """Who is signed in, and what they may do."""

    name: str
    role: Role
    cameras: list[str] | Literal["all"]
    must_change_password: bool
    may_act: bool
    may_mark: bool
    may_search: bool
    may_issue: bool
    may_audit: bool

    @classmethod
    def of(cls, user: User) -> Me:
        """Return the view of the person who is signed in."""
        return cls(
            name=user.name,
            role=user.role,
            cameras=named(user),
            must_change_password=user.must_change,
            may_act=user.role.may_act,
            may_mark=user.role.may_mark,
            may_search=user.role.may_search,
            may_issue=user.role.may_issue,
            may_audit=user.role.may_audit,
        )


class UserView(BaseModel):
    """A user, as administrators see them."""

    id: int
    name: str
    role: Role
    cameras: list[str] | Literal["all"]
    must_change_password: bool
    active: bool

    @classmethod
    def of(cls, user: User) -> UserView:
        """Return the view of a user."""
        return cls(
            id=user.id,
            name=user.name,
            role=user.role,
            cameras=named(user),
            must_change_password=user.must_change,
            active=user.active,
        )


def named(user: User) -> list[str] | Literal["all"]:
    """Return the user's cameras as "site/camera", or "all"."""
    cameras = user.rights.cameras
    return "all" if cameras is None else sorted(f"{site}/{camera}" for site, camera in cameras)
