"""Recordings and pictures that the tests draw: each picture is of one grey that tells which it is."""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from ioc.types import Frame, Image

RATE = 25
TOLERANCE = 6
"""How far lossy coding may take a grey from what was drawn."""


def grey(number: int) -> int:
    """Return the grey that the picture of that number has."""
    return 30 + 8 * (number % 25)


def flat(level: int, size: tuple[int, int] = (64, 48)) -> Image:
    """Return a picture of one grey, `size` being width and height."""
    return np.full((size[1], size[0], 3), level, dtype=np.uint8)


def draw(
    path: Path,
    count: int = 25,
    *,
    size: tuple[int, int] = (64, 48),
    codec: str = "libx264",
    rate: int = RATE,
    ticks: Sequence[int] | None = None,
    container: str | None = None,
    b_frames: int = 0,
    rotation: int = 0,
    sound: bool = False,
    picture: Callable[[int], Image] | None = None,
    muxing: dict[str, str] | None = None,
) -> Path:
    """Draw a recording of `count` pictures; `ticks` are their times in 1/`rate` s, else one follows each."""
    with av.open(str(path), "w", format=container, options=muxing or {}) as out:
        stream = out.add_stream(codec, rate=rate, options={"bf": str(b_frames), "g": "10"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.thread_count = 1
        stream.codec_context.time_base = Fraction(1, rate)
        if rotation:
            stream.set_display_rotation(rotation)
        audio = out.add_stream("aac", rate=8000, layout="mono") if sound else None
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(picture(number) if picture else flat(grey(number), size), format="bgr24")
            frame.pts, frame.time_base = (ticks[number] if ticks else number), Fraction(1, rate)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
        if audio is not None:
            for packet in (*audio.encode(_silence(0)), *audio.encode()):
                out.mux(packet)
    return path


def draw_sound(path: Path) -> Path:
    """Make a recording that holds sound and nothing else."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=8000, layout="mono")
        for number in range(20):
            out.mux(stream.encode(_silence(number * 1024)))
        out.mux(stream.encode())
    return path


def _silence(at: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = 8000, at, Fraction(1, 8000)
    return frame


def damage(source: Path, target: Path, numbers: Collection[int]) -> Path:
    """Copy a recording, its packets of those numbers replaced by rubbish."""
    with av.open(str(source)) as given, av.open(str(target), "w") as out:
        original = given.streams.video[0]
        stream = out.add_stream_from_template(original)
        for number, packet in enumerate(given.demux(original)):
            if packet.dts is None:
                continue
            copy = av.Packet(b"\xff" * packet.size if number in numbers else bytes(packet))
            copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
            copy.is_keyframe, copy.stream = packet.is_keyframe, stream
            out.mux(copy)
    return target


def without_times(path: Path) -> Path:
    """Take all durations out of an MP4's table of times, so that all its pictures come at once."""
    data = bytearray(path.read_bytes())
    table = data.index(b"stts") + 8
    (entries,) = struct.unpack_from(">I", data, table)
    for entry in range(entries):
        struct.pack_into(">I", data, table + 8 + 8 * entry, 0)
    path.write_bytes(data)
    return path


def cut(source: Path, target: Path, part: float) -> Path:
    """Copy the first part of a file."""
    data = source.read_bytes()
    target.write_bytes(data[: int(len(data) * part)])
    return target


def draw_picture(path: Path, image: Image) -> Path:
    """Write one picture in the format of its suffix."""
    codec = {".png": "png", ".bmp": "bmp", ".tiff": "tiff"}.get(path.suffix.lower(), "mjpeg")
    frame = av.VideoFrame.from_ndarray(image, format="bgr24")
    pixel_format = {"mjpeg": "yuvj444p", "bmp": "bgr24"}.get(codec, "rgb24")
    encoder = av.CodecContext.create(codec, "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height = frame.width, frame.height
    encoder.pix_fmt, encoder.time_base = pixel_format, Fraction(1, 1)
    packets = [*encoder.encode(frame.reformat(format=pixel_format)), *encoder.encode()]
    path.write_bytes(b"".join(bytes(packet) for packet in packets))
    return path


def always(_: datetime) -> bool:
    """Want every picture."""
    return True


def levels(frames: Iterable[Frame]) -> list[int]:
    """Return the mean grey of each frame."""
    return [round(float(frame.image.mean())) for frame in frames]


def are_numbers(frames: Sequence[Frame], numbers: Sequence[int]) -> bool:
    """Return whether the frames are the drawn pictures of those numbers, in that order."""
    return len(frames) == len(numbers) and all(
        abs(level - grey(number)) <= TOLERANCE for level, number in zip(levels(frames), numbers, strict=True)
    )
