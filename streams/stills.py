"""Pictures of a source at given times, small and compressed, to be shown beside what happened then."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np

from ioc.errors import StreamError
from ioc.ports import FrameSource
from ioc.types import Image

QUALITY = 82


@dataclass(frozen=True, slots=True)
class Still:
    """A JPEG file's bytes, its width and height in pixels, and when it was taken."""

    jpeg: bytes
    width: int
    height: int
    at: datetime


def stills(source: FrameSource, times: Iterable[datetime], width: int = 640) -> dict[datetime, Still]:
    """Return for each time the first picture taken then or later, at most `width` pixels wide.

    None is there for a time after the last picture. The source is read no further than it must be, and raises what it
    raises. The same pictures give the same bytes.
    """
    waiting = deque(sorted(set(times)))
    due: list[datetime] = []

    def wanted(at: datetime) -> bool:
        due.clear()
        while waiting and waiting[0] <= at:
            due.append(waiting.popleft())
        return bool(due)

    found: dict[datetime, Still] = {}
    if not waiting:
        return found
    for frame in source.frames(wanted):
        found.update(dict.fromkeys(due, _still(frame.image, frame.at, width)))
        if not waiting:
            break
    return found


def _still(image: Image, at: datetime, width: int) -> Still:
    if image.shape[1] > width:
        height = max(round(image.shape[0] * width / image.shape[1]), 1)
        image = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise StreamError(f"the picture of {at:%H:%M:%S} cannot be compressed")
    return Still(data.tobytes(), image.shape[1], image.shape[0], at)
