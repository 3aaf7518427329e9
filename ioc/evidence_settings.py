"""The `[evidence]` table of a site file: the clips that are cut around alerts."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Around = Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(seconds=60))]


class EvidenceSection(BaseModel):
    """Whether live cameras' last seconds are kept, and how much of them an alert's clip shows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    clips: bool = Field(True, description="whether clips are cut around alerts")
    clip_before: Around = Field(timedelta(seconds=10), description="how long before the alert a clip begins, at least")
    clip_after: Around = Field(timedelta(seconds=10), description="how long after the alert a clip ends")
    clip_memory: int = Field(
        48, ge=8, le=60, description="MiB of memory a camera may take for its last seconds; 4 Mbit/s take 8 to 11"
    )
