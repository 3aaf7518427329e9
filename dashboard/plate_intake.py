"""Writes passes of vehicles into the store, each once.

Pure but for the connection that it is handed: the caller opens the transaction and commits it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, tuple_

from dashboard.intake import parts
from dashboard.plate_records import PlateRead
from dashboard.schema import plate_places, plate_reads, plates


def take_reads(connection: Connection, reads: Sequence[PlateRead]) -> int:
    """Write the passes that the store does not have yet, and return how many those were."""
    fresh = {read.hit: read for read in reads}
    for part in parts(list(fresh)):
        for hit in connection.scalars(select(plate_reads.c.hit).where(plate_reads.c.hit.in_(part))):
            del fresh[hit]
    if not fresh:
        return 0
    texts = _ids_of_texts(connection, {read.text for read in fresh.values()})
    places = _ids_of_places(connection, {(read.site, read.camera) for read in fresh.values()})
    rows = [_row(read, texts[read.text], places[read.site, read.camera]) for read in fresh.values()]
    connection.execute(insert(plate_reads), rows)
    return len(rows)


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


def _ids_of_texts(connection: Connection, texts: set[str]) -> dict[str, int]:
    """Return the number of each text; what the store has not seen yet gets one."""
    known = dict(_known_texts(connection, texts))
    fresh = sorted(texts - known.keys())
    if fresh:
        connection.execute(insert(plates), [{"text": text, "backwards": text[::-1]} for text in fresh])
        known |= dict(_known_texts(connection, fresh))
    return known


def _known_texts(connection: Connection, texts: Iterable[str]) -> Iterator[tuple[str, int]]:
    for part in parts(sorted(texts)):
        for row in connection.execute(select(plates.c.text, plates.c.id).where(plates.c.text.in_(part))):
            yield row.text, row.id


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
