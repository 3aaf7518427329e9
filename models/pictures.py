"""Detects in picture files, one at a time: the library behind `ioc detect`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from ioc.errors import IocError
from ioc.types import Detection, Image
from models.detector import Detector

THRESHOLD = 0.005
"""Low, because whoever ranks by score loses what is cut here; a person looks at 0.25 and above."""

BOX_DECIMALS = 5
SCORE_DECIMALS = 4


class PictureError(IocError):
    """A picture cannot be read."""


def detect_images(
    paths: Iterable[str | Path],
    detectors: Sequence[Detector],
    *,
    size: int | None = None,
    threshold: float = THRESHOLD,
) -> Iterator[tuple[str, tuple[Detection, ...] | PictureError]]:
    """Yield each path as given with what the detectors find in the picture, surest first, or why it cannot be read.

    `size` is the long side of every detector's input in pixels, each one's own unless given. Raises ModelError when a
    model fails.
    """
    for path in paths:
        try:
            image = read_picture(Path(path))
        except PictureError as error:
            yield str(path), error
            continue
        found = [
            seen
            for detector in detectors
            for seen in detector.detect([image], size=size, threshold=threshold, one_label=False)[0]
        ]
        yield str(path), tuple(sorted(found, key=lambda seen: -seen.score))


def read_picture(path: Path) -> Image:
    """Return a picture upright (by its EXIF orientation) as (H, W, 3) uint8 BGR; alpha is dropped, grey becomes BGR.

    Raises PictureError when the file is missing, empty, cut short or not a picture.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PictureError(f"{path}: {error.strerror}; give a picture file") from None
    if not content:
        raise PictureError(f"{path}: is empty; give a picture file")
    image = _decoded(content)
    if image is None:
        raise PictureError(f"{path}: cannot be read as a picture; give a whole JPEG, PNG, WebP, BMP or TIFF file")
    return image


def _decoded(content: bytes) -> Image | None:
    # OpenCV tells of broken files on standard error as well; the caller says it in one line.
    level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        decoded = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    finally:
        cv2.utils.logging.setLogLevel(level)
    return None if decoded is None else np.asarray(decoded, dtype=np.uint8)


def to_json(path: str, detections: Sequence[Detection]) -> str:
    """Return one picture's line: {"image", "detections": [{"label", "score", "box"}]}; boxes are frame fractions."""
    found = [
        {
            "label": detection.label,
            "score": round(detection.score, SCORE_DECIMALS),
            "box": [round(value, BOX_DECIMALS) for value in detection.box.as_tuple()],
        }
        for detection in detections
    ]
    return json.dumps({"image": path, "detections": found}, ensure_ascii=False)
