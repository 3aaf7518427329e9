"""The connection to the store: opened, migrated, and its failures told in one line."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from sqlalchemy import URL, Connection, Engine, and_, create_engine, event, func, make_url, or_, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql import ColumnElement

from dashboard.settings import DashboardSettings
from ioc.errors import IocError
from ioc.types import Json

BUSY_SECONDS = 5.0
"""How long a writer waits for another program that holds the store."""

_BATCH = 300
"""Keys in one query."""

_WRITERS = 0x10C0DB
"""Number of the advisory lock, ours alone."""


Key = TypeVar("Key")


class StoreError(IocError):
    """The store cannot be opened, read or written now; trying again later may help."""


class Database:
    """One store: `read()` and `write()` give a connection inside a transaction.

    Writers take turns: on SQLite by its write lock, taken when they begin, on PostgreSQL by an advisory lock. So
    what they read stays true until they commit, and changes are numbered in the order of their commits. Commits
    are on the disk before they return (`synchronous=FULL`): the broker forgets a message once we acknowledge it.
    Raises StoreError for whatever the database refuses.
    """

    def __init__(self, url: URL, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self._where = url.render_as_string(hide_password=True)
        self.engine = _engine(url, busy_seconds)
        self._writer = self.engine.execution_options(begin_write=True)
        self._reader = self.engine
        if url.get_backend_name() == "postgresql":
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection whose reads all see the same moment."""
        with self._told(), self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection that commits at the end, or rolls back when anything was raised."""
        with self._told(), self._writer.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_WRITERS)))
            yield connection

    def migrate(self) -> None:
        """Bring the tables to the newest schema; two programs that start together do it one after the other."""
        logging.getLogger("alembic").setLevel(logging.WARNING)
        from dashboard.migrating import OtherVersion, upgrade  # noqa: PLC0415 - after the log is told to be quiet

        try:
            with self.write() as connection:
                upgrade(connection)
        except OtherVersion as error:
            raise StoreError(
                f"the store {self._where} was written by another version of city-ioc ({error}): "
                "start the version that wrote it, or give another store"
            ) from None

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self.engine.dispose()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise StoreError(self._in_words(error)) from None

    def _in_words(self, error: DBAPIError) -> str:
        cause = str(error.orig).splitlines()[0] if str(error.orig) else type(error.orig).__name__
        for sign, words in (
            ("is locked", "is held by another program: end that program, or wait"),
            ("disk is full", "is on a full disk: free some space"),
            ("disk I/O error", "cannot be read or written: look at the disk"),
            ("readonly", "may not be written: give this user write permission"),
            ("unable to open", "cannot be opened: its folder must exist and be writable"),
            ("not a database", "is not a store of city-ioc: give another path"),
        ):
            if sign in cause:
                return f"the store {self._where} {words}"
        return f"the store {self._where} refused: {cause}"


def open_database(settings: DashboardSettings) -> Database:
    """Open the store that the settings name, making a SQLite file readable by its owner alone; raise StoreError."""
    url = store_url(settings)
    if url.get_backend_name() == "sqlite" and url.database:
        _make_private(Path(url.database))
    try:
        database = Database(url)
    except ModuleNotFoundError:
        raise StoreError(f"the store {url} needs a driver: pip install 'city-ioc[postgresql]'") from None
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(f"the store {url.render_as_string()} cannot be used: {error}") from None
    database.migrate()
    return database


def open_file(path: Path) -> Database:
    """Open a SQLite file as a store of its own, made when there is none; raise StoreError."""
    _make_private(path)
    database = Database(URL.create("sqlite", database=str(path)))
    database.migrate()
    return database


def store_url(settings: DashboardSettings) -> URL:
    """Return where the store is; a plain path is a SQLite file. Raise StoreError for a malformed URL."""
    if settings.store is None:
        return URL.create("sqlite", database=str(settings.data / "ioc.db"))
    if "://" not in settings.store:
        return URL.create("sqlite", database=settings.store)
    try:
        url = make_url(settings.store)
    except ArgumentError:
        raise StoreError("the store is neither a path nor an SQLAlchemy URL such as postgresql://host/name") from None
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")  # SQLAlchemy's own choice is one that few have today
    if settings.store_secret is not None:
        url = url.set(password=settings.store_secret.get_secret_value())
    return url


def _make_private(path: Path) -> None:
    """Create the file for its owner only: it holds password hashes; SQLite gives its side files the same mode."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the store {path} cannot be made: {error.strerror}") from None


def _engine(url: URL, busy_seconds: float) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_size=10, max_overflow=30, pool_pre_ping=True)
    engine = create_engine(
        url, pool_size=10, max_overflow=30, connect_args={"timeout": busy_seconds, "check_same_thread": False}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("begin_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def parts(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    """Yield the keys in pieces that fit one query."""
    for start in range(0, len(keys), _BATCH):
        yield keys[start : start + _BATCH]


def check_keepable(value: Json) -> None:
    """Raise ValueError for what a database's JSON or a browser cannot hold, though the wire lets it pass."""
    if "\\u0000" in json.dumps(value, allow_nan=False):
        raise ValueError("it holds a NUL character")


def within(
    at: ColumnElement[datetime],
    key: ColumnElement[UUID],
    since: datetime | None,
    until: datetime | None,
    before: tuple[datetime, UUID] | None,
) -> list[ColumnElement[bool]]:
    """Return what bounds rows in time, and to those that follow a place in a list with the newest first."""
    found = [at >= since] if since is not None else []
    if until is not None:
        found.append(at < until)
    if before is not None:
        moment, place = before
        found += [at <= moment, or_(at < moment, and_(at == moment, key < place))]
    return found
