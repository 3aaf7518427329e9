"""The fields that the messages are made of: what each may hold, so that every reader can hold it too."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, JsonValue, PlainSerializer, WithJsonSchema

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
"""Site and camera ids: safe as a topic level and as a file name."""
Word = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]+$")]
"""Text of one line: a log or a page that shows it stays one line."""
Fraction = Annotated[float, Field(ge=0, le=1)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
EvidencePath = Annotated[
    str, Field(max_length=300, pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$")
]
"""Relative to the evidence folder; no level may begin with a dot, so none leads out of it."""


MAX_INTEGER = 2**53 - 1
"""Readers that hold every number as a double would round a larger integer."""
MAX_DEPTH = 16


def _to_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("lies outside the years 1 to 9999 in UTC") from None


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


Utc = Annotated[
    AwareDatetime,
    AfterValidator(_to_utc),
    PlainSerializer(_iso, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A time in UTC; a message may give it with any offset and we write it with `Z` and microseconds."""


def _plain(value: JsonValue, depth: int = 0) -> JsonValue:
    """Return `value` when every JSON reader and every database can hold it; raise ValueError otherwise."""
    if depth > MAX_DEPTH:
        raise ValueError(f"is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("holds a number that is not finite")
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise ValueError(f"holds an integer beyond {MAX_INTEGER}")
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, list):
        for item in value:
            _plain(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key)
            _plain(item, depth + 1)
    return value


def _check_text(text: str) -> None:
    if "\x00" in text or (not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)):
        raise ValueError("holds text with a NUL or half a surrogate pair")


def one_line(text: object) -> object:
    """Make an error's text fit to be shown: one line of at most 500 letters."""
    return " ".join(text.replace("\x00", " ").split())[:500] if isinstance(text, str) else text


Details = Annotated[dict[str, JsonValue], AfterValidator(_plain)]
