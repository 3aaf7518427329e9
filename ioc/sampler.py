"""Which pictures perception looks at, said from their times alone, so that live and replay choose alike."""

from __future__ import annotations

from datetime import datetime, timedelta

from ioc.types import Json


class Sampler:
    """Wants one picture in each slot of a grid of `rate` pictures a second.

    The grid is laid from the first picture on; when pictures come more slowly than the grid, all are wanted.
    A picture whose time is not later than the last one asked about restarts the grid: a new run has begun.
    Raises ValueError when the rate is not above 0.
    """

    def __init__(self, rate: float) -> None:
        if not rate > 0:
            raise ValueError(f"sampling rate must be above 0 pictures a second, got {rate}")
        self._rate = rate
        self._origin: datetime | None = None
        self._slot = -1
        self._last: datetime | None = None

    def wants(self, at: datetime) -> bool:
        """Return whether the picture taken at `at` is to be looked at."""
        if self._origin is None or (self._last is not None and at <= self._last):
            self._origin, self._slot = at, -1
        self._last = at
        # A microsecond of grace: 0.2 s after the origin is the next slot however the time was rounded.
        slot = int((at - self._origin + timedelta(microseconds=1)).total_seconds() * self._rate)
        wanted = slot > self._slot
        self._slot = max(slot, self._slot)
        return wanted

    def describe(self) -> dict[str, Json]:
        """Return the settings that decide the choice, for a tape's header."""
        return {"rate_hz": self._rate}
