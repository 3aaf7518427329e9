"""Adds to passes that the store has the clips that come after them, and to the alerts that were raised of them.

Pure but for the connection that it is handed: the caller opens the transaction and commits it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Connection, select, update

from dashboard.database import parts
from dashboard.plate_records import PlateRead
from dashboard.schema import alerts, plate_reads, watch_hits

Row: TypeAlias = dict[str, Any]
Clips: TypeAlias = Mapping[UUID, Sequence[Row]]


def add_clips(connection: Connection, reads: Sequence[PlateRead]) -> list[Row]:
    """Write the clips among the passes' evidence that the store does not have yet; return a change for each alert."""
    told = {read.hit: [dict(item) for item in read.evidence if item["kind"] == "clip"] for read in reads}
    clips = {hit: found for hit, found in told.items() if found}
    news: list[Row] = []
    for part in parts(list(clips)):
        _add_to_passes(connection, {hit: clips[hit] for hit in part})
        news += _add_to_alerts(connection, {hit: clips[hit] for hit in part})
    return news


def _add_to_passes(connection: Connection, clips: Clips) -> None:
    query = select(plate_reads.c.hit, plate_reads.c.evidence).where(plate_reads.c.hit.in_(list(clips)))
    for row in connection.execute(query).all():
        if lacking := _lacking(row.evidence, clips[row.hit]):
            whole = {"evidence": row.evidence + lacking}
            connection.execute(update(plate_reads).where(plate_reads.c.hit == row.hit).values(whole))


def _add_to_alerts(connection: Connection, clips: Clips) -> list[Row]:
    query = select(watch_hits.c.hit, alerts.c.id, alerts.c.site, alerts.c.camera, alerts.c.evidence)
    query = query.join(alerts, alerts.c.id == watch_hits.c.alert_id).where(watch_hits.c.hit.in_(list(clips)))
    news: list[Row] = []
    for row in connection.execute(query).all():
        if lacking := _lacking(row.evidence, clips[row.hit]):
            whole = {"evidence": row.evidence + lacking}
            connection.execute(update(alerts).where(alerts.c.id == row.id).values(whole))
            news.append({"what": "alert", "site": row.site, "camera": row.camera, "alert_id": row.id})
    return news


def _lacking(evidence: Sequence[Row], clips: Sequence[Row]) -> list[Row]:
    return [clip for clip in clips if clip not in evidence]
