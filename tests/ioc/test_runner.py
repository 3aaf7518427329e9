from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from detectors import camera_health
from ioc.drop_oldest import DropOldest
from ioc.errors import ModelError
from ioc.ports import Rule, RuleSetup, Sight, Trust
from ioc.rule_memory import RuleMemory
from ioc.runner import CameraJob, Fold, Lane, Runner
from ioc.types import Alert, Frame, Observation, Phase, Severity, Track
from tests.ioc.drawn import OneCarEverywhere, after, frame

DEADLINE = 10.0


class EverySight:
    """A rule that raises an alert for each observation with a track or none."""

    def observe(self, obs: Observation) -> Iterable[Alert]:
        return [Alert("every", "test", obs.camera, f"{obs.seq}", Phase.RAISED, Severity.LOW, obs.at, obs.at)]


class BreaksOnce:
    """A rule that fails at its first observation of each life until told otherwise."""

    def __init__(self, fail: list[bool]) -> None:
        self._fail = fail

    def observe(self, obs: Observation) -> Iterable[Alert]:
        if self._fail.pop() if self._fail else False:
            raise RuntimeError("the rule broke")
        return EverySight().observe(obs)


class AdmitAll:
    def admit(self, alert: Alert) -> Alert | None:
        return alert


class AdmitEven:
    def admit(self, alert: Alert) -> Alert | None:
        return alert if int(alert.subject) % 2 == 0 else None


@dataclass
class Bench:
    """A camera whose frames the test hands in, and what came out of it."""

    camera: str
    make_rules: Callable[[], Sequence[Rule]] = lambda: (EverySight(),)
    make_policy: Callable[[], AdmitAll | AdmitEven] = AdmitAll
    delivered: list[tuple[str, int]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    watched: list[tuple[int, int | None]] = field(default_factory=list)
    """Number of each frame that was shown, with how many tracks it had, None before it was looked at."""
    seen: list[tuple[int, int]] = field(default_factory=list)
    """Number of each frame that was to be remembered, with how many alerts had been delivered before."""
    changed: threading.Condition = field(default_factory=threading.Condition)
    put: Callable[[Frame], None] | None = None

    def read(self, put: Callable[[Frame], None], stop: threading.Event) -> None:
        with self.changed:
            self.put = put
            self.changed.notify_all()
        stop.wait()

    def deliver(self, alert: Alert, of: Frame | None) -> None:
        with self.changed:
            self.delivered.append((alert.subject, -1 if of is None else of.seq))
            self.changed.notify_all()

    def fault(self, reason: str) -> None:
        with self.changed:
            self.faults.append(reason)
            self.changed.notify_all()

    def job(self) -> CameraJob:
        return CameraJob(
            self.camera,
            self.read,
            self.make_rules,
            self.make_policy,
            self.deliver,
            self.fault,
            see=self.see,
            show=self.watch,
        )

    def see(self, of: Frame, obs: Observation) -> None:
        assert obs.seq == of.seq
        self.seen.append((of.seq, len(self.delivered)))

    def watch(self, of: Frame, tracks: Sequence[Track] | None) -> None:
        self.watched.append((of.seq, None if tracks is None else len(tracks)))

    def until(self, condition: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, DEADLINE), (self.delivered, self.faults)

    def show(self, seq: int) -> None:
        """Hand in a frame and wait until it has been folded or has failed."""
        self.until(lambda: self.put is not None)
        assert self.put is not None
        before = len(self.delivered) + len(self.faults)
        self.put(frame(seq, seq / 5, self.camera))
        self.until(lambda: len(self.delivered) + len(self.faults) > before)


@pytest.fixture
def running() -> Iterable[Callable[..., Runner]]:
    started: list[Runner] = []

    def start(perception: object, *benches: Bench) -> Runner:
        runner = Runner([bench.job() for bench in benches], perception)  # type: ignore[arg-type]
        runner.start()
        started.append(runner)
        return runner

    yield start
    for runner in started:
        runner.stop()


def test_frames_come_out_as_alerts_with_the_frame_they_were_seen_in(running: Callable[..., Runner]) -> None:
    bench = Bench("c1")
    runner = running(OneCarEverywhere(), bench)
    for seq in range(5):
        bench.show(seq)
    assert bench.delivered == [(str(seq), seq) for seq in range(5)]
    assert runner.stats()[0].looked_at == 5
    assert bench.seen == [(seq, seq) for seq in range(5)], "before the alerts that may point to them"


def test_frames_are_shown_as_they_are_read_and_again_once_they_were_looked_at(running: Callable[..., Runner]) -> None:
    bench = Bench("c1")
    running(OneCarEverywhere(), bench)
    for seq in range(5):
        bench.show(seq)
    assert bench.watched[::2] == [(seq, None) for seq in range(5)]
    assert [seq for seq, _ in bench.watched[1::2]] == list(range(5))
    assert bench.watched[-1] == (4, 1), "one car is followed by then"


def test_frames_are_shown_also_while_inference_fails(running: Callable[..., Runner]) -> None:
    bench = Bench("c1")
    running(FailsFirst(1), bench)
    bench.show(0)
    assert bench.watched == [(0, None)]


def test_the_policy_stands_between_rules_and_delivery(running: Callable[..., Runner]) -> None:
    bench = Bench("c1", make_policy=AdmitEven)
    running(OneCarEverywhere(), bench)
    bench.show(0)
    bench.until(lambda: bench.put is not None)
    assert bench.put is not None
    bench.put(frame(1, 0.2))
    bench.show(2)
    assert [subject for subject, _ in bench.delivered] in (["0", "2"], ["0"])


def test_a_broken_rule_is_reported_started_again_and_hurts_no_other_camera(
    running: Callable[..., Runner], caplog: pytest.LogCaptureFixture
) -> None:
    fail = [True]
    broken, good = Bench("broken", make_rules=lambda: (BreaksOnce(fail),)), Bench("good")
    running(OneCarEverywhere(), broken, good)
    broken.show(0)
    assert broken.faults == ["rules failed: the rule broke"]
    good.show(0)
    broken.show(1)
    broken.until(lambda: broken.faults == ["rules failed: the rule broke", ""])
    assert broken.delivered == [("1", 1)]
    assert (good.delivered, good.faults) == ([("0", 0)], [])
    assert [r.levelno for r in caplog.records if "rules failed" in r.message] == [logging.ERROR]


class FailsFirst(OneCarEverywhere):
    """Perception that fails so many times before it works."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def look(self, frames: Sequence[Frame]) -> list[Sight]:
        if self.times:
            self.times -= 1
            raise ModelError("out of memory")
        return super().look(frames)


def test_failed_inference_is_a_fault_of_every_camera_and_never_an_empty_sight(
    running: Callable[..., Runner],
) -> None:
    one, two = Bench("c1"), Bench("c2")
    running(FailsFirst(10**9), one, two)
    one.show(0)
    two.until(lambda: bool(two.faults))
    assert one.faults == two.faults == ["inference failed: out of memory"]
    assert one.delivered == []


def test_one_batch_holds_many_cameras(running: Callable[..., Runner]) -> None:
    entered, gate = threading.Event(), threading.Event()

    class Gated(OneCarEverywhere):
        def look(self, frames: Sequence[Frame]) -> list[Sight]:
            entered.set()
            gate.wait(DEADLINE)
            return super().look(frames)

    perception = Gated()
    benches = [Bench(f"c{n}") for n in range(12)]
    running(perception, *benches)
    for bench in benches:
        bench.until(lambda bench=bench: bench.put is not None)  # type: ignore[misc]
        assert bench.put is not None
        bench.put(frame(0, 0, bench.camera))
        # The first frame holds the worker; what comes meanwhile waits, however late the worker woke.
        assert entered.wait(DEADLINE)
    gate.set()
    for bench in benches:
        bench.until(lambda bench=bench: len(bench.delivered) == 1)  # type: ignore[misc]
    assert [len(batch) for batch in perception.batches] == [1, 8, 3]
    assert {f.camera for batch in perception.batches for f in batch} == {b.camera for b in benches}


def test_overload_gives_up_the_oldest_and_counts_it(running: Callable[..., Runner]) -> None:
    entered, gate = threading.Event(), threading.Event()

    class Gated(OneCarEverywhere):
        def look(self, frames: Sequence[Frame]) -> list[Sight]:
            entered.set()
            gate.wait(DEADLINE)
            return super().look(frames)

    bench = Bench("c1")
    runner = running(Gated(), bench)
    bench.until(lambda: bench.put is not None)
    assert bench.put is not None
    bench.put(frame(0, 0))
    assert entered.wait(DEADLINE)
    for seq in range(1, 6):
        bench.put(frame(seq, seq / 5))
    gate.set()
    bench.until(lambda: len(bench.delivered) == 2)
    assert [seq for _, seq in bench.delivered] == [0, 5]
    assert runner.stats()[0].dropped == 4


def test_a_reader_that_breaks_is_reported_as_its_cameras_fault(running: Callable[..., Runner]) -> None:
    class Broken(Bench):
        def read(self, put: Callable[[Frame], None], stop: threading.Event) -> None:
            raise OSError("no such device")

    broken, good = Broken("broken"), Bench("good")
    running(OneCarEverywhere(), broken, good)
    broken.until(lambda: broken.faults == ["reader failed: no such device"])
    good.show(0)
    assert good.delivered == [("0", 0)]


def test_stopping_ends_every_thread() -> None:
    before = threading.active_count()
    runner = Runner([Bench("c1").job(), Bench("c2").job()], OneCarEverywhere())
    runner.start()
    assert threading.active_count() == before + 5
    runner.stop()
    assert threading.active_count() == before


def test_a_recording_that_ends_is_noticed() -> None:
    class Ends(Bench):
        def read(self, put: Callable[[Frame], None], stop: threading.Event) -> None:
            put(frame(0, 0))

    bench = Ends("c1")
    runner = Runner([bench.job()], OneCarEverywhere())
    runner.start()
    assert runner.wait_for_readers(DEADLINE)
    bench.until(lambda: len(bench.delivered) == 1)
    runner.stop()


class Listens:
    """An overseer who tells of each picture, and each time that it is told of silence."""

    def __init__(self) -> None:
        self.silences: list[datetime] = []

    def observe(self, obs: Observation) -> Iterable[Alert]:
        return EverySight().observe(obs)

    def silent(self, at: datetime) -> Iterable[Alert]:
        self.silences.append(at)
        return [Alert("listens", "test", "c1", "silent", Phase.RAISED, Severity.LOW, at, at)]

    def trust(self) -> Trust:
        return Trust()


def test_rules_that_watch_the_camera_are_told_that_it_is_silent(
    running: Callable[..., Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ioc.runner.SILENCE_SECONDS", 0.05)
    listens = Listens()
    bench = Bench("c1", make_rules=lambda: (listens,))
    running(OneCarEverywhere(), bench)
    bench.until(lambda: bench.delivered[:1] == [("silent", -1)])
    assert bench.put is not None
    bench.put(frame(7, 7 / 5))
    bench.until(lambda: ("7", 7) in bench.delivered[:-2])
    heard = frame(7, 7 / 5).at
    assert heard < listens.silences[-1] < heard + timedelta(seconds=DEADLINE), "by the camera's own time"
    assert bench.faults == []


def test_a_camera_that_sends_nothing_is_told_of_as_offline(
    running: Callable[..., Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ioc.runner.SILENCE_SECONDS", 0.05)
    offline = camera_health.Config(offline_after=timedelta(seconds=0.2))
    bench = Bench("c1", make_rules=lambda: (camera_health.Detector(RuleSetup("lens", "c1"), offline), EverySight()))
    running(OneCarEverywhere(), bench)
    bench.show(3)
    bench.until(lambda: {("3", 3), ("fault:offline", -1)} <= set(bench.delivered))


def test_what_is_told_of_a_silent_camera_is_remembered_at_once(tmp_path: Path) -> None:
    def life() -> Fold:
        memory = RuleMemory(tmp_path / "c1.json", {"lens": None})
        rules = (camera_health.Detector(RuleSetup("lens", "c1"), camera_health.Config()),)
        return Fold(replace(bench.job(), make_rules=lambda: rules, memory=memory))

    bench = Bench("c1")
    first = life()
    first.silent(after(0))
    first.silent(after(12))
    life().take(frame(0, 60), Sight())
    assert bench.delivered == [("fault:offline", -1), ("fault:offline", 0)]


def test_a_recording_that_has_ended_is_not_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ioc.runner.SILENCE_SECONDS", 0.02)
    lane = Lane(Bench("c1").job(), threading.Condition())
    lane.read(frame(0, 0))
    assert lane.silent_until() is None
    time.sleep(0.03)
    assert lane.silent_until() is not None
    lane.ended = True
    assert lane.silent_until() is None


def test_the_queue_gives_up_its_oldest() -> None:
    changed = threading.Condition()
    queue: DropOldest[int] = DropOldest(2, changed)
    for n in range(5):
        queue.put(n)
    with changed:
        assert [queue.take(), queue.take(), queue.take()] == [3, 4, None]
    assert queue.dropped == 3
