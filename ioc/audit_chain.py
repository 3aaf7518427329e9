"""The chain that shows an audit log to be whole: each entry's digest covers the entry and the digest before it.

Whoever changes, removes or slips in an entry has to make all later digests anew. What only the end of the chain could
tell, that its last entries are gone, is told by a head: the number of entries and the last digest, kept elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ioc.types import Json

BEFORE_ALL = "0" * 64
"""The digest before the first entry."""

FIELDS = ("number", "at", "who", "what", "purpose", "case", "details")
"""What the digest of an entry covers, beside the one before it."""


@dataclass(frozen=True, slots=True)
class Head:
    """How many entries a log has, and the digest of the last."""

    count: int
    digest: str

    @staticmethod
    def parse(text: str) -> Head:
        """Return the head written as `count:digest`; raises ValueError for something else."""
        count, _, digest = text.strip().partition(":")
        if not count.isdecimal() or len(digest) != 64 or set(digest) - set("0123456789abcdef"):
            raise ValueError("expected a number of entries and a digest, as 12:5f…")
        return Head(int(count), digest)

    def __str__(self) -> str:
        """Return `count:digest`."""
        return f"{self.count}:{self.digest}"


EMPTY = Head(0, BEFORE_ALL)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found: the head that the entries make, and what is wrong, in words, or nothing."""

    head: Head
    problem: str = ""


def digest_of(before: str, entry: Mapping[str, Json]) -> str:
    """Return the digest of an entry (FIELDS) that follows the one with the digest `before`; SHA-256, in hex."""
    covered = {name: entry[name] for name in FIELDS}
    text = json.dumps(covered, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()


def check(entries: Iterable[Mapping[str, Json]], expected: Iterable[Head] = ()) -> Verdict:
    """Check entries, each with its `digest`, from the first one on, and that they hold all that the heads tell of.

    The first thing that is wrong is told, with the number of the entry.
    """
    wanted = tuple(expected)
    head = EMPTY
    for entry in entries:
        number = head.count + 1
        if any(name not in entry for name in (*FIELDS, "digest")):
            return Verdict(head, f"entry {number} is damaged: it lacks a field")
        if entry["number"] != number:
            return Verdict(head, f"entry {number} is missing: entry {entry['number']} stands in its place")
        if entry["digest"] != digest_of(head.digest, entry):
            return Verdict(head, f"entry {number} was changed, or one before it was")
        head = Head(number, str(entry["digest"]))
        if any(other.count == number and other != head for other in wanted):
            return Verdict(head, f"entry {number} is not the one that was there: the log was written anew")
    most = max((other.count for other in wanted), default=0)
    if most > head.count:
        return Verdict(head, f"the last entries are missing: there were {most}, there are {head.count}")
    return Verdict(head)
