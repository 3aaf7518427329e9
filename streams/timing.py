"""When a picture was taken: from a stream's own timestamps to aware UTC that rises within a run.

A *stamp* is a picture's time on its stream's clock, in seconds from an arbitrary zero.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from fractions import Fraction

RECORDING_START = datetime(2000, 1, 1, tzinfo=UTC)
"""When a recording begins unless told otherwise: always the same, so that a replay gives the same bytes."""

DISORDER = Fraction(1, 4)
"""Stamps that fall back by no more than so many seconds are pictures out of order; by more, the clock was set anew."""

LONGEST_GAP = Fraction(24 * 60 * 60)
"""Seconds between two pictures of a recording beyond which the stamp is taken for garbage."""

SLEW = 0.005
"""Seconds a second by which a live stream's time is moved towards the wall clock's."""

WINDOW = 10.0
"""Seconds of a live stream from which one comparison with the wall clock is made."""

JUMP = 5.0
"""Seconds between a live stream's time and the wall clock's beyond which the stream's clock must have been set anew."""

SMALLEST_STEP = 0.001
"""Seconds by which time rises when it may not fall."""


def run_id(start: datetime) -> str:
    """Return the name of the run that began then: compact UTC that is safe in file names and sorts by time."""
    return start.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def _microseconds(seconds: Fraction | float) -> int:
    return round(seconds * 1_000_000)


class StampsMissing(Exception):
    """Neither timestamps nor a rate say when the pictures were taken."""


class Stamps:
    """Chooses between presentation and decoding timestamps, in the order in which pictures are shown.

    Presentation time is right, except where a container does not store it (AVI) and FFmpeg's guess is wrong: it falls
    back where the decoding time rises. So whichever has fallen back less often is used, as FFmpeg's own player does.
    """

    def __init__(self) -> None:
        self._last_pts: Fraction | None = None
        self._last_dts: Fraction | None = None
        self._pts_faults = 0
        self._dts_faults = 0

    def pick(self, pts: Fraction | None, dts: Fraction | None) -> Fraction | None:
        """Return the next picture's stamp, or None when it has none."""
        if pts is not None:
            self._pts_faults += self._last_pts is not None and pts <= self._last_pts
            self._last_pts = pts
        if dts is not None:
            self._dts_faults += self._last_dts is not None and dts <= self._last_dts
            self._last_dts = dts
        return dts if pts is None or self._pts_faults > self._dts_faults else pts


class RecordedTime:
    """The times of one run of recordings: the run's start plus the stream's own time since the first picture.

    Where stamps fall back by more than DISORDER, as where two recordings were joined, or leap by more than LONGEST_GAP,
    the run goes on one step later. Pictures without a stamp follow the one before by one step.
    """

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._step: Fraction | None = None
        self._zero: Fraction | None = None
        self._last: Fraction | None = None
        self.last_step = Fraction(0)
        """Seconds between the last two pictures placed."""

    @property
    def elapsed(self) -> Fraction:
        """Seconds from the first picture to the last one placed."""
        return self._last or Fraction(0)

    def begin(self, rate: Fraction | None) -> None:
        """Take note that a file begins, with so many pictures a second; its stamps begin anywhere."""
        self._step = 1 / rate if rate else None
        self._zero = None

    def place(self, stamp: Fraction | None) -> datetime | None:
        """Return when the next picture was taken, or None when that is not later than the one before.

        Raises StampsMissing when the picture has no stamp and its file no rate.
        """
        position = self._position(stamp)
        if self._last is not None:
            if _microseconds(position) <= _microseconds(self._last):
                return None
            self.last_step = position - self._last
            if self._step is None:
                self._step = min(self.last_step, DISORDER)
        self._last = position
        return self._start + timedelta(microseconds=_microseconds(position))

    def _position(self, stamp: Fraction | None) -> Fraction:
        if stamp is None:
            return self._next(self._rate_step())
        if self._zero is None:
            self._zero = stamp - self._next(self._guessed_step())
        position = stamp - self._zero
        if self._last is not None and not -DISORDER <= position - self._last <= LONGEST_GAP:
            position = self._next(self._guessed_step())
            self._zero = stamp - position
        return position

    def _next(self, step: Fraction) -> Fraction:
        return Fraction(0) if self._last is None else self._last + step

    def _rate_step(self) -> Fraction:
        if self._step is None:
            raise StampsMissing
        return self._step

    def _guessed_step(self) -> Fraction:
        return self._step or Fraction(1, 25)


class LiveTime:
    """The times of one live run: one reading of the wall clock, then the stream's own time, gently corrected.

    After moonfire-nvr's `design/time.md`. A stream's own time is free of the network's jitter but its clock drifts; the
    wall clock does not drift but pictures reach it late by a delay that changes. A picture can be late but not early,
    so over a window the least late one shows best how far the two clocks are apart. The stream's time is then moved by
    at most SLEW of itself until the difference is gone: durations stay right to half a hundredth.

    When the stream's clock is set anew (its time falls back by more than DISORDER, runs more than JUMP ahead of the
    wall clock, or lies more than JUMP behind it for a whole window: an encoder restarted, a file was looped), time goes
    on from the wall clock, within the same run. It never falls.

    The wall clock is read once, at the first picture, and followed from there by a monotonic clock: when somebody sets
    it, a run that has begun takes no notice.
    """

    def __init__(self, start: datetime, rate: Fraction | None) -> None:
        """Begin at `start`, when the first picture came; `rate` is what the stream says of itself, if it does."""
        self._start = start
        self._step = float(1 / rate) if rate else None
        self._zero: Fraction | None = None
        self._media: float | None = None
        self._arrived = 0.0
        self._position = 0.0
        self._correction = 0.0
        self._target = 0.0
        self._window_began = 0.0
        self._least_late = math.inf
        self.breaks = 0

    def place(self, stamp: Fraction | None, arrived: float) -> datetime | None:
        """Return when the next picture was taken, or None when that is not later than the one before.

        `arrived` is how many seconds after the first picture it came, on a clock that never goes back.
        """
        media = self._media_time(stamp, arrived)
        if self._media is None:
            position: float | None = 0.0
        else:
            position = self._follow(media, media - self._media, arrived)
        self._arrived = arrived
        if position is None:
            return None
        self._media, self._position = media, position
        return self._start + timedelta(microseconds=_microseconds(position))

    def _media_time(self, stamp: Fraction | None, arrived: float) -> float:
        """Return the picture's seconds since the first one on the stream's clock."""
        if self._media is None:
            self._zero = stamp
            return 0.0
        follows = self._media + (self._step or max(arrived - self._arrived, SMALLEST_STEP))
        if stamp is None:
            return follows
        if self._zero is None:  # the first pictures had no stamp
            self._zero = stamp - Fraction(follows)
        return float(stamp - self._zero)

    def _follow(self, media: float, step: float, arrived: float) -> float | None:
        if step <= 0:
            return None if -step <= DISORDER else self._anchor(media, arrived)
        if media + self._correction - arrived > JUMP or not self._compare(media, arrived):
            return self._anchor(media, arrived)
        limit = SLEW * step
        self._correction += min(max(self._target - self._correction, -limit), limit)
        position = media + self._correction
        return position if _microseconds(position) > _microseconds(self._position) else None

    def _compare(self, media: float, arrived: float) -> bool:
        """Compare the clocks; return False when they are too far apart to be brought together gently."""
        self._least_late = min(self._least_late, arrived - media)
        if media - self._window_began >= WINDOW:
            self._target = self._least_late
            self._window_began, self._least_late = media, math.inf
        return self._target - self._correction <= JUMP

    def _anchor(self, media: float, arrived: float) -> float:
        """Go on from the wall clock, or just after the last picture if that was later."""
        self.breaks += 1
        position = max(arrived, self._position + SMALLEST_STEP)
        self._correction = self._target = position - media
        self._window_began, self._least_late = media, math.inf
        return position
