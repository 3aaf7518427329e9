"""What an evidence pack's page says of a plate: taken from what the message told, as far as it is of the known form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field, ValidationError, ValidatorFunctionWrapHandler, field_validator
from pydantic.fields import FieldInfo
from pydantic_core.core_schema import ValidationInfo

from dashboard.pack_words import word
from dashboard.plate_records import plate_of
from ioc.plate_grammar import parse
from ioc.types import Json

VIETNAM = timezone(timedelta(hours=7))
"""Vietnam has one time, all year."""

OTHERS_SHOWN = 3

_Share = Annotated[float, Field(ge=0, le=1)]


class _Details(BaseModel):
    """What the page uses of the details of a pass, or of a watch-list's alert; another form is as good as nothing."""

    list: str = ""
    reason: str = ""
    read: str = ""
    raw: str = ""
    score: _Share | None = None
    scores: tuple[_Share, ...] = ()
    alternatives: tuple[tuple[str, int | None, _Share], ...] = ()
    colour: str = "unknown"
    vehicle: str = "unknown"
    direction: str = ""
    reads: int | None = None
    height_px: float | None = None
    legible: bool | None = None
    first_seen: AwareDatetime | None = None
    last_seen: AwareDatetime | None = None

    @field_validator("*", mode="wrap")
    @classmethod
    def _or_nothing(cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        field: FieldInfo = cls.model_fields[str(info.field_name)]
        try:
            return handler(value)
        except ValidationError:
            return field.get_default()


TOLD = frozenset(
    {"text", "plate", "display", "kind", "province", "valid", "upper_len", "lines", *_Details.model_fields}
)
"""The details that the facts of a plate tell."""


def local(at: datetime) -> datetime:
    """Return a time as clocks in Vietnam show it; at the very end of the calendar, as it is."""
    try:
        return at.astimezone(VIETNAM)
    except OverflowError:
        return at


def plate_facts(text: str, details: Mapping[str, Json]) -> list[tuple[str, str]]:
    """Return what was read, by the names of the labels; an empty text is not worth a line."""
    plate, told = plate_of(text, details), _Details.model_validate(dict(details))
    whole = len(told.scores) == len(text)
    return [
        ("list", told.list),
        ("reason", told.reason),
        ("raw", told.raw or told.read),
        ("score", "" if told.score is None else f"{told.score:.1%}"),
        ("characters", "  ".join(map("{}:{:.0f}".format, text, (100 * one for one in told.scores))) if whole else ""),
        ("alternatives", ", ".join(_alternative(*other) for other in told.alternatives[:OTHERS_SHOWN])),
        ("plate_kind", word("plate_kind", plate.kind)),
        ("province", f"{plate.province or ''} {plate.province_name or ''}".strip()),
        ("colour", word("colour", told.colour)),
        ("valid", word("", "yes" if plate.valid else "no")),
        ("vehicle", word("label", told.vehicle)),
        ("direction", word("direction", told.direction)),
        ("reads", "" if told.reads is None else str(told.reads)),
        ("height", "" if told.height_px is None else f"{told.height_px:.0f} px"),
        ("legible", "" if told.legible is None else word("", "yes" if told.legible else "no")),
        ("seen", " – ".join(f"{local(at):%H:%M:%S}" for at in (told.first_seen, told.last_seen) if at is not None)),
    ]


def _alternative(text: str, upper_len: int | None, score: float) -> str:
    return f"{parse(text, upper_len).display} ({score:.1%})"
