"""People who may sign in, what they may do and see, and where they are signed in."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import SecretStr
from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.engine import RowMapping

from dashboard.database import Database
from dashboard.passwords import PasswordRefused, Passwords, check_new_password, one_time_password
from dashboard.records import ALL_CAMERAS, Rights, Role
from dashboard.schema import sessions, user_cameras, users
from dashboard.store import Conflict, Store
from ioc import clock

FIRST_ADMIN = "admin"
SESSIONS_EACH = 20
"""Places where one person can be signed in; the oldest is signed out beyond that."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in."""

    id: int
    name: str
    role: Role
    rights: Rights
    must_change: bool
    """The password is known to others (one-time): nothing is allowed but to change it."""
    active: bool


class Accounts:
    """The users of one store. Every method raises StoreError when the database fails."""

    def __init__(self, database: Database, passwords: Passwords, lifetime: timedelta = timedelta(hours=12)) -> None:
        self._database = database
        self._passwords = passwords
        self._lifetime = lifetime

    def sign_in(self, name: str, password: str, at: datetime) -> tuple[User, str] | None:
        """Return the user and the secret of a new session, or None when name and password do not fit."""
        with self._database.read() as connection:
            row = connection.execute(select(users).where(users.c.name == name.strip().lower())).mappings().first()
        right, renewed = self._passwords.verify(password, row["password_hash"] if row else None)
        if row is None or not right or not row["active"]:
            return None
        with self._database.write() as connection:
            if renewed is not None:
                same = (users.c.id == row["id"]) & (users.c.password_hash == row["password_hash"])
                connection.execute(update(users).where(same).values(password_hash=renewed))
            return _user(connection, row), self._open_session(connection, row["id"], at)

    def signed_in(self, token: str, at: datetime) -> User | None:
        """Return who holds the session, or None when it ended."""
        query = select(users).join(sessions, sessions.c.user_id == users.c.id)
        query = query.where(sessions.c.token_hash == _digest(token), sessions.c.expires > at, users.c.active)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
            return None if row is None else _user(connection, row)

    def sign_out(self, token: str) -> None:
        """End one session."""
        with self._database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.token_hash == _digest(token)))

    def sign_out_everywhere(self, user_id: int) -> None:
        """End all sessions of a user."""
        with self._database.write() as connection:
            _end_sessions(connection, user_id)

    def change_password(self, user: User, current: str, chosen: str, at: datetime) -> str:
        """Set the user's own password, end their sessions and return the secret of a new one; raise PasswordRefused."""
        with self._database.read() as connection:
            kept = connection.scalar(select(users.c.password_hash).where(users.c.id == user.id))
        if not self._passwords.verify(current, kept)[0]:
            raise PasswordRefused("the present password is not right")
        if chosen == current:
            raise PasswordRefused("the new password must differ from the present one")
        check_new_password(user.name, chosen)
        hashed = self._passwords.hash(chosen)
        with self._database.write() as connection:
            _set_password(connection, user.id, hashed, must_change=False)
            return self._open_session(connection, user.id, at)

    def users(self) -> list[User]:
        """Return everybody, by name."""
        with self._database.read() as connection:
            rows = connection.execute(select(users).order_by(users.c.name)).mappings().all()
            return [_user(connection, row) for row in rows]

    def create(
        self, name: str, role: Role, rights: Rights, at: datetime, chosen: str | None = None
    ) -> tuple[User, str]:
        """Add a user; return them and a one-time password, or the chosen one. Raise Conflict when the name is taken."""
        if not _NAME.fullmatch(name):
            raise Conflict("a user's name has up to 64 of: a-z 0-9 . _ - and begins with a letter or digit")
        if chosen is not None:
            check_new_password(name, chosen)
        password = chosen or one_time_password()
        row = {
            "name": name,
            "password_hash": self._passwords.hash(password),
            "role": role.value,
            "all_cameras": rights.cameras is None,
            "must_change": chosen is None,
            "active": True,
            "created": at,
        }
        with self._database.write() as connection:
            if connection.scalar(select(users.c.id).where(users.c.name == name)) is not None:
                raise Conflict(f"there is a user {name!r} already")
            user_id = connection.execute(insert(users).values(row).returning(users.c.id)).scalar_one()
            _set_cameras(connection, user_id, rights)
            return _user_by_id(connection, user_id), password

    def alter(self, user_id: int, role: Role | None, rights: Rights | None, active: bool | None) -> User | None:
        """Change what is not None; return the user, or None for an unknown id. Raise Conflict for the last admin."""
        with self._database.write() as connection:
            if connection.scalar(select(users.c.id).where(users.c.id == user_id)) is None:
                return None
            if role is not None:
                connection.execute(update(users).where(users.c.id == user_id).values(role=role.value))
            if active is not None:
                connection.execute(update(users).where(users.c.id == user_id).values(active=active))
            if rights is not None:
                _set_cameras(connection, user_id, rights)
            if active is False:
                _end_sessions(connection, user_id)
            admins = select(func.count()).where(users.c.role == Role.ADMIN.value, users.c.active)
            if not connection.scalar(admins):
                raise Conflict("somebody must stay administrator")
            return _user_by_id(connection, user_id)

    def reset_password(self, user_id: int) -> str | None:
        """End the user's sessions and return a one-time password, or None for an unknown id."""
        password = one_time_password()
        hashed = self._passwords.hash(password)
        with self._database.write() as connection:
            known = _set_password(connection, user_id, hashed, must_change=True)
        return password if known else None

    def _open_session(self, connection: Connection, user_id: int, at: datetime) -> str:
        token = secrets.token_urlsafe(32)
        connection.execute(delete(sessions).where(sessions.c.expires <= at))
        mine = select(sessions.c.token_hash).where(sessions.c.user_id == user_id).order_by(sessions.c.created.desc())
        surplus = connection.scalars(mine.offset(SESSIONS_EACH - 1)).all()
        connection.execute(delete(sessions).where(sessions.c.token_hash.in_(surplus)))
        row = {"token_hash": _digest(token), "user_id": user_id, "created": at, "expires": at + self._lifetime}
        connection.execute(insert(sessions), [row])
        return token


def bootstrap_admin(store: Store, chosen: SecretStr | None = None) -> str | None:
    """Make the first administrator when the store has no users.

    Returns their one-time password, to be shown once on the terminal and never logged; None when there are users
    already, or when the password was `chosen` (environment variable IOC_ADMIN_PASSWORD), which nobody has to change.
    Raises PasswordRefused for a chosen password that is too weak.
    """
    with store.database.read() as connection:
        if connection.scalar(select(users.c.id).limit(1)) is not None:
            return None
    secret = chosen.get_secret_value() if chosen else None
    accounts = Accounts(store.database, Passwords())
    _, password = accounts.create(FIRST_ADMIN, Role.ADMIN, ALL_CAMERAS, clock.now(), secret)
    return None if secret else password


def reset_admin(store: Store) -> str:
    """Give the first administrator a new one-time password, for whoever owns the machine and lost the old one."""
    accounts = Accounts(store.database, Passwords())
    for user in accounts.users():
        if user.name == FIRST_ADMIN:
            accounts.alter(user.id, Role.ADMIN, ALL_CAMERAS, active=True)
            return accounts.reset_password(user.id) or ""
    return accounts.create(FIRST_ADMIN, Role.ADMIN, ALL_CAMERAS, clock.now())[1]


def _digest(token: str) -> str:
    """Return what the store keeps of a session: whoever reads the store cannot sign in with it."""
    return hashlib.sha256(token.encode()).hexdigest()


def _user(connection: Connection, row: RowMapping) -> User:
    role = Role(row["role"])
    cameras = None
    if not row["all_cameras"] and role is not Role.ADMIN:
        query = select(user_cameras.c.site, user_cameras.c.camera).where(user_cameras.c.user_id == row["id"])
        cameras = frozenset((site, camera) for site, camera in connection.execute(query))
    rights = Rights(cameras, watch_lists=role.may_search)
    return User(row["id"], row["name"], role, rights, row["must_change"], row["active"])


def _user_by_id(connection: Connection, user_id: int) -> User:
    return _user(connection, connection.execute(select(users).where(users.c.id == user_id)).mappings().one())


def _set_password(connection: Connection, user_id: int, hashed: str, *, must_change: bool) -> bool:
    values = {"password_hash": hashed, "must_change": must_change}
    found = connection.execute(update(users).where(users.c.id == user_id).values(values)).rowcount
    _end_sessions(connection, user_id)
    return bool(found)


def _set_cameras(connection: Connection, user_id: int, rights: Rights) -> None:
    connection.execute(update(users).where(users.c.id == user_id).values(all_cameras=rights.cameras is None))
    connection.execute(delete(user_cameras).where(user_cameras.c.user_id == user_id))
    rows = [{"user_id": user_id, "site": site, "camera": camera} for site, camera in sorted(rights.cameras or ())]
    if rows:
        connection.execute(insert(user_cameras), rows)


def _end_sessions(connection: Connection, user_id: int) -> None:
    connection.execute(delete(sessions).where(sessions.c.user_id == user_id))
