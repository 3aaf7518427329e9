"""Work that the dashboard does by itself once a day."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from ioc.errors import IocError

log = logging.getLogger(__name__)

FIRST, DAY, AGAIN = 60.0, 86_400.0, 3600.0
"""Seconds until the first time, until the next one, and until the next one after a failure."""
STOP_SECONDS = 10.0


class Daily:
    """A thread that works once a day until it is stopped; `work` ends early once the event that it is given is set."""

    def __init__(
        self, work: Callable[[threading.Event], None], *, first: float = FIRST, day: float = DAY, again: float = AGAIN
    ) -> None:
        self._work = work
        self._first, self._day, self._again = first, day, again
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="daily", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, within seconds."""
        self._stop.set()
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        pause, failing = self._first, False
        while not self._stop.wait(pause):
            try:
                self._work(self._stop)
                pause, failing = self._day, False
            except IocError as error:
                if not failing:
                    log.warning("what is done daily failed and is tried again: %s", error)
                pause, failing = self._again, True
