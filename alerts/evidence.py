"""Stills that show an alert to be true: the picture as it was, and one that points out what the alert is about.

    <root>/<camera>/<YYYY-MM-DD>/<alert id>-<phase>-<seq>.jpg             the picture, nothing drawn on it
    <root>/<camera>/<YYYY-MM-DD>/<alert id>-<phase>-<seq>-annotated.jpg   with box, label, camera and time

A file is complete or absent: it is written under another name, flushed to the disk and renamed. An alert never
waits for its evidence to be possible: when a still cannot be kept, `details["evidence_missing"]` says why.
Clips are not cut yet, and nothing is deleted: how long evidence is kept is not decided here.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import cv2
import numpy as np

from ioc.types import Alert, Evidence, Frame, Image, Phase, Severity

log = logging.getLogger(__name__)

QUALITY = 95
ANNOTATED_QUALITY = 88
ANNOTATED = "-annotated.jpg"
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
"""A camera's id as the wire format has it; anything else could lead out of the folder."""
FONT = cv2.FONT_HERSHEY_SIMPLEX
Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)
COLOURS: Mapping[Severity, Colour] = {
    Severity.INFORMATIONAL: (200, 200, 200),
    Severity.LOW: (80, 200, 80),
    Severity.MEDIUM: (0, 200, 255),
    Severity.HIGH: (0, 120, 255),
    Severity.CRITICAL: (40, 40, 255),
}


class NotKept(Exception):
    """A still cannot be kept or made; the message says why."""


class EvidenceStore:
    """A folder of stills; safe to use from several threads, one a camera.

    `names` gives cameras' names for people, drawn on the annotated still; `phases` says which phases are worth a
    still: an incident that lasts for hours is told of often. `reserve` bytes of the disk are left free, since the
    outbox needs them more.
    """

    def __init__(
        self,
        root: Path,
        names: Mapping[str, str] | None = None,
        *,
        phases: frozenset[Phase] = frozenset({Phase.RAISED, Phase.CLEARED}),
        reserve: int = 200 << 20,
    ) -> None:
        self._root = root
        self._names = dict(names or {})
        self._phases = phases
        self._reserve = reserve
        self._lock = threading.Lock()
        self._problem = ""

    @property
    def problem(self) -> str:
        """Why the last still could not be kept, or nothing."""
        return self._problem

    def keep(self, alert: Alert, frame: Frame | None) -> Alert:
        """Keep the frame that made the alert due, and return the alert with what shows it; never raises."""
        if frame is None or alert.phase not in self._phases:
            return alert
        try:
            kept = self._keep(alert, frame)
        except (NotKept, OSError) as error:
            why = (error.strerror or "cannot be written").lower() if isinstance(error, OSError) else str(error)
            self._note(why)
            return replace(alert, details={**alert.details, "evidence_missing": why})
        self._note("")
        return replace(alert, evidence=_merged(alert.evidence, kept))

    def _keep(self, alert: Alert, frame: Frame) -> tuple[Evidence, Evidence]:
        if not SAFE_NAME.fullmatch(alert.camera):
            raise NotKept("the camera's id cannot name a folder")
        folder = self._root / alert.camera / f"{frame.at.astimezone(UTC):%Y-%m-%d}"
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        if shutil.disk_usage(folder).free < self._reserve:
            raise NotKept("disk full")
        stem = f"{alert.id}-{alert.phase}-{frame.seq}"
        drawn = annotated(frame.image, alert, self._names.get(alert.camera, alert.camera))
        stills = ((f"{stem}.jpg", frame.image, QUALITY, None), (stem + ANNOTATED, drawn, ANNOTATED_QUALITY, alert.box))
        first, second = (
            Evidence("frame", frame.seq, frame.at, box, *self._write(folder / name, image, quality))
            for name, image, quality, box in stills
        )
        return first, second

    def _write(self, path: Path, image: Image, quality: int) -> tuple[str, str]:
        """Write one still; return its path below the root and its digest."""
        data = _jpeg(image, quality)
        part = path.with_name(f".{path.name}.part")
        try:
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.rename(path)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        _flush_folder(path.parent)
        return path.relative_to(self._root).as_posix(), hashlib.sha256(data).hexdigest()

    def _note(self, problem: str) -> None:
        """Log once when stills can no longer be kept, and once when they can again."""
        with self._lock:
            before, self._problem = self._problem, problem
        if problem and not before:
            log.warning("evidence cannot be kept in %s: %s; alerts go on without", self._root, problem)
        elif before and not problem:
            log.info("evidence can be kept in %s again", self._root)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _jpeg(image: Image, quality: int) -> bytes:
    try:
        done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    except cv2.error as error:
        raise NotKept("the picture cannot be encoded") from error
    if not done:
        raise NotKept("the picture cannot be encoded")
    return data.tobytes()


def small_jpeg(image: Image, room: tuple[int, int], quality: int) -> bytes:
    """Return the whole picture as a JPEG that fits into `room` (width, height in pixels); raise NotKept."""
    height, width = image.shape[:2]
    if not (height and width):
        raise NotKept("the picture is empty")
    scale = min(room[0] / width, room[1] / height, 1.0)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA) if scale < 1 else image
    return _jpeg(np.asarray(small, dtype=np.uint8), quality)


def _merged(from_rule: tuple[Evidence, ...], kept: tuple[Evidence, Evidence]) -> tuple[Evidence, ...]:
    """Return the rule's evidence with the pictures it asked for replaced by the kept ones."""
    others = [item for item in from_rule if (item.kind, item.seq) != ("frame", kept[0].seq)]
    return (*others, *kept)


def annotated(image: Image, alert: Alert, camera: str) -> Image:
    """Return a copy of the picture with the alert's box and label, the camera's name and the time in UTC."""
    drawn = np.array(image, dtype=np.uint8, order="C")
    height, width = drawn.shape[:2]
    if drawn.size == 0:
        return drawn
    size = max(width, height) / 1280
    colour = COLOURS[alert.severity]
    label = f"{alert.kind.replace('_', ' ')} · {alert.rule}"
    top_left = (0, 0)
    if alert.box is not None:
        top_left = round(alert.box.x1 * width), round(alert.box.y1 * height)
        bottom_right = round(alert.box.x2 * width), round(alert.box.y2 * height)
        cv2.rectangle(drawn, top_left, bottom_right, colour, max(round(3 * size), 1), cv2.LINE_AA)
    _write_text(drawn, label, top_left, size, colour)
    _write_text(drawn, f"{camera}   {alert.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC", (0, height), size, WHITE)
    return drawn


def _write_text(drawn: Image, text: str, foot: tuple[int, int], size: float, colour: Colour) -> None:
    """Write one line with its lower left corner at `foot`, on a dark ground, moved and shrunk to fit the picture."""
    height, width = drawn.shape[:2]
    scale = 0.8 * size
    (text_width, text_height), below = cv2.getTextSize(text, FONT, scale, 1)
    room = 0.95 * width
    if text_width > room:
        scale *= room / text_width
        (text_width, text_height), below = cv2.getTextSize(text, FONT, scale, 1)
    gap = max(round(6 * size), 1)
    total = text_height + below + 2 * gap
    x = max(min(foot[0], width - text_width - 2 * gap), 0)
    y = max(min(foot[1], height), total)
    cv2.rectangle(drawn, (x, y - total), (x + text_width + 2 * gap, y), (20, 20, 20), cv2.FILLED)
    cv2.putText(drawn, text, (x + gap, y - below - gap), FONT, scale, colour, 1, cv2.LINE_AA)
