"""Live: one reader and one fold a camera, one inference worker for all, and nothing that waits for the slowest.

    reader ─▶ slot (newest frame) ─▶ inference worker (batches over cameras) ─▶ queue ─▶ fold

Overload policy is DROP_OLDEST: a slot holds the newest frame and counts those it gave up, and so does a fold's
queue. Whatever goes wrong with one camera stays with it: its threads log, report the state and start again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from ioc import clock, pipeline
from ioc.drop_oldest import DropOldest
from ioc.errors import IocError
from ioc.muting import Muting
from ioc.ports import Citing, Perception, Rule, Sight
from ioc.rule_memory import RuleMemory
from ioc.types import Alert, Evidence, Frame, Observation, Track

log = logging.getLogger(__name__)

MAX_BATCH = 8
FOLD_QUEUE = 16
RETRY_SECONDS = 5.0
SILENCE_SECONDS = 2.0
"""How often rules that watch the camera itself are told that it sends nothing."""


class Admit(Protocol):
    """Decides whether an alert is new, an update, cleared, or noise."""

    def admit(self, alert: Alert) -> Alert | None:
        """Return the alert to deliver, or None when it is noise."""
        ...


Read = Callable[[Callable[[Frame], None], threading.Event], None]
"""Reads one camera until told to stop or its recording ends, handing on the wanted frames."""


Show = Callable[[Frame, Sequence[Track] | None], None]
"""Shows a frame to those who watch live, with what is followed in it, or None when nobody has looked at it yet."""


def unrecorded(obs: Observation) -> None:
    """Keep no tape."""


See = Callable[[Frame, Observation], None]
"""Given a frame and what was seen in it, to remember it should a rule point to it later."""


def unseen(frame: Frame, obs: Observation) -> None:
    """Remember no frame."""


Cite = Callable[[Frame, frozenset[Evidence]], None]
"""Given a frame once the rules have seen it, and all pictures that they may yet name."""


def uncited(frame: Frame, cited: frozenset[Evidence]) -> None:
    """Keep no picture."""


def unshown(frame: Frame, tracks: Sequence[Track] | None) -> None:
    """Show nobody."""


@dataclass(frozen=True, slots=True)
class CameraJob:
    """What the runner needs to know of one camera."""

    camera: str
    read: Read
    make_rules: Callable[[], Sequence[Rule]]
    make_policy: Callable[[], Admit]
    deliver: Callable[[Alert, Frame | None], None]
    """Given each alert with the frame that made it due, None when the want of one did."""
    on_fault: Callable[[str], None]
    """Told in one line what is wrong behind the camera's stream, and "" when that is over."""
    record: Callable[[Observation], None] = unrecorded
    """Given all that the rules are given, before them; it never raises."""
    see: See = unseen
    """Given each frame that was looked at, before the rules are given what was seen in it; it never raises."""
    show: Show = unshown
    """Given each frame as it is read, and again once it was looked at; it never raises and never waits."""
    cite: Cite = uncited
    """Given each frame after its alerts, to keep what they may name later; it never raises."""
    memory: RuleMemory | None = None
    """Where what the rules remember outlives the program; None when it need not."""


class Fold:
    """One camera's observer, rules and policy; starts afresh when a rule breaks."""

    def __init__(self, job: CameraJob) -> None:
        self._job = job
        self._broken = False
        self._at: datetime | None = None
        self._begin()
        if job.memory is not None:
            job.memory.restore(self._rules, self._policy)

    def _begin(self) -> None:
        self._observer = pipeline.Observer()
        self._rules = self._job.make_rules()
        self._muting = Muting(self._rules)
        self._policy = self._job.make_policy()

    def take(self, frame: Frame, sight: Sight) -> None:
        """Fold one frame and deliver what comes of it."""
        obs = self._observer.observe(frame, sight)
        self._job.record(obs)
        self._job.see(frame, obs)
        self._job.show(frame, obs.tracks)
        told = self._tell(self._muting.observe(obs), frame)
        citing = (rule for rule in self._rules if isinstance(rule, Citing))
        self._job.cite(frame, frozenset(evidence for rule in citing for evidence in rule.cited()))
        self._at = obs.at
        self.remember(now=told)

    def silent(self, at: datetime) -> None:
        """Take that no picture has come until `at`, and deliver what comes of it."""
        if self._tell(self._muting.silent(at), None):
            self._at = at
            self.remember()

    def remember(self, *, now: bool = True) -> None:
        """Have what the rules remember written down, when it is due or `now`."""
        if self._job.memory is not None and self._at is not None:
            self._job.memory.keep(self._at, self._rules, self._policy, now=now)

    def _tell(self, alerts: Iterable[Alert], frame: Frame | None) -> bool:
        """Deliver what is to be told; return whether anything was."""
        told = False
        for alert in alerts:
            admitted = self._policy.admit(alert)
            if admitted is not None:
                told = True
                self._job.deliver(admitted, frame)
        return told

    def or_restart(self, fold: Callable[[], None]) -> None:
        """Fold what there is; a failure is logged, reported for this camera alone, and forgets its state."""
        try:
            fold()
        except Exception as error:
            if not self._broken:
                log.exception("camera %s: its rules failed and start again", self._job.camera)
            self._broken = True
            self._job.on_fault(f"rules failed: {error}")
            self._begin()
        else:
            if self._broken:
                log.info("camera %s: its rules are back", self._job.camera)
                self._job.on_fault("")
            self._broken = False


class Lane:
    """One camera's way through the runner: slot, queue and fold."""

    def __init__(self, job: CameraJob, arrived: threading.Condition) -> None:
        self.job = job
        self.slot: DropOldest[Frame] = DropOldest(1, arrived)
        self.seen = threading.Condition()
        self.queue: DropOldest[tuple[Frame, Sight]] = DropOldest(FOLD_QUEUE, self.seen)
        self.looked_at = 0
        self.ended = False
        """Whether nothing will be read any more."""
        self._heard = (clock.now(), clock.monotonic())

    def silent_until(self) -> datetime | None:
        """Return the present by the camera's own time, or None when a frame was read a moment ago or none will be."""
        at, heard = self._heard
        silence = clock.monotonic() - heard
        return None if self.ended or silence < SILENCE_SECONDS else at + timedelta(seconds=silence)

    def read(self, frame: Frame) -> None:
        """Take a frame that was read."""
        self._heard = (frame.at, clock.monotonic())
        self.job.show(frame, None)
        self.slot.put(frame)


@dataclass(frozen=True, slots=True)
class LaneStats:
    """What one camera's lane has done since the start."""

    camera: str
    looked_at: int
    dropped: int


class Runner:
    """Runs the cameras until stopped. `start` returns at once; `stop` returns when all threads have ended."""

    def __init__(self, jobs: Sequence[CameraJob], perception: Perception) -> None:
        self._perception = perception
        self._arrived = threading.Condition()
        self._lanes = [Lane(job, self._arrived) for job in jobs]
        self._stopping = threading.Event()
        self._inference_broken = False
        self._next = 0
        self._readers = [self._thread(f"read {lane.job.camera}", self._read, lane) for lane in self._lanes]
        self._workers = [self._thread(f"fold {lane.job.camera}", self._fold, lane) for lane in self._lanes]
        self._workers.append(self._thread("inference", self._infer))

    def _thread(self, name: str, target: Callable[..., None], *args: object) -> threading.Thread:
        return threading.Thread(target=target, args=args, name=name, daemon=True)

    def start(self) -> None:
        """Start all threads."""
        for thread in (*self._workers, *self._readers):
            thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Tell all threads to end and wait for each at most `timeout` seconds."""
        self._stopping.set()
        for condition in (self._arrived, *(lane.seen for lane in self._lanes)):
            with condition:
                condition.notify_all()
        for thread in (*self._readers, *self._workers):
            thread.join(timeout)
            if thread.is_alive():
                log.warning("thread %r did not end within %.0f s", thread.name, timeout)

    def wait_for_readers(self, timeout: float | None = None) -> bool:
        """Wait until every camera's recording has ended; return whether all have."""
        for reader in self._readers:
            reader.join(timeout)
        return not any(reader.is_alive() for reader in self._readers)

    def stats(self) -> list[LaneStats]:
        """Return each camera's counts."""
        return [LaneStats(n.job.camera, n.looked_at, n.slot.dropped + n.queue.dropped) for n in self._lanes]

    def _read(self, lane: Lane) -> None:
        while not self._stopping.is_set():
            try:
                lane.job.read(lane.read, self._stopping)
                lane.ended = True
                return
            except Exception as error:
                log.exception("camera %s: its reader failed and starts again", lane.job.camera)
                lane.job.on_fault(f"reader failed: {error}")
                self._stopping.wait(RETRY_SECONDS)

    def _infer(self) -> None:
        while batch := self._wait_for_batch():
            sights = self._look([frame for _, frame in batch])
            if sights is None:
                self._stopping.wait(RETRY_SECONDS)
                continue
            for (lane, frame), sight in zip(batch, sights, strict=True):
                lane.looked_at += 1
                lane.queue.put((frame, sight))

    def _look(self, frames: list[Frame]) -> list[Sight] | None:
        try:
            sights = self._perception.look(frames)
        except Exception as error:
            if not self._inference_broken:
                log.log(logging.ERROR, "inference failed: %s", error, exc_info=not isinstance(error, IocError))
                for lane in self._lanes:
                    lane.job.on_fault(f"inference failed: {error}")
            self._inference_broken = True
            return None
        if self._inference_broken:
            log.info("inference is back")
            for lane in self._lanes:
                lane.job.on_fault("")
        self._inference_broken = False
        return sights

    def _wait_for_batch(self) -> list[tuple[Lane, Frame]]:
        """Return at least one frame, at most one a camera, or none when stopping."""
        with self._arrived:
            while not self._stopping.is_set():
                batch = self._collect()
                if batch:
                    return batch
                self._arrived.wait()
        return []

    def _collect(self) -> list[tuple[Lane, Frame]]:
        """Take frames round robin, so that no camera is starved when there are more than fit a batch."""
        batch: list[tuple[Lane, Frame]] = []
        count = len(self._lanes)
        for offset in range(count):
            lane = self._lanes[(self._next + offset) % count]
            frame = lane.slot.take()
            if frame is not None:
                batch.append((lane, frame))
            if len(batch) == MAX_BATCH:
                break
        self._next = (self._next + offset + 1) % count
        return batch

    def _fold(self, lane: Lane) -> None:
        fold = Fold(lane.job)
        while not self._stopping.is_set():
            item, silent = self._wait_for_sight(lane), lane.silent_until()
            if item is not None:
                fold.or_restart(partial(fold.take, *item))
            elif silent is not None:
                fold.or_restart(partial(fold.silent, silent))
        fold.remember()

    def _wait_for_sight(self, lane: Lane) -> tuple[Frame, Sight] | None:
        """Return what was seen next, or None when nothing was for a while or when stopping."""
        with lane.seen:
            item = lane.queue.take()
            if item is None and not self._stopping.is_set():
                lane.seen.wait(SILENCE_SECONDS)
                item = lane.queue.take()
        return item
