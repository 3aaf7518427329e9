"""The records whose time is over, by their class, and their deletion; what is held stays, and so does what hit.

A pass that a watch-list's alert was raised for is kept as long as that alert is.
Pure but for the connection that it is handed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Column, Connection, Table, and_, delete, exists, func, select
from sqlalchemy.sql import ColumnElement

from dashboard.database import parts
from dashboard.holds import held
from dashboard.plate_texts import forget_texts
from dashboard.records import OperatorState
from dashboard.schema import alert_history, alerts, holds, plate_reads, plates, watch_hits
from ioc.retention import Retention
from ioc.types import Json


@dataclass(frozen=True, slots=True)
class Overdue:
    """One record whose time is over."""

    id: UUID
    at: datetime
    """When the vehicle passed, or the alert began."""
    evidence: Sequence[Mapping[str, Json]]


@dataclass(frozen=True)
class Records:
    """The records of one class, of which some are overdue."""

    name: str
    keep: timedelta
    table: Table
    id: Column[UUID]
    at: Column[datetime]
    overdue: Sequence[ColumnElement[bool]]
    delete: Callable[[Connection, Sequence[UUID]], None]
    """Deletes the records of these ids, and what belongs to them alone."""

    def count(self, connection: Connection) -> int:
        """Return how many are overdue."""
        return connection.scalar(select(func.count()).select_from(self.table).where(*self.overdue)) or 0

    def first(self, connection: Connection, limit: int, after: datetime | None) -> list[Overdue]:
        """Return the oldest that are overdue, from a time on when one is given."""
        query = select(self.id, self.at, self.table.c.evidence).where(*self.overdue).order_by(self.at).limit(limit)
        if after is not None:
            query = query.where(self.at >= after)
        return [Overdue(*row) for row in connection.execute(query)]


def classes(retention: Retention, now: datetime) -> list[Records]:
    """Return the classes of records that are not kept for ever."""
    found: list[Records] = []
    if retention.plates is not None:
        found.append(_passes(retention.plates, now))
    for kind, keep in sorted(retention.kinds.items()):
        if keep is not None:
            found.append(_closed_alerts(kind, keep, now, alerts.c.kind == kind))
    if retention.alerts is not None:
        others = alerts.c.kind.not_in(sorted(retention.kinds))
        found.append(_closed_alerts("alerts", retention.alerts, now, others))
    return found


def _passes(keep: timedelta, now: datetime) -> Records:
    """Return vehicles' passes that hit nothing."""
    watched = exists().where(watch_hits.c.hit == plate_reads.c.hit)
    overdue = (plate_reads.c.at < now - keep, ~held(plate_reads.c.hit), ~watched)
    return Records("plates", keep, plate_reads, plate_reads.c.hit, plate_reads.c.at, overdue, _delete_passes)


def _closed_alerts(name: str, keep: timedelta, now: datetime, kinds: ColumnElement[bool]) -> Records:
    """Return alerts that people closed long ago, and that nothing was heard of since."""
    closed = alerts.c.state == OperatorState.CLOSED.value
    overdue = (closed, alerts.c.closed_at < now - keep, alerts.c.at < now - keep, kinds, ~held(alerts.c.id))
    return Records(name, keep, alerts, alerts.c.id, alerts.c.began, overdue, _delete_alerts)


def _delete_passes(connection: Connection, ids: Sequence[UUID]) -> None:
    """Delete passes, and the texts of which no pass is left."""
    texts: set[int] = set()
    for part in parts(ids):
        texts.update(connection.scalars(select(plate_reads.c.plate_id).where(plate_reads.c.hit.in_(part))))
        for column in (plate_reads.c.hit, holds.c.record):
            connection.execute(delete(column.table).where(column.in_(part)))
    for some in parts(sorted(texts)):
        seen = exists().where(plate_reads.c.plate_id == plates.c.id)
        forget_texts(connection, and_(plates.c.id.in_(some), ~seen))


def _delete_alerts(connection: Connection, ids: Sequence[UUID]) -> None:
    """Delete alerts with their history; passes that they were raised for may go then."""
    for part in parts(ids):
        for column in (watch_hits.c.alert_id, alert_history.c.alert_id, holds.c.record, alerts.c.id):
            connection.execute(delete(column.table).where(column.in_(part)))
