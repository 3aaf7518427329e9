"""How long the dashboard keeps what it was told: passes of vehicles, and alerts that people have closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

OFF = "off"
"""What the site file says for "for ever"."""
SHORTEST = timedelta(days=1)

_DURATION = TypeAdapter(timedelta)


def _kept(value: object) -> timedelta | None:
    if value is None or value == OFF:
        return None
    try:
        kept = _DURATION.validate_python(value)
    except ValidationError:
        kept = timedelta(0)
    if kept < SHORTEST:
        raise ValueError(f'expected a duration of a day or more, such as "P30D", or "off", got {value!r}')
    return kept


Kept = Annotated[timedelta | None, BeforeValidator(_kept)]
"""How long; None for ever."""
Kind = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class Retention(BaseModel):
    """The `[retention]` table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plates: Kept = Field(
        timedelta(days=30), description='how long passes that hit nothing are kept; "off" keeps them for ever'
    )
    alerts: Kept = Field(
        timedelta(days=365), description='how long alerts are kept after they were closed; "off" keeps them for ever'
    )
    kinds: dict[Kind, Kept] = Field({}, description="the same for alerts of one kind, where `alerts` does not suit")
