from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ioc.errors import StreamError, StreamLost, UsageError
from ioc.ports import FrameSource, Wanted
from ioc.types import Frame
from streams.reconnecting import Backoff, State, watch
from streams.secrets import Credentials
from streams.sources import open_source
from tests.streams.drawn_video import always
from tests.streams.rtsp_peer import RtspPeer

START = datetime(2026, 3, 1, tzinfo=UTC)
DEADLINE = 20.0


class Run:
    """A source that yields so many frames and then fails, or ends when there is nothing to fail with."""

    def __init__(self, count: int, failure: Exception | None = None) -> None:
        self._count = count
        self._failure = failure

    def frames(self, wanted: Wanted) -> Iterator[Frame]:
        for seq in range(self._count):
            at = START + timedelta(seconds=seq)
            if wanted(at):
                yield Frame("c1", "r", seq, at, np.zeros((1, 1, 3), np.uint8))
        if self._failure:
            raise self._failure


class Bench:
    """A camera whose runs the test lists beforehand; waiting takes no time and is written down."""

    def __init__(self, *runs: Run | Exception, random: float = 1.0, cap: float = 8.0) -> None:
        self.runs = list(runs)
        self.states: list[tuple[State, str]] = []
        self.delivered: list[int] = []
        self.waits: list[float] = []
        self.stop = threading.Event()
        self.backoff = Backoff(1.0, cap, lambda: random)

    def open(self) -> FrameSource:
        if not self.runs:
            self.stop.set()
            return Run(0, StreamLost("nothing more"))
        run = self.runs.pop(0)
        if isinstance(run, Exception):
            raise run
        return run

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return self.stop.is_set()

    def watch(self, wanted: Wanted = always, on_frame: Callable[[int], None] = lambda _: None) -> None:
        def deliver(frame: Frame) -> None:
            self.delivered.append(frame.seq)
            on_frame(frame.seq)

        def on_state(state: State, reason: str) -> None:
            self.states.append((state, reason))

        watch("c1", self.open, wanted, deliver, on_state, self.stop, self.backoff, self.wait)


def lost(reason: str = "gone") -> StreamLost:
    return StreamLost(reason)


class TestBackoff:
    def test_doubles_up_to_its_cap(self) -> None:
        backoff = Backoff(1.0, 30.0, lambda: 1.0)
        assert [backoff.seconds(n) for n in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]
        assert backoff.seconds(10**6) == 30

    def test_may_be_any_part_of_that(self) -> None:
        assert Backoff(1.0, 30.0, lambda: 0.0).seconds(5) == 0
        assert Backoff(1.0, 30.0, lambda: 0.25).seconds(5) == 4
        assert len({Backoff().seconds(5) for _ in range(20)}) > 1, "the default is random"

    def test_is_never_short_after_a_refusal(self) -> None:
        assert Backoff(1.0, 30.0, lambda: 0.0).seconds_when_refused() == 15
        assert Backoff(1.0, 30.0, lambda: 1.0).seconds_when_refused() == 30


class TestWatch:
    def test_a_recording_is_read_to_its_end(self) -> None:
        bench = Bench(Run(3))
        bench.watch()
        assert bench.delivered == [0, 1, 2]
        assert bench.states == [("connecting", ""), ("online", ""), ("stopped", "its recording has ended")]
        assert not bench.waits

    def test_a_lost_stream_is_opened_again(self) -> None:
        bench = Bench(Run(2, lost()), Run(2))
        bench.watch()
        assert bench.delivered == [0, 1, 0, 1]
        assert [state for state, _ in bench.states] == ["connecting", "online", "lost", "online", "stopped"]
        assert bench.states[2] == ("lost", "gone")

    def test_one_line_tells_the_loss_and_one_the_return(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        bench = Bench(Run(1, lost("the network is down")), *(lost(f"refused {n}") for n in range(9)), Run(1))
        bench.watch()
        assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
            ("INFO", "camera c1: online"),
            ("WARNING", "camera c1: lost: the network is down"),
            ("INFO", "camera c1: back"),
        ]

    def test_a_camera_that_never_came_is_lost_too(self, caplog: pytest.LogCaptureFixture) -> None:
        bench = Bench(lost("refused"), lost("refused"), lost("refused"))
        bench.watch()
        assert [record.getMessage() for record in caplog.records] == ["camera c1: lost: refused"]
        assert bench.states[:2] == [("connecting", ""), ("lost", "refused")]

    def test_a_new_reason_is_told_as_state_but_not_logged_again(self, caplog: pytest.LogCaptureFixture) -> None:
        bench = Bench(lost("silent"), lost("refused"), lost("refused"), Run(1))
        bench.watch()
        assert bench.states[1:3] == [("lost", "silent"), ("lost", "refused")]
        assert bench.states[3][0] == "online"
        assert len([record for record in caplog.records if record.levelno == logging.WARNING]) == 1

    def test_it_waits_longer_with_each_failure(self) -> None:
        bench = Bench(*(lost() for _ in range(6)))
        bench.watch()
        assert bench.waits[:6] == [1, 2, 4, 8, 8, 8]

    def test_only_a_picture_starts_the_waits_again(self) -> None:
        bench = Bench(lost(), Run(0, lost()), lost(), Run(1, lost()), lost())
        bench.watch()
        assert bench.waits[:5] == [1, 2, 4, 1, 2]

    def test_a_refusal_is_tried_again_but_seldom(self) -> None:
        bench = Bench(StreamError("wrong password"), Run(1), random=0.5)
        bench.watch()
        assert bench.waits == [6.0]
        assert bench.states[1] == ("lost", "wrong password")
        assert bench.delivered == [0]

    def test_a_missing_secret_is_one_camera_s_trouble(self) -> None:
        bench = Bench(UsageError("secret is not known"), Run(1))
        bench.watch()
        assert bench.delivered == [0]

    def test_what_is_no_error_of_ours_is_the_runner_s_business(self) -> None:
        with pytest.raises(ZeroDivisionError):
            Bench(ZeroDivisionError()).watch()

    def test_only_wanted_frames_are_delivered(self) -> None:
        bench = Bench(Run(6))
        bench.watch(wanted=lambda at: at.second % 2 == 0)
        assert bench.delivered == [0, 2, 4]

    def test_stopping_ends_it_at_the_next_picture_wanted_or_not(self) -> None:
        bench = Bench(Run(1000, lost()))

        def stop_at_the_first(_: int) -> None:
            bench.stop.set()

        bench.watch(wanted=lambda at: at == START, on_frame=stop_at_the_first)
        assert bench.delivered == [0]
        assert bench.states[-1] == ("stopped", "")

    def test_stopping_ends_the_wait(self) -> None:
        states: list[State] = []
        stop, waiting = threading.Event(), threading.Event()

        def on_state(state: State, _: str) -> None:
            states.append(state)
            if state == "lost":
                waiting.set()

        def refuse() -> FrameSource:
            raise StreamError("wrong password")

        def run() -> None:
            watch("c1", refuse, always, lambda _: None, on_state, stop, Backoff(cap=3600.0))

        thread = threading.Thread(target=run)
        thread.start()
        assert waiting.wait(DEADLINE)
        stop.set()
        thread.join(DEADLINE)
        assert not thread.is_alive()
        assert states == ["connecting", "lost", "stopped"]


class Watched:
    """A camera watched on a thread of its own."""

    def __init__(self, camera: str, open_: Callable[[], FrameSource]) -> None:
        self.changed = threading.Condition()
        self.states: list[tuple[State, str]] = []
        self.frames: list[Frame] = []
        self.stop = threading.Event()
        backoff = Backoff(0.1, 0.4)
        self._thread = threading.Thread(
            target=watch, args=(camera, open_, always, self._deliver, self._on_state, self.stop, backoff)
        )
        self._thread.start()

    def _deliver(self, frame: Frame) -> None:
        with self.changed:
            self.frames.append(frame)
            self.changed.notify_all()

    def _on_state(self, state: State, reason: str) -> None:
        with self.changed:
            self.states.append((state, reason))
            self.changed.notify_all()

    def until(self, condition: Callable[[], bool], what: str) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, DEADLINE), f"{what} did not come: {self.states}"

    def end(self) -> None:
        self.stop.set()
        self._thread.join(DEADLINE)
        assert not self._thread.is_alive()


@contextmanager
def watching(camera: str, open_: Callable[[], FrameSource]) -> Iterator[Watched]:
    watched = Watched(camera, open_)
    try:
        yield watched
    finally:
        watched.end()


def told(records: Sequence[logging.LogRecord], word: str) -> list[str]:
    return [message for record in records if word in (message := record.getMessage())]


@pytest.mark.rtsp
class TestAgainstARealServer:
    def test_its_death_and_return_are_survived(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        with (
            RtspPeer() as peer,
            watching("c1", lambda: open_source("c1", peer.url, stall=timedelta(seconds=2))) as camera,
        ):
            camera.until(lambda: len(camera.frames) > 5, "the first run")
            peer.kill()
            camera.until(lambda: len(camera.states) > 3, "the second reason")
            before = len(camera.frames)
            peer.start()
            camera.until(lambda: len(camera.frames) > before + 5, "the second run")
        assert len(told(caplog.records, "camera c1: lost: ")) == 1
        assert told(caplog.records, "camera c1: back") == ["camera c1: back"]
        assert [state for state, _ in camera.states] == ["connecting", "online", "lost", "lost", "online", "stopped"]
        assert "ended the stream" in camera.states[2][1]
        assert "connection refused" in camera.states[3][1]
        first, second = camera.frames[0], camera.frames[-1]
        assert first.run < second.run
        assert first.at < second.at
        assert camera.frames[before].seq == 0

    def test_its_freezing_is_noticed(self) -> None:
        with (
            RtspPeer() as peer,
            watching("c1", lambda: open_source("c1", peer.url, stall=timedelta(seconds=1))) as camera,
        ):
            camera.until(lambda: len(camera.frames) > 5, "the first run")
            peer.freeze()
            camera.until(lambda: camera.states[-1][0] == "lost", "the loss")
            assert "no picture for 1 s" in camera.states[-1][1]

    def test_one_camera_s_wrong_password_is_not_another_s_trouble(self) -> None:
        login, wrong = Credentials("operator", "s3cret"), Credentials("operator", "guess")
        with (
            RtspPeer(login="operator:s3cret") as peer,
            watching("c1", lambda: open_source("c1", peer.url, secret=wrong)) as refused,
            watching("c2", lambda: open_source("c2", peer.url, secret=login)) as good,
        ):
            refused.until(lambda: refused.states[-1][0] == "lost", "the refusal")
            good.until(lambda: len(good.frames) > 20, "the other camera's frames")
        assert not refused.frames
        assert "refuses the login" in refused.states[1][1]
        assert [state for state, _ in good.states] == ["connecting", "online", "stopped"]
