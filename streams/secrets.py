"""Logins of cameras: named in the site file, kept in the environment or in a file that nobody else may read."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ioc.errors import UsageError

GROUP_AND_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user and a password; neither shows when it is printed."""

    user: str = field(repr=False)
    password: str = field(repr=False)

    @classmethod
    def parse(cls, value: str) -> Credentials:
        """Return the credentials in `user:password`; the password may hold further colons.

        Raises ValueError, which does not repeat the value, when there is no colon, no user, or a control character.
        """
        user, colon, password = value.partition(":")
        if not colon or not user or not value.isprintable():
            raise ValueError("expected user:password")
        return cls(user, password)


class Secrets:
    """Finds credentials by their name: first in the environment, then in a TOML file of `name = "user:password"` lines.

    The file is read anew each time, so that a changed password needs no restart.
    """

    def __init__(self, environ: Mapping[str, str], file: Path | None = None) -> None:
        self._environ = environ
        self._file = file

    def credentials(self, name: str) -> Credentials:
        """Return the credentials of that name.

        Raises UsageError when there are none, they are not `user:password`, or the file cannot be used.
        """
        variable = variable_of(name)
        value = self._environ.get(variable)
        where = variable
        if value is None and self._file is not None:
            value = _read(self._file).get(name)
            where = f"{self._file}: {name}"
        if value is None:
            also = f" or write it into {self._file}" if self._file else " or name a file under [secrets]"
            raise UsageError(f"secret {name!r} is not known: set {variable} to user:password{also}")
        try:
            return Credentials.parse(value if isinstance(value, str) else "")
        except ValueError as error:
            raise UsageError(f"{where}: {error}") from None


def variable_of(name: str) -> str:
    """Return the environment variable that holds the secret of that name: `bg-017` stands in `IOC_SECRET_BG_017`."""
    return "IOC_SECRET_" + re.sub(r"[^A-Z0-9]", "_", name.upper())


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & GROUP_AND_OTHERS:
                raise UsageError(f"{path}: others may read it (mode {mode:04o}); run `chmod 600 {path}`")
            return tomllib.loads(file.read().decode())
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; it is named as the file of secrets") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line \d+", str(error))  # the rest of the message may quote a password
        raise UsageError(
            f'{path}: {line[0] if line else "end"}: expected lines like bg-017 = "user:password"'
        ) from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8 text") from None
