"""Hashes and checks passwords, taking as long for a name that nobody has as for a wrong password."""

from __future__ import annotations

import secrets
import threading

from pwdlib import PasswordHash

from ioc.errors import IocError

SHORTEST = 10
LONGEST = 200
AT_ONCE = 2
"""A check takes 64 MiB and half a core (argon2id): more than a few at once would starve everything else."""

_EASY_TO_READ = "abcdefghjkmnpqrstuvwxyz23456789"


class PasswordRefused(IocError):
    """A password that may not be used."""


class Passwords:
    """Argon2id; with the parameters that pwdlib recommends unless another `hasher` is given."""

    def __init__(self, hasher: PasswordHash | None = None) -> None:
        self._hasher = hasher or PasswordHash.recommended()
        self._turn = threading.BoundedSemaphore(AT_ONCE)
        self._decoy = self._hasher.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        """Return the salted hash to keep."""
        with self._turn:
            return self._hasher.hash(password)

    def verify(self, password: str, kept: str | None) -> tuple[bool, str | None]:
        """Return whether `password` is the one that was kept, and a fresh hash when the kept one is of weak make.

        None for `kept` takes the same time and says no.
        """
        if len(password) > LONGEST:
            return False, None
        with self._turn:
            right, renewed = self._hasher.verify_and_update(password, kept or self._decoy)
        return right and kept is not None, renewed


def one_time_password() -> str:
    """Return a random password of 79 bits that is easy to type from paper."""
    letters = "".join(secrets.choice(_EASY_TO_READ) for _ in range(16))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def check_new_password(name: str, password: str) -> None:
    """Raise PasswordRefused when nobody should choose this password; length counts, not kinds of characters."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordRefused(f"a password has {SHORTEST} to {LONGEST} characters")
    besides = password.casefold().replace(name.casefold(), "")
    if len(besides) < SHORTEST // 2 or len(set(password)) < 5:
        raise PasswordRefused("a password is more than the user's name or a few characters over and over")
