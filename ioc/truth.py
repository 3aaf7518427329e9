"""The truth about a recording: which events it shows, when an alert is owed for each, and what is not judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ioc.errors import FileRefused, UsageError
from ioc.site import problems

Corners = tuple[float, float, float, float]
Seconds = Annotated[float, Field(ge=0)]


class _Entry(BaseModel):
    # Other keys are welcome: a truth file also holds notes, zones and the rules to switch on.
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Event(_Entry):
    """Something that an alert is owed for; times in seconds of media time since the first frame."""

    kind: str = Field(min_length=1, description="the detector's kind")
    start_s: Seconds = Field(description="when it begins")
    due_s: Seconds = Field(description="when the alert is owed: the start plus the rule's dwell")
    end_s: Seconds | None = Field(None, description="when it is over; None at the end of the recording")
    box: Corners | None = Field(None, description="x1 y1 x2 y2 in fractions of the frame; null touches every box")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.due_s < self.start_s:
            raise ValueError(f"due_s {self.due_s:g} lies before start_s {self.start_s:g}")
        if self.end_s is not None and self.end_s < self.start_s:
            raise ValueError(f"end_s {self.end_s:g} lies before start_s {self.start_s:g}")
        if self.box is not None and not (self.box[0] < self.box[2] and self.box[1] < self.box[3]):
            raise ValueError("box: expected x1 < x2 and y1 < y2, fractions of the frame")
        return self


class Ignored(_Entry):
    """A stretch in which alerts of a kind are neither right nor false."""

    kind: str = Field(min_length=1)
    start_s: Seconds
    end_s: Seconds

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.end_s < self.start_s:
            raise ValueError(f"end_s {self.end_s:g} lies before start_s {self.start_s:g}")
        return self


class Truth(_Entry):
    """A recording's events; `duration_s` is its length in seconds of media time."""

    clip: str = Field("", description="the recording's file name")
    duration_s: Annotated[float, Field(gt=0)]
    events: tuple[Event, ...] = ()
    ignore: tuple[Ignored, ...] = ()

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
