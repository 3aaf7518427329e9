"""Slows down whoever guesses passwords; in memory, bounded."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from ioc import clock


@dataclass(slots=True)
class _Failures:
    count: int
    until: float
    """No attempt before then (monotonic seconds)."""
    forget: float
    """With no further failure the count ends then (monotonic seconds)."""


class Throttle:
    """Counts failures by key, such as (name, address); after `free` of them each doubles the wait.

    The oldest keys are forgotten beyond `capacity`, and a key after `memory` seconds without a failure.
    """

    def __init__(
        self,
        free: int = 5,
        first_wait: float = 5.0,
        longest_wait: float = 900.0,
        memory: float = 1800.0,
        capacity: int = 10_000,
        monotonic: Callable[[], float] = clock.monotonic,
    ) -> None:
        self._free = free
        self._first_wait = first_wait
        self._longest_wait = longest_wait
        self._memory = memory
        self._capacity = capacity
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._failures: OrderedDict[tuple[str, ...], _Failures] = OrderedDict()

    def attempt(self, key: tuple[str, ...]) -> float:
        """Count an attempt, as failed until told otherwise, and return 0; or return the seconds left to wait.

        Counting first means that attempts made at once do not slip through together.
        """
        now = self._monotonic()
        with self._lock:
            held = self._failures.get(key)
            if held is not None and held.until > now:
                return held.until - now
            count = 1 if held is None or held.forget <= now else held.count + 1
            surplus = count - self._free
            pause = 0.0 if surplus < 0 else min(self._first_wait * 2.0 ** min(surplus, 30), self._longest_wait)
            self._failures[key] = _Failures(count, now + pause, now + pause + self._memory)
            self._failures.move_to_end(key)
            while len(self._failures) > self._capacity:
                self._failures.popitem(last=False)
            return 0.0

    def succeeded(self, key: tuple[str, ...]) -> None:
        """Forget the key's failures."""
        with self._lock:
            self._failures.pop(key, None)
