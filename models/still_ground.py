"""Two memories of one place: the ground as it usually is, and the pictures of the last moment.

What differs from the ground but not from a moment ago stands still. Each pixel counts for how long; what passes in
front holds the count, and the ground's return takes it back. The idea of two backgrounds at two rates is Porikli,
Ivanov and Haga (2008), "Robust abandoned object detection using dual foregrounds".
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

import cv2
import numpy as np
import numpy.typing as npt

from ioc.types import Image

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

LONG_SIDE = 400
"""About so many pixels wide is the picture that is compared: so that a whole number of pixels becomes one."""

MOMENT = timedelta(seconds=0.6)
"""What looks as it did so long ago stands still."""
GROUND_SECONDS = 12.0
"""How slowly the ground follows where nothing stands on it."""
LEAST_DIFFERENCE = 20.0
"""Grey levels, of the colour that differs most."""
NOISES = 5.0
"""How many times the picture's own noise a difference must be."""
JUMP = 0.5
"""When this part of the picture differs from the ground, the light has changed, not the place."""
JUMP_SECONDS = 1.0
"""For so long a change of light is waited out before the ground is learnt anew."""
RETURN_SECONDS = 0.4
"""How fast a count goes back where the ground is seen again."""
LONGEST = 7 * 24 * 3600.0
"""Seconds that a pixel counts to."""


def small(image: Image) -> Image:
    """Return the picture, (H, W, 3) uint8, about `LONG_SIDE` pixels across and a little blurred."""
    factor = max(round(max(image.shape[:2]) / LONG_SIDE), 1)
    height, width = max(image.shape[0] // factor, 1), max(image.shape[1] // factor, 1)
    less = cv2.resize(image[: height * factor, : width * factor], (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(less, (3, 3), 0), np.uint8)


def difference(a: Image, b: Image) -> Image:
    """Return how much two pictures differ in each pixel, (h, w) uint8: that of the colour that differs most."""
    blue, green, red = cv2.split(cv2.absdiff(a, b))
    return np.asarray(cv2.max(cv2.max(blue, green), red), np.uint8)


class StillGround:
    """One camera's ground, and for how long each pixel has stood still before it."""

    def __init__(self, at: datetime, picture: Image) -> None:
        self.stood: Floats = np.zeros(picture.shape[:2], np.float32)
        """Seconds for which each pixel has shown the same thing that is not the ground, (h, w)."""
        self.still: Mask = np.zeros(picture.shape[:2], np.bool_)
        """Which pixels show, now, something that stands still and is not the ground, (h, w)."""
        self._ground = picture.astype(np.float32)
        self._shown = picture.copy()
        """What each pixel last showed that stood still."""
        self._lately: deque[tuple[datetime, Image]] = deque([(at, picture)])
        self._noise = LEAST_DIFFERENCE / NOISES
        self._jumped = 0.0
        """Seconds for which the light has been another."""

    @property
    def picture(self) -> Image:
        """The ground, (h, w, 3)."""
        return self._ground.astype(np.uint8)

    def take(self, at: datetime, picture: Image) -> bool:
        """Take the next picture; return whether the light is steady, so that what stands still is known."""
        step = (at - self._lately[-1][0]).total_seconds()
        while len(self._lately) > 1 and at - self._lately[1][0] >= MOMENT:
            self._lately.popleft()
        before, past = self._lately[0]
        self._lately.append((at, picture))
        passing, other = difference(picture, past), difference(picture, self.picture)
        limit = max(LEAST_DIFFERENCE, NOISES * self._noise)
        standing_out = other > limit
        self._jumped = self._jumped + step if np.count_nonzero(standing_out) > JUMP * standing_out.size else 0.0
        if self._jumped:
            if self._jumped >= JUMP_SECONDS:
                self._learn_anew(at, picture)
            return False
        self.still = standing_out & (passing <= limit)
        ground = ~standing_out
        self._count(picture, limit, step, (at - before).total_seconds() - step)
        self.stood.reshape(-1)[np.flatnonzero(ground & (self.stood > 0))] *= np.exp(-step / RETURN_SECONDS)
        self._noise += 0.1 * (2.0 * float(np.median(passing[::4, ::4])) - self._noise)
        cv2.accumulateWeighted(picture, self._ground, 1 - np.exp(-step / GROUND_SECONDS), ground.view(np.uint8))
        return True

    def _count(self, picture: Image, limit: float, step: float, lag: float) -> None:
        """Count on where something stands still; a pixel that begins has stood so for `lag` already."""
        here = np.flatnonzero(self.still)
        stood = self.stood.reshape(-1)
        another = difference(picture, self._shown).reshape(-1)[here] > limit
        before = np.where(another, 0, stood[here])
        stood[here] = np.minimum(before + (step + np.where(before == 0, lag, 0)), LONGEST)
        cv2.copyTo(picture, self.still.view(np.uint8), self._shown)

    def _learn_anew(self, at: datetime, picture: Image) -> None:
        """Take the picture for the ground, but what stands still keeps standing out from it as it did."""
        kept = self.stood > 0
        if kept.any() and not kept.all():
            shift = np.median((picture - self._ground)[~kept], axis=0)
            self._ground[kept] = np.clip(self._ground[kept] + shift, 0, 255)
        self._ground[~kept] = picture[~kept]
        self._lately = deque([(at, picture)])
        self._jumped = 0.0
