from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ioc.ports import Wanted
from ioc.types import Frame
from streams.pacing import Paced

START = datetime(2026, 3, 1, tzinfo=UTC)


class Listed:
    def __init__(self, *seconds: float) -> None:
        self._seconds = seconds

    def frames(self, wanted: Wanted) -> Iterator[Frame]:
        for seq, second in enumerate(self._seconds):
            at = START + timedelta(seconds=second)
            if wanted(at):
                yield Frame("c1", "r", seq, at, np.zeros((1, 1, 3), np.uint8))


class Clock:
    """A clock that only waiting, and work done in between, moves on."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.time = 100.0
        self.waits: list[float] = []
        self._stop_after = stop_after

    def wait(self, seconds: float) -> bool:
        self.waits.append(round(seconds, 6))
        self.time += seconds
        return len(self.waits) == self._stop_after

    def __call__(self) -> float:
        return self.time


def every(_: datetime) -> bool:
    return True


def test_frames_come_when_their_times_say() -> None:
    clock = Clock()
    frames = list(Paced(Listed(0, 0.2, 0.4, 1.4), clock.wait, clock).frames(every))
    assert [frame.seq for frame in frames] == [0, 1, 2, 3]
    assert clock.waits == pytest.approx([0.2, 0.2, 1.0])


def test_time_that_the_reader_takes_is_not_waited_again() -> None:
    clock = Clock()
    for frame in Paced(Listed(0, 0.2, 0.4, 0.6), clock.wait, clock).frames(every):
        clock.time += 0.35 if frame.seq == 0 else 0.0
    assert clock.waits == pytest.approx([0.05, 0.2])


def test_it_asks_for_the_wanted_ones_only() -> None:
    clock = Clock()
    frames = list(Paced(Listed(0, 1, 2, 3), clock.wait, clock).frames(lambda at: at.second % 2 == 1))
    assert [frame.seq for frame in frames] == [1, 3]
    assert clock.waits == [2.0]


def test_it_ends_when_told_to_stop() -> None:
    clock = Clock(stop_after=2)
    assert [frame.seq for frame in Paced(Listed(0, 1, 2, 3), clock.wait, clock).frames(every)] == [0, 1]
