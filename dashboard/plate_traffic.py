"""Made-up traffic, to measure the search of plates by: texts as Vietnam's plates are, passes as cameras tell them.

Some passes are misread, as our reader misreads: then `details` keep under `shown` what stood on the plate, and under
`errors` how many were made. Nothing that searches looks there. No text is a real vehicle's but by chance. A seed fixes
everything.
"""

from __future__ import annotations

import math
import sqlite3
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, func, insert, literal, select, union_all

from dashboard.database import Database, StoreError
from dashboard.plate_records import UNKNOWN
from dashboard.schema import plate_endings, plate_places, plate_reads, plates
from ioc.plate_confusion import NOTHING, Confusions
from ioc.plate_grammar import CAR_LETTERS, CHARACTERS, PROVINCES, SERIES_LETTERS
from ioc.plate_pattern import LONGEST

Rng = np.random.Generator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
END = datetime(2026, 3, 1, tzinfo=UTC)
SPAN = timedelta(days=30)
CAMERAS = 60
SITE = "bg"
VEHICLES_PER_READ = 0.15
"""How many vehicles there are for each pass: most come by again and again."""
COLOURS = {"white": 0.85, "yellow": 0.97, "blue": 1.0}
"""Colours of cars' plates, and up to which part of the cars bear them; those of motorcycles are white."""
OLD_MOTORCYCLES = 0.28
"""Part of the plates of one letter and five digits that are motorcycles' with four digits below."""
UNSURE = 0.03
"""Part of the passes of which the vehicle is told wrong, and part of which the colour is not known."""

MISREAD, TWICE = 0.03, 0.2
"""Part of the passes that are read with an error, and part of these that have two."""

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


def look_of(text: str) -> tuple[str, str]:
    """Return the class of the vehicle that bears a text and its plate's colour, the same for each of its passes."""
    first, second = (zlib.crc32(f"{word} {text}".encode()) % 1000 / 1000 for word in ("vehicle", "colour"))
    one_letter = text[3:].isdigit()
    if not one_letter or len(text) == 9 or (len(text) == 8 and first < OLD_MOTORCYCLES):
        return "motorcycle", "white"
    return "car", next(colour for colour, part in COLOURS.items() if second < part)


class MadeUpReader:
    """Reads texts as a reader with measured confusions does: each error as often as it was counted, and as sure."""

    def __init__(self, confusions: Confusions) -> None:
        self._errors = {shown: _errors_of(confusions, shown) for shown in (*CHARACTERS, NOTHING)}
        sureness = confusions.sureness
        self._bounds = np.array(sureness.bounds)
        self._shares = {right: _shares(counts) for right, counts in ((True, sureness.right), (False, sureness.wrong))}

    def misread(self, rng: Rng, text: str, errors: int = 1) -> tuple[str, list[bool]]:
        """Return a text as it is read with that many errors, and of each character whether it is right.

        No character is read wrong twice, nor two made up in one place; where no error was counted none is made.
        """
        shown = [NOTHING]
        for own in text:
            shown += (own, NOTHING)
        said = list(shown)
        for _ in range(errors):
            chances = [self._errors[own].often if own == other else 0.0 for own, other in zip(shown, said, strict=True)]
            if not any(chances):
                break
            place = _drawn(rng, list(accumulate(chances)))
            wrong = self._errors[shown[place]]
            said[place] = wrong.reads[_drawn(rng, wrong.sums)]
        return "".join(said), [own == other for own, other in zip(shown, said, strict=True) if other]

    def scores(self, rng: Rng, count: tuple[int, ...], *, right: bool) -> npt.NDArray[np.float64]:
        """Return scores of so many characters that were read right, or that were not."""
        part = np.searchsorted(self._shares[right], rng.random(count))
        low, high = self._bounds[part], self._bounds[part + 1]
        scores: npt.NDArray[np.float64] = (low + (high - low) * rng.random(count)).round(3)
        return scores


@dataclass(frozen=True, slots=True)
class _Errors:
    """What one character is read for, and how often each, beside once right: sums up to each."""

    reads: list[str]
    sums: list[float]

    @property
    def often(self) -> float:
        return self.sums[-1] if self.sums else 0.0


def _errors_of(confusions: Confusions, shown: str) -> _Errors:
    counts = confusions.counts
    right = counts.get((shown, shown), 0) if shown else sum(counts.values())
    wrong = {read: counts.get((shown, read), 0) for read in (*CHARACTERS, NOTHING) if read != shown}
    reads = [read for read, count in wrong.items() if count]
    return _Errors(reads, list(accumulate(wrong[read] / max(right, 1) for read in reads)))


def _shares(counts: Sequence[int]) -> npt.NDArray[np.float64]:
    """Return which part of the counts lies in each place and before."""
    return np.cumsum(counts)[:-1] / max(sum(counts), 1)


def _drawn(rng: Rng, sums: Sequence[float]) -> int:
    return bisect_right(sums, float(rng.random()) * sums[-1])


def fill(database: Database, reads: int, seed: int, confusions: Confusions, each: Callable[[int], None]) -> None:
    """Write that many passes into an empty SQLite store in one go; `each` is told how many are written.

    Raises StoreError when the store is no SQLite file or holds passes already.
    """
    rng = np.random.default_rng(seed)
    texts = Texts(vehicle_texts(rng, max(round(reads * VEHICLES_PER_READ), 10)))
    reader = MadeUpReader(confusions)
    with database.write() as connection:
        if connection.dialect.name != "sqlite" or connection.scalar(select(plate_reads.c.id).limit(1)) is not None:
            raise StoreError("made-up passes go into an empty SQLite file only: give another one")
        for index in plate_reads.indexes:
            index.drop(connection)
        places = [{"id": number + 1, "site": SITE, "camera": f"{SITE}-{number:03d}"} for number in range(CAMERAS)]
        connection.execute(insert(plate_places), places)
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        for begin in range(0, reads, CHUNK):
            count = min(CHUNK, reads - begin)
            rows = list(_rows(rng, begin, count, reads, texts, reader))
            raw.executemany("INSERT INTO plates (id, text) VALUES (?, ?)", texts.fresh())
            raw.executemany(_INSERT, rows)
            each(begin + count)
        for index in plate_reads.indexes:
            index.create(connection)
        _write_endings(connection)
        connection.exec_driver_sql("ANALYZE")


class Texts:
    """The texts of a store that is being filled, numbered from 1: first the vehicles', then what these are read as."""

    def __init__(self, vehicles: Sequence[str]) -> None:
        self.vehicles = vehicles
        self._numbers = {text: number for number, text in enumerate(vehicles, 1)}
        self._written = 0

    def number(self, text: str) -> int:
        """Return the number of a text, a new one where there is none."""
        return self._numbers.setdefault(text, len(self._numbers) + 1)

    def fresh(self) -> list[tuple[int, str]]:
        """Return what has come since this was asked last: numbers and texts."""
        found = [(number, text) for text, number in islice(self._numbers.items(), self._written, None)]
        self._written = len(self._numbers)
        return found


def _write_endings(connection: Connection) -> None:
    """Write the endings of all texts in their order, which is far quicker than one by one."""
    place = union_all(*(select(literal(number).label("place")) for number in range(1, LONGEST))).subquery().c.place
    ending = func.substr(plates.c.text, place)
    query = select(ending, plates.c.id).where(place < func.length(plates.c.text)).order_by(ending, plates.c.id)
    connection.execute(insert(plate_endings).from_select(["ending", "plate_id"], query))


CHUNK = 100_000
LONGEST_MADE_UP = 12
"""No made-up text has more characters, two that were made up among them."""
OTHER = {"car": "motorcycle", "motorcycle": "car"}
BOX = "[0.41, 0.52, 0.47, 0.58]"

_INSERT = """INSERT INTO plate_reads
(hit, plate_id, place_id, at, vehicle, colour, kind, province, direction, score, box, details, evidence)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


def _rows(
    rng: Rng, begin: int, count: int, reads: int, texts: Texts, reader: MadeUpReader
) -> Iterator[tuple[Any, ...]]:
    """Yield rows in order of time; a few vehicles come by far more often than most."""
    vehicles = texts.vehicles
    numbers = np.minimum((len(vehicles) * rng.random(count) ** 2).astype(np.int64), len(vehicles) - 1)
    errors = np.where(rng.random(count) < MISREAD, np.where(rng.random(count) < TWICE, 2, 1), 0)
    step = SPAN / timedelta(microseconds=1) / reads
    times = ((END - SPAN - EPOCH) / timedelta(microseconds=1) + step * np.arange(begin, begin + count)).astype(np.int64)
    drawn = zip(
        times.tolist(),
        numbers.tolist(),
        errors.tolist(),
        rng.integers(1, CAMERAS + 1, count).tolist(),
        (rng.random((2, count)) < UNSURE).T.tolist(),
        reader.scores(rng, (count, LONGEST_MADE_UP), right=True).tolist(),
        strict=True,
    )
    for k, (at, vehicle, wrong, place, (other, dull), sure) in enumerate(drawn, begin):
        shown = text = vehicles[vehicle]
        kind, colour = look_of(shown)
        kind = OTHER[kind] if other else kind
        colour = UNKNOWN if dull else colour
        scores, told = sure[: len(text)], ""
        if wrong:
            text, right = reader.misread(rng, shown, wrong)
            unsure = reader.scores(rng, (len(text),), right=False).tolist()
            scores = [sure[n] if good else unsure[n] for n, good in enumerate(right)]
            told = f', "shown": "{shown}", "errors": {wrong}'
        details = f'{{"raw": "{text}", "upper_len": 4, "scores": {scores}{told}}}'
        kinds = (kind, colour, "car" if kind == "car" else "moto_letterdigit", text[:2], None)
        yield f"{k:032x}", texts.number(text), place, at, *kinds, math.prod(scores), BOX, details, "[]"
