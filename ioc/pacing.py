"""Things with a time, given out at the pace that their times say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Protocol, TypeVar

from ioc import clock


class Timed(Protocol):
    """Something that belongs to a moment."""

    @property
    def at(self) -> datetime:
        """The moment."""
        ...


T = TypeVar("T", bound=Timed)


def paced(
    items: Iterable[T],
    wait: Callable[[float], bool],
    *,
    speed: float = 1.0,
    monotonic: Callable[[], float] = clock.monotonic,
) -> Iterator[T]:
    """Yield each item no sooner than its time says, counted from the first one, `speed` times as fast as real time.

    `wait` waits so many seconds and returns whether to stop (`threading.Event.wait`).
    """
    began = first = None
    for item in items:
        if began is None or first is None:
            began, first = monotonic(), item.at
        ahead = (item.at - first).total_seconds() / speed - (monotonic() - began)
        if ahead > 0 and wait(ahead):
            return
        yield item
