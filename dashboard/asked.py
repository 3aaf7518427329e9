"""What everybody who asks for plates, or for what belongs to a case, has to say: it is written into the audit log."""

from __future__ import annotations

from typing import Annotated

from fastapi import HTTPException
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ioc.plate_pattern import Pattern, PatternError, parse_pattern

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500, pattern=r"^[^\x00]*$")]


class Asked(BaseModel):
    """A request that says why it is made."""

    model_config = ConfigDict(extra="forbid")

    purpose: Reason = Field(description="why: it stands in the audit log")
    case: Reason = Field(description="the case or order that this belongs to")


def pattern_of(typed: str) -> Pattern:
    """Return the pattern that was typed; raise 422 with what is wrong with it."""
    try:
        return parse_pattern(typed)
    except PatternError as error:
        raise HTTPException(422, str(error)) from None
