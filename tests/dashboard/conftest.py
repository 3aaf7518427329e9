"""A dashboard in a fresh folder, people who may use it, and a real broker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from dashboard.accounts import Accounts
from dashboard.passwords import Passwords
from dashboard.settings import DashboardSettings
from dashboard.store import Store, open_store
from tests.dashboard.house import House
from tests.dashboard.peers import Mosquitto
from tests.dashboard.sample import SITE


@pytest.fixture
def settings(tmp_path: Path) -> DashboardSettings:
    evidence = tmp_path / "evidence"
    evidence.mkdir()
    return DashboardSettings(
        data=tmp_path / "data", evidence=evidence, sites=(SITE,), broker="mqtt://127.0.0.1:9", host="127.0.0.1", port=0
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
