"""A file that a command makes, for whoever runs it alone: whole, or not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path

from ioc.errors import IocError, UsageError


@contextmanager
def new_file(path: Path) -> Iterator[BufferedRandom]:
    """Give a new file for this user alone, and take it away again when it does not become whole.

    Raises UsageError when there is such a file, or none can be made there; IocError when it cannot be written.
    """
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        raise UsageError(f"{path}: exists already; name another file") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None
    try:
        with path.open("r+b") as file:
            yield file
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise IocError(f"{path}: cannot be written: {error.strerror}") from None
        raise
