"""Deletes what is kept no longer: passes that hit nothing, alerts that were closed long ago, and their files.

A batch goes in one transaction with an entry of the audit log that says which: none goes unseen, whatever is killed
in between. Files go after it (`dashboard.doomed_files`). Between two batches the store belongs to others.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter

from dashboard.audit import Audit
from dashboard.database import Database
from dashboard.doomed_files import doom, sweep, waiting
from dashboard.overdue import Overdue, Records, classes
from ioc import clock
from ioc.errors import IocError
from ioc.retention import Retention
from ioc.types import Json

WHO, WHAT = "[retention]", "purge"
"""Who deletes, which is no user's name, and what the log calls it."""
BATCH = 1000
"""Records that are deleted while other writers wait."""

log = logging.getLogger(__name__)

_DURATION = TypeAdapter(timedelta)


class FilesLeft(IocError):
    """Files of deleted records are still there."""

    def __init__(self, count: int, problem: str) -> None:
        super().__init__(
            f"{count} files of deleted records cannot be deleted yet: {problem}; "
            "give this user the evidence folder, and they go with the next run"
        )


@dataclass(frozen=True, slots=True)
class Due:
    """Records of one class whose time is over."""

    name: str
    keep: timedelta
    count: int


@dataclass(slots=True)
class Purged:
    """What one run deleted."""

    records: dict[str, int] = field(default_factory=dict)
    """By class."""
    files: int = 0
    problem: str = ""
    """Why files of deleted records are still there, or nothing."""


class Purge:
    """The deletion in one store; every method raises StoreError when the database fails."""

    def __init__(self, database: Database, audit: Audit, evidence: Path, retention: Retention) -> None:
        self._database, self._audit, self._evidence = database, audit, evidence
        self._retention = retention

    def due(self, now: datetime) -> list[Due]:
        """Return what the next run would delete."""
        with self._database.read() as connection:
            return [
                Due(records.name, records.keep, records.count(connection)) for records in classes(self._retention, now)
            ]

    def run(
        self, now: Callable[[], datetime], stop: threading.Event, each: Callable[[int], None] = lambda _: None
    ) -> Purged:
        """Delete all that is overdue, or as much as there is time for until `stop`; `each` is told how many went."""
        done = Purged()
        self._sweep(done)
        for records in classes(self._retention, now()):
            done.records[records.name] = 0
            after = None
            while not stop.is_set():
                began = clock.monotonic()
                gone = self._delete(records, after, now())
                if not gone:
                    break
                done.records[records.name] += len(gone)
                after = gone[-1].at
                self._sweep(done)
                each(len(gone))
                stop.wait(clock.monotonic() - began)
        return done

    def run_daily(self, now: Callable[[], datetime], stop: threading.Event) -> None:
        """Delete all that is overdue, and log what that was; raises FilesLeft, and StoreError."""
        done = self.run(now, stop)
        if any(done.records.values()):
            log.info("kept no longer: %s", ", ".join(f"{count} of {name}" for name, count in done.records.items()))
        self.check(done)

    def check(self, done: Purged) -> None:
        """Raise FilesLeft when a run could not delete all files."""
        if done.problem:
            raise FilesLeft(waiting(self._database), done.problem)

    def _sweep(self, done: Purged) -> None:
        """Delete the files of deleted records, unless that failed in this run already."""
        if not done.problem:
            files, done.problem = sweep(self._database, self._evidence)
            done.files += files

    def _delete(self, records: Records, after: datetime | None, now: datetime) -> list[Overdue]:
        """Delete the oldest, and write down which, in one transaction; return them."""
        with self._audit.write() as pen:
            gone = records.first(pen.connection, BATCH, after)
            if gone:
                own, others = doom(pen.connection, gone)
                records.delete(pen.connection, [record.id for record in gone])
                details: dict[str, Json] = {
                    "what": records.name,
                    "kept": _DURATION.dump_python(records.keep, mode="json"),
                    "records": len(gone),
                    "first": gone[0].at.isoformat(),
                    "last": gone[-1].at.isoformat(),
                    "sha256": digest_of(gone),
                    "files": own,
                    "files_of_others": others,
                }
                pen.add(now, WHO, WHAT, purpose="kept no longer than the site file says", case="-", details=details)
        return gone


def digest_of(records: Sequence[Overdue]) -> str:
    """Return the SHA-256 of the records' ids, in the order of their bytes, each followed by a line feed."""
    ids = sorted(str(record.id) for record in records)
    return hashlib.sha256("".join(f"{one}\n" for one in ids).encode()).hexdigest()
