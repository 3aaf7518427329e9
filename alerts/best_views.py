"""Pictures that alerts may show later than they were seen: those in which plates were read, and those that rules cite.

Pictures with a legible plate are kept a while, as JPEG, of each camera the newest ones: a vehicle is told of later than
it is seen best. At 1080p one takes about 0.4 MB and 4 ms; a plate is read again only while it is seen better, so that a
passing vehicle costs a few of them. What a rule cites, as where a stay began, is kept as long as the rule may name it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import cv2
import numpy as np

from ioc.types import Evidence, Frame, Image, Observation, Reading

KEPT = timedelta(minutes=2)
"""Longer than a vehicle that was seen well waits at a red light."""
MOST_BYTES = 24 << 20
"""How much of one camera is kept at most."""


@dataclass(frozen=True, slots=True)
class _View:
    seq: int
    at: datetime
    jpeg: bytes


class BestViews:
    """Safe to use from several threads, one a camera. `encode` makes a JPEG of a picture, and may fail."""

    def __init__(self, encode: Callable[[Image], bytes], most_bytes: int = MOST_BYTES) -> None:
        self._encode = encode
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._of_camera: dict[str, deque[_View]] = {}
        self._cited: dict[str, list[_View]] = {}

    def see(self, frame: Frame, obs: Observation) -> None:
        """Keep the frame when a plate was read in it. Raises what `encode` raises."""
        if not any(map(_is_legible_plate, obs.readings)):
            return
        view = _View(frame.seq, frame.at, self._encode(frame.image))
        with self._lock:
            views = self._of_camera.setdefault(frame.camera, deque())
        views.append(view)
        size = sum(len(kept.jpeg) for kept in views)
        while views and (size > self._most_bytes or frame.at - views[0].at > KEPT):
            size -= len(views.popleft().jpeg)

    def cite(self, frame: Frame, cited: Collection[Evidence]) -> None:
        """Keep the frame when it is cited, and none that is not any more. Raises what `encode` raises."""
        names = {(item.seq, item.at) for item in cited}
        held = [view for view in self._cited.get(frame.camera, ()) if (view.seq, view.at) in names]
        if (frame.seq, frame.at) in names:
            held.append(_View(frame.seq, frame.at, self._encode(frame.image)))
        size = sum(len(view.jpeg) for view in held)
        while size > self._most_bytes:
            size -= len(held.pop(0).jpeg)
        with self._lock:
            self._cited[frame.camera] = held

    def find(self, camera: str, seq: int, at: datetime) -> Image | None:
        """Return the picture of that number and time, or None when it is not kept."""
        for view in (*self._of_camera.get(camera, ()), *self._cited.get(camera, ())):
            if (view.seq, view.at) == (seq, at):
                image = cv2.imdecode(np.frombuffer(view.jpeg, np.uint8), cv2.IMREAD_COLOR)
                return None if image is None else np.asarray(image, np.uint8)
        return None


def _is_legible_plate(reading: Reading) -> bool:
    return reading.kind == "plate" and isinstance(reading.value, Mapping) and bool(reading.value.get("text"))
