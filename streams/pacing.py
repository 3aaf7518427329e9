"""A recording given out at its own speed, so that it can stand in for a camera."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ioc import clock
from ioc.pacing import paced
from ioc.ports import FrameSource, Wanted
from ioc.types import Frame


class Paced:
    """Gives out another source's frames no sooner than their times say, counted from the first one.

    `wait` waits so many seconds and returns whether to stop (`threading.Event.wait`); the source then ends.
    """

    def __init__(
        self, source: FrameSource, wait: Callable[[float], bool], monotonic: Callable[[], float] = clock.monotonic
    ) -> None:
        self._source = source
        self._wait = wait
        self._monotonic = monotonic

    def frames(self, wanted: Wanted) -> Iterator[Frame]:
        """Yield the wanted frames, each when it is due; raises what the source raises."""
        return paced(self._source.frames(wanted), self._wait, monotonic=self._monotonic)
