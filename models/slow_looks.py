"""Says when it is time for a look that is taken seldom, by the pictures' own times."""

from __future__ import annotations

from datetime import datetime, timedelta

from ioc.types import Frame


class SlowLooks:
    """Each camera's looks, `every` so much time and at the beginning of each run."""

    def __init__(self, every: timedelta) -> None:
        self._every = every
        self._last: dict[str, tuple[str, datetime]] = {}

    def is_due(self, frame: Frame) -> bool:
        """Return whether a frame is to be looked at; frames of one camera come in order, each asked about once."""
        run, at = self._last.get(frame.camera, ("", frame.at))
        due = run != frame.run or frame.at - at >= self._every
        if due:
            self._last[frame.camera] = (frame.run, frame.at)
        return due
