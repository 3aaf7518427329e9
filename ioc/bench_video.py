"""How fast a recording is looked at, stage by stage, beside the naive loop that detects in every picture.

Both run in turns over the same media time, a second of it each, so that whatever else the machine does falls on both
alike. They differ in the sampler alone: the naive loop wants every picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeAlias

from ioc import clock, pipeline
from ioc.errors import UsageError
from ioc.ports import FrameSource, Rule, Sight, Wanted
from ioc.types import Frame

STAGES = ("decode", "sampler", "model", "readings", "tracker", "rules")
TURN = timedelta(seconds=1)

Look: TypeAlias = Callable[[Sequence[Frame]], list[Sight]]
"""Sees the objects of each frame."""
Read: TypeAlias = Callable[[Sequence[Frame], Sequence[Sight]], list[Sight]]
"""Adds what is read of each frame to its objects."""


def nothing_read(_frames: Sequence[Frame], objects: Sequence[Sight]) -> list[Sight]:
    """Add nothing to the objects."""
    return [*objects]


class Stopwatch:
    """Sums processor and wall seconds by stage; what is measured within another stage counts once."""

    def __init__(self) -> None:
        self.cpu = dict.fromkeys(STAGES, 0.0)
        self.wall = dict.fromkeys(STAGES, 0.0)

    @contextmanager
    def of(self, stage: str, within: str | None = None) -> Iterator[None]:
        """Measure the block; its time is taken off the stage that it lies within."""
        wall, cpu = clock.monotonic(), clock.processor_seconds()
        try:
            yield
        finally:
            wall, cpu = clock.monotonic() - wall, clock.processor_seconds() - cpu
            self.wall[stage] += wall
            self.cpu[stage] += cpu
            if within:
                self.wall[within] -= wall
                self.cpu[within] -= cpu


class Loop:
    """One way through a recording, a turn at a time."""

    def __init__(
        self,
        name: str,
        source: FrameSource,
        wanted: Wanted,
        look: Look,
        rules: Sequence[Rule],
        read: Read = nothing_read,
    ) -> None:
        self.name = name
        self.watch = Stopwatch()
        self.pictures = self.looked_at = self.alerts = 0
        self.first: datetime | None = None
        self.last: datetime | None = None
        self._wanted = wanted
        self._frames = source.frames(self._asked)
        self._look, self._read, self._rules = look, read, rules
        self._observer = pipeline.Observer()

    def warm_up(self) -> None:
        """Open the recording and look at its first picture, which is not measured: caches fill, memory is planned."""
        self.go_on(timedelta(0))
        self.watch = Stopwatch()
        self.pictures = self.looked_at = self.alerts = 0

    def _asked(self, at: datetime) -> bool:
        with self.watch.of("sampler", within="decode"):
            self.pictures += 1
            return self._wanted(at)

    def go_on(self, until: timedelta) -> bool:
        """Go on to so much media time; return False when the recording has ended before."""
        while self.first is None or self.media < until:
            with self.watch.of("decode"):
                frame = next(self._frames, None)
            if frame is None:
                return False
            self.first, self.last = self.first or frame.at, frame.at
            self.looked_at += 1
            with self.watch.of("model"):
                objects = self._look([frame])
            with self.watch.of("readings"):
                (sight,) = self._read([frame], objects)
            with self.watch.of("tracker"):
                obs = self._observer.observe(frame, sight)
            with self.watch.of("rules"):
                self.alerts += len(list(pipeline.alerts([obs], self._rules)))
        return True

    @property
    def media(self) -> timedelta:
        """Media time gone through."""
        return self.last - self.first if self.first and self.last else timedelta(0)

    def figures(self) -> dict[str, object]:
        """Return what it cost: by stage, milliseconds a picture that is looked at."""
        cpu, wall, media = sum(self.watch.cpu.values()), sum(self.watch.wall.values()), self.media.total_seconds()
        return {
            "loop": self.name,
            "media_s": media,
            "pictures": self.pictures,
            "looked_at": self.looked_at,
            "alerts": self.alerts,
            **{f"{stage}_ms": 1000 * self.watch.cpu[stage] / self.looked_at for stage in STAGES},
            "all_ms": 1000 * cpu / self.looked_at,
            "pictures_a_second": self.pictures / cpu,
            "times_real_time": media / cpu,
            "times_real_time_wall": media / wall,
        }


def side_by_side(loops: Sequence[Loop], seconds: float) -> list[dict[str, object]]:
    """Run the loops in turns over so much media time, or to the end, and return what each cost.

    Raises UsageError when the recording is too short to be measured.
    """
    for loop in loops:
        loop.warm_up()
    ended: list[Loop] = []
    until = timedelta(0)
    while not ended and until < timedelta(seconds=seconds):
        until = min(until + TURN, timedelta(seconds=seconds))
        ended = [loop for loop in loops if not loop.go_on(until)]
    if not all(loop.media for loop in loops):
        raise UsageError("the recording holds no time to be measured; take a longer one")
    return [loop.figures() for loop in loops]
