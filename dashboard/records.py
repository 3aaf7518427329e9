"""What the store hands out: frozen values, so that nobody holds a row or a connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from alerts.wire import PHASES
from ioc.types import Json, Phase, Severity

WATCH_LIST = "watch_list"
"""The kind of the alerts that plates on watch-lists raise."""


class OperatorState(StrEnum):
    """What people have done about an alert, whatever its phase."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class Role(StrEnum):
    """What a person may do; which cameras they may see is said apart from it."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    POLICE = "police"
    SUPERVISOR = "supervisor"
    ENGINEER = "engineer"
    ADMIN = "admin"

    @property
    def may_act(self) -> bool:
        """Whether the role may acknowledge and close alerts, but those of watch-lists."""
        return self in {Role.OPERATOR, Role.ADMIN}

    def may_act_on(self, kind: str) -> bool:
        """Whether the role may acknowledge and close alerts of a kind: those of watch-lists are for the police."""
        return self.may_search if kind == WATCH_LIST else self.may_act

    @property
    def may_search(self) -> bool:
        """Whether the role may look for plates; each time it has to say why."""
        return self in {Role.POLICE, Role.SUPERVISOR}

    @property
    def may_audit(self) -> bool:
        """Whether the role may read who looked for plates."""
        return self in {Role.SUPERVISOR, Role.ADMIN}

    @property
    def may_issue(self) -> bool:
        """Whether the role may take away evidence packs of alerts; each time it has to say why."""
        return self in {Role.OPERATOR, Role.POLICE, Role.SUPERVISOR, Role.ADMIN}

    @property
    def may_mark(self) -> bool:
        """Whether the role may mark what really happens in recordings."""
        return self in {Role.ENGINEER, Role.ADMIN}


@dataclass(frozen=True, slots=True)
class Rights:
    """The cameras that somebody may see, as (site, camera); None means all of them."""

    cameras: frozenset[tuple[str, str]] | None
    watch_lists: bool = False
    """Whether they may see the alerts of watch-lists, too: only the police may."""

    def cover(self, site: str, camera: str) -> bool:
        """Return whether this camera may be seen."""
        return self.cameras is None or (site, camera) in self.cameras

    def touch(self, site: str) -> bool:
        """Return whether any camera of this site may be seen."""
        return self.cameras is None or any(of == site for of, _ in self.cameras)


ALL_CAMERAS = Rights(None)
NO_CAMERAS = Rights(frozenset())


@dataclass(frozen=True, slots=True)
class Deed:
    """Who acknowledged or closed an alert, when, and what they noted."""

    who: str
    at: datetime
    note: str | None


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """Where one incident stands: its latest message, and what people have done about it."""

    id: UUID
    site: str
    camera: str
    rule: str
    kind: str
    subject: str
    phase: Phase
    severity: Severity
    began: datetime
    at: datetime
    box: tuple[float, float, float, float] | None
    details: Mapping[str, Json]
    evidence: tuple[Mapping[str, Json], ...]
    received: datetime
    state: OperatorState
    acknowledged: Deed | None
    closed: Deed | None

    @property
    def order(self) -> tuple[datetime, int]:
        """What a message must exceed to change anything."""
        return (self.at, PHASES.index(self.phase))

    @property
    def identity(self) -> tuple[str, str, str, str, datetime]:
        """What all messages of one incident have in common."""
        return (self.site, self.camera, self.rule, self.subject, self.began)


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One step of an incident: a phase that a message told of, or something a person did."""

    what: str
    at: datetime
    severity: str | None
    who: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class StoredCamera:
    """What a camera last said of itself."""

    site: str
    camera: str
    name: str
    location: tuple[float, float] | None
    simulated: bool
    state: str
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class StoredEngine:
    """Whether the engine that watches a site is up, and since when we know."""

    site: str
    state: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """One numbered change: an alert, a camera's state or an engine's state."""

    id: int
    what: str
    site: str
    camera: str | None
    alert: UUID | None


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts are wanted; an empty tuple means any."""

    kinds: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    states: tuple[OperatorState, ...] = ()
    phases: tuple[Phase, ...] = ()
    severities: tuple[Severity, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    before: tuple[datetime, UUID] | None = None
    """Only what comes after this (began, id) in the list, which is newest first."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch of messages."""

    changes: int = 0
    """Alerts, cameras and engines that stand otherwise than before."""
    refused: tuple[str, ...] = ()
    """Why, a line for each message that cannot be kept."""
