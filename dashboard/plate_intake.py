"""Writes passes of vehicles into the store, each once.

Pure but for the connection that it is handed: the caller opens the transaction and commits it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, tuple_

from alerts.wire import AlertMessage
from dashboard.database import check_keepable, parts
from dashboard.plate_records import KIND, UNKNOWN, PlateRead
from dashboard.plate_texts import ids_of_texts
from dashboard.schema import plate_places, plate_reads


def take_reads(connection: Connection, reads: Sequence[PlateRead]) -> list[PlateRead]:
    """Write the passes that the store does not have yet, and return those."""
    fresh = {read.hit: read for read in reads}
    for part in parts(list(fresh)):
        for hit in connection.scalars(select(plate_reads.c.hit).where(plate_reads.c.hit.in_(part))):
            del fresh[hit]
    if not fresh:
        return []
    texts = ids_of_texts(connection, {read.text for read in fresh.values()})
    places = _ids_of_places(connection, {(read.site, read.camera) for read in fresh.values()})
    rows = [_row(read, texts[read.text], places[read.site, read.camera]) for read in fresh.values()]
    connection.execute(insert(plate_reads), rows)
    return list(fresh.values())


def read_of(message: AlertMessage) -> PlateRead:
    """Return the pass that a message of kind `plate` tells of; raises ValueError for a subject that is no plate.

    Details that are no text are left out of what can be searched; all of them are kept as they came.
    """
    text = message.subject.removeprefix(f"{KIND}:")
    if text == message.subject or not _TEXT.fullmatch(text):
        raise ValueError(f"its subject is {message.subject!r}, no plate such as 'plate:98A12345'")
    body = message.model_dump(mode="json", include={"details", "evidence"})
    check_keepable(body)
    details = body["details"]
    score = details.get("score")
    return PlateRead(
        hit=message.id,
        text=text,
        site=message.site,
        camera=message.camera,
        at=message.began,
        vehicle=_word(details, "vehicle", 16) or UNKNOWN,
        colour=_word(details, "colour", 16) or UNKNOWN,
        kind=_word(details, "kind", 24) or UNKNOWN,
        province=_word(details, "province", 2),
        direction=_word(details, "direction", 16),
        score=float(score) if isinstance(score, int | float) and 0 <= score <= 1 else 0.0,
        box=message.box,
        details=details,
        evidence=tuple(body["evidence"]),
    )


_TEXT = re.compile(r"[0-9A-Z]{1,24}")


def _word(details: Mapping[str, Any], name: str, longest: int) -> str | None:
    value = details.get(name)
    return value if isinstance(value, str) and 0 < len(value) <= longest else None


def _row(read: PlateRead, plate_id: int, place_id: int) -> dict[str, Any]:
    return {
        "hit": read.hit,
        "plate_id": plate_id,
        "place_id": place_id,
        "at": read.at,
        "vehicle": read.vehicle,
        "colour": read.colour,
        "kind": read.kind,
        "province": read.province,
        "direction": read.direction,
        "score": read.score,
        "box": list(read.box) if read.box else None,
        "details": dict(read.details),
        "evidence": [dict(item) for item in read.evidence],
    }


def _ids_of_places(connection: Connection, places: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return the number of each camera of a site; what the store has not seen yet gets one."""
    known = dict(_known_places(connection, places))
    fresh = sorted(places - known.keys())
    if fresh:
        connection.execute(insert(plate_places), [{"site": site, "camera": camera} for site, camera in fresh])
        known |= dict(_known_places(connection, fresh))
    return known


def _known_places(connection: Connection, places: Iterable[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], int]]:
    columns = (plate_places.c.site, plate_places.c.camera)
    for part in parts(sorted(places)):
        for row in connection.execute(select(plate_places).where(tuple_(*columns).in_(part))):
            yield (row.site, row.camera), row.id
