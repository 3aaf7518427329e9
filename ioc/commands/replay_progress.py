"""How far a replay is: media time, the share that is done, how fast it goes and how long it will take."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TextIO

from ioc import clock
from ioc.replay_job import Progress


class Total:
    """Adds up how far several replays are; `began` is when they did, in seconds of `clock.monotonic`.

    Called with a replay's number and how far it is; `draw` then shows the whole.
    """

    def __init__(self, recordings: int, began: float, draw: Callable[[Total], None] = lambda _: None) -> None:
        self._recordings, self._began, self._draw = recordings, began, draw
        self._of: dict[int, Progress] = {}
        self._ended = 0

    def __call__(self, number: int, progress: Progress) -> None:
        """Note how far one of them is."""
        self._of[number] = progress
        self._draw(self)

    def end(self, number: int, media: timedelta) -> None:
        """Note that one of them has ended, after so much media time."""
        self._ended += 1
        self(number, Progress(media, media))

    @property
    def media(self) -> timedelta:
        """How much has been replayed."""
        return sum((progress.media for progress in self._of.values()), timedelta(0))

    @property
    def seconds(self) -> float | None:
        """How many seconds there are: those not begun are taken for as long as the others; None when nothing says."""
        known = [progress.length.total_seconds() for progress in self._of.values() if progress.length is not None]
        return sum(known) / len(known) * self._recordings if known else None

    @property
    def count(self) -> str:
        """How many of several have ended, in words."""
        return f"{self._ended} of {self._recordings}, " if self._recordings > 1 else ""

    def speed(self, now: float) -> str:
        """Return how many times as fast as real time it goes, in words."""
        times = self.media.total_seconds() / max(now - self._began, 1e-3)
        return f"{times:.{0 if times >= 100 else 1}f} × real time"


@contextmanager
def shown(recordings: int) -> Iterator[Total]:
    """Yield what takes each replay's progress, and show it on a terminal; elsewhere nothing is written."""
    if not sys.stderr.isatty():
        yield Total(recordings, clock.monotonic())
        return
    from rich import progress as rich
    from rich.console import Console

    columns = (
        rich.TextColumn("{task.description} of media time"),
        rich.BarColumn(),
        rich.TaskProgressColumn(),
        rich.TextColumn("{task.fields[speed]}, left:"),
        rich.TimeRemainingColumn(),
    )
    plain = sys.stderr
    with rich.Progress(*columns, console=Console(stderr=True), transient=True) as bar, _logs_above(plain):
        task = bar.add_task("0:00:00", total=None, speed="")

        def draw(total: Total) -> None:
            bar.update(
                task,
                completed=total.media.total_seconds(),
                total=total.seconds,
                description=f"{total.count}{in_words(total.media)}",
                speed=total.speed(clock.monotonic()),
            )

        yield Total(recordings, clock.monotonic(), draw)


@contextmanager
def _logs_above(plain: TextIO) -> Iterator[None]:
    """Let log lines pass through what the bar has put in the place of `plain`, so that they stand above it."""
    root = logging.getLogger()
    handlers = [own for own in root.handlers if isinstance(own, logging.StreamHandler) and own.stream is plain]
    for own in handlers:
        own.setStream(sys.stderr)
    try:
        yield
    finally:
        for own in handlers:
            own.setStream(plain)


def in_words(media: timedelta) -> str:
    """Return hours, minutes and seconds."""
    return str(media).split(".")[0]
