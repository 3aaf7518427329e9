"""How fast passes are matched against watch-lists, and how right, on made-up traffic and in a store of its own.

Of the vehicles that come by some are watched for. Their plates are read as our reader reads: most of them right, some
with one or two measured errors, each character with a score as right and wrong ones have it. There are no second
thoughts: what those add is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from time import perf_counter, process_time
from uuid import UUID

import numpy as np

from dashboard.database import Database
from dashboard.plate_intake import take_reads
from dashboard.plate_records import PlateRead
from dashboard.plate_traffic import CAMERAS, END, MISREAD, SITE, TWICE, MadeUpReader, Rng, vehicle_texts
from dashboard.watch_intake import raise_alerts
from dashboard.watch_records import EntryDraft, ListDraft
from dashboard.watch_store import add_list, put_entries
from ioc.plate_confusion import Confusions
from ioc.types import Json

BATCH = 50
"""Passes that are taken in at once: those of a second."""


@dataclass(slots=True)
class Watching:
    """What was measured."""

    seconds: list[float] = field(default_factory=list)
    """What each batch took, written to the disk."""
    worked: float = 0.0
    """Processor time of all batches together, in seconds."""
    watched: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    """Passes of vehicles that are watched for, by whether they were read right."""
    raised: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    """Those of them for which the right alert was raised."""
    others: int = 0
    """Passes of vehicles that nobody watches for."""
    false: int = 0
    """Alerts for a plate that was not there."""

    def percentile(self, part: float) -> float:
        """Return how long a batch takes at most, in seconds, for that part of them in a hundred."""
        return float(np.percentile(self.seconds, part))


def watch_traffic(
    database: Database, entries: int, passes: int, vehicles: int, seed: int, *, misreads: bool, each: Callable[[], None]
) -> Watching:
    """Let that many passes of that many vehicles come by, the first `entries` of which stand on a list.

    The store must be empty. `each` is called after every batch.
    """
    rng = np.random.default_rng(seed)
    reader = MadeUpReader(Confusions.measured())
    texts = vehicle_texts(rng, vehicles)
    draft = ListDraft("Measured", "nobody", "to measure", "none", misreads=misreads)
    with database.write() as connection:
        list_id = add_list(connection, draft, END)
        put_entries(connection, list_id, [EntryDraft(text) for text in texts[:entries]], END)
    found = Watching()
    listed = set(texts[:entries])
    for begin in range(0, passes, BATCH):
        shown = {}
        for number in range(begin, min(begin + BATCH, passes)):
            # Every other vehicle is watched for, so that both are seen often.
            text = texts[int(rng.integers(entries) if number % 2 else rng.integers(entries, vehicles))]
            read = _read(rng, reader, text, number)
            shown[read.hit] = (text, read)
        began, worked = perf_counter(), process_time()
        with database.write() as connection:
            alerts = raise_alerts(connection, take_reads(connection, [read for _, read in shown.values()]))
        found.seconds.append(perf_counter() - began)
        found.worked += process_time() - worked
        _judge(found, shown, {UUID(str(alert.details["hit"])): str(alert.details["plate"]) for alert in alerts}, listed)
        each()
    return found


def _read(rng: Rng, reader: MadeUpReader, text: str, number: int) -> PlateRead:
    errors = int(rng.random() < MISREAD) * (1 + int(rng.random() < TWICE))
    said, right = reader.misread(rng, text, errors) if errors else (text, [True] * len(text))
    scores: list[Json] = [float(reader.scores(rng, (), right=own)) for own in right]
    return PlateRead(
        hit=UUID(int=number),
        text=said,
        site=SITE,
        camera=f"{SITE}-{number % CAMERAS:03d}",
        at=END + timedelta(milliseconds=20 * number),
        vehicle="unknown",
        colour="unknown",
        kind="unknown",
        province=None,
        direction=None,
        score=0.9,
        details={"scores": scores},
    )


def _judge(
    found: Watching, shown: dict[UUID, tuple[str, PlateRead]], alerts: dict[UUID, str], listed: set[str]
) -> None:
    for hit, (text, read) in shown.items():
        told = alerts.get(hit)
        if text in listed:
            found.watched[read.text == text] += 1
            found.raised[read.text == text] += told == text
        else:
            found.others += 1
        found.false += told is not None and told != text
