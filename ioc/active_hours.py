"""When a rule is in force: hours of the day and days of the month, by the city's own clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Annotated, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import Field

Hours: TypeAlias = Annotated[
    str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$", examples=["06:00-22:00"])
]
"""From one time of day to another, such as `06:00-22:00`; `22:00-06:00` is the night."""
Days: TypeAlias = Literal["all", "odd", "even"]
"""Days of the month: all, or those with an odd or an even number."""


@dataclass(frozen=True, slots=True)
class ActiveHours:
    """Says of a moment whether a rule is in force then; without any spans it is all day."""

    zone: ZoneInfo
    spans: tuple[tuple[time, time], ...]
    days: Days

    @classmethod
    def of(cls, hours: Sequence[Hours], days: Days, zone: str) -> Self | None:
        """Return the hours, None when they are always; `zone` is an IANA name. Raises ValueError for an unknown one."""
        if not hours and days == "all":
            return None
        try:
            found = ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise ValueError(
                f"hours: time zone {zone!r} is unknown here; give [site] time_zone, or install tzdata"
            ) from None
        return cls(found, tuple(map(_span, hours)), days)

    def holds(self, at: datetime) -> bool:
        """Return whether the rule is in force at that time; a night belongs to the day on which it is."""
        there = at.astimezone(self.zone)
        if self.days != "all" and (there.day % 2 == 1) != (self.days == "odd"):
            return False
        now = there.time()
        return not self.spans or any(_within(now, begin, end) for begin, end in self.spans)


def _span(hours: Hours) -> tuple[time, time]:
    begin, _, end = hours.replace("24:00", "00:00").partition("-")
    return time.fromisoformat(begin), time.fromisoformat(end)


def _within(now: time, begin: time, end: time) -> bool:
    return begin <= now < end if begin < end else now >= begin or now < end
