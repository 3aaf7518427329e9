"""The texts that plates were ever read as: each stands in the store once, and is found by any part of it.

Beside a text stand its endings, from the whole text on, each shorter by one character. Their index finds what ends in
given characters, and what holds them anywhere: an ending begins with them.
Pure but for the connection that it is handed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Select, bindparam, delete, insert, select
from sqlalchemy.sql import ColumnElement

from dashboard.database import parts
from dashboard.schema import plate_endings, plate_reads, plates
from ioc.plate_pattern import Pattern

SHORTEST = 2
"""Characters of the shortest ending that is kept: one alone would find a tenth of all texts."""

_OF_TEXTS = select(plates.c.text, plates.c.id).where(plates.c.text.in_(bindparam("texts", expanding=True)))


def endings(text: str) -> list[str]:
    """Return the endings that stand beside a text, longest first."""
    return [text[begin:] for begin in range(len(text) - SHORTEST + 1)]


def known_texts(connection: Connection, texts: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Yield those of some texts that the store has seen, with their numbers."""
    for part in parts(sorted(texts)):
        for row in connection.execute(_OF_TEXTS, {"texts": part}):
            yield row.text, row.id


def ids_of_texts(connection: Connection, texts: set[str]) -> dict[str, int]:
    """Return the number of each text; what the store has not seen yet gets one."""
    known = dict(known_texts(connection, texts))
    fresh = sorted(texts - known.keys())
    if fresh:
        connection.execute(insert(plates), [{"text": text} for text in fresh])
        numbers = dict(known_texts(connection, fresh))
        rows = [row for text, number in numbers.items() for row in _rows(text, number)]
        if rows:
            connection.execute(insert(plate_endings), rows)
        known |= numbers
    return known


def forget_texts(connection: Connection, condition: ColumnElement[bool]) -> None:
    """Delete the texts that fulfil a condition, with their endings."""
    for row in connection.execute(select(plates.c.id, plates.c.text).where(condition)).all():
        own = plate_endings.c.ending.in_(endings(row.text))
        connection.execute(delete(plate_endings).where(own, plate_endings.c.plate_id == row.id))
        connection.execute(delete(plates).where(plates.c.id == row.id))


def fitting_texts(pattern: Pattern) -> Select[Any]:
    """Select the numbers of the texts that fit a pattern, by the longest part of it that an index finds.

    A beginning counts for one character less: most plates begin alike, with the province. A number may come twice.
    """
    if pattern.exact:
        return select(plates.c.id).where(_fits(pattern))
    ways = [(len(pattern.prefix) - 1, _begins(plates.c.text, pattern.prefix), "")]
    if len(pattern.suffix) >= SHORTEST:
        ways.append((len(pattern.suffix), [plate_endings.c.ending == pattern.suffix], f"*{pattern.suffix}"))
    ways += [
        (len(part), _begins(plate_endings.c.ending, part), f"*{part}*")
        for part in pattern.inside
        if len(part) >= SHORTEST
    ]
    _, found, said = max(ways, key=lambda way: way[0])
    if pattern.text == said:  # the ending says all
        return select(plate_endings.c.plate_id.label("id")).where(*found)
    query = select(plates.c.id).where(*found, _fits(pattern))
    return query.join_from(plate_endings, plates, plate_endings.c.plate_id == plates.c.id) if said else query


def text_fits(pattern: Pattern) -> ColumnElement[bool]:
    """Return what holds for passes whose text fits a pattern, looked up one by one.

    A join would do as well, but for SQLite that may look through all texts first.
    """
    own = plates.alias()
    text = select(own.c.text).where(own.c.id == plate_reads.c.plate_id).correlate(plate_reads).scalar_subquery()
    return text.like(pattern.like)


def _fits(pattern: Pattern) -> ColumnElement[bool]:
    return plates.c.text == pattern.text if pattern.exact else plates.c.text.like(pattern.like)


def _begins(column: Column[str], known: str) -> Sequence[ColumnElement[bool]]:
    """Return what bounds a column that begins with known characters; canonical texts end before `[`."""
    return [column >= known, column < known + "["] if known else []


def _rows(text: str, number: int) -> Iterator[Mapping[str, str | int]]:
    for ending in endings(text):
        yield {"ending": ending, "plate_id": number}
