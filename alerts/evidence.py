"""Stills and clips that show an alert to be true: the picture as it was, and one that points out what it is about.

    <root>/<camera>/<YYYY-MM-DD>/<alert id>-<phase>-<seq>.jpg             the picture, nothing drawn on it
    <root>/<camera>/<YYYY-MM-DD>/<alert id>-<phase>-<seq>-annotated.jpg   with box, label, camera and time
    <root>/<camera>/<YYYY-MM-DD>/<alert id>-<phase>-<seq>-crop-<n>.jpg    close-ups that the rule asked for
    <root>/<camera>/<YYYY-MM-DD>/<alert id>-<phase>-clip.mp4              what came before and after, as it was sent

The picture is the one that the rule names last in the alert's evidence, where that is still at hand, or else the frame
that made the alert due; those that the rule names before it, such as where a stay began, are kept alike where they are
at hand. A close-up is cut out of the picture that the rule names for it, with a little around the box, in the picture's
own pixels: it is never enlarged.

A file is complete or absent: it is written under another name, flushed to the disk and renamed. An alert never
waits for its evidence to be possible: when a still cannot be kept, `details["evidence_missing"]` says why.
Nothing is deleted here: how long evidence is kept is the dashboard's to decide.
"""

from __future__ import annotations

import logging
import math
import re
import shutil
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np

from alerts.best_views import BestViews
from alerts.evidence_file import UNFINISHED, write_whole
from alerts.heat import heat_of, warmed
from ioc.errors import ClipMissing
from ioc.ports import ClipSource, Span
from ioc.types import Alert, Box, Evidence, Frame, Image, Observation, Phase, Severity

log = logging.getLogger(__name__)

QUALITY = 95
ANNOTATED_QUALITY = 88
ANNOTATED = "-annotated.jpg"
AROUND = 0.1
"""How much of a close-up's width and height is shown beside the box, on each side."""
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
        self._views = BestViews(lambda image: _jpeg(image, QUALITY))
        self._lock = threading.Lock()
        self._problem = ""

    @property
    def root(self) -> Path:
        """The folder."""
        return self._root

    @property
    def problem(self) -> str:
        """Why the last still could not be kept, or nothing."""
        return self._problem

    def see(self, frame: Frame, obs: Observation) -> None:
        """Remember for a while a frame that a rule may point to later; never raises."""
        try:
            self._views.see(frame, obs)
        except NotKept as error:
            self._note(str(error))

    def cite(self, frame: Frame, cited: frozenset[Evidence]) -> None:
        """Keep the frame as long as it is cited, and none that is not any more; never raises."""
        try:
            self._views.cite(frame, cited)
        except NotKept as error:
            self._note(str(error))

    def keep(self, alert: Alert, frame: Frame | None) -> Alert:
        """Keep the pictures that made the alert due, and return the alert with what shows it; never raises."""
        if frame is None or alert.phase not in self._phases:
            return alert
        try:
            evidence = self._keep(alert, frame)
        except (NotKept, OSError) as error:
            why = _reason(error)
            self._note(why)
            return replace(alert, details={**alert.details, "evidence_missing": why})
        self._note("")
        return replace(alert, evidence=evidence)

    def _keep(self, alert: Alert, frame: Frame) -> tuple[Evidence, ...]:
        shown, box = self._shown(alert, frame)
        stem = f"{self._folder(alert.camera, shown.at)}/{alert.id}-{alert.phase}"
        asked = [item for item in alert.evidence if (item.kind, item.seq) != ("frame", shown.seq)]
        return (*self._asked(alert, stem, asked, frame), *self._stills(alert, stem, shown, box))

    def _stills(self, alert: Alert, stem: str, shown: Frame, box: Box | None) -> Iterator[Evidence]:
        """Keep a picture as it was, and one with the alert's box in it, or none."""
        told = replace(alert, at=shown.at, box=box)
        drawn = annotated(shown.image, told, self._names.get(alert.camera, alert.camera))
        still = Evidence("frame", shown.seq, shown.at)
        yield self._still(f"{stem}-{shown.seq}.jpg", shown.image, QUALITY, still)
        yield self._still(f"{stem}-{shown.seq}{ANNOTATED}", drawn, ANNOTATED_QUALITY, replace(still, box=box))

    def keep_clip(self, alert: Alert, span: Span, source: ClipSource) -> Evidence:
        """Keep a clip of the alert and return it as evidence; raises ClipMissing."""
        try:
            path = self._folder(alert.camera, span.at) / f"{alert.id}-{alert.phase}-clip.mp4"
            start, digest = write_whole(path, lambda part: source.write(part, span))
        except (NotKept, OSError) as error:
            raise ClipMissing(_reason(error)) from None
        return Evidence("clip", start.seq, start.at, None, path.relative_to(self._root).as_posix(), digest)

    def remove_unfinished(self, now: datetime) -> None:
        """Remove what a program that was killed had begun to write, yesterday and today."""
        for day in (now - timedelta(days=1), now):
            for path in self._root.glob(f"*/{day:%Y-%m-%d}/{UNFINISHED}"):
                path.unlink(missing_ok=True)

    def _folder(self, camera: str, at: datetime) -> Path:
        """Return the folder for what a camera showed then, with room in it; raises NotKept and OSError."""
        if not SAFE_NAME.fullmatch(camera):
            raise NotKept("the camera's id cannot name a folder")
        folder = self._root / camera / f"{at.astimezone(UTC):%Y-%m-%d}"
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        if shutil.disk_usage(folder).free < self._reserve:
            raise NotKept("disk full")
        return folder

    def _shown(self, alert: Alert, frame: Frame) -> tuple[Frame, Box | None]:
        """Return the picture that the rule names last and the alert's box in it.

        When it names none the frame at hand, and when that picture is not kept any more the frame without a box.
        """
        if not alert.evidence:
            return frame, alert.box
        named = alert.evidence[-1]
        image = self._picture(named, frame)
        if image is None:
            return frame, None
        return replace(frame, seq=named.seq, at=named.at, image=image), alert.box

    def _picture(self, item: Evidence, frame: Frame) -> Image | None:
        """Return the picture that the evidence names, or None when it is not at hand."""
        if (item.seq, item.at) == (frame.seq, frame.at):
            return frame.image
        return self._views.find(frame.camera, item.seq, item.at)

    def _asked(self, alert: Alert, stem: str, asked: list[Evidence], frame: Frame) -> Iterator[Evidence]:
        """Yield what was asked for, stills and close-ups with their files where their picture is at hand."""
        for number, item in enumerate(asked):
            picture = self._picture(item, frame)
            if picture is None:
                yield item
            elif item.kind == "crop" and item.box:
                yield self._still(f"{stem}-{item.seq}-crop-{number}.jpg", close_up(picture, item.box), QUALITY, item)
            else:
                yield from self._stills(alert, stem, replace(frame, seq=item.seq, at=item.at, image=picture), item.box)

    def _still(self, name: str, image: Image, quality: int, item: Evidence) -> Evidence:
        """Write one still; return the evidence with its path below the root and its digest."""
        data = _jpeg(image, quality)
        path = Path(name)
        _, digest = write_whole(path, lambda part: part.write_bytes(data))
        return replace(item, path=path.relative_to(self._root).as_posix(), sha256=digest)

    def _note(self, problem: str) -> None:
        """Log once when stills can no longer be kept, and once when they can again."""
        with self._lock:
            before, self._problem = self._problem, problem
        if problem and not before:
            log.warning("evidence cannot be kept in %s: %s; alerts go on without", self._root, problem)
        elif before and not problem:
            log.info("evidence can be kept in %s again", self._root)


def _reason(error: NotKept | OSError) -> str:
    return (error.strerror or "cannot be written").lower() if isinstance(error, OSError) else str(error)


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


def close_up(image: Image, box: Box) -> Image:
    """Return the part of the picture in the box and a little around it, of at least one pixel."""
    height, width = image.shape[:2]
    beside, above = AROUND * box.width, AROUND * box.height
    left, right = max(math.floor((box.x1 - beside) * width), 0), math.ceil((box.x2 + beside) * width)
    top, bottom = max(math.floor((box.y1 - above) * height), 0), math.ceil((box.y2 + above) * height)
    return image[top:bottom, left:right]


def annotated(image: Image, alert: Alert, camera: str) -> Image:
    """Return a copy of the picture with the alert's box and label, the camera's name and the time in UTC.

    Where the alert's details tell of `heat`, it lies over the picture.
    """
    drawn = np.array(image, dtype=np.uint8, order="C")
    height, width = drawn.shape[:2]
    if drawn.size == 0:
        return drawn
    heat = heat_of(alert.details.get("heat"))
    if heat is not None:
        drawn = warmed(drawn, heat)
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
