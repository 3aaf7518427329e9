"""The files of deleted records: written down with the deletion, then deleted, so that none is forgotten on the way.

A file belongs to the record whose id its name begins with, as `alerts.evidence` names them, and goes with that record
alone: whatever else names it, or is made to name it, a record that stands keeps its files.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from uuid import UUID

from sqlalchemy import Connection, delete, func, insert, select

from dashboard.database import Database, parts
from dashboard.overdue import Overdue
from dashboard.schema import alerts, doomed_files, plate_reads

BATCH = 300
"""Files that are deleted while other writers wait."""


def doom(connection: Connection, records: Sequence[Overdue]) -> tuple[int, int]:
    """Write down the files that go with the records; return how many, and how many others they name."""
    own: dict[str, UUID] = {}
    others: set[str] = set()
    for record in records:
        for path in _paths(record):
            if PurePosixPath(path).name.startswith(f"{record.id}-"):
                own[path] = record.id
            else:
                others.add(path)
    for part in parts(sorted(own)):
        connection.execute(delete(doomed_files).where(doomed_files.c.path.in_(part)))
        connection.execute(insert(doomed_files), [{"path": path, "record": own[path]} for path in part])
    return len(own), len(others)


def sweep(database: Database, root: Path) -> tuple[int, str]:
    """Delete the doomed files below `root`, and return how many that were, and why others could not be deleted.

    A batch goes in each transaction, so that no record comes back meanwhile; the others wait for the next sweep.
    """
    deleted, problem, after = 0, "", ""
    while True:
        with database.write() as connection:
            query = select(doomed_files).where(doomed_files.c.path > after).order_by(doomed_files.c.path).limit(BATCH)
            rows = connection.execute(query).all()
            if not rows:
                return deleted, problem
            if not root.is_dir() or not any(root.iterdir()):
                return deleted, f"{root} is no folder or empty, as where a disk is not mounted"
            stands = _standing(connection, [row.record for row in rows])
            gone = {row.path: _delete(root, row.path) for row in rows if row.record not in stands}
            kept = [path for path, why in gone.items() if why]
            done = [row.path for row in rows if row.path not in kept]
            connection.execute(delete(doomed_files).where(doomed_files.c.path.in_(done)))
        deleted += len(gone) - len(kept)
        problem = gone[kept[0]] if kept else problem
        after = rows[-1].path


def waiting(database: Database) -> int:
    """Return how many files are doomed and not deleted yet."""
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(doomed_files)) or 0


def _paths(record: Overdue) -> list[str]:
    return [path for item in record.evidence if isinstance(path := item.get("path"), str)]


def _standing(connection: Connection, records: Sequence[UUID]) -> set[UUID]:
    """Return those of the records that are in the store, deleted once or not."""
    return {
        found
        for column in (plate_reads.c.hit, alerts.c.id)
        for found in connection.scalars(select(column).where(column.in_(records)))
    }


def _delete(root: Path, path: str) -> str:
    """Delete the file, and its folder when that was the last one; return why that cannot be done, or nothing."""
    target = root / path
    try:
        if not target.parent.resolve().is_relative_to(root.resolve()):
            return f"{target}: a link leads out of the evidence folder"
        target.unlink(missing_ok=True)
    except OSError as error:
        return f"{target}: {error.strerror}"
    with suppress(OSError):  # others may be in it
        target.parent.rmdir()
    return ""
