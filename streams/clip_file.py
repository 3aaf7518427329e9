"""Writes packets as they came from a camera into an MP4 that browsers play; nothing is decoded or encoded."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import av
from av.video.stream import VideoStream

from ioc.errors import ClipMissing

TICKS = Fraction(1, 90_000)
TAGS = {"hevc": "hvc1"}
"""The name that a codec goes by in a file, where FFmpeg chooses one that not all browsers know."""
PLAYED = frozenset({"h264", "hevc", "vp9", "av1"})
"""The codecs that browsers play, as FFmpeg calls them."""


FAILURES = (OSError, av.FFmpegError, ValueError)
"""What PyAV raises when it cannot write: the disk's errors, FFmpeg's, and its own."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One encoded picture: its number in the run, when it was taken, and its place in the stream.

    `step` is how many seconds it is decoded after the packet before it, `lead` how many seconds later it is shown.
    """

    data: bytes
    key: bool
    seq: int
    at: datetime
    step: Fraction
    lead: Fraction


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """What a decoder has to know of a run's stream: a NUT file of its parameters and its first key picture.

    NUT keeps codecs' parameters as they are, where other containers rewrite them to fit packets of their own form.
    """

    run: str
    nut: bytes

    @classmethod
    def of(cls, run: str, stream: VideoStream, first: bytes) -> Head:
        """Return the head of an open stream; raises one of FAILURES for what NUT cannot hold."""
        target = io.BytesIO()
        with av.open(target, "w", format="nut") as out:
            _mux(_copy_of(stream, out), out, first, Fraction(0), Fraction(0), key=True)
        return cls(run, target.getvalue())


def reason_of(error: Exception) -> str:
    """Return in words why something could not be written."""
    return getattr(error, "strerror", None) or str(error)


def codec_of(stream: VideoStream) -> str:
    """Return the name of the stream's codec, whatever decodes it."""
    return stream.codec_context.codec.canonical_name


def write_clip(path: Path, head: Head, packets: Iterable[Packet]) -> None:
    """Write the packets, whose first is a key picture, to `path`. Raises ClipMissing when that cannot be done."""
    try:
        with (
            av.open(io.BytesIO(head.nut), "r", format="nut") as parameters,
            av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as out,
        ):
            sent = parameters.streams.video[0]
            stream = _copy_of(sent, out)
            if codec_of(sent) in TAGS:
                stream.codec_context.codec_tag = TAGS[codec_of(sent)]
            stream.time_base = TICKS
            decoded = Fraction(0)
            for number, packet in enumerate(packets):
                decoded += packet.step if number else 0
                _mux(stream, out, packet.data, decoded, decoded + packet.lead, key=packet.key)
    except FAILURES as error:
        raise ClipMissing(f"the file cannot be written: {reason_of(error)}") from None


def _copy_of(stream: VideoStream, out: av.container.OutputContainer) -> VideoStream:
    """Return a stream of the output that takes the other one's packets; `opaque` asks for no encoder of that codec."""
    return out.add_stream_from_template(stream, opaque=True)


def _mux(
    stream: VideoStream,
    out: av.container.OutputContainer,
    data: bytes,
    decoded: Fraction,
    shown: Fraction,
    *,
    key: bool,
) -> None:
    packet = av.Packet(data)
    packet.time_base, packet.dts, packet.pts = TICKS, round(decoded / TICKS), round(shown / TICKS)
    packet.is_keyframe, packet.stream = key, stream
    out.mux(packet)
