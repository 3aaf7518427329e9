"""Jobs spread over processes: each by itself, so that the result does not depend on how many there are.

    parent ──Job──▶ worker ──Progress…, Done──▶ parent

A worker that is lost, as when memory runs out, costs its job and is replaced.
"""

from __future__ import annotations

import logging
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext, SpawnProcess

from ioc import clock
from ioc.errors import IocError
from ioc.replay_job import Done, Job, Progress, Tell, replay
from models.processor import use_one_thread

TELL_EVERY = 0.2
"""Seconds between two tellings of one worker."""


def replay_all(
    jobs: Sequence[Job], processes: int, tell: Callable[[int, Progress], None]
) -> Iterator[tuple[int, Done]]:
    """Replay the jobs; yield the number of each and what came of it, as they end.

    `tell` is given a job's number and how far it is. With one process, or one job, all is done in this one.
    """
    if processes > 1 and len(jobs) > 1:
        yield from _over_processes(jobs, min(processes, len(jobs)), tell)
        return
    for number, job in enumerate(jobs):
        yield number, _attempt(job, partial(tell, number))


def _attempt(job: Job, tell: Tell) -> Done:
    try:
        return replay(job, tell)
    except IocError as error:
        return Done(problem=str(error))


def _over_processes(
    jobs: Sequence[Job], processes: int, tell: Callable[[int, Progress], None]
) -> Iterator[tuple[int, Done]]:
    context = get_context("spawn")
    waiting = deque(enumerate(jobs))
    crew = [_Worker(context) for _ in range(processes)]
    try:
        for worker in crew:
            worker.give(*waiting.popleft())
        while busy := {worker.pipe: worker for worker in crew if worker.number is not None}:
            for pipe in wait(list(busy)):
                worker = busy[pipe]  # type: ignore[index]
                number, told = worker.take()
                if isinstance(told, Progress):
                    tell(number, told)
                    continue
                yield number, told
                if worker.lost:
                    crew[crew.index(worker)] = worker = _Worker(context)
                if waiting:
                    worker.give(*waiting.popleft())
    finally:
        for worker in crew:
            worker.end()


class _Worker:
    """A process that replays one job after the other; `number` is the one it has, `lost` whether it died of it."""

    def __init__(self, context: SpawnContext) -> None:
        self.pipe, theirs = context.Pipe()
        self._process: SpawnProcess = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self.number: int | None = None
        self.lost = False

    def give(self, number: int, job: Job) -> None:
        self.number = number
        with suppress(OSError):  # one that has died says so when it is listened to
            self.pipe.send(job)

    def take(self) -> tuple[int, Progress | Done]:
        """Return what the worker says of its job."""
        assert self.number is not None
        number = self.number
        try:
            told: Progress | Done = self.pipe.recv()
        except EOFError:
            self._process.join()
            self.lost = True
            told = Done(problem=_obituary(self._process.exitcode))
        if isinstance(told, Done):
            self.number = None
        return number, told

    def end(self) -> None:
        self._process.terminate()
        self._process.join()
        self.pipe.close()


def _obituary(code: int | None) -> str:
    how = f"killed by signal {-code}, perhaps for want of memory" if code is not None and code < 0 else f"code {code}"
    return f"its process ended ({how}); try again with fewer --jobs, or with --debug"


def _serve(pipe: Connection) -> None:
    """Replay what comes down the pipe until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it too, and ends its workers
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that half-written files are taken away
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    use_one_thread()
    with suppress(EOFError, BrokenPipeError):
        while True:
            job: Job = pipe.recv()
            pipe.send(_attempt(job, _now_and_then(pipe.send)))


def _now_and_then(tell: Tell) -> Tell:
    last = -TELL_EVERY

    def told(progress: Progress) -> None:
        nonlocal last
        if clock.monotonic() - last >= TELL_EVERY:
            last = clock.monotonic()
            tell(progress)

    return told
