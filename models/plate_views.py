"""Which vehicles, or plates, of one camera are worth another look: those never read, and those seen better than before.

Looking at a plate costs more than all else that is done with a vehicle. So what was read well often enough is looked at
again only when it is seen larger, and what gave nothing only when it is seen otherwise than before.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ioc.geometry import iou
from ioc.tracker import Tracker, TrackerSettings
from ioc.types import Box, Detection, Frame, Track


@dataclass(frozen=True, slots=True)
class Patience:
    """When a view is worth another look."""

    enough: int = 5
    """So many sure reads are enough while the view gets no larger."""
    sure: float = 0.8
    """Score of a sure read: of 571 such on worn held-back plates four were wrong."""
    larger: float = 1.2
    """A view is better than another when it is so many times as large, in length."""
    tries: int = 3
    """So many looks at one view are enough, whatever they gave."""
    other: float = 0.75
    """A view that overlaps the last one looked at less than this (IoU) is another one."""
    refresh: timedelta | None = None
    """However well a plate is known, it is looked at again after so long: it may be there still."""
    forget: timedelta = timedelta(seconds=2)
    """What was not seen for longer than this is forgotten."""


@dataclass(slots=True)
class _View:
    """What is remembered of one vehicle or plate."""

    box: Box
    """Where it is, when, and how large in pixels: the side of a square of its area."""
    at: datetime
    size: float
    looked_box: Box | None = None
    """Where it was when it was last looked at, when that was, and how large it was at most."""
    looked_at: datetime | None = None
    looked_size: float = 0.0
    tries: int = 0
    """Looks since it was seen otherwise."""
    sure: int = 0
    vain: int = 0
    """Looks that gave a sure read, and those that gave none."""


class Views:
    """What is in sight of one camera, followed through one run, and how well its plates are known. Deterministic."""

    def __init__(self, least: float, patience: Patience | None = None) -> None:
        """Begin with nothing in sight; `least` is the score from which on a thing is followed."""
        self._patience = patience or Patience()
        forget, at_once = self._patience.forget, timedelta(0)
        self._tracker = Tracker(TrackerSettings(high=least, forget=forget, confirm_score=0.0, confirm_after=at_once))
        self._views: dict[str, _View] = {}
        self._run: str | None = None

    def __len__(self) -> int:
        """Return how many things are remembered."""
        return len(self._views)

    def follow(self, frame: Frame, seen: Sequence[Detection]) -> tuple[Track, ...]:
        """Take what is seen in the next frame and return it with identities."""
        if frame.run != self._run:
            self._run, self._views = frame.run, {}
        tracks = self._tracker.update(frame.run, frame.at, seen)
        height, width = frame.image.shape[:2]
        for track in tracks:
            view = self._views.setdefault(track.id, _View(track.box, frame.at, 0.0))
            view.box, view.at, view.size = track.box, frame.at, math.sqrt(track.box.area * width * height)
        forget = self._patience.forget
        self._views = {name: view for name, view in self._views.items() if frame.at - view.at <= forget}
        return tracks

    def size(self, name: str) -> float:
        """Return how large something is seen, in pixels: the side of a square of its area."""
        return self._views[name].size

    def worth(self, name: str) -> bool:
        """Return whether a look at something in sight may tell more than is known."""
        view, patience = self._views[name], self._patience
        if view.looked_at is None or view.size >= view.looked_size * patience.larger:
            return True
        if patience.refresh is not None and view.at - view.looked_at >= patience.refresh:
            return True
        return view.sure < patience.enough and (view.tries < patience.tries or self._otherwise(view))

    def promise(self, name: str) -> float:
        """Return how much a look promises: more at what is large, less at what was looked at in vain."""
        view = self._views[name]
        return view.size / (1 + view.vain)

    def looked(self, name: str, score: float) -> None:
        """Take what a look gave: the score of the surest read, 0 when nothing was read."""
        view = self._views[name]
        view.tries = 1 if self._otherwise(view) else view.tries + 1
        view.looked_box, view.looked_at, view.looked_size = view.box, view.at, max(view.size, view.looked_size)
        sure = score >= self._patience.sure
        view.sure += sure
        view.vain += not sure

    def _otherwise(self, view: _View) -> bool:
        """Return whether a thing is seen otherwise than when it was last looked at."""
        return view.looked_box is None or iou(view.looked_box, view.box) < self._patience.other
