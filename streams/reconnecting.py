"""One loop a camera that opens its source again and again, and says once that it went and once that it is back."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from ioc.errors import IocError, StreamError
from ioc.ports import FrameSource, Wanted
from ioc.types import Frame

log = logging.getLogger(__name__)

State: TypeAlias = Literal["connecting", "online", "lost", "stopped"]

OnState: TypeAlias = Callable[[State, str], None]
"""Told the state and, unless pictures come, in one line why."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before the next attempt: capped, doubling, with full jitter.

    Full jitter (any time between none and the whole) keeps cameras that went together from coming back together; see
    M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
    """

    first: float = 1.0
    cap: float = 30.0
    random: Callable[[], float] = random.random

    def seconds(self, failures: int) -> float:
        """Return how long to wait after so many failures in a row, at least 1."""
        doublings = min(failures - 1, 32)
        return min(self.first * 2.0**doublings, self.cap) * self.random()

    def seconds_when_refused(self) -> float:
        """Return how long to wait after a refusal: near the cap, for many wrong logins lock an account."""
        return self.cap * (1 + self.random()) / 2


def watch(
    camera: str,
    open_source: Callable[[], FrameSource],
    wanted: Wanted,
    deliver: Callable[[Frame], None],
    on_state: OnState,
    stop: threading.Event,
    backoff: Backoff | None = None,
    wait: Callable[[float], bool] | None = None,
) -> None:
    """Read a camera until `stop` is set or its recording ends, handing on the wanted frames.

    Whatever IocError the source raises costs this camera its pictures for a while and nothing else: its loss is logged
    once with the reason and its return once, however many attempts lie between. `on_state` is told "connecting" at the
    beginning, "online" with the first picture, "lost" with the reason, again when the reason changes, and "stopped" at
    the end. `wait` waits so many seconds and returns whether to stop; it is `stop.wait` unless a test brings its own.
    """
    _Watch(camera, open_source, wanted, deliver, on_state, stop).run(backoff or Backoff(), wait or stop.wait)


class _Watch:
    def __init__(
        self,
        camera: str,
        open_source: Callable[[], FrameSource],
        wanted: Wanted,
        deliver: Callable[[Frame], None],
        on_state: OnState,
        stop: threading.Event,
    ) -> None:
        self._camera = camera
        self._open_source = open_source
        self._wanted = wanted
        self._deliver = deliver
        self._on_state = on_state
        self._stop = stop
        self._state: State = "connecting"
        self._reason = ""
        self._failures = 0

    def run(self, backoff: Backoff, wait: Callable[[float], bool]) -> None:
        self._on_state("connecting", "")
        while not self._stop.is_set():
            try:
                self._run_once()
            except IocError as error:
                self._lose(str(error))
                refused = isinstance(error, StreamError)
                wait(backoff.seconds_when_refused() if refused else backoff.seconds(self._failures))
            else:
                break
        self._on_state("stopped", "" if self._stop.is_set() else "its recording has ended")

    def _run_once(self) -> None:
        """Read one run; returns when stopped or when a recording has ended, raises when the source fails."""
        for frame in self._open_source().frames(self._wanted_or_stopping):
            if self._stop.is_set():
                return
            self._welcome()
            self._deliver(frame)

    def _wanted_or_stopping(self, at: datetime) -> bool:
        """Ask for the very next picture when stopping, so that the loop is not left inside the source."""
        return self._stop.is_set() or self._wanted(at)

    def _welcome(self) -> None:
        if self._state == "online":
            return
        log.info("camera %s: %s", self._camera, "back" if self._state == "lost" else "online")
        self._state, self._reason, self._failures = "online", "", 0
        self._on_state("online", "")

    def _lose(self, reason: str) -> None:
        self._failures += 1
        if self._state != "lost":
            log.warning("camera %s: lost: %s", self._camera, reason)
        elif reason == self._reason:
            return
        self._state, self._reason = "lost", reason
        self._on_state("lost", reason)
