"""Counts what is refused and tells of it once in a while, whoever sends it and however much."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from ioc import clock

TELL_EVERY = 60.0
"""Seconds between two log lines."""


class Refusals:
    """The count of what was refused since the start; used by one thread, read by any."""

    def __init__(self, log: logging.Logger, what: str, monotonic: Callable[[], float] = clock.monotonic) -> None:
        self._log = log
        self._what = what
        self._monotonic = monotonic
        self._tell_at = 0.0
        self._untold = 0
        self.count = 0

    def add(self, reasons: Sequence[str]) -> None:
        """Count, and log how many there were since the last line and why the latest was one."""
        self.count += len(reasons)
        self._untold += len(reasons)
        if self._monotonic() >= self._tell_at:
            self._log.warning("refused %d %s, the last: %s", self._untold, self._what, reasons[-1])
            self._untold, self._tell_at = 0, self._monotonic() + TELL_EVERY
