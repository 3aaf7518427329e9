"""An encoded copy of what is looked at, so that clips can be cut where a source sends nothing that browsers play."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction

import av
from av.video.stream import VideoStream

from ioc.ports import FrameSource, Wanted
from ioc.types import Frame
from streams.clip_file import FAILURES, TICKS, Head, Packet, reason_of
from streams.encoder import X264, yuv_frame
from streams.packet_ring import PacketRing

KEY_EVERY = 10
"""So many pictures from one key picture to the next: two seconds at the usual rate."""


class EncodedCopy:
    """A camera's frames, encoded into its ring as H.264: 1 ms of a core a frame at 640 × 360, 8 ms at 1080p."""

    def __init__(self, ring: PacketRing) -> None:
        self._ring = ring
        self._encoder: _Encoder | None = None

    def keep(self, frame: Frame) -> None:
        """Encode the next frame; one that cannot be encoded is not kept, which the log says once."""
        if self._encoder is None or not self._encoder.fits(frame):
            self._encoder = _Encoder(frame)
        try:
            self._encoder.keep(frame, self._ring)
        except FAILURES as error:
            self._ring.refuse(frame.camera, reason_of(error))


class CopiedSource:
    """Hands on another source's frames and keeps a copy of them: only of those that are looked at."""

    def __init__(self, source: FrameSource, ring: PacketRing) -> None:
        self._source = source
        self._ring = ring
        self._copy = EncodedCopy(ring)

    def frames(self, wanted: Wanted) -> Iterator[Frame]:
        """Yield the wanted frames; raises what the source raises."""
        try:
            for frame in self._source.frames(wanted):
                self._copy.keep(frame)
                yield frame
        finally:
            self._ring.end()


class _Encoder:
    """Encodes the pictures of one run and one size."""

    def __init__(self, first: Frame) -> None:
        self._run = first.run
        self._shape = first.image.shape
        self._last = self._began = first.at
        self._head: Head | None = None
        self._container = av.open(io.BytesIO(), "w", format="nut")
        self._stream = self._container.add_stream("libx264", rate=25)
        assert isinstance(self._stream, VideoStream)
        height, width = self._shape[:2]
        self._stream.width, self._stream.height = width // 2 * 2, height // 2 * 2
        self._stream.pix_fmt = "yuv420p"
        self._stream.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "x264-params": f"keyint={KEY_EVERY}:{X264}",
        }
        self._stream.codec_context.time_base = TICKS
        self._stream.codec_context.thread_count = 1

    def fits(self, frame: Frame) -> bool:
        return (frame.run, frame.image.shape) == (self._run, self._shape)

    def keep(self, frame: Frame, ring: PacketRing) -> None:
        """Encode the frame into the ring; raises one of FAILURES."""
        if self._head is None:
            self._container.start_encoding()
        ticks = round(_seconds(self._began, frame.at) / TICKS)
        for packet in self._stream.encode(yuv_frame(frame.image, ticks, TICKS)):
            data = bytes(packet)
            if self._head is None:
                self._head = Head.of(self._run, self._stream, data)
            step = _seconds(self._last, frame.at)
            ring.add(self._head, Packet(data, packet.is_keyframe, frame.seq, frame.at, step, Fraction(0)))
        self._last = frame.at


def _seconds(start: datetime, end: datetime) -> Fraction:
    return Fraction(round((end - start).total_seconds() * 1_000_000), 1_000_000)
