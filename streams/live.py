"""Live cameras: RTSP over TCP, its times tied to the wall clock, its silence noticed."""

from __future__ import annotations

import errno
import logging
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from ioc import clock
from ioc.errors import IocError, StreamError, StreamLost
from ioc.ports import Wanted
from ioc.types import Frame, Image
from streams.address import Address
from streams.decoding import Converter, pictures_of, rate_of, seconds
from streams.packet_keeper import PacketKeeper
from streams.packet_ring import PacketRing
from streams.timing import LiveTime, Stamps, run_id

log = logging.getLogger(__name__)

STALL = timedelta(seconds=10)
CONNECT = timedelta(seconds=10)

ANALYSE_MICROSECONDS = 200_000
"""How much of the stream FFmpeg studies before it begins; its own choice is seconds and finds no more."""


class LiveStream:
    """A camera's RTSP stream. Each call of `frames` is one connection and one run.

    `stall` is how long it may send no picture, `connect` how long it may take to answer. `now` is read once a run;
    `monotonic` gives seconds that never go back. What it sends is kept in the `ring` as it comes.
    """

    def __init__(
        self,
        camera: str,
        address: Address,
        *,
        stall: timedelta = STALL,
        connect: timedelta = CONNECT,
        now: Callable[[], datetime] = clock.now,
        monotonic: Callable[[], float] = clock.monotonic,
        ring: PacketRing | None = None,
    ) -> None:
        if min(stall, connect) <= timedelta(0):
            raise ValueError("the times allowed for silence and for connecting must be above 0")
        self._camera = camera
        self._address = address
        self._stall = stall.total_seconds()
        self._connect = connect.total_seconds()
        self._now = now
        self._monotonic = monotonic
        self._ring = ring

    def frames(self, wanted: Wanted) -> Iterator[Frame]:
        """Connect and yield the wanted frames until the stream is lost; it never ends otherwise.

        Raises StreamError when the camera refuses (login, path, no video) and StreamLost when it cannot be reached,
        ends, breaks, or sends no picture for `stall`. Neither message holds a login.
        """
        with self._open() as container, PacketKeeper(self._camera, self._ring) as keeper:
            stream = self._pictures_of(container)
            keeper.begin(stream)
            rate = rate_of(stream)
            converter, stamps = Converter(), Stamps()
            run, time, began = "", None, 0.0
            for seq, (picture, arrived) in enumerate(self._pictures(container, stream, keeper)):
                if time is None:
                    start, began = self._now(), arrived
                    run, time = run_id(start), LiveTime(start, rate)
                stamp = stamps.pick(seconds(picture.pts, picture.time_base), seconds(picture.dts, picture.time_base))
                at = time.place(stamp, arrived - began)
                keeper.placed(run, seq, at)
                if at is not None and wanted(at):
                    frame = Frame(self._camera, run, seq, at, self._image(converter, picture))
                    keeper.looked_at(frame)
                    yield frame

    def _open(self) -> InputContainer:
        """Connect; the answer and the first packets get half of `connect` each."""
        began = self._monotonic()
        patience = self._connect / 2
        options = {
            "rtsp_transport": "tcp",
            "allowed_media_types": "video",  # sound that goes on must not hide that the pictures have stopped
            "timeout": str(round(max(self._stall, patience) * 1_000_000)),
            "analyzeduration": str(ANALYSE_MICROSECONDS),
        }
        try:
            return av.open(
                self._address.opened,
                "r",
                options=options,
                timeout=(patience, self._stall),
                metadata_errors="backslashreplace",
            )
        except av.FFmpegError as error:
            refusal = self._refusal(error, timed_out=self._monotonic() - began >= patience)
        # Raised here, the error does not carry FFmpeg's along, which holds the address with the login.
        raise refusal

    def _refusal(self, error: av.FFmpegError, *, timed_out: bool) -> IocError:
        match error:
            case av.HTTPUnauthorizedError() | av.HTTPForbiddenError() if self._address.has_login:
                return self._error("the camera refuses the login; check user and password in its secret")
            case av.HTTPUnauthorizedError() | av.HTTPForbiddenError():
                return self._error("the camera asks for a login; name its `secret` in the site file")
            case av.HTTPNotFoundError():
                return self._error("the camera has no such stream (404); check the path in its source")
            case av.error.ProtocolNotFoundError() | av.error.OptionNotFoundError():
                return self._error("this FFmpeg cannot speak that protocol; use rtsp://")
        return self._lost(self._why_unreachable(error, timed_out=timed_out))

    def _why_unreachable(self, error: av.FFmpegError, *, timed_out: bool) -> str:
        host, port = self._address.host, self._address.port
        if error.errno == errno.ECONNREFUSED:
            return f"connection refused; is the camera on, and is {port} its RTSP port?"
        if error.errno in {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN}:
            return "no way to the host; check the network and the camera's power"
        if timed_out or error.errno == errno.ETIMEDOUT:
            return f"no answer to RTSP within {self._connect:g} s; check the camera's power and its address"
        if error.errno == errno.EIO and not _resolves(host):
            return f"the name {host} cannot be resolved; check its spelling and the DNS"
        if isinstance(error, av.error.HTTPError):
            return f"the camera answers with an error: {error.strerror}"
        return f"what answers on port {port} sends no video over RTSP; check the address"

    def _image(self, converter: Converter, picture: av.VideoFrame) -> Image:
        try:
            return converter.image(picture)
        except (av.FFmpegError, ValueError):
            refusal = self._error(
                f"its pixel format {picture.format.name} cannot be converted; set the camera to H.264"
            )
        raise refusal

    def _pictures_of(self, container: InputContainer) -> VideoStream:
        try:
            stream = pictures_of(container)
        except LookupError:
            raise self._error("FFmpeg has no decoder for its video; set the camera to H.264") from None
        if stream is None:
            raise self._error("the camera sends no video on this path; check the path in its source")
        return stream

    def _pictures(
        self, container: InputContainer, stream: VideoStream, keeper: PacketKeeper
    ) -> Iterator[tuple[av.VideoFrame, float]]:
        """Yield the pictures with their times of arrival; raise StreamLost when no more come."""
        packets = container.demux(stream)
        silent, undecoded = 0.0, 0
        while True:
            # Only the time spent waiting for the camera counts, not what is done with its pictures.
            asked = self._monotonic()
            try:
                packet = next(packets, None)
            except av.FFmpegError:
                packet = None
            arrived = self._monotonic()
            silent += arrived - asked
            if silent >= self._stall:
                # Asked before the packet is looked at: when waiting is broken off FFmpeg hands out what it held back.
                told = f", {undecoded} packets that cannot be decoded" if undecoded else ""
                raise self._lost(f"no picture for {self._stall:g} s{told}")
            if packet is None:
                raise self._lost("the camera ended the stream")
            try:
                pictures = packet.decode()
            except av.FFmpegError:
                undecoded += 1
                continue
            for picture in pictures:
                silent, undecoded = 0.0, 0
                yield picture, arrived
            keeper.take(packet)

    def _error(self, reason: str) -> StreamError:
        return StreamError(f"{self._address.shown}: {reason}")

    def _lost(self, reason: str) -> StreamLost:
        return StreamLost(f"{self._address.shown}: {reason}")


def _resolves(host: str) -> bool:
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        return False
    return True
