"""Keeps the alerts, where each stands and what people have done about it; every read asks for rights."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, delete, false, func, insert, select, true, tuple_, update
from sqlalchemy.engine import RowMapping
from sqlalchemy.sql import ColumnElement

from alerts.wire import PHASES
from dashboard import intake
from dashboard.database import Database, open_database, within
from dashboard.records import (
    WATCH_LIST,
    AlertFilter,
    Change,
    Deed,
    HistoryEntry,
    OperatorState,
    Rights,
    StoredAlert,
    StoredCamera,
    StoredEngine,
    Taken,
)
from dashboard.schema import alert_history, alerts, cameras, changes, engines, plate_reads
from dashboard.settings import DashboardSettings
from ioc.errors import IocError
from ioc.types import Phase, Severity

CHANGES_KEPT = 50_000
"""A page that missed more than this loads the list anew."""
HISTORY_SHOWN = 200
_RANKS = tuple(Severity)


class Conflict(IocError):
    """What is asked does not fit where the alert stands."""


class Store:
    """The alerts, cameras and engines of one database. Every method raises StoreError when the database fails."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def take(self, messages: Sequence[intake.Message], at: datetime) -> Taken:
        """Write a batch in one transaction, on the disk when this returns; see `intake.take`."""
        with self.database.write() as connection:
            taken = intake.take(connection, messages, at)
            if taken.changes:
                _forget_old_changes(connection)
        return taken

    def alerts(self, wanted: AlertFilter, rights: Rights, limit: int) -> tuple[list[StoredAlert], int]:
        """Return the newest alerts that are wanted and may be seen, and the number of the last change they show."""
        query = select(alerts).where(_seen(rights), *_conditions(wanted))
        query = query.order_by(alerts.c.began.desc(), alerts.c.id.desc()).limit(limit)
        with self.database.read() as connection:
            change = _last_change(connection)
            return [_alert(row) for row in connection.execute(query).mappings()], change

    def alerts_by_id(self, ids: Sequence[UUID], rights: Rights) -> dict[UUID, StoredAlert]:
        """Return those of the alerts that exist and may be seen."""
        with self.database.read() as connection:
            query = select(alerts).where(alerts.c.id.in_(ids), _seen(rights))
            return {row["id"]: _alert(row) for row in connection.execute(query).mappings()}

    def alert(self, alert_id: UUID, rights: Rights) -> StoredAlert | None:
        """Return the alert, or None when there is none that may be seen."""
        return self.alerts_by_id([alert_id], rights).get(alert_id)

    def history(self, alert_id: UUID) -> list[HistoryEntry]:
        """Return the latest steps of an incident, oldest first."""
        rank = {str(phase): number for number, phase in enumerate(PHASES)}
        query = select(alert_history).where(alert_history.c.alert_id == alert_id)
        query = query.order_by(alert_history.c.at.desc()).limit(HISTORY_SHOWN)
        with self.database.read() as connection:
            rows = connection.execute(query).all()
        steps = [HistoryEntry(row.what, row.at, row.severity, row.who, row.note) for row in rows]
        return sorted(steps, key=lambda step: (step.at, rank.get(step.what, len(rank))))

    def acknowledge(
        self, alert_id: UUID, rights: Rights, who: str, note: str | None, at: datetime
    ) -> StoredAlert | None:
        """Mark a new alert as seen to; the first to do so stands. Raise Conflict when it is closed already."""
        with self.database.write() as connection:
            held = _held(connection, alert_id, rights)
            if held is None or held.state is OperatorState.ACKNOWLEDGED:
                return held
            if held.closed is not None:
                raise Conflict(f"the alert was closed by {held.closed.who} already")
            return _act(connection, held, OperatorState.ACKNOWLEDGED, Deed(who, at, note))

    def close(self, alert_id: UUID, rights: Rights, who: str, note: str | None, at: datetime) -> StoredAlert | None:
        """Mark an alert as dealt with, acknowledged before or not; the first to do so stands."""
        with self.database.write() as connection:
            held = _held(connection, alert_id, rights)
            if held is None or held.state is OperatorState.CLOSED:
                return held
            return _act(connection, held, OperatorState.CLOSED, Deed(who, at, note))

    def cameras(self, rights: Rights) -> list[StoredCamera]:
        """Return what each camera that may be seen last said of itself, by site and id."""
        query = select(cameras).order_by(cameras.c.site, cameras.c.camera)
        with self.database.read() as connection:
            found = [_camera(row) for row in connection.execute(query).mappings()]
        return [camera for camera in found if rights.cover(camera.site, camera.camera)]

    def engines(self) -> dict[str, StoredEngine]:
        """Return what is known of each site's engine."""
        with self.database.read() as connection:
            rows = connection.execute(select(engines)).all()
        return {row.site: StoredEngine(row.site, row.state, row.since) for row in rows}

    def changes(self, after: int, limit: int) -> list[Change] | None:
        """Return the changes that follow number `after`, or None when they are not known any more."""
        query = select(changes).where(changes.c.id > after).order_by(changes.c.id).limit(limit)
        with self.database.read() as connection:
            last, first = _last_change(connection), connection.scalar(select(func.min(changes.c.id)))
            if after > last or (first is not None and after < first - 1):
                return None
            rows = connection.execute(query).all()
        return [Change(row.id, row.what, row.site, row.camera, row.alert_id) for row in rows]

    def last_change(self) -> int:
        """Return the number of the latest change; 0 before the first."""
        with self.database.read() as connection:
            return _last_change(connection)

    def counts(self, rights: Rights) -> dict[OperatorState, int]:
        """Return how many alerts that may be seen are in each state."""
        query = select(alerts.c.state, func.count()).where(_seen(rights)).group_by(alerts.c.state)
        with self.database.read() as connection:
            found = {row[0]: int(row[1]) for row in connection.execute(query)}
        return {state: found.get(state.value, 0) for state in OperatorState}

    def passes(self) -> int:
        """Return how many passes of vehicles are kept."""
        with self.database.read() as connection:
            return connection.scalar(select(func.count()).select_from(plate_reads)) or 0

    def open_alerts(self, rights: Rights) -> dict[tuple[str, str], tuple[int, Severity]]:
        """Return how many alerts are open, by (site, camera), and the worst severity of them."""
        query = select(alerts.c.site, alerts.c.camera, alerts.c.severity, func.count())
        query = query.where(_seen(rights), alerts.c.state != OperatorState.CLOSED.value)
        query = query.group_by(alerts.c.site, alerts.c.camera, alerts.c.severity)
        found: dict[tuple[str, str], tuple[int, Severity]] = {}
        with self.database.read() as connection:
            for site, camera, severity, count in connection.execute(query):
                before, worst = found.get((site, camera), (0, Severity.INFORMATIONAL))
                found[site, camera] = (before + count, max(worst, Severity(severity), key=_RANKS.index))
        return found

    def release(self) -> None:
        """Let go of the database."""
        self.database.close()


def open_store(settings: DashboardSettings) -> Store:
    """Open the store that the settings name and bring it to the newest schema; raise StoreError."""
    return Store(open_database(settings))


def _seen(rights: Rights) -> ColumnElement[bool]:
    kinds = true() if rights.watch_lists else alerts.c.kind != WATCH_LIST
    if rights.cameras is None:
        return kinds
    if not rights.cameras:
        return false()
    return and_(kinds, tuple_(alerts.c.site, alerts.c.camera).in_(sorted(rights.cameras)))


def _conditions(wanted: AlertFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column, values in (
        (alerts.c.kind, wanted.kinds),
        (alerts.c.camera, wanted.cameras),
        (alerts.c.site, wanted.sites),
        (alerts.c.state, tuple(map(str, wanted.states))),
        (alerts.c.phase, tuple(map(str, wanted.phases))),
        (alerts.c.severity, tuple(map(str, wanted.severities))),
    ):
        if values:
            found.append(column.in_(values))
    return found + within(alerts.c.began, alerts.c.id, wanted.since, wanted.until, wanted.before)


def _last_change(connection: Connection) -> int:
    return connection.scalar(select(func.max(changes.c.id))) or 0


def _forget_old_changes(connection: Connection) -> None:
    connection.execute(delete(changes).where(changes.c.id <= _last_change(connection) - CHANGES_KEPT))


def _held(connection: Connection, alert_id: UUID, rights: Rights) -> StoredAlert | None:
    query = select(alerts).where(alerts.c.id == alert_id, _seen(rights)).with_for_update()
    row = connection.execute(query).mappings().first()
    return None if row is None else _alert(row)


def _act(connection: Connection, held: StoredAlert, state: OperatorState, deed: Deed) -> StoredAlert:
    named = {f"{state}_by": deed.who, f"{state}_at": deed.at, f"{state}_note": deed.note}
    connection.execute(update(alerts).where(alerts.c.id == held.id).values(state=state.value, **named))
    step = {"alert_id": held.id, "what": state.value, "at": deed.at, "who": deed.who, "note": deed.note}
    connection.execute(insert(alert_history), [step])
    news = {"what": "alert", "site": held.site, "camera": held.camera, "alert_id": held.id}
    connection.execute(insert(changes), [news])
    row = connection.execute(select(alerts).where(alerts.c.id == held.id)).mappings().one()
    return _alert(row)


def _alert(row: RowMapping) -> StoredAlert:
    plain = ("id", "site", "camera", "rule", "kind", "subject", "began", "at", "details", "received")
    values: dict[str, Any] = {name: row[name] for name in plain}
    return StoredAlert(
        **values,
        phase=Phase(row["phase"]),
        severity=Severity(row["severity"]),
        box=tuple(row["box"]) if row["box"] else None,
        evidence=tuple(row["evidence"]),
        state=OperatorState(row["state"]),
        acknowledged=_deed(row, OperatorState.ACKNOWLEDGED),
        closed=_deed(row, OperatorState.CLOSED),
    )


def _deed(row: RowMapping, state: OperatorState) -> Deed | None:
    who = row[f"{state}_by"]
    return None if who is None else Deed(who, row[f"{state}_at"], row[f"{state}_note"])


def _camera(row: RowMapping) -> StoredCamera:
    location = None if row["latitude"] is None else (row["latitude"], row["longitude"])
    plain = ("site", "camera", "name", "simulated", "state", "since", "reason")
    return StoredCamera(location=location, **{name: row[name] for name in plain})
