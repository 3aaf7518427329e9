"""What the API takes and hands out about watch-lists."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from alerts.wire_fields import Utc
from dashboard.asked import Reason
from dashboard.views import When
from dashboard.watch_records import (
    LONGEST_NOTE,
    EntryDraft,
    ListDraft,
    Span,
    WatchEntry,
    WatchList,
    one_line,
    whole_plate,
)
from dashboard.watch_table import CellProblem
from ioc.plate_grammar import parse
from ioc.types import Severity

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")
]
Note = Annotated[str, Field(max_length=2 * LONGEST_NOTE), AfterValidator(one_line)]


class _Valid(BaseModel):
    model_config = ConfigDict(extra="forbid")

    valid_from: Utc | None = None
    valid_until: Utc | None = None
    """The end does not belong to it."""

    @property
    def span(self) -> Span:
        """The same in the store's words."""
        return Span(self.valid_from, self.valid_until)

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.span.is_empty:
            raise ValueError("`valid_from` must lie before `valid_until`")
        return self


class NewList(_Valid):
    """A list that somebody makes, or how one is to be from now on."""

    name: Name
    purpose: Reason = Field(description="why these vehicles are looked for: it stands in the log with all that is done")
    case: Reason = Field(description="the case or order that the list belongs to")
    priority: Severity = Severity.HIGH
    misreads: bool = True
    owner: str | None = Field(None, max_length=64, description="supervisors give a list to somebody else by it")

    def draft(self, owner: str) -> ListDraft:
        """Return the same in the store's words."""
        return ListDraft(self.name, owner, self.purpose, self.case, self.priority, self.misreads, self.span)


class NewEntry(_Valid):
    """A plate that is put on a list; one that stands there already is replaced."""

    plate: Annotated[str, AfterValidator(whole_plate)]
    note: Note = ""
    priority: Severity | None = None

    def draft(self) -> EntryDraft:
        """Return the same in the store's words."""
        return EntryDraft(self.plate, self.note, self.priority, self.span)


class EntryQuery(BaseModel):
    """Which plates of a list are wanted: those that fit a pattern with `?` and `*`, or all."""

    model_config = ConfigDict(extra="forbid")

    plate: str | None = Field(None, max_length=100)
    limit: int = Field(50, ge=1, le=500)
    cursor: int | None = Field(None, ge=1, le=2**62)
    """The id of the last entry seen: what follows it is wanted."""


class ListView(BaseModel):
    """A watch-list."""

    id: int
    name: str
    owner: str
    purpose: str
    case: str
    priority: Severity
    misreads: bool
    valid_from: When | None
    valid_until: When | None
    active: bool
    """Whether it is valid now."""
    entries: int
    changed: When

    @classmethod
    def of(cls, found: WatchList, now: datetime) -> Self:
        """Return the view of a list."""
        told = found.told
        return cls(
            id=found.id,
            **_plain(told, "name", "owner", "purpose", "case", "priority", "misreads"),
            **_dates(told.valid),
            active=told.valid.holds(now),
            entries=found.entries,
            changed=found.changed,
        )


class EntryView(BaseModel):
    """A plate on a list."""

    id: int
    plate: str
    display: str
    """As people write it; the bare text where it may be that of two kinds of plates."""
    usual: bool
    """Whether a plate of Vietnam can look like this; others are watched for as well."""
    note: str
    priority: Severity | None
    valid_from: When | None
    valid_until: When | None

    @classmethod
    def of(cls, entry: WatchEntry) -> Self:
        """Return the view of an entry."""
        plate = parse(entry.told.plate)
        return cls(
            id=entry.id,
            display=plate.key if "ambiguous" in plate.flags else plate.display,
            usual=plate.valid,
            **_plain(entry.told, "plate", "note", "priority"),
            **_dates(entry.told.valid),
        )


class EntryPage(BaseModel):
    """Plates of a list by their texts; `next` is the `cursor` of what follows, or None."""

    entries: list[EntryView]
    next: int | None


class PutView(BaseModel):
    """A plate that was put on a list, and whether it replaced what stood there."""

    entry: EntryView
    replaced: bool


class ImportView(BaseModel):
    """What became of a table."""

    detail: str
    """In one line."""
    taken: int
    replaced: int
    removed: int
    problems: list[CellProblem]


def _plain(told: object, *names: str) -> dict[str, Any]:
    return {name: getattr(told, name) for name in names}


def _dates(span: Span) -> dict[str, datetime | None]:
    return {"valid_from": span.since, "valid_until": span.until}
