"""Publishes each camera's newest picture, small, about once a second, for whoever watches just now.

It has a connection of its own, so that no picture stands in an alert's way, and it never makes a camera wait: one
picture a camera is held, the newest, and at most one is on its way. A slow link costs pictures, which are counted.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self, TypeAlias

from alerts.address import BrokerAddress
from alerts.evidence import NotKept, small_jpeg
from alerts.mqtt import Link, LinkLost
from alerts.wire_picture import MAX_HEIGHT, MAX_PICTURE_BYTES, MAX_WIDTH, signed
from ioc.types import Frame, Track

log = logging.getLogger(__name__)

RETRY_SECONDS = 5.0
TURN_SECONDS = 0.2
STOP_SECONDS = 5.0
QUALITIES = (70, 40)
"""JPEG qualities that are tried until the picture is small enough."""
COMMENT_BYTES = 8192
"""Room for the comment within the size that readers allow."""
BLIND = timedelta(seconds=2)
"""For so long after one was looked at, frames that nobody has looked at are not shown."""
LATE = timedelta(seconds=60)
"""A frame older than the one shown is left out; one that is older by more comes from a clock that was set back."""

Shown: TypeAlias = tuple[Frame, Sequence[Track]]


@dataclass(frozen=True, slots=True)
class LiveHealth:
    """How the pictures fare: sent, given up for a newer one, and not to be made small enough."""

    connected: bool
    sent: int
    dropped: int
    unfit: int


class LivePictures:
    """Takes frames from any thread and publishes some of them; errors are logged once and cost pictures alone."""

    def __init__(self, address: BrokerAddress, site: str, *, rate: float) -> None:
        self._address = address
        self._site = site
        self._every = timedelta(seconds=1 / rate)
        self._lock = threading.Lock()
        self._newest: dict[str, Shown] = {}
        self._looked_at: dict[str, datetime] = {}
        self._shown_at: dict[str, datetime] = {}
        self._connected = False
        self._sent = self._dropped = self._unfit = 0
        self._told_lost = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live pictures", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stopping.set()
        self._thread.join(STOP_SECONDS)

    @property
    def health(self) -> LiveHealth:
        """How the pictures fare now."""
        with self._lock:
            return LiveHealth(self._connected, self._sent, self._dropped, self._unfit)

    def take(self, frame: Frame, tracks: Sequence[Track] | None = None) -> None:
        """Hold a camera's frame when one is due by the frames' own time; returns at once, copies nothing.

        `tracks` is what is followed in it, None when nobody has looked at it. Such frames are of use only where none
        was looked at of late: people see what a camera sees also while the analysis fails.
        """
        with self._lock:
            looked_at, shown_at = self._looked_at.get(frame.camera), self._shown_at.get(frame.camera)
            if tracks is not None:
                self._looked_at[frame.camera] = frame.at
            elif looked_at is not None and abs(frame.at - looked_at) < BLIND:
                return
            if not self._connected or (shown_at is not None and -LATE < frame.at - shown_at < self._every):
                return
            self._shown_at[frame.camera] = frame.at
            self._dropped += frame.camera in self._newest
            self._newest[frame.camera] = (frame, tracks or ())

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._serve()
            except LinkLost as error:
                if not self._told_lost:
                    log.warning("live pictures: broker %s: %s; trying again", self._address, error)
                self._told_lost = True
                self._begin(connected=False)
                self._stopping.wait(RETRY_SECONDS)

    def _serve(self) -> None:
        """Publish until told to stop; raise LinkLost when the connection is lost."""
        link = Link(self._address, f"ioc-live-{self._site}")
        link.open()
        if self._told_lost:
            log.info("live pictures: broker %s is back", self._address)
        self._told_lost = False
        self._begin(connected=True)
        while not self._stopping.is_set():
            shown = None if link.busy else self._pick()
            if shown is not None:
                self._publish(link, *shown)
            link.pump(TURN_SECONDS if shown is None else 0)
        self._begin(connected=False)
        link.disconnect()

    def _begin(self, *, connected: bool) -> None:
        with self._lock:
            self._connected = connected
            self._newest.clear()

    def _pick(self) -> Shown | None:
        """Return the frame that has waited longest, or None."""
        with self._lock:
            return self._newest.pop(next(iter(self._newest))) if self._newest else None

    def _publish(self, link: Link, frame: Frame, tracks: Sequence[Track]) -> None:
        jpeg = _fitting(frame, min(MAX_PICTURE_BYTES, link.max_packet) - COMMENT_BYTES)
        if jpeg is not None:
            picture = signed(self._site, frame.camera, frame.at, jpeg, tracks)
            link.send(picture.topic, picture.jpeg)
        with self._lock:
            self._sent += jpeg is not None
            self._unfit += jpeg is None


def _fitting(frame: Frame, room: int) -> bytes | None:
    """Return the frame as a small JPEG of at most `room` bytes, or None when it cannot be made so small."""
    for quality in QUALITIES:
        try:
            jpeg = small_jpeg(frame.image, (MAX_WIDTH, MAX_HEIGHT), quality)
        except NotKept:
            return None
        if len(jpeg) <= room:
            return jpeg
    return None
