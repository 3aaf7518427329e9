"""A camera's picture without what passes, and with places drawn on it: what floods are calibrated with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import cv2
import numpy as np

from ioc.errors import IocError, StreamError
from ioc.ports import FrameSource
from ioc.rulers import Ruler
from ioc.types import Image, Point

PICTURES = 15
"""Of so many pictures, evenly spread, the median shows nothing that passes."""
GRID, ROAD, STRIP = (200, 200, 200), (80, 220, 80), (60, 60, 255)


def dry_picture(source: FrameSource, start: datetime, dry: timedelta) -> Image:
    """Return the median of PICTURES pictures of a source's first time, (H, W, 3) BGR; raises what the source raises."""
    step, due = dry / PICTURES, [start]

    def wanted(at: datetime) -> bool:
        if not due[0] <= at < start + dry:
            return False
        due[0] = at + step
        return True

    taken = []
    for frame in source.frames(wanted):
        taken.append(frame.image)
        if len(taken) == PICTURES:
            break
    if not taken:
        raise StreamError("it shows no picture")
    return np.asarray(np.median(np.stack(taken), axis=0), np.uint8)


def drawn_on(image: Image, road: Sequence[Point] | None, ruler: Ruler | None) -> Image:
    """Return a copy of the picture with a grid of tenths, the road and the ruler with its marks."""
    drawn = np.array(image, np.uint8, order="C")
    height, width = drawn.shape[:2]
    size = np.array([width, height])
    scale = max(width, height) / 1280
    for tenth in range(1, 10):
        x, y = round(tenth / 10 * width), round(tenth / 10 * height)
        cv2.line(drawn, (x, 0), (x, height), GRID, 1)
        cv2.line(drawn, (0, y), (width, y), GRID, 1)
        for place in ((x + 3, round(18 * scale) + 2), (3, y - 3)):
            cv2.putText(drawn, f".{tenth}", place, cv2.FONT_HERSHEY_SIMPLEX, 0.6 * scale, GRID, 1, cv2.LINE_AA)
    if road:
        corners = np.array([(corner.x, corner.y) for corner in road]) * size
        cv2.polylines(drawn, [corners.round().astype(np.int32)], isClosed=True, color=ROAD, thickness=2)
    if ruler is not None:
        foot, top = np.array([ruler.foot.x, ruler.foot.y]) * size, np.array([ruler.top.x, ruler.top.y]) * size
        cv2.line(drawn, _pixel(foot), _pixel(top), STRIP, max(round(2 * scale), 1))
        for part, depth in ruler.marks:
            place = _pixel(foot + part * (top - foot))
            cv2.circle(drawn, place, max(round(4 * scale), 2), STRIP, cv2.FILLED)
            beside = (place[0] + 8, place[1] + 4)
            cv2.putText(drawn, f"{depth:g} cm", beside, cv2.FONT_HERSHEY_SIMPLEX, 0.6 * scale, STRIP, 1, cv2.LINE_AA)
    return drawn


def _pixel(place: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> tuple[int, int]:
    return round(float(place[0])), round(float(place[1]))


def write_png(path: Path, image: Image) -> None:
    """Write a picture as PNG; raises IocError when that fails."""
    done, data = cv2.imencode(".png", image)
    try:
        if not done:
            raise IocError(f"{path}: the picture cannot be written")
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise IocError(f"{path}: cannot be written: {error.strerror}") from None
