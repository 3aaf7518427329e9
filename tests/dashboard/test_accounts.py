"""Passwords, sessions and the small files of the data folder."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import text

from dashboard.accounts import SESSIONS_EACH, Accounts, User, bootstrap_admin, reset_admin
from dashboard.data_folder import DataFolderError, client_id, session_key
from dashboard.passwords import PasswordRefused, Passwords, check_new_password, one_time_password
from dashboard.records import ALL_CAMERAS, NO_CAMERAS, Rights, Role
from dashboard.settings import DashboardSettings
from dashboard.store import Conflict, Store
from dashboard.throttle import Throttle
from tests.dashboard.house import PASSWORD
from tests.dashboard.peers import in_parallel
from tests.dashboard.sample import SITE, START, minutes


@pytest.fixture
def lan(accounts: Accounts) -> User:
    user, _ = accounts.create("lan", Role.OPERATOR, Rights(frozenset({(SITE, "bg-017")})), START, chosen=PASSWORD)
    return user


def _enter(accounts: Accounts, name: str = "lan", password: str = PASSWORD) -> str:
    entered = accounts.sign_in(name, password, START)
    assert entered is not None
    return entered[1]


def test_the_first_administrator_gets_a_password_once(store: Store, accounts: Accounts) -> None:
    password = bootstrap_admin(store)
    assert password is not None
    assert bootstrap_admin(store) is None
    entered = accounts.sign_in("admin", password, START)
    assert entered is not None
    assert entered[0].role is Role.ADMIN
    assert entered[0].must_change, "whoever saw the terminal knows it"
    assert bootstrap_admin(store, SecretStr("another password")) is None
    assert accounts.sign_in("admin", "another password", START) is None


def test_a_chosen_first_password_is_told_to_nobody_and_stays(store: Store, accounts: Accounts) -> None:
    assert bootstrap_admin(store, SecretStr(PASSWORD)) is None
    entered = accounts.sign_in("admin", PASSWORD, START)
    assert entered is not None
    assert not entered[0].must_change


def test_a_weak_first_password_makes_no_administrator(store: Store, accounts: Accounts) -> None:
    with pytest.raises(PasswordRefused):
        bootstrap_admin(store, SecretStr("admin"))
    assert accounts.users() == []


def test_a_lost_administrator_password_is_replaced(store: Store, accounts: Accounts) -> None:
    bootstrap_admin(store, SecretStr(PASSWORD))
    token = _enter(accounts, "admin")
    fresh = reset_admin(store)
    assert accounts.sign_in("admin", PASSWORD, START) is None
    assert accounts.signed_in(token, START) is None
    entered = accounts.sign_in("admin", fresh, START)
    assert entered is not None
    assert entered[0].must_change


def test_reset_makes_an_administrator_where_there_is_none(store: Store, accounts: Accounts, lan: User) -> None:
    assert accounts.sign_in("admin", reset_admin(store), START) is not None


def test_signing_in_and_out(accounts: Accounts, lan: User) -> None:
    assert accounts.sign_in("lan", "wrong", START) is None
    assert accounts.sign_in("nobody", PASSWORD, START) is None
    first, second = _enter(accounts), _enter(accounts, " LAN ")
    assert accounts.signed_in(first, START) == accounts.signed_in(second, START) == lan
    accounts.sign_out(first)
    assert accounts.signed_in(first, START) is None
    assert accounts.signed_in(second, START) == lan
    accounts.sign_out_everywhere(lan.id)
    assert accounts.signed_in(second, START) is None


def test_a_session_ends_with_the_shift(accounts: Accounts, lan: User) -> None:
    token = _enter(accounts)
    assert accounts.signed_in(token, START + timedelta(hours=12) - minutes(1)) == lan
    assert accounts.signed_in(token, START + timedelta(hours=12)) is None


def test_a_person_is_signed_in_at_so_many_places_only(store: Store, passwords: Passwords, lan: User) -> None:
    accounts = Accounts(store.database, passwords)
    tokens = []
    for number in range(SESSIONS_EACH + 2):
        entered = accounts.sign_in("lan", PASSWORD, START + minutes(number))
        assert entered is not None
        tokens.append(entered[1])
    alive = [accounts.signed_in(token, START + minutes(60)) is not None for token in tokens]
    assert alive == [False, False] + [True] * SESSIONS_EACH


def test_a_new_password_ends_all_other_sessions(accounts: Accounts, lan: User) -> None:
    old = _enter(accounts)
    token = accounts.change_password(lan, PASSWORD, "seven wet umbrellas", START)
    assert accounts.signed_in(old, START) is None
    assert accounts.signed_in(token, START) == lan
    assert accounts.sign_in("lan", PASSWORD, START) is None
    _enter(accounts, password="seven wet umbrellas")


@pytest.mark.parametrize(
    ("current", "chosen"),
    [
        ("wrong", "seven wet umbrellas"),
        (PASSWORD, PASSWORD),
        (PASSWORD, "short"),
        (PASSWORD, "x" * 300),
        (PASSWORD, "aaaaaaaaaabbbb"),
        (PASSWORD, "LanlanLan!LanLan"),
    ],
)
def test_passwords_that_may_not_be_set(accounts: Accounts, lan: User, current: str, chosen: str) -> None:
    token = _enter(accounts)
    with pytest.raises(PasswordRefused):
        accounts.change_password(lan, current, chosen, START)
    assert accounts.signed_in(token, START) == lan


def test_a_one_time_password_passes_its_own_rules() -> None:
    made = {one_time_password() for _ in range(100)}
    assert len(made) == 100
    for password in made:
        check_new_password("admin", password)


def test_who_knows_the_store_cannot_sign_in_with_it(store: Store, accounts: Accounts, lan: User) -> None:
    token = _enter(accounts)
    with store.database.read() as connection:
        (kept,) = connection.execute(text("SELECT token_hash FROM sessions")).one()
        (hashed,) = connection.execute(text("SELECT password_hash FROM users")).one()
    assert accounts.signed_in(kept, START) is None
    assert token not in kept
    assert hashed.startswith("$argon2id$")


def test_an_unknown_name_takes_as_much_work_as_a_wrong_password(passwords: Passwords) -> None:
    kept = passwords.hash(PASSWORD)
    assert passwords.verify(PASSWORD, kept) == (True, None)
    assert passwords.verify("wrong", kept) == (False, None)
    assert passwords.verify(PASSWORD, None) == (False, None)
    assert passwords.verify("x" * 10_000, kept) == (False, None)


def test_users_are_named_plainly_and_once(accounts: Accounts, lan: User) -> None:
    for name in ("lan", "", "Lan", "a b", "../x", "x" * 65, "-x", "lân"):
        with pytest.raises(Conflict):
            accounts.create(name, Role.VIEWER, NO_CAMERAS, START)
    assert [user.name for user in accounts.users()] == ["lan"]


def test_rights_and_roles_change_for_whoever_is_signed_in(accounts: Accounts, lan: User) -> None:
    accounts.create("boss", Role.ADMIN, ALL_CAMERAS, START, chosen=PASSWORD)
    token = _enter(accounts)
    accounts.alter(lan.id, Role.VIEWER, NO_CAMERAS, active=None)
    now = accounts.signed_in(token, START)
    assert now is not None
    assert (now.role, now.rights) == (Role.VIEWER, NO_CAMERAS)
    accounts.alter(lan.id, None, None, active=False)
    assert accounts.signed_in(token, START) is None
    assert accounts.sign_in("lan", PASSWORD, START) is None
    accounts.alter(lan.id, None, ALL_CAMERAS, active=True)
    assert accounts.signed_in(token, START) is None, "shutting out ended the session for good"
    assert accounts.sign_in("lan", PASSWORD, START) is not None
    assert accounts.alter(999, Role.VIEWER, None, None) is None
    assert accounts.reset_password(999) is None


def test_somebody_stays_administrator(accounts: Accounts) -> None:
    boss, _ = accounts.create("boss", Role.ADMIN, ALL_CAMERAS, START, chosen=PASSWORD)
    for role, active in ((Role.VIEWER, None), (None, False)):
        with pytest.raises(Conflict, match="somebody must stay administrator"):
            accounts.alter(boss.id, role, None, active)
    assert accounts.users() == [boss]


def test_an_administrator_sees_all_cameras_whatever_is_written(accounts: Accounts) -> None:
    boss, _ = accounts.create("boss", Role.ADMIN, NO_CAMERAS, START)
    assert boss.rights == ALL_CAMERAS


class _Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_guessing_gets_slower_and_slower() -> None:
    clock = _Clock()
    throttle = Throttle(free=3, first_wait=5, longest_wait=60, monotonic=clock)
    waits = []
    for _ in range(9):
        clock.seconds += (wait := throttle.attempt(("lan", "10.0.0.1")))
        waits.append(wait)
        if wait:
            assert throttle.attempt(("lan", "10.0.0.1")) == 0
    assert waits == [0, 0, 0, 5, 10, 20, 40, 60, 60]
    assert throttle.attempt(("lan", "10.0.0.2")) == 0, "from elsewhere one may try"


def test_success_and_time_forgive() -> None:
    clock = _Clock()
    throttle = Throttle(free=2, first_wait=5, memory=100, monotonic=clock)
    for _ in range(2):
        throttle.attempt(("a",))
    assert throttle.attempt(("a",)) == 5
    throttle.succeeded(("a",))
    assert [throttle.attempt(("a",)) for _ in range(3)] == [0, 0, 5]
    clock.seconds += 106
    assert [throttle.attempt(("a",)) for _ in range(3)] == [0, 0, 5]


def test_attempts_at_once_do_not_slip_through_and_memory_is_bounded() -> None:
    throttle = Throttle(free=3, capacity=100)
    outcomes = in_parallel([lambda: throttle.attempt(("a",))] * 12)
    assert outcomes.count(0.0) == 3
    for number in range(1000):
        throttle.attempt((str(number),))
    assert throttle.attempt(("a",)) == 0, "the oldest is forgotten"
    assert throttle.attempt(("999",)) == 0


def test_the_session_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    keys = in_parallel([lambda: session_key(folder)] * 6)
    assert len(set(keys)) == 1
    assert session_key(folder) == keys[0]
    assert [path.name for path in folder.iterdir()] == ["session.key"], "no draft stays"
    assert stat.S_IMODE((folder / "session.key").stat().st_mode) == 0o600
    assert client_id(folder) == client_id(folder) != client_id(tmp_path / "other")


def test_a_key_that_others_may_read_is_not_trusted(tmp_path: Path) -> None:
    session_key(tmp_path)
    (tmp_path / "session.key").chmod(0o644)
    with pytest.raises(DataFolderError, match="chmod 600"):
        session_key(tmp_path)
    (tmp_path / "session.key").chmod(0o600)
    (tmp_path / "session.key").write_text("")
    with pytest.raises(DataFolderError, match="damaged"):
        session_key(tmp_path)
    with pytest.raises(DataFolderError, match="cannot be used"):
        session_key(tmp_path / "session.key" / "below")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("broker", "mqtt://user:word@broker", "password out of its URL"),
        ("broker", "http://broker", "mqtt://host:port"),
        ("broker", "mqtt://", "mqtt://host:port"),
        ("broker", "mqtt://broker/topic", "ends after the port"),
        ("sites", (), "at least 1"),
        ("sites", ("a/b",), "pattern"),
        ("port", 70000, "65535"),
        ("colour", "red", "not permitted"),
    ],
)
def test_settings_say_what_is_wrong(settings: DashboardSettings, field: str, value: object, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        DashboardSettings.model_validate({**settings.model_dump(), field: value})


def test_settings_show_no_secret(settings: DashboardSettings) -> None:
    secret = DashboardSettings.model_validate(
        {**settings.model_dump(), "broker_secret": "hush", "admin_password": "hush"}
    )
    assert "hush" not in repr(secret) + secret.model_dump_json()
