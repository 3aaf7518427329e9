"""The truth about a recording: which events it shows, when an alert is owed for each, and what is not judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from ioc.errors import FileRefused, UsageError
from ioc.plate_grammar import normalise
from ioc.site import problems

Corners = tuple[float, float, float, float]
Seconds = Annotated[float, Field(ge=0)]


def _ordered(corners: Corners) -> Corners:
    if not (corners[0] < corners[2] and corners[1] < corners[3]):
        raise ValueError("expected x1 < x2 and y1 < y2, fractions of the frame")
    return corners


Rectangle = Annotated[Corners, AfterValidator(_ordered)]


class _Entry(BaseModel):
    # Other keys are welcome: a truth file also holds notes, zones and the rules to switch on.
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Event(_Entry):
    """Something that an alert is owed for; times in seconds of media time since the first frame."""

    kind: str = Field(min_length=1, description="the detector's kind")
    start_s: Seconds = Field(description="when it begins")
    due_s: Seconds = Field(description="when the alert is owed: the start plus the rule's dwell")
    end_s: Seconds | None = Field(None, description="when it is over; None at the end of the recording")
    box: Rectangle | None = Field(None, description="x1 y1 x2 y2 in fractions of the frame; null touches every box")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.due_s < self.start_s:
            raise ValueError(f"due_s {self.due_s:g} lies before start_s {self.start_s:g}")
        if self.end_s is not None and self.end_s < self.start_s:
            raise ValueError(f"end_s {self.end_s:g} lies before start_s {self.start_s:g}")
        return self


class _Stretch(_Entry):
    start_s: Seconds
    end_s: Seconds

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.end_s < self.start_s:
            raise ValueError(f"end_s {self.end_s:g} lies before start_s {self.start_s:g}")
        return self


class Ignored(_Stretch):
    """A stretch in which alerts of a kind are neither right nor false."""

    kind: str = Field(min_length=1)


class PlatePass(_Stretch):
    """A vehicle that passes with a legible plate; seen from `start_s` to `end_s`."""

    text: Annotated[str, AfterValidator(normalise), Field(min_length=1, description="as 98A-123.45 or 98A12345")]
    box: Rectangle | None = Field(None, description="where the plate is seen, x1 y1 x2 y2 in fractions of the frame")


class Count(_Entry):
    """How many people a zone holds at a moment."""

    at_s: Seconds
    people: int = Field(ge=0)
    zone: str | None = Field(None, description="the zone's name in the site file; null is the whole picture")


class Truth(_Entry):
    """A recording's events; `duration_s` is its length in seconds of media time."""

    clip: str = Field("", description="the recording's file name")
    duration_s: Annotated[float, Field(gt=0)]
    events: tuple[Event, ...] = ()
    ignore: tuple[Ignored, ...] = ()
    plates: tuple[PlatePass, ...] | None = Field(None, description="every legible plate; null when nobody noted them")
    counts: tuple[Count, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _check_filled(cls, value: Any) -> Any:
        if isinstance(value, dict) and "example" in value:
            raise ValueError("example: remove this key once all events are marked; until then nothing can be scored")
        return value


class TruthError(FileRefused):
    """A truth file cannot be used."""

    lister = "ioc truth check"


def read_truth(path: Path) -> Truth:
    """Read and check a truth file. Raises UsageError, one line that names the file and the key."""
    return parse_truth(load_json(path), str(path))


def load_json(path: Path) -> Any:
    """Return what a truth file holds, unchecked. Raises UsageError when it cannot be read or is not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; expected a truth file (see docs/truth.md)") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: not JSON: {error}; expected a truth file (see docs/truth.md)") from None


def parse_truth(value: Any, where: str) -> Truth:
    """Return the truth that a JSON value states. Raises TruthError with a line for each problem; `where` begins it."""
    try:
        return Truth.model_validate(value)
    except ValidationError as error:
        raise TruthError(problems(error, where)) from None
