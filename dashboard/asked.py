"""What everybody who asks for plates, or for what belongs to a case, has to say: it is written into the audit log."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500, pattern=r"^[^\x00]*$")]


class Asked(BaseModel):
    """A request that says why it is made."""

    model_config = ConfigDict(extra="forbid")

    purpose: Reason = Field(description="why: it stands in the audit log")
    case: Reason = Field(description="the case or order that this belongs to")
