"""Writes a batch of messages into the store, each once, whatever order they come in.

Pure but for the connection that it is handed: the caller opens the transaction and commits it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Connection, Table, and_, insert, select, tuple_, update

from alerts.wire import PHASES, AlertMessage, CameraStatus, EngineStatus
from dashboard.database import check_keepable, parts
from dashboard.late_clips import add_clips
from dashboard.plate_intake import read_of, take_reads
from dashboard.plate_records import KIND, PlateRead
from dashboard.records import WATCH_LIST, OperatorState, Taken
from dashboard.schema import alert_history, alerts, cameras, changes, engines
from dashboard.watch_intake import raise_alerts

Message: TypeAlias = AlertMessage | CameraStatus | EngineStatus
Row: TypeAlias = dict[str, Any]

_IDENTITY = ("site", "camera", "rule", "subject", "began")
PICTURES_KEPT = 20
FIRST_PICTURES_KEPT = 4


def take(connection: Connection, messages: Sequence[Message], at: datetime) -> Taken:
    """Write what is news in `messages`, number each change, and say what became of them.

    Of an incident's messages the one with the greatest (`at`, phase) says where it stands, so an older or
    repeated one changes nothing; but every phase is written into the history, and the pictures of all of them
    are kept. What people have done about an alert is never touched. A vehicle's pass is a record and no alert: it is
    kept among the plates, and changes nothing that a page follows; one that a watch-list looks for raises an alert.
    When a pass comes again, only a clip is news.
    """
    passes, others, unread = _sorted(messages)
    watched = raise_alerts(connection, take_reads(connection, passes))
    rows, refused = _fitting([*others, *watched], at)
    moved, unlike = _take_alerts(connection, [row for kind, row in rows if kind is AlertMessage])
    moved += add_clips(connection, passes)
    moved += _take_cameras(connection, [row for kind, row in rows if kind is CameraStatus])
    moved += _take_engines(connection, [row for kind, row in rows if kind is EngineStatus])
    if moved:
        connection.execute(insert(changes), moved)
    return Taken(len(moved), tuple(unread + refused + unlike))


def _sorted(messages: Sequence[Message]) -> tuple[list[PlateRead], list[Message], list[str]]:
    """Return the vehicles' passes among the messages, the other messages, and a line for each that cannot be kept."""
    passes: list[PlateRead] = []
    others: list[Message] = []
    refused: list[str] = []
    for message in messages:
        if not isinstance(message, AlertMessage) or message.kind not in {KIND, WATCH_LIST}:
            others.append(message)
            continue
        try:
            passes.append(_pass_of(message))
        except ValueError as error:
            refused.append(f"message on {message.topic!r} cannot be kept: {error}")
    return passes, others, refused


def _pass_of(message: AlertMessage) -> PlateRead:
    if message.kind == WATCH_LIST:
        raise ValueError("alerts of watch-lists are raised by the dashboard alone")
    return read_of(message)


def _fitting(messages: Sequence[Message], at: datetime) -> tuple[list[tuple[type[Message], Row]], list[str]]:
    """Return the rows that the messages make, and a line for each message that no row can hold."""
    rows: list[tuple[type[Message], Row]] = []
    refused: list[str] = []
    for message in messages:
        try:
            row = _row(message, at)
        except (ValueError, OverflowError) as error:
            refused.append(f"message on {message.topic!r} cannot be kept: {error}")
        else:
            rows.append((type(message), row))
    return rows, refused


def _row(message: Message, at: datetime) -> Row:
    """Return the message's columns; raise ValueError or OverflowError for what JSON, text or a clock cannot hold."""
    check_keepable(message.model_dump(mode="json"))
    if isinstance(message, AlertMessage):
        return _alert_row(message, at)
    if isinstance(message, EngineStatus):
        return {"site": message.site, "state": message.state, "since": at}
    latitude, longitude = message.location or (None, None)
    return {
        "site": message.site,
        "camera": message.camera,
        "name": message.name,
        "latitude": latitude,
        "longitude": longitude,
        "simulated": message.simulated,
        "state": message.state.value,
        "since": message.since.astimezone(UTC),
        "reason": message.reason,
    }


def _alert_row(message: AlertMessage, at: datetime) -> Row:
    row = message.model_dump(mode="python", exclude={"version", "box", "details", "evidence"})
    body = message.model_dump(mode="json", include={"details", "evidence"})
    return row | {
        "phase": message.phase.value,
        "severity": message.severity.value,
        "began": message.began.astimezone(UTC),
        "at": message.at.astimezone(UTC),
        "box": list(message.box) if message.box else None,
        "details": body["details"],
        "evidence": body["evidence"],
        "received": at,
        "state": OperatorState.NEW.value,
    }


def _order(row: Row) -> tuple[datetime, int]:
    return (row["at"], PHASES.index(row["phase"]))


def _take_alerts(connection: Connection, rows: list[Row]) -> tuple[list[Row], list[str]]:
    """Write the alerts; return a change for each that moved and a line for each message that was refused."""
    standing = _standing(connection, {row["id"] for row in rows})
    before = {key: _order(row) for key, row in standing.items()}
    touched: set[UUID] = set()
    steps: list[Row] = []
    refused: list[str] = []
    for row in sorted(rows, key=_order):
        held = standing.get(row["id"])
        if held is not None and any(held[name] != row[name] for name in _IDENTITY):
            refused.append(f"alert {row['id']} claims to be another incident than the one of that id")
            continue
        steps.append({"alert_id": row["id"], "what": row["phase"], "at": row["at"], "severity": row["severity"]})
        merged = _merged(held, row)
        if merged is not None:
            standing[row["id"]] = merged
            touched.add(row["id"])
    _write_alerts(connection, [standing[key] for key in touched], before)
    _write_history(connection, steps)
    news = [
        {"what": "alert", "site": standing[key]["site"], "camera": standing[key]["camera"], "alert_id": key}
        for key in sorted(touched, key=lambda key: _order(standing[key]))
    ]
    return news, refused


def _merged(held: Row | None, row: Row) -> Row | None:
    """Return how the incident stands after `row`, or None when it tells nothing new."""
    if held is None:
        return row | {"evidence": _pictures([], row["evidence"])}
    pictures = _pictures(held["evidence"], row["evidence"])
    if _order(row) > _order(held):
        return row | {"received": held["received"], "state": held["state"], "evidence": pictures}
    return None if pictures == held["evidence"] else held | {"evidence": pictures}


def _pictures(held: list[Row], more: list[Row]) -> list[Row]:
    """Return the pictures of both, by time; of many the first few, that show how it began, and the latest.

    A picture that is only named gives way to its files: the untouched one, then the annotated one. The outcome is
    the same in whatever order messages come.
    """
    found = {(*_moment(item), item["path"] or ""): item for item in held + more}
    with_files = {_moment(item) for item in found.values() if item["path"]}
    items = [item for item in found.values() if item["path"] or _moment(item) not in with_files]
    items.sort(key=lambda item: item["path"] or "", reverse=True)
    pictures = sorted(items, key=_moment)
    if len(pictures) <= PICTURES_KEPT:
        return pictures
    return pictures[:FIRST_PICTURES_KEPT] + pictures[FIRST_PICTURES_KEPT - PICTURES_KEPT :]


def _moment(item: Row) -> tuple[str, int, str]:
    return (item["at"], item["seq"], item["kind"])


def _standing(connection: Connection, ids: set[UUID]) -> dict[UUID, Row]:
    columns = [column for column in alerts.c if not column.name.startswith(("acknowledged_", "closed_"))]
    found: dict[UUID, Row] = {}
    for part in parts(sorted(ids)):
        query = select(*columns).where(alerts.c.id.in_(part)).with_for_update()
        found |= {row.id: dict(row._mapping) for row in connection.execute(query)}
    return found


def _write_alerts(connection: Connection, rows: list[Row], before: dict[UUID, Any]) -> None:
    fresh = [row for row in rows if row["id"] not in before]
    if fresh:
        connection.execute(insert(alerts), fresh)
    for row in rows:
        if row["id"] in before:
            values = {name: row[name] for name in ("phase", "severity", "at", "box", "details", "evidence", "kind")}
            connection.execute(update(alerts).where(alerts.c.id == row["id"]).values(values))


def _write_history(connection: Connection, steps: list[Row]) -> None:
    """Write the phases that the history does not have yet."""
    keys = {(step["alert_id"], step["what"], step["at"]): step for step in steps}
    columns = (alert_history.c.alert_id, alert_history.c.what, alert_history.c.at)
    for part in parts(list(keys)):
        for row in connection.execute(select(*columns).where(tuple_(*columns).in_(part))):
            del keys[(row.alert_id, row.what, row.at)]
    if keys:
        connection.execute(insert(alert_history), list(keys.values()))


def _take_cameras(connection: Connection, rows: list[Row]) -> list[Row]:
    """Write each camera's latest state, in the order of arrival.

    A broker keeps the order of one topic, and repeats it from the first unacknowledged message on, so the last
    to arrive is the truth; `since` would not do, for a clock that was set back would hide a lost camera.
    """
    news: list[Row] = []
    for row in rows:
        key = {"site": row["site"], "camera": row["camera"]}
        if _put(connection, cameras, key, row):
            news.append({"what": "camera", "alert_id": None} | key)
    return news


def _take_engines(connection: Connection, rows: list[Row]) -> list[Row]:
    """Write each engine's latest state; the message bears no time, so its arrival says since when."""
    news: list[Row] = []
    for row in rows:
        key = {"site": row["site"]}
        held = connection.execute(select(engines.c.state).where(engines.c.site == row["site"])).scalar()
        if held != row["state"]:
            _put(connection, engines, key, row)
            news.append({"what": "engine", "camera": None, "alert_id": None} | key)
    return news


def _put(connection: Connection, table: Table, key: Row, row: Row) -> bool:
    """Write `row` under `key`; return whether that changed anything."""
    place = and_(*(table.c[name] == value for name, value in key.items()))
    held = connection.execute(select(table).where(place)).mappings().first()
    if held is None:
        connection.execute(insert(table), [key | row])
        return True
    if all(held[name] == value for name, value in row.items()):
        return False
    connection.execute(update(table).where(place).values(row))
    return True
