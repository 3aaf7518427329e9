"""A dashboard in a fresh folder, people who may use it, and a real broker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import make_url

from dashboard.accounts import Accounts
from dashboard.database import Database
from dashboard.passwords import Passwords
from dashboard.settings import DashboardSettings
from dashboard.store import Store, open_store
from tests.dashboard.databases import SQLITE
from tests.dashboard.house import House
from tests.dashboard.peers import Mosquitto
from tests.dashboard.sample import SITE
from tests.postgresql_peer import PostgresqlPeer


@pytest.fixture(scope="session")
def migrated() -> Iterator[tuple[PostgresqlPeer, str]]:
    """Give a real PostgreSQL, and the name of an empty store there, to be copied."""
    with PostgresqlPeer() as peer, peer.database() as name:
        database = Database(make_url(peer.url(name)))
        database.migrate()
        database.close()
        yield peer, name


@pytest.fixture
def postgresql(migrated: tuple[PostgresqlPeer, str]) -> Iterator[str]:
    """Give where an empty store in a real PostgreSQL is."""
    peer, empty = migrated
    with peer.database(empty) as name:
        yield peer.url(name)


@pytest.fixture
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> DashboardSettings:
    """Return the settings of a dashboard with an empty store, in a SQLite file unless the test is for both (`BOTH`)."""
    (tmp_path / "evidence").mkdir()
    in_file = getattr(request, "param", SQLITE) == SQLITE
    return DashboardSettings(
        data=tmp_path / "data",
        evidence=tmp_path / "evidence",
        sites=(SITE,),
        store=None if in_file else request.getfixturevalue("postgresql"),
        broker="mqtt://127.0.0.1:9",
        host="127.0.0.1",
        port=0,
    )


@pytest.fixture
def store(settings: DashboardSettings) -> Iterator[Store]:
    store = open_store(settings)
    yield store
    store.release()


@pytest.fixture(scope="session")
def passwords() -> Passwords:
    """Return hashes that cost little: the tests sign in hundreds of times."""
    return Passwords(PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),)))


@pytest.fixture
def accounts(store: Store, passwords: Passwords) -> Accounts:
    return Accounts(store.database, passwords)


@pytest.fixture
def house(settings: DashboardSettings, passwords: Passwords) -> Iterator[House]:
    house = House(settings, passwords)
    yield house
    house.close()


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path / "broker")
    broker.start()
    yield broker
    broker.stop()
