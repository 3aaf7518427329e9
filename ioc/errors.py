"""Errors that a person reads: one line that says what is wrong and names the way out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class IocError(Exception):
    """The command failed; the message is one line for the person at the terminal."""

    exit_code = 1


class UsageError(IocError):
    """What was typed, or what the site file says, cannot be used."""

    exit_code = 2


class FileRefused(UsageError):
    """A file of ours cannot be used; `problems` holds one line each, naming file, key and what was expected."""

    lister: ClassVar[str]
    """The command that lists all problems of such a file."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        more = f" (and {len(problems) - 1} more: `{self.lister}` lists them)" if len(problems) > 1 else ""
        super().__init__(problems[0] + more)


class ModelError(IocError):
    """A model's weights are missing, altered or unusable."""


class StreamError(IocError):
    """A source cannot be opened or read at all, and trying again will not help."""


class StreamLost(IocError):
    """A source that was delivering has stopped; opening it again may help."""


class ClipMissing(IocError):
    """A clip of an alert cannot be cut or kept."""
