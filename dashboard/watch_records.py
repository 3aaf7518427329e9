"""What the store keeps of watch-lists: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ioc.errors import IocError
from ioc.plate_grammar import CHARACTERS
from ioc.plate_pattern import PatternError, parse_pattern
from ioc.types import Severity

SHORTEST_PLATE = 4
"""Characters of the shortest plate that can be watched for."""
LONGEST_NOTE = 500
"""Characters of an entry's note."""


class NameTaken(IocError):
    """There is another watch-list of that name."""


@dataclass(frozen=True, slots=True)
class Span:
    """From when on something holds, and until when; None means always."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Return whether it holds at a time; the end does not belong to it."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)

    @property
    def is_empty(self) -> bool:
        """Whether it never holds."""
        return self.since is not None and self.until is not None and self.since >= self.until


ALWAYS = Span()


@dataclass(frozen=True, slots=True)
class ListDraft:
    """What somebody says of a watch-list."""

    name: str
    owner: str
    purpose: str
    case: str
    priority: Severity = Severity.HIGH
    """How severe its alerts are, where an entry does not say otherwise."""
    misreads: bool = True
    """Whether a pass counts whose plate may have been misread, beside those that were read exactly."""
    valid: Span = ALWAYS


@dataclass(frozen=True, slots=True)
class WatchList:
    """A list of plates that raise an alert when one passes."""

    id: int
    told: ListDraft
    changed: datetime
    entries: int
    """How many plates stand on it."""


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """A whole plate, in canonical text, and what is to be known when it passes."""

    plate: str
    note: str = ""
    priority: Severity | None = None
    """None for the list's own."""
    valid: Span = ALWAYS


@dataclass(frozen=True, slots=True)
class WatchEntry:
    """A plate on a list."""

    id: int
    list_id: int
    told: EntryDraft


def whole_plate(typed: str) -> str:
    """Return the canonical text of a whole plate that somebody typed.

    Raises ValueError for patterns and for what no camera can read. Plates that fit no kind of Vietnam's are taken.
    """
    try:
        pattern = parse_pattern(typed)
    except PatternError as error:
        raise ValueError(str(error)) from None
    if not pattern.exact:
        raise ValueError("a watch-list holds whole plates, without ? and *")
    if len(pattern.text) < SHORTEST_PLATE:
        raise ValueError(f"a whole plate has at least {SHORTEST_PLATE} characters")
    strange = sorted(set(pattern.text) - set(CHARACTERS))
    if strange:
        raise ValueError(f"cameras read no {' and no '.join(strange)}: on plates that is 0 or 1, so write the digit")
    return pattern.text


def one_line(note: str) -> str:
    """Return a note on one line; raise ValueError for what cannot be shown, and for too much."""
    text = " ".join(note.split())
    if not text.isprintable():
        raise ValueError("holds characters that cannot be shown")
    if len(text) > LONGEST_NOTE:
        raise ValueError(f"has {len(text)} characters, {LONGEST_NOTE} at most")
    return text
