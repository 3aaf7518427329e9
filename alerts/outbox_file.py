"""The outbox's file: opened, locked, checked, its schema laid out, and moved aside when it is damaged."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from ioc import clock
from ioc.errors import IocError

log = logging.getLogger(__name__)

SCHEMA_VERSION = 1

SCHEMA = """
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL,
    retain INTEGER NOT NULL,
    put_at INTEGER NOT NULL,          -- microseconds since 1970
    state INTEGER NOT NULL DEFAULT 0, -- 0 waiting, 1 acknowledged, 2 held
    marked_at INTEGER                 -- when it was acknowledged or held
) STRICT;
CREATE INDEX message_by_state ON message (state, id);
CREATE INDEX message_retained ON message (topic, id) WHERE retain = 1;
"""


class OutboxError(IocError):
    """The outbox cannot be used; the message says what to do."""


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Commit what the block does, or none of it."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def open_file(path: Path, busy: timedelta, max_bytes: int) -> sqlite3.Connection:
    """Return the connection to the locked file; raise OutboxError when it cannot be used."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        raise OutboxError(f"outbox {path} cannot be created: {error.strerror}") from error
    try:
        return _connect(path, busy, max_bytes)
    except sqlite3.DatabaseError as error:
        if not _is(error, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise _unusable(path, error) from error
        _move_aside(path, error)
    try:
        return _connect(path, busy, max_bytes)
    except sqlite3.DatabaseError as error:
        raise _unusable(path, error) from error


def _connect(path: Path, busy: timedelta, max_bytes: int) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=busy.total_seconds(), isolation_level=None, check_same_thread=False)
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        (page,) = database.execute("PRAGMA page_size").fetchone()
        database.execute(f"PRAGMA max_page_count = {max(max_bytes // page, 1)}")
        _check(database)
        with transaction(database):
            _migrate(database, path)
    except BaseException:
        database.close()
        raise
    return database


def _check(database: sqlite3.Connection) -> None:
    (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        error = sqlite3.DatabaseError(found)
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def _migrate(database: sqlite3.Connection, path: Path) -> None:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA_VERSION:
        raise OutboxError(
            f"outbox {path} was written by a newer ioc (version {version}, this one knows {SCHEMA_VERSION}): "
            "run that one, or move the file away"
        )
    if version == 0:
        for statement in SCHEMA.split(";")[:-1]:
            database.execute(statement)
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _is(error: sqlite3.DatabaseError, *codes: int) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in codes


def _unusable(path: Path, error: sqlite3.DatabaseError) -> OutboxError:
    if _is(error, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return OutboxError(f"outbox {path} is in use by another ioc: stop it, or give this one another data folder")
    return OutboxError(f"outbox {path} cannot be opened ({error}): free space on the disk and check its permissions")


def _move_aside(path: Path, error: sqlite3.DatabaseError) -> None:
    stamp = clock.now().strftime("%Y%m%dT%H%M%SZ")
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(path.with_name(f"{path.name}.damaged-{stamp}{suffix}"))
    log.error("outbox %s is damaged (%s): moved to %s.damaged-%s, a new one is begun", path, error, path.name, stamp)
