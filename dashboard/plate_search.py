"""Finds passes of vehicles by their plates: exactly, by a pattern, and among what a plate may have been misread as.

Every search is bounded. A pattern is looked up among the texts that were ever read (`dashboard.plate_texts`); where so
many fit that the newest passes are found sooner by looking at the newest passes, that is done. A misread is looked up
by name: the likeliest errors of the reader are written out (`ioc.plate_neighbours`) and asked for, so the cost does not
grow with what is stored.
Pure but for the connection that it is handed.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Connection, Row, Select, and_, case, false, func, select, true, type_coerce
from sqlalchemy.sql import ColumnElement

from dashboard.database import parts, within
from dashboard.plate_records import UNKNOWN, Companion, PlateMatch, PlateRead, ReadFilter
from dashboard.plate_texts import fitting_texts, known_texts, text_fits
from dashboard.records import Rights
from dashboard.schema import plate_places, plate_reads, plates
from ioc.plate_confusion import Confusions
from ioc.plate_neighbours import Neighbour, neighbours
from ioc.plate_pattern import Pattern

MANY = 12_000
"""From so many texts on that fit a pattern, the newest passes are looked at instead of theirs."""
NEWEST = 100_000
"""So many passes, at most; when they hold too few that fit, the fitting texts' own passes are looked up after all."""
UNALIKE = 0.03
"""How often a vehicle's class or its plate's colour is told wrong, or not known."""
FOLLOWED, NEAR, COMPANIONS = 300, 500, 50
"""Passes that a search for companions follows, passes beside each that it looks at, and plates that it returns."""
UNSURE = 30
"""Newest passes of a plate among which the one is looked for that the reader was least sure of."""

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
    fitting = fitting_texts(pattern)
    some = fitting.limit(MANY + 1).subquery()
    if (connection.scalar(select(func.count()).select_from(some)) or 0) > MANY:
        times = select(plate_reads.c.at).where(*conditions).order_by(plate_reads.c.at.desc())
        since = connection.scalar(times.offset(NEWEST).limit(1))
        bound = [plate_reads.c.at >= since] if since is not None else []
        found = _reads(connection, _newest([*conditions, *bound, text_fits(pattern)]), limit)
        if len(found) == limit:
            return found
    return _reads_of(connection, fitting, conditions, limit)


def likely_plates(
    connection: Connection,
    text: str,
    confusions: Confusions,
    wanted: ReadFilter,
    limit: int,
    seen: PlateRead | None = None,
) -> list[PlateMatch]:
    """Return texts that may be misreads of `text`, which is canonical, or it of them, likeliest first.

    Itself comes first where it was read, other than in `seen` alone, which is what is in doubt then. How likely two
    texts are one depends on how often each was read: one that passes often is rather misread than one that was seen
    once. So the chance is that of the passes of the one which one would expect to be the other's, misread, both ways.
    What is known of `seen` goes in, a pass of `text`, or else that one of which the reader was least sure: an error is
    likelier where it was unsure, and the plate that was misread is on such a vehicle, of such a colour. Of equal
    chances the one with the newer pass comes first.
    """
    conditions = _conditions(connection, wanted)
    unsure = seen or _least_sure(connection, text)
    near = neighbours(text, confusions, confusions.doubts(text, _scores(unsure) if unsure else []))
    ids = dict(known_texts(connection, [text, *near]))
    passes = _passes(connection, list(ids.values()), unsure)
    ids = {other: number for other, number in ids.items() if number in passes}
    own = passes[ids[text]].all if text in ids else 1
    known = [
        (0.0 if other == text else _cost(near[other], own, passes[number]), other, number)
        for other, number in ids.items()
        if other != text or own > 1 or seen is None
    ]
    matches: list[PlateMatch] = []
    for cost, other, plate_id in sorted(known):
        if len(matches) >= limit and cost > matches[-1].cost:
            break
        latest = _reads(connection, _newest([plate_reads.c.plate_id == plate_id, *conditions]), 1)
        matches += [PlateMatch(other, cost, read) for read in latest]
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
    beside: defaultdict[str, dict[tuple[str, str], PlateRead]] = defaultdict(dict)
    for own in passes:
        near = [
            plate_places.c.site == own.site,
            plate_places.c.camera == own.camera,
            plate_reads.c.at.between(own.at - within, own.at + within),
            plates.c.text != text,
        ]
        for read in _reads(connection, _newest(near), NEAR):
            beside[read.text].setdefault((read.site, read.camera), read)
    found = [
        Companion(other, len(seen), max(seen.values(), key=lambda read: read.at))
        for other, seen in beside.items()
        if len(seen) >= cameras
    ]
    return sorted(found, key=lambda one: (-one.cameras, one.text))[:COMPANIONS]


@dataclass(frozen=True, slots=True)
class _Passes:
    """How often a text was read, and how often on such a vehicle and of such a colour as is asked for."""

    all: int
    alike: int

    @property
    def sources(self) -> float:
        """Return how many of them the pass that is asked for may be one more of."""
        return self.alike + UNALIKE * (self.all - self.alike)


def _cost(neighbour: Neighbour, own: int, other: _Passes) -> float:
    """Return how unlikely it is that some of the passes of two texts are one vehicle's, as a natural logarithm."""
    share = other.sources / own * math.exp(-neighbour.as_source) + own / other.all * math.exp(-neighbour.as_read)
    return math.log1p(1 / share)


def _least_sure(connection: Connection, text: str) -> PlateRead | None:
    """Return that pass of a text of which the reader was least sure, of the newest that tell the characters' scores."""
    newest = _reads(connection, _newest([plates.c.text == text]), UNSURE)
    return min(filter(_scores, newest), key=lambda read: min(_scores(read)), default=None)


def _scores(read: PlateRead) -> list[float]:
    """Return the characters' scores of a pass, none where it does not tell them all."""
    told = read.details.get("scores")
    scores = [float(one) for one in told if isinstance(one, int | float)] if isinstance(told, list) else []
    return scores if len(scores) == len(read.text) else []


def _passes(connection: Connection, ids: Sequence[int], like: PlateRead | None) -> dict[int, _Passes]:
    """Return how often each text was read, in all and on vehicles like that of a pass."""
    looks = {} if like is None else {"vehicle": like.vehicle, "colour": like.colour}
    alike = [plate_reads.c[name] == word for name, word in looks.items() if word != UNKNOWN]
    counts = (func.count(), func.sum(case((and_(true(), *alike), 1), else_=0)))
    found: dict[int, _Passes] = {}
    for part in parts(ids):
        query = select(plate_reads.c.plate_id, *counts).where(plate_reads.c.plate_id.in_(part))
        for number, every, those in connection.execute(query.group_by(plate_reads.c.plate_id)):
            found[number] = _Passes(every, those)
    return found


def _newest(conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    joined = plate_reads.join(plates, plate_reads.c.plate_id == plates.c.id)
    joined = joined.join(plate_places, plate_reads.c.place_id == plate_places.c.id)
    query = select(*_COLUMNS).select_from(joined).where(*conditions)
    return query.order_by(plate_reads.c.at.desc(), plate_reads.c.hit.desc())


def _reads_of(
    connection: Connection, fitting: Select[Any], conditions: list[ColumnElement[bool]], limit: int
) -> list[PlateRead]:
    """Return the newest passes of some texts.

    Which these are is asked of the index alone, and without an order that SQLite might take to look at all passes.
    """
    inside = [plate_reads.c.plate_id.in_(fitting), *conditions]
    moment = type_coerce(plate_reads.c.at, BigInteger) + 0
    newest = connection.execute(
        select(plate_reads.c.id, moment).where(*inside).order_by(moment.desc()).limit(limit + 1)
    )
    rows = newest.all()
    ids = [row[0] for row in rows[:limit]]
    if len(rows) > limit and rows[limit][1] == rows[limit - 1][1]:  # of one moment the greatest ids are wanted
        ids = list(connection.scalars(select(plate_reads.c.id).where(*inside, moment >= rows[limit][1])))
    found = [read for part in parts(ids) for read in _reads(connection, _newest([plate_reads.c.id.in_(part)]), limit)]
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
    named = ((plate_places.c.site, wanted.sites), (plate_places.c.camera, wanted.cameras))
    conditions = [column.in_(names) for column, names in named if names]
    if wanted.rights.cameras is None and not conditions:
        return None
    query = select(plate_places).where(*conditions)
    return [row.id for row in connection.execute(query) if wanted.rights.cover(row.site, row.camera)]
