"""How far a replay is: media time, the share that is done, how fast it goes and how long it will take."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from ioc import clock
from ioc.replay_job import Progress


class Total:
    """Adds up how far several replays are; `began` is when they did, in seconds of `clock.monotonic`."""

    def __init__(self, recordings: int, began: float) -> None:
        self._recordings, self._began = recordings, began
        self._of: dict[int, Progress] = {}

    def take(self, number: int, progress: Progress) -> None:
        """Note how far one of them is."""
        self._of[number] = progress

    @property
    def media(self) -> timedelta:
        """How much has been replayed."""
        return sum((progress.media for progress in self._of.values()), timedelta(0))

    @property
    def seconds(self) -> float | None:
        """How many seconds there are: those not begun are taken for as long as the others; None when nothing says."""
        known = [progress.length.total_seconds() for progress in self._of.values() if progress.length is not None]
        return sum(known) / len(known) * self._recordings if known else None

    def speed(self, now: float) -> str:
        """Return how many times as fast as real time it goes, in words."""
        times = self.media.total_seconds() / max(now - self._began, 1e-3)
        return f"{times:.{0 if times >= 100 else 1}f} × real time"


@contextmanager
def shown(recordings: int) -> Iterator[Callable[[int, Progress], None]]:
    """Yield what takes each replay's progress, and show it on a terminal; elsewhere nothing is written."""
    if not sys.stderr.isatty():
        yield lambda _number, _progress: None
        return
    from rich import progress as rich
    from rich.console import Console

    total = Total(recordings, clock.monotonic())
    columns = (
        rich.TextColumn("{task.fields[media]} of media time"),
        rich.BarColumn(),
        rich.TaskProgressColumn(),
        rich.TextColumn("{task.fields[speed]}, left:"),
        rich.TimeRemainingColumn(),
    )
    with rich.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, media="0:00:00", speed="")

        def take(number: int, progress: Progress) -> None:
            total.take(number, progress)
            bar.update(
                task,
                completed=total.media.total_seconds(),
                total=total.seconds,
                media=in_words(total.media),
                speed=total.speed(clock.monotonic()),
            )

        yield take


def in_words(media: timedelta) -> str:
    """Return hours, minutes and seconds."""
    return str(media).split(".")[0]
