"""The last seconds of one camera as it sent them: encoded packets, from key picture to key picture, never decoded.

A ring holds what came in the last `keep`, and further back while a clip is waiting for what comes after its alert,
but never more than `most_bytes`: a camera of 4 Mbit/s takes 8 MB. What is given up first is the oldest group
of pictures; a group that alone is too large is given up too, and what hangs on its key picture is not kept.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from ioc.errors import ClipMissing
from ioc.ports import ClipStart, Span
from streams.clip_file import Head, Packet, write_clip

log = logging.getLogger(__name__)

MOST_BYTES = 48 << 20
SLACK = timedelta(seconds=5)
"""How much later than its picture an alert may come and still find what came before it."""


@dataclass(slots=True)
class _Group:
    """A key picture and what hangs on it."""

    head: Head
    packets: list[Packet] = field(default_factory=list)
    size: int = 0

    def add(self, packet: Packet) -> None:
        self.packets.append(packet)
        self.size += len(packet.data)

    @property
    def at(self) -> datetime:
        return self.packets[0].at


class PacketRing:
    """One camera's packets; its reader adds them while others cut clips out of them.

    `before` is how long before an alert a clip may begin.
    """

    def __init__(self, before: timedelta, most_bytes: int = MOST_BYTES) -> None:
        self._keep = before + SLACK
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._groups: deque[_Group] = deque()
        self._size = 0
        self._held: list[Span] = []
        self._run = ""
        self._why_not = ""
        self._reached: datetime | None = None

    @property
    def size(self) -> int:
        """How many bytes of packets are kept."""
        return self._size

    def add(self, head: Head, packet: Packet) -> None:
        """Keep the next packet; one whose key picture is not kept is of no use and is not kept either."""
        with self._lock:
            self._run, self._reached, self._why_not = head.run, packet.at, ""
            if packet.key:
                self._groups.append(_Group(head))
            elif not self._groups or self._groups[-1].head is not head:
                return
            self._groups[-1].add(packet)
            self._size += len(packet.data)
            self._trim(packet.at)

    def refuse(self, camera: str, why: str) -> None:
        """Take note of why nothing can be kept of what the camera sends; the log says it once."""
        if why != self._why_not:
            log.warning("camera %s: no clips: %s", camera, why)
        self._why_not = why

    def end(self) -> None:
        """Take note that the run is over."""
        with self._lock:
            self._run = ""

    def hold(self, span: Span) -> None:
        """Keep what the span needs until it is released, as far as there is room."""
        with self._lock:
            self._held.append(span)

    def release(self, span: Span) -> None:
        """Keep what the span needs no longer."""
        with self._lock:
            self._held.remove(span)

    def ready(self, span: Span) -> bool:
        """Return whether all that will ever come of the span has come."""
        with self._lock:
            return self._run != span.run or (self._reached is not None and self._reached >= span.end)

    def write(self, path: Path, span: Span) -> ClipStart:
        """Write the span as MP4, from the key picture before it; say which picture it begins with.

        It is shorter where the run is, or where the camera sent more than there is room for. Raises ClipMissing when
        nothing is there of the moment that the clip is about, and when the file cannot be written.
        """
        head, packets = self._cut(span)
        write_clip(path, head, packets)
        return ClipStart(packets[0].seq, packets[0].at)

    def _cut(self, span: Span) -> tuple[Head, Sequence[Packet]]:
        with self._lock:
            groups = [group for group in self._groups if group.head.run == span.run and group.at <= span.end]
            told = [number for number, group in enumerate(groups) if group.at <= span.at]
            if not told:
                raise ClipMissing(self._why_not or "the camera sent no key picture in time, or too much between two")
            head = groups[told[-1]].head
            early = [number for number in told if groups[number].at <= span.start]
            chosen = [group for group in groups[early[-1] if early else 0 :] if group.head is head]
            return head, [packet for group in chosen for packet in group.packets if packet.at <= span.end]

    def _trim(self, now: datetime) -> None:
        needed = min((now - self._keep, *(span.start for span in self._held)))
        while self._size > self._most_bytes or (len(self._groups) > 1 and self._groups[1].at <= needed):
            self._size -= self._groups.popleft().size
