"""Made-up traffic, to measure the search of plates by: texts as Vietnam's plates are, passes as cameras tell them.

No text is a real vehicle's but by chance. A seed fixes everything.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import insert, select

from dashboard.database import Database, StoreError
from dashboard.schema import plate_places, plate_reads
from ioc.plate_confusion import NOTHING, Confusions
from ioc.plate_grammar import CAR_LETTERS, CHARACTERS, PROVINCES, SERIES_LETTERS

Rng = np.random.Generator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
END = datetime(2026, 3, 1, tzinfo=UTC)
SPAN = timedelta(days=30)
CAMERAS = 60
SITE = "bg"
VEHICLES_PER_READ = 0.15
"""How many vehicles there are for each pass: most come by again and again."""
MISREAD = 0.03
"""Part of the passes that are read with an error."""

HOME, HOME_SHARE = ("98", "99"), (0.62, 0.14)
"""Provinces that most vehicles are from; the rest is spread over all."""


def vehicle_texts(rng: Rng, count: int) -> list[str]:
    """Return that many texts of plates, all different: motorcycles of three kinds and cars of two, mostly from here."""
    texts: dict[str, None] = {}
    while len(texts) < count:
        texts.update(dict.fromkeys(_texts(rng, count - len(texts))))
    return list(texts)


def _texts(rng: Rng, count: int) -> Iterator[str]:
    codes = sorted(PROVINCES)
    chances = np.full(len(codes), (1 - sum(HOME_SHARE)) / len(codes))
    for code, share in zip(HOME, HOME_SHARE, strict=True):
        chances[codes.index(code)] += share
    provinces = rng.choice(codes, count, p=chances)
    kinds = rng.choice(5, count, p=(0.45, 0.15, 0.1, 0.25, 0.05))
    letters = rng.choice(list(SERIES_LETTERS), (count, 2))
    cars = rng.choice(list(CAR_LETTERS[:10]), count)
    digits, numbers = rng.integers(1, 10, count), rng.integers(0, 100_000, count)
    rows = zip(provinces, kinds, letters, cars, digits, numbers, strict=True)
    for province, kind, (first, second), car, digit, number in rows:
        if kind == 0:
            yield f"{province}{first}{digit}{number:05d}"
        elif kind == 1:
            yield f"{province}{first}{second}{number:05d}"
        elif kind == 2:
            yield f"{province}{first}{digit}{number // 10:04d}"
        elif kind == 3:
            yield f"{province}{car}{number:05d}"
        else:
            yield f"{province}{car}{number // 10:04d}"


def misread(rng: Rng, text: str, confusions: Confusions, errors: int = 1) -> str:
    """Return a text as it is read with that many measured errors, each as likely as it was counted.

    No character is read wrong twice.
    """
    ways = [
        (place, read, confusions.counts[shown, read] / max(confusions.counts.get((shown, shown), 0), 1))
        for place, shown in enumerate(text)
        for read in (*CHARACTERS, NOTHING)
        if read != shown and confusions.counts.get((shown, read))
    ]
    changed: dict[int, str] = {}
    while len(changed) < errors and any(place not in changed for place, *_ in ways):
        left = [way for way in ways if way[0] not in changed]
        chances = np.array([chance for *_, chance in left])
        place, read, _ = left[int(rng.choice(len(left), p=chances / chances.sum()))]
        changed[place] = read
    return "".join(changed.get(place, shown) for place, shown in enumerate(text))


def fill(database: Database, reads: int, seed: int, confusions: Confusions, each: Callable[[int], None]) -> None:
    """Write that many passes into an empty SQLite store in one go; `each` is told how many are written.

    Raises StoreError when the store is no SQLite file or holds passes already.
    """
    rng = np.random.default_rng(seed)
    vehicles = vehicle_texts(rng, max(round(reads * VEHICLES_PER_READ), 10))
    chosen = rng.integers(0, len(vehicles), max(len(vehicles) // 20, 1))
    texts = list(dict.fromkeys([*vehicles, *(misread(rng, vehicles[number], confusions) for number in chosen)]))
    with database.write() as connection:
        if connection.dialect.name != "sqlite" or connection.scalar(select(plate_reads.c.id).limit(1)) is not None:
            raise StoreError("made-up passes go into an empty SQLite file only: give another one")
        for index in plate_reads.indexes:
            index.drop(connection)
        places = [{"id": number + 1, "site": SITE, "camera": f"{SITE}-{number:03d}"} for number in range(CAMERAS)]
        connection.execute(insert(plate_places), places)
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        rows = ((number, text, text[::-1]) for number, text in enumerate(texts, 1))
        raw.executemany("INSERT INTO plates (id, text, backwards) VALUES (?, ?, ?)", rows)
        for begin in range(0, reads, CHUNK):
            count = min(CHUNK, reads - begin)
            raw.executemany(_INSERT, _rows(rng, begin, count, reads, texts, len(vehicles)))
            each(begin + count)
        for index in plate_reads.indexes:
            index.create(connection)
        connection.exec_driver_sql("ANALYZE")


CHUNK = 100_000

_INSERT = """INSERT INTO plate_reads
(hit, plate_id, place_id, at, vehicle, colour, kind, province, direction, score, box, details, evidence)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


def _rows(rng: Rng, begin: int, count: int, reads: int, texts: Sequence[str], right: int) -> Iterator[tuple[Any, ...]]:
    """Yield rows in order of time, the first `right` texts being vehicles, of which a few come by far more often."""
    numbers = np.minimum((right * rng.random(count) ** 2).astype(np.int64), right - 1)
    if len(texts) > right:
        wrong = rng.random(count) < MISREAD
        numbers[wrong] = rng.integers(right, len(texts), int(wrong.sum()))
    step = SPAN / timedelta(microseconds=1) / reads
    times = ((END - SPAN - EPOCH) / timedelta(microseconds=1) + step * np.arange(begin, begin + count)).astype(np.int64)
    drawn = zip(
        times.tolist(),
        numbers.tolist(),
        rng.integers(1, CAMERAS + 1, count).tolist(),
        rng.choice(("motorcycle", "car"), count, p=(0.7, 0.3)).tolist(),
        rng.choice(("white", "yellow", "blue"), count, p=(0.85, 0.12, 0.03)).tolist(),
        rng.uniform(0.6, 1.0, count).round(3).tolist(),
        strict=True,
    )
    for k, (at, number, place, vehicle, colour, score) in enumerate(drawn, begin):
        text = texts[number]
        kind = "car" if vehicle == "car" else "moto_letterdigit"
        details = json.dumps({"raw": text, "upper_len": 4, "scores": [0.98] * len(text)})
        box = "[0.41, 0.52, 0.47, 0.58]"
        yield f"{k:032x}", number + 1, place, at, vehicle, colour, kind, text[:2], None, score, box, details, "[]"
