"""The newest live picture of each camera, in memory alone; an old one never passes for a live one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from alerts.wire import WireError
from alerts.wire_picture import LivePicture
from ioc import clock

FRESH_SECONDS = 10.0
"""An older picture is not handed out."""
MOST_SKEW_SECONDS = 60.0
"""A picture whose time lies further from ours is refused."""
ASK_AGAIN_SECONDS = 5.0
"""How long the list of known cameras stands before a stranger makes us look again."""

Place = tuple[str, str]
"""A site and a camera."""


@dataclass(frozen=True, slots=True)
class HeldPicture:
    """A picture, and when it came by our own monotonic clock in seconds."""

    picture: LivePicture
    came: float

    @property
    def tag(self) -> str:
        """What tells this picture from the camera's other ones."""
        return f'"{int(self.picture.at.timestamp() * 1e6):x}"'


class LivePictures:
    """Takes pictures from one thread and hands out the newest to any.

    `known` returns the cameras that there are: pictures of others are refused, so that what is held is bounded.
    """

    def __init__(
        self,
        known: Callable[[], frozenset[Place]],
        now: Callable[[], datetime] = clock.now,
        monotonic: Callable[[], float] = clock.monotonic,
    ) -> None:
        self._known = known
        self._now = now
        self.monotonic = monotonic
        self._lock = threading.Lock()
        self._held: dict[Place, HeldPicture] = {}
        self._cameras: frozenset[Place] = frozenset()
        self._looked = -ASK_AGAIN_SECONDS

    def put(self, picture: LivePicture) -> None:
        """Hold a picture; raise WireError for an unknown camera and for one that was not taken just now."""
        place = (picture.site, picture.camera)
        if not self._is_known(place):
            raise WireError(f"picture on {picture.topic!r} is of a camera that has told no state")
        skew = (self._now() - picture.at).total_seconds()
        if abs(skew) > MOST_SKEW_SECONDS:
            said = f"{abs(skew):.0f} s {'behind' if skew > 0 else 'ahead of'} our clock"
            raise WireError(f"picture on {picture.topic!r} was taken {said}: set the clocks by one time server")
        with self._lock:
            self._held[place] = HeldPicture(picture, self.monotonic())

    def newest(self, site: str, camera: str) -> HeldPicture | None:
        """Return the camera's newest picture, however old, or None."""
        with self._lock:
            return self._held.get((site, camera))

    def clear(self) -> None:
        """Forget all pictures: nobody watched, so they say nothing about now."""
        with self._lock:
            self._held.clear()

    def _is_known(self, place: Place) -> bool:
        if place not in self._cameras and self.monotonic() - self._looked >= ASK_AGAIN_SECONDS:
            self._cameras, self._looked = self._known(), self.monotonic()
        return place in self._cameras
