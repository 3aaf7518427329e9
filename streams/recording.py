"""Recordings: anything FFmpeg can read, as fast as it is asked for, with the times that the file says."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from ioc.errors import StreamError
from ioc.ports import Wanted
from ioc.types import Frame, Image, require_utc
from streams.decoding import Converter, pictures_of, rate_of, seconds
from streams.packet_keeper import PacketKeeper
from streams.packet_ring import PacketRing
from streams.timing import RECORDING_START, RecordedTime, Stamps, StampsMissing, run_id

log = logging.getLogger(__name__)

MAX_DAMAGED = 500
"""So many packets in a row that cannot be decoded are no longer a blemish: the file is refused."""

MAX_STUCK = 100
"""So many pictures in a row that are not later than the one before: the file's timestamps are unusable."""

CUT_SHORT = Fraction(1)
"""A file that ends so many seconds before it says it should was cut off."""


class Recording:
    """A recording, or several that follow each other, as one run of one camera.

    `start` is when its first picture was taken (aware UTC); with the same start it yields the same frames each time.
    `threads` is how many threads may decode. What is read is kept in the `ring` as it comes.
    """

    def __init__(
        self,
        camera: str,
        paths: Sequence[Path],
        *,
        start: datetime = RECORDING_START,
        threads: int = 1,
        ring: PacketRing | None = None,
    ) -> None:
        if not paths:
            raise ValueError("a recording needs at least one file")
        if threads < 1:
            raise ValueError(f"decoding needs at least one thread, got {threads}")
        self._camera = camera
        self._paths = tuple(paths)
        self._start = require_utc(start)
        self._threads = threads
        self._ring = ring

    def length(self) -> timedelta | None:
        """Return how long the files last together; None when one does not say, or cannot be opened."""
        try:
            return timedelta(seconds=sum(map(seconds_of, self._paths)))
        except StreamError:
            return None

    def frames(self, wanted: Wanted) -> Iterator[Frame]:
        """Yield the wanted frames; end when the last file ends.

        Damaged packets are skipped and a file that was cut off yields what it has, each with one warning in the log.
        Raises StreamError when a file cannot be read, holds no picture or too much damage, or does not say when its
        pictures were taken.
        """
        run = run_id(self._start)
        time = RecordedTime(self._start)
        converter = Converter()
        seq = 0
        with PacketKeeper(self._camera, self._ring) as keeper:
            for path in self._paths:
                for picture, at in _File(path, self._threads, keeper).pictures(time):
                    keeper.placed(run, seq, at)
                    if at is not None and wanted(at):
                        frame = Frame(self._camera, run, seq, at, _image(converter, picture, path))
                        keeper.looked_at(frame)
                        yield frame
                    seq += 1


def seconds_of(path: Path) -> float:
    """Return how long a recording lasts, from its first picture to the end of its last; no picture is decoded.

    A file that was cut off lasts as long as what is left of it. Raises StreamError when it cannot be read, holds no
    picture, or does not say when its pictures were taken.
    """
    return float(_File(path, 1).measured())


def _image(converter: Converter, picture: av.VideoFrame, path: Path) -> Image:
    try:
        return converter.image(picture)
    except (av.FFmpegError, ValueError):
        problem = f"{path}: its pixel format {picture.format.name} cannot be converted; re-encode it as H.264"
    raise StreamError(problem)


def check_readable(path: Path) -> None:
    """Raise StreamError with a line that says why, when the file is not there, is empty or may not be read."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise StreamError(f"{path}: not a file; expected a recording or a picture")
        if status.st_size == 0:
            raise StreamError(f"{path}: the file is empty (0 bytes); was its copy or its recording broken off?")
        with path.open("rb"):
            pass
    except OSError as error:
        raise StreamError(f"{path}: {reason_of(error)}") from None


def reason_of(error: OSError) -> str:
    """Return in words what the system refused, with the way out."""
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return "no such file or folder; check the path"
        case PermissionError():
            return f"permission denied; let the user with id {os.geteuid()} read it"
        case _:
            return error.strerror or "cannot be read"


@dataclass(slots=True)
class _Toll:
    """What reading one file has come to."""

    packets: int = 0
    decoded: int = 0
    timed: int = 0
    damaged: int = 0
    damaged_in_row: int = 0
    stuck: int = 0
    broken_off: bool = False


class _File:
    """One file of a recording, read once."""

    def __init__(self, path: Path, threads: int, keeper: PacketKeeper | None = None) -> None:
        self._path = path
        self._threads = threads
        self._keeper = keeper or PacketKeeper("", None)
        self._toll = _Toll()

    def pictures(self, time: RecordedTime) -> Iterator[tuple[av.VideoFrame, datetime | None]]:
        """Yield the pictures with their times; None for one that is not later than the one before."""
        check_readable(self._path)
        with self._open() as container:
            stream = self._pictures_of(container)
            self._keeper.begin(stream)
            time.begin(rate_of(stream))
            began = time.elapsed
            stamps = Stamps()
            for picture in self._decode(container, stream):
                stamp = stamps.pick(seconds(picture.pts, picture.time_base), seconds(picture.dts, picture.time_base))
                yield picture, self._place(time, stamp)
            self._close_account(_declared_length(container, stream), time.elapsed - began, time.last_step)

    def measured(self) -> Fraction:
        """Return the seconds from the first picture to the end of the last, by the packets' own times."""
        check_readable(self._path)
        first = last = None
        with self._open() as container:
            stream = self._pictures_of(container)
            step = 1 / (rate_of(stream) or Fraction(25))
            for packet in _packets(container.demux(stream)):
                begin = seconds(packet.dts if packet.pts is None else packet.pts, packet.time_base)
                if begin is None or packet.is_discard:
                    continue
                end = begin + (seconds(packet.duration, packet.time_base) or step)
                first = begin if first is None else min(first, begin)
                last = end if last is None else max(last, end)
        if first is None or last is None:
            raise self._without_times()
        return last - first

    def _open(self) -> InputContainer:
        try:
            # The prefix keeps a file name from being taken for a protocol, the list keeps a playlist from the network.
            return av.open(
                f"file:{self._path}", "r", options={"protocol_whitelist": "file"}, metadata_errors="backslashreplace"
            )
        except OSError as error:
            problem = reason_of(error)
        except (av.FFmpegError, ValueError):
            problem = "not a recording that FFmpeg can read, or its index is missing; check it with `ffprobe`"
        raise StreamError(f"{self._path}: {problem}")

    def _pictures_of(self, container: InputContainer) -> VideoStream:
        try:
            stream = pictures_of(container, self._threads)
        except LookupError:
            raise StreamError(f"{self._path}: FFmpeg has no decoder for its video; re-encode it as H.264") from None
        if container.format.name == "tty":
            raise StreamError(f"{self._path}: a text file; expected a recording")
        if stream is None:
            raise StreamError(f"{self._path}: holds no video, only {_kinds(container)}; expected a recording")
        return stream

    def _decode(self, container: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame]:
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError:
                self._toll.broken_off = True
                packet = None
            if packet is None:
                return
            self._toll.packets += packet.size > 0
            try:
                pictures = packet.decode()
            except av.FFmpegError:
                self._count_damage()
                continue
            for picture in pictures:
                self._toll.decoded += 1
                self._toll.damaged_in_row = 0
                yield picture
            self._keeper.take(packet)

    def _count_damage(self) -> None:
        self._toll.damaged += 1
        self._toll.damaged_in_row += 1
        if self._toll.damaged_in_row > MAX_DAMAGED:
            raise StreamError(
                f"{self._path}: after {self._toll.decoded} pictures {MAX_DAMAGED} packets in a row cannot be decoded; "
                "it is damaged or changes its codec: re-encode or cut it"
            )

    def _place(self, time: RecordedTime, stamp: Fraction | None) -> datetime | None:
        try:
            at = time.place(stamp)
        except StampsMissing:
            raise self._without_times() from None
        self._toll.stuck = 0 if at else self._toll.stuck + 1
        self._toll.timed += at is not None
        if self._toll.stuck > MAX_STUCK:
            raise self._without_times()
        return at

    def _without_times(self) -> StreamError:
        return StreamError(
            f"{self._path}: neither timestamps nor a frame rate say when its pictures were taken; "
            "give it a rate, as with `ffmpeg -r 25 -i IN OUT.mp4`"
        )

    def _close_account(self, declared: Fraction | None, read: Fraction, last_step: Fraction) -> None:
        toll = self._toll
        if not toll.decoded:
            raise StreamError(f"{self._path}: not one picture could be decoded; it is damaged or cut off")
        if 2 * toll.timed < toll.decoded:
            raise self._without_times()
        blemishes = []
        if toll.damaged_in_row > 1:
            blemishes.append(f"its last {toll.damaged_in_row} packets cannot be decoded, so it may change its codec")
        elif toll.damaged:
            blemishes.append(f"damaged packets skipped: {toll.damaged}")
        elif 4 * toll.decoded < 3 * toll.packets:
            # A decoder that is given another codec may say nothing at all.
            blemishes.append(
                f"only {toll.decoded} of {toll.packets} packets gave a picture, so it may change its codec"
            )
        if declared is not None and read + CUT_SHORT + 2 * last_step < declared:
            blemishes.append(f"it ends after {float(read):.1f} of {float(declared):.1f} s")
        elif toll.broken_off:
            blemishes.append(f"it breaks off after {float(read):.1f} s")
        if blemishes:
            log.warning("%s: read as far as it goes: %s", self._path, "; ".join(blemishes))


def _packets(packets: Iterator[av.Packet[VideoStream]]) -> Iterator[av.Packet[VideoStream]]:
    """Yield the packets up to where the file breaks off."""
    with suppress(av.FFmpegError):
        yield from packets


def _kinds(container: InputContainer) -> str:
    return ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"


def _declared_length(container: InputContainer, stream: VideoStream) -> Fraction | None:
    """Return the seconds of video that the file says it holds, or None when it does not say."""
    own = seconds(stream.duration, stream.time_base)
    if own is not None:
        return own
    if len(container.streams) == 1 and container.duration is not None:
        return Fraction(container.duration, av.time_base)
    return None
