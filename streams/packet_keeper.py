"""Hands a stream's packets to the camera's ring as they are read, with the times that its pictures were given."""

from __future__ import annotations

import logging
from datetime import datetime
from fractions import Fraction
from types import TracebackType
from typing import Self

import av
from av.video.stream import VideoStream

from ioc.types import Frame
from streams.clip_file import FAILURES, PLAYED, TICKS, Head, Packet, codec_of, reason_of
from streams.decoding import rate_of, seconds
from streams.encoded_copy import EncodedCopy
from streams.packet_ring import PacketRing

log = logging.getLogger(__name__)

USUAL_STEP = Fraction(1, 25)
LONGEST_STEP = Fraction(10)
"""Seconds between two packets beyond which the stream's clock must have been set anew."""
LONGEST_LEAD = Fraction(2)
EARLY = 100
"""So many packets are kept until the first picture says when they were taken."""


class PacketKeeper:
    """One camera's packets on their way into its ring; where there is no ring, none are kept.

    What browsers cannot play is kept as a copy of the frames that are looked at. Each packet is given the number and
    the time of the last picture that was decoded: where pictures are reordered, a few too early. The run is over when
    the block ends.
    """

    def __init__(self, camera: str, ring: PacketRing | None) -> None:
        self._camera = camera
        self._ring = ring
        self._copy = None if ring is None else EncodedCopy(ring)
        self._stream: VideoStream | None = None
        self._step = USUAL_STEP
        self._early: list[av.Packet[VideoStream]] = []
        self._head: Head | None = None
        self._last: Fraction | None = None
        self._run = ""
        self._seq = 0
        self._at: datetime | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._ring is not None:
            self._ring.end()

    def begin(self, stream: VideoStream) -> None:
        """Take note that the packets of an open stream follow."""
        rate = rate_of(stream)
        self._step = 1 / rate if rate else USUAL_STEP
        self._head = self._last = None
        self._stream = stream
        if codec_of(stream) not in PLAYED:
            self._copy_instead(f"browsers do not play {codec_of(stream)}")

    def placed(self, run: str, seq: int, at: datetime | None) -> None:
        """Take note of when the last decoded picture was taken; None when that cannot be told."""
        if at is not None:
            self._run, self._seq, self._at = run, seq, at

    def looked_at(self, frame: Frame) -> None:
        """Keep a frame that is looked at, where the packets are of no use."""
        if self._copy is not None and self._stream is None:
            self._copy.keep(frame)

    def take(self, packet: av.Packet[VideoStream]) -> None:
        """Keep a packet that was read."""
        if self._ring is None or self._stream is None or not packet.size:
            return
        self._early.append(packet)
        if self._at is None:
            del self._early[:-EARLY]
            return
        for early in self._early:
            self._keep(self._ring, self._stream, early, self._at)
        self._early.clear()

    def _keep(self, ring: PacketRing, stream: VideoStream, packet: av.Packet[VideoStream], at: datetime) -> None:
        step, lead = self._timed(packet)
        data = bytes(packet)
        if self._head is None and packet.is_keyframe:
            self._head = self._head_of(stream, data)
        if self._head is not None:
            ring.add(self._head, Packet(data, packet.is_keyframe, self._seq, at, step, lead))

    def _head_of(self, stream: VideoStream, data: bytes) -> Head | None:
        try:
            return Head.of(self._run, stream, data)
        except FAILURES as error:
            self._copy_instead(reason_of(error))
            return None

    def _copy_instead(self, why: str) -> None:
        self._stream = None
        if self._copy is not None:
            log.info("camera %s: clips are encoded from what is looked at: %s", self._camera, why)

    def _timed(self, packet: av.Packet[VideoStream]) -> tuple[Fraction, Fraction]:
        """Return the packet's step and lead, within what a file can hold whatever the stream says."""
        shown = seconds(packet.pts, packet.time_base)
        decoded = seconds(packet.dts, packet.time_base)
        decoded = shown if decoded is None else decoded
        step = self._step if decoded is None or self._last is None else decoded - self._last
        self._last = decoded
        if not TICKS <= step <= LONGEST_STEP:
            step = self._step
        lead = Fraction(0) if shown is None or decoded is None else shown - decoded
        return step, min(max(lead, Fraction(0)), LONGEST_LEAD)
