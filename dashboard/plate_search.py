"""Finds passes of vehicles by their plates: exactly, by a pattern, and among what a plate may have been misread as.

Every search is bounded. A pattern is looked up among the texts that were ever read, each of which stands there once, by
its first or its last characters, whichever are more; where so many fit that the newest passes are found sooner by
looking at the newest passes, that is done. A misread is looked up by name: the likeliest errors of the reader are
written out (see `ioc.plate_confusion`) and asked for, so the cost does not grow with what is stored.
Pure but for the connection that it is handed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Row, Select, false, select
from sqlalchemy.sql import ColumnElement

from dashboard.database import parts, within
from dashboard.plate_records import Companion, PlateMatch, PlateRead, ReadFilter
from dashboard.records import Rights
from dashboard.schema import plate_places, plate_reads, plates
from ioc.plate_confusion import Confusions
from ioc.plate_pattern import Pattern

MANY = 2000
"""From so many texts on that fit a pattern, the newest passes are looked at instead of theirs."""
NEWEST = 100_000
"""So many passes, at most; when they hold too few that fit, the fitting texts' own passes are looked up after all."""
FOLLOWED, NEAR, COMPANIONS = 300, 500, 50
"""Passes that a search for companions follows, passes beside each that it looks at, and plates that it returns."""
READINGS = 3000
"""Misreads that are asked for, likeliest first."""

_COLUMNS = (
    plate_reads.c.hit,
    plates.c.text,
    plate_places.c.site,
    plate_places.c.camera,
    *(plate_reads.c[name] for name in ("at", "vehicle", "colour", "kind", "province", "direction", "score", "box")),
    plate_reads.c.details,
    plate_reads.c.evidence,
)


def newest_reads(connection: Connection, pattern: Pattern | None, wanted: ReadFilter, limit: int) -> list[PlateRead]:
    """Return the newest passes that are wanted, those alone whose text fits the pattern when there is one."""
    conditions = _conditions(connection, wanted)
    if pattern is None:
        return _reads(connection, _newest(conditions), limit)
    ids = list(connection.scalars(_fitting(pattern).limit(MANY + 1)))
    if len(ids) <= MANY:
        return _reads_of(connection, ids, conditions, limit)
    latest = _newest(conditions).with_only_columns(plate_reads.c.id).limit(NEWEST)
    found = _reads(connection, _newest([plate_reads.c.id.in_(latest), _fits(pattern)]), limit)
    if len(found) == limit:
        return found
    return _reads(connection, _newest([*conditions, plate_reads.c.plate_id.in_(_fitting(pattern))]), limit)


def likely_plates(
    connection: Connection, text: str, confusions: Confusions, wanted: ReadFilter, limit: int
) -> list[PlateMatch]:
    """Return texts that may be misreads of `text`, which is canonical, likeliest first, and itself where it was read.

    Of equal costs the one with the newer pass comes first.
    """
    readings = confusions.readings(text, READINGS)
    conditions = _conditions(connection, wanted)
    known: list[tuple[float, str, int]] = []
    for part in parts(list(readings)):
        query = select(plates.c.text, plates.c.id).where(plates.c.text.in_(part))
        known += [(readings[row.text], row.text, row.id) for row in connection.execute(query)]
    matches: list[PlateMatch] = []
    for cost, own, plate_id in sorted(known):
        if len(matches) >= limit and cost > matches[-1].cost:
            break
        latest = _reads(connection, _newest([plate_reads.c.plate_id == plate_id, *conditions]), 1)
        matches += [PlateMatch(own, cost, read) for read in latest]
    matches.sort(key=lambda match: match.latest.at, reverse=True)
    matches.sort(key=lambda match: match.cost)
    return matches[:limit]


def read_with(connection: Connection, hit: UUID, rights: Rights) -> PlateRead | None:
    """Return the pass of that id, or None when there is none that may be seen."""
    query = _newest([plate_reads.c.hit == hit, *_conditions(connection, ReadFilter(rights))])
    return next(iter(_reads(connection, query, 1)), None)


def companions(
    connection: Connection, text: str, wanted: ReadFilter, *, within: timedelta, cameras: int
) -> list[Companion]:
    """Return the plates that passed at least so many cameras that `text` passed, each time within a while of it.

    Those on most cameras come first. No more than the newest FOLLOWED passes of `text` are looked at.
    """
    passes = newest_reads(connection, Pattern(text), wanted, FOLLOWED)
    beside: defaultdict[str, dict[tuple[str, str], datetime]] = defaultdict(dict)
    for own in passes:
        near = [
            plate_places.c.site == own.site,
            plate_places.c.camera == own.camera,
            plate_reads.c.at.between(own.at - within, own.at + within),
            plates.c.text != text,
        ]
        for read in _reads(connection, _newest(near), NEAR):
            beside[read.text].setdefault((read.site, read.camera), read.at)
    found = [Companion(other, len(seen), max(seen.values())) for other, seen in beside.items() if len(seen) >= cameras]
    return sorted(found, key=lambda one: (-one.cameras, one.text))[:COMPANIONS]


def _fitting(pattern: Pattern) -> Select[Any]:
    """Select the numbers of the texts that fit, along the index of their beginnings or of their ends."""
    column, known = plates.c.text, pattern.prefix
    if len(pattern.suffix) > len(pattern.prefix):
        column, known = plates.c.backwards, pattern.suffix[::-1]
    return select(plates.c.id).where(*_begins(column, known), _fits(pattern))


def _fits(pattern: Pattern) -> ColumnElement[bool]:
    return plates.c.text == pattern.text if pattern.exact else plates.c.text.like(pattern.like)


def _begins(column: Column[str], known: str) -> list[ColumnElement[bool]]:
    """Return what bounds a column that begins with known characters; canonical texts end before `[`."""
    return [column >= known, column < known + "["] if known else []


def _newest(conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    joined = plate_reads.join(plates, plate_reads.c.plate_id == plates.c.id)
    joined = joined.join(plate_places, plate_reads.c.place_id == plate_places.c.id)
    query = select(*_COLUMNS).select_from(joined).where(*conditions)
    return query.order_by(plate_reads.c.at.desc(), plate_reads.c.hit.desc())


def _reads_of(
    connection: Connection, ids: list[int], conditions: list[ColumnElement[bool]], limit: int
) -> list[PlateRead]:
    """Return the newest passes of some texts: each piece's newest first, then the newest of all."""
    found: list[PlateRead] = []
    for part in parts(ids):
        found += _reads(connection, _newest([plate_reads.c.plate_id.in_(part), *conditions]), limit)
    return sorted(found, key=lambda read: (read.at, read.hit), reverse=True)[:limit]


def _reads(connection: Connection, query: Select[Any], limit: int) -> list[PlateRead]:
    return [_read(row) for row in connection.execute(query.limit(limit))]


def _read(row: Row[Any]) -> PlateRead:
    values = dict(row._mapping)
    box, evidence = values.pop("box"), values.pop("evidence")
    return PlateRead(**values, box=tuple(box) if box else None, evidence=tuple(evidence))


def _conditions(connection: Connection, wanted: ReadFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    places = _places(connection, wanted)
    if places is not None:
        found.append(plate_reads.c.place_id.in_(places) if places else false())
    for name in ("vehicle", "colour", "kind", "province", "direction"):
        values = getattr(wanted, f"{name}s")
        if values:
            found.append(plate_reads.c[name].in_(values))
    return found + within(plate_reads.c.at, plate_reads.c.hit, wanted.since, wanted.until, wanted.before)


def _places(connection: Connection, wanted: ReadFilter) -> list[int] | None:
    """Return the numbers of the cameras that are wanted and may be seen; None for all."""
    if wanted.rights.cameras is None and not wanted.cameras:
        return None
    query = select(plate_places)
    if wanted.cameras:
        query = query.where(plate_places.c.camera.in_(wanted.cameras))
    return [row.id for row in connection.execute(query) if wanted.rights.cover(row.site, row.camera)]
