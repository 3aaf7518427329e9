"""Values that several tests of the core draw."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from ioc.ports import Sight, Wanted
from ioc.types import Box, Detection, Frame, Image, Observation, Reading, Track

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
RUN = "20260301T080000"


def after(seconds: float) -> datetime:
    """Return the time so many seconds after START."""
    return START + timedelta(seconds=seconds)


def picture(value: int = 0, height: int = 36, width: int = 64) -> Image:
    """Return a read-only picture of one grey."""
    image = np.full((height, width, 3), value, dtype=np.uint8)
    image.flags.writeable = False
    return image


def frame(seq: int, seconds: float, camera: str = "c1", run: str = RUN) -> Frame:
    """Return a frame of one grey, its value the number of the frame."""
    return Frame(camera, run, seq, after(seconds), picture(seq % 256))


def car(x: float = 0.2, y: float = 0.5, score: float = 0.9) -> Detection:
    """Return a car's detection with its upper left corner there."""
    return Detection("car", score, Box(x, y, x + 0.2, y + 0.2))


def observation(seq: int, seconds: float, *tracks: Track, readings: tuple[Reading, ...] = ()) -> Observation:
    """Return an observation of camera c1."""
    return Observation("c1", RUN, seq, after(seconds), tracks, readings)


class ListedFrames:
    """A source of frames listed beforehand; only the wanted ones come."""

    def __init__(self, frames: Sequence[Frame]) -> None:
        self._frames = frames

    def frames(self, wanted: Wanted) -> Iterator[Frame]:
        """Yield the wanted frames."""
        return (frame for frame in self._frames if wanted(frame.at))


class OneCarEverywhere:
    """Perception that sees the same car in each frame, and remembers what it was shown."""

    def __init__(self) -> None:
        self.batches: list[list[Frame]] = []

    def look(self, frames: Sequence[Frame]) -> list[Sight]:
        """Return the same car for each."""
        self.batches.append(list(frames))
        return [Sight((car(),)) for _ in frames]
