"""Measures the search of plates as it is used: several people at once, while passes are being written."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from uuid import uuid4

import numpy as np
from sqlalchemy import Text, cast, func, select

from dashboard.database import Database, StoreError, parts
from dashboard.plate_intake import take_reads
from dashboard.plate_records import PlateRead, ReadFilter
from dashboard.plate_search import likely_plates, newest_reads, read_with
from dashboard.plate_traffic import CAMERAS, END, SITE, MadeUpReader, Rng, look_of, vehicle_texts
from dashboard.records import ALL_CAMERAS
from dashboard.schema import plate_reads, plates
from ioc.clock import monotonic
from ioc.plate_confusion import Confusions
from ioc.plate_pattern import Pattern

PAGE = 50
"""Passes that a page shows."""
BEST = 5
"""A misread counts as found among so many."""
WRITES_A_COMMIT = 5


@dataclass
class Measured:
    """What was measured: seconds of each search by its kind, and passes written the while."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    written: int = 0
    lasted: float = 0.0

    def percentile(self, kind: str, part: float) -> float:
        """Return the seconds that so many per cent of the searches of a kind took at most."""
        return float(np.percentile(self.seconds[kind], part))


def searches(confusions: Confusions, rng: Rng) -> Mapping[str, Callable[[str], Callable[[Database], object]]]:
    """Return what people search, by kind: each takes a stored text and gives the search that somebody does for it."""
    reader = MadeUpReader(confusions)

    def by(pattern: Callable[[str], str]) -> Callable[[str], Callable[[Database], object]]:
        return lambda text: lambda database: _newest(database, Pattern(pattern(text)))

    def fuzzy(text: str) -> Callable[[Database], object]:
        asked, _ = reader.misread(rng, text)
        return lambda database: _likely(database, asked, confusions)

    return {
        "exact": by(lambda text: text),
        "wildcard, two unknown": by(lambda text: f"{text[:4]}??{text[6:]}"),
        "wildcard, last four": by(lambda text: f"*{text[-4:]}"),
        "wildcard, first five": by(lambda text: f"{text[:5]}*"),
        "wildcard, within": by(lambda text: f"*{text[3:6]}*"),
        "fuzzy": fuzzy,
    }


def _newest(database: Database, pattern: Pattern) -> list[PlateRead]:
    with database.read() as connection:
        return newest_reads(connection, pattern, ReadFilter(), PAGE)


def _likely(database: Database, text: str, confusions: Confusions, seen: PlateRead | None = None) -> list[str]:
    with database.read() as connection:
        return [match.text for match in likely_plates(connection, text, confusions, ReadFilter(), BEST, seen)]


def stored_texts(database: Database, rng: Rng, count: int) -> list[str]:
    """Return some of the texts that the store holds. Raises StoreError when it holds none."""
    with database.read() as connection:
        last = connection.scalar(select(func.max(plates.c.id)))
        if last is None:
            raise StoreError("the store holds no plates: fill it first")
        ids = rng.integers(1, last + 1, count).tolist()
        return list(connection.scalars(select(plates.c.text).where(plates.c.id.in_(ids))))


def measure(
    database: Database, confusions: Confusions, *, people: int, seconds: float, writes: float, seed: int
) -> Measured:
    """Return how long searches take for `people` at once who never rest, `writes` passes a second being written."""
    measured, stop = Measured(), threading.Event()
    began = monotonic()
    threads = [
        threading.Thread(
            target=_search_on, args=(database, confusions, np.random.default_rng([seed, n]), stop, measured)
        )
        for n in range(people)
    ]
    writer = threading.Thread(
        target=_write_on, args=(database, np.random.default_rng([seed, 99]), writes, stop, measured)
    )
    for thread in (*threads, writer):
        thread.start()
    stop.wait(seconds)
    stop.set()
    for thread in (*threads, writer):
        thread.join()
    measured.lasted = monotonic() - began
    return measured


def _search_on(database: Database, confusions: Confusions, rng: Rng, stop: threading.Event, measured: Measured) -> None:
    asked = searches(confusions, rng)
    texts = stored_texts(database, rng, 200)
    while not stop.is_set():
        for kind, search in asked.items():
            run = search(texts[int(rng.integers(len(texts)))])
            began = monotonic()
            run(database)
            measured.seconds[kind].append(monotonic() - began)


def _write_on(database: Database, rng: Rng, writes: float, stop: threading.Event, measured: Measured) -> None:
    texts = vehicle_texts(rng, 1000)
    began = monotonic()
    while not stop.wait(max(began + measured.written / writes - monotonic(), 0)):
        reads = [_read(rng, texts[int(rng.integers(len(texts)))], measured.written + k) for k in range(WRITES_A_COMMIT)]
        with database.write() as connection:
            take_reads(connection, reads)
        measured.written += len(reads)


def _read(rng: Rng, text: str, number: int) -> PlateRead:
    vehicle, colour = look_of(text)
    return PlateRead(
        hit=uuid4(),
        text=text,
        site=SITE,
        camera=f"{SITE}-{rng.integers(CAMERAS):03d}",
        at=END + timedelta(milliseconds=20 * number),
        vehicle=vehicle,
        colour=colour,
        kind="car",
        province=text[:2],
        direction=None,
        score=0.9,
    )


def found_again(database: Database, confusions: Confusions, *, errors: int, count: int, seed: int) -> tuple[int, int]:
    """Return how often the true plate is among the best for a misread pass, and how many such passes were tried.

    Those are stored passes, any as likely as any other, in which that many errors were made. Looked for is what the
    plate of such a pass may have been; what stood on it is looked at only to judge.
    """
    rng = np.random.default_rng([seed, errors])
    passes = list(islice(_misread_passes(database, rng, errors), count))
    return sum(read.details["shown"] in _likely(database, read.text, confusions, read) for read in passes), len(passes)


def _misread_passes(database: Database, rng: Rng, errors: int) -> Iterator[PlateRead]:
    """Yield passes in which so many errors were made, by chance, none twice."""
    with database.read() as connection:
        last = connection.scalar(select(func.max(plate_reads.c.id))) or 0
        marked = cast(plate_reads.c.details, Text).contains(f'"errors": {errors}')
        for part in parts((rng.permutation(last) + 1).tolist()):
            for hit in connection.scalars(select(plate_reads.c.hit).where(plate_reads.c.id.in_(part), marked)):
                read = read_with(connection, hit, ALL_CAMERAS)
                assert read is not None
                yield read
