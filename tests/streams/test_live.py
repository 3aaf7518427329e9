from __future__ import annotations

import logging
import socket
import threading
import traceback
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path

import pytest

from ioc import clock
from ioc.errors import IocError, StreamError, StreamLost
from ioc.types import Frame
from streams.address import Address
from streams.live import LiveStream
from streams.secrets import Credentials
from tests.streams.drawn_video import always, draw, grey
from tests.streams.rtsp_peer import RtspPeer

STALL = timedelta(seconds=2)
GRACE = 2.0

USER, PASSWORD = "op@rator", "s3cret:pä/ss%"
LOGIN = Credentials(USER, PASSWORD)


def live(url: str, login: Credentials | None = None, connect: float = 10.0, stall: timedelta = STALL) -> LiveStream:
    return LiveStream("c1", Address.of(url, login), stall=stall, connect=timedelta(seconds=connect))


def failure_of(stream: LiveStream) -> IocError:
    with pytest.raises(IocError) as caught:
        list(islice(stream.frames(always), 1))
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.fixture(scope="module")
def camera() -> Iterator[RtspPeer]:
    with RtspPeer() as peer:
        yield peer


@contextmanager
def listening(answer: bytes | None) -> Iterator[str]:
    """Listen on a port, accept one connection, and answer it so, or not at all; yield the URL."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = threading.Event()

        def serve() -> None:
            with server.accept()[0] as connection:
                if answer is not None:
                    connection.recv(4096)
                    connection.sendall(answer)
                done.wait()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"rtsp://127.0.0.1:{server.getsockname()[1]}/cam"
        finally:
            done.set()
            thread.join()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.rtsp
class TestFrames:
    def test_come_as_they_are_taken(self, camera: RtspPeer) -> None:
        before = clock.now()
        frames = list(islice(live(camera.url).frames(always), 40))
        after = clock.now()
        assert [frame.seq for frame in frames] == list(range(40))
        assert {frame.image.shape for frame in frames} == {(240, 320, 3)}
        assert not frames[0].image.flags.writeable
        assert before <= frames[0].at <= after
        assert all(a.at < b.at for a, b in pairwise(frames))
        assert (frames[-1].at - frames[0].at).total_seconds() == pytest.approx(39 / 25, abs=0.15)

    def test_the_wall_clock_is_read_once_a_run(self, camera: RtspPeer) -> None:
        start, readings = datetime(2026, 11, 25, 7, 0, tzinfo=UTC), []

        def now() -> datetime:
            readings.append(start)
            return start + timedelta(hours=len(readings) - 1)

        stream = LiveStream("c1", Address.of(camera.url), now=now)
        first, second = (list(islice(stream.frames(always), 5)) for _ in range(2))
        assert len(readings) == 2
        assert first[0].at == start
        assert first[0].run == "20261125T070000.000000Z"
        assert second[0].run == "20261125T080000.000000Z"
        assert second[0].seq == 0

    def test_only_the_wanted_ones_come(self, camera: RtspPeer) -> None:
        asked: list[datetime] = []

        def wanted(at: datetime) -> bool:
            asked.append(at)
            return len(asked) % 5 == 0

        frames = list(islice(live(camera.url).frames(wanted), 4))
        assert [frame.seq for frame in frames] == [4, 9, 14, 19]
        assert [frame.at for frame in frames] == asked[4::5]

    def test_of_a_recording_that_is_served_over_and_over(self, tmp_path: Path) -> None:
        clip = draw(tmp_path / "a.mp4", 25, b_frames=2)
        with RtspPeer("--file", str(clip)) as peer:
            frames = list(islice(live(peer.url).frames(always), 60))
        assert all(0.02 < (b.at - a.at).total_seconds() < 0.06 for a, b in pairwise(frames[5:]))
        seen = {round(float(frame.image.mean())) for frame in frames}
        assert min(abs(level - grey(24)) for level in seen) < 6, "it was played to its end"

    def test_may_change_their_size_within_a_run(self, tmp_path: Path) -> None:
        small = draw(tmp_path / "s.ts", 25, size=(64, 48))
        large = draw(tmp_path / "l.ts", 25, size=(128, 96), ticks=range(25, 50))
        joined = tmp_path / "joined.ts"
        joined.write_bytes(small.read_bytes() + large.read_bytes())
        with RtspPeer("--file", str(joined)) as peer:
            frames: list[Frame] = list(islice(live(peer.url).frames(always), 80))
        sizes = [frame.image.shape[:2] for frame in frames]
        assert {(48, 64), (96, 128)} == set(sizes)
        assert len({frame.run for frame in frames}) == 1
        assert all(a.at < b.at for a, b in pairwise(frames))


@pytest.mark.rtsp
class TestLost:
    def read_until_lost(self, stream: LiveStream, peer: RtspPeer, how: str) -> tuple[str, float]:
        """Read ten frames, do that to the server, read on; return why and after how long the stream was lost."""
        frames = stream.frames(always)
        assert [frame.seq for frame in islice(frames, 10)] == list(range(10))
        began = clock.monotonic()
        getattr(peer, how)()
        with pytest.raises(StreamLost) as caught:
            deque(frames, maxlen=0)
        return str(caught.value), clock.monotonic() - began

    def test_when_the_server_dies(self) -> None:
        with RtspPeer() as peer:
            reason, took = self.read_until_lost(live(peer.url), peer, "kill")
        assert reason == f"{peer.url}: the camera ended the stream"
        assert took < GRACE

    def test_when_the_server_freezes(self) -> None:
        with RtspPeer() as peer:
            reason, took = self.read_until_lost(live(peer.url), peer, "freeze")
        assert reason == f"{peer.url}: no picture for 2 s"
        assert STALL.total_seconds() <= took < STALL.total_seconds() + GRACE

    def test_when_only_the_pictures_stop(self) -> None:
        with RtspPeer("--mute-after", "1", "--audio") as peer:
            seen: list[float] = []

            def note(_: datetime) -> bool:
                seen.append(clock.monotonic())
                return False

            frames = live(peer.url).frames(note)
            with pytest.raises(StreamLost, match="no picture for 2 s"):
                deque(frames, maxlen=0)
            took = clock.monotonic() - seen[-1]
        assert len(seen) > 10
        assert took < STALL.total_seconds() + GRACE

    def test_not_because_the_reader_is_slow(self, camera: RtspPeer) -> None:
        stream = live(camera.url, stall=timedelta(seconds=0.5))
        frames = stream.frames(always)
        first = next(frames)
        threading.Event().wait(0.8)
        assert next(frames).seq == first.seq + 1

    def test_when_a_frozen_server_is_asked(self) -> None:
        with RtspPeer() as peer:
            peer.freeze()
            began = clock.monotonic()
            error = failure_of(live(peer.url, connect=1.0))
            took = clock.monotonic() - began
        assert isinstance(error, StreamLost)
        assert "no answer to RTSP within 1 s" in str(error)
        assert took < 1 + GRACE


@pytest.mark.rtsp
class TestLogin:
    def test_opens_the_stream(self) -> None:
        with RtspPeer(login=f"{USER}:{PASSWORD}") as peer:
            assert next(iter(live(peer.url, LOGIN).frames(always))).seq == 0

    def test_refused_is_told_without_it(
        self, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        caplog.set_level(logging.DEBUG)
        with RtspPeer(login="somebody:else") as peer:
            error = failure_of(live(peer.url, LOGIN))
        assert isinstance(error, StreamError)
        assert str(error) == f"{peer.url}: the camera refuses the login; check user and password in its secret"
        assert error.__context__ is None, "FFmpeg's own error holds the address that was opened"
        out, err = capfd.readouterr()
        for text in ("".join(traceback.format_exception(error)), caplog.text, out, err):
            for word in (USER, PASSWORD, "op%40rator", "s3cret"):
                assert word not in text

    def test_missing_is_told(self) -> None:
        with RtspPeer(login="somebody:else") as peer:
            error = failure_of(live(peer.url))
        assert isinstance(error, StreamError)
        assert "asks for a login; name its `secret`" in str(error)


@pytest.mark.rtsp
def test_a_wrong_path_is_told(camera: RtspPeer) -> None:
    error = failure_of(live(camera.url + "/other"))
    assert isinstance(error, StreamError)
    assert "no such stream (404)" in str(error)


@pytest.mark.rtsp
def test_a_camera_without_pictures_is_told() -> None:
    with RtspPeer("--only-audio") as peer:
        error = failure_of(live(peer.url))
    assert "sends no video" in str(error)


class TestUnreachable:
    def test_nobody_listens(self) -> None:
        port = free_port()
        error = failure_of(live(f"rtsp://127.0.0.1:{port}/cam"))
        assert isinstance(error, StreamLost)
        assert f"connection refused; is the camera on, and is {port} its RTSP port?" in str(error)

    def test_nobody_answers(self) -> None:
        with listening(None) as url:
            began = clock.monotonic()
            error = failure_of(live(url, connect=1.0))
            took = clock.monotonic() - began
        assert isinstance(error, StreamLost)
        assert "no answer to RTSP within 1 s" in str(error)
        assert took < 1 + GRACE

    @pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200 OK\r\n\r\n<html></html>\r\n"])
    def test_something_else_answers(self, answer: bytes) -> None:
        with listening(answer) as url:
            error = failure_of(live(url, connect=2.0))
        assert isinstance(error, StreamLost)
        assert "RTSP" in str(error)

    def test_the_camera_is_overloaded(self) -> None:
        with listening(b"RTSP/1.0 503 Service Unavailable\r\nCSeq: 1\r\n\r\n") as url:
            error = failure_of(live(url))
        assert isinstance(error, StreamLost)
        assert "answers with an error: " in str(error)

    def test_nobody_has_that_name(self) -> None:
        error = failure_of(live("rtsp://no-such-camera.invalid/cam", LOGIN))
        assert isinstance(error, StreamLost)
        assert "the name no-such-camera.invalid cannot be resolved" in str(error)
        assert "s3cret" not in str(error)


@pytest.mark.parametrize(("stall", "connect"), [(0, 10), (10, 0), (-1, 10)])
def test_it_needs_time(stall: float, connect: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        live("rtsp://cam.example/", connect=connect, stall=timedelta(seconds=stall))
