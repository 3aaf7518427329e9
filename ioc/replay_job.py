"""One recording, or its tape, replayed into a file of alerts: what `ioc replay` does once or, over processes, often."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from alerts.wire import AlertMessage
from ioc.pacing import paced
from ioc.report import Replayed, Summary, write_page
from ioc.stories import Told
from ioc.tape import TapeHeader, open_tape
from ioc.truth import read_truth
from ioc.types import Alert, Observation, Phase
from ioc.whole_file import write_whole
from ioc.wiring import Footage, Replay


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be replayed and where its alerts go; at least one of `video` and `tape` is given.

    Without a camera the tape says which. `speed` is how many times as fast as real time it may go, `threads` how many
    compute, by the site file unless given. `page` is where a report goes, `truth` what it judges the alerts by.
    """

    site: Path
    out: Path
    camera: str | None = None
    video: Path | None = None
    tape: Path | None = None
    speed: float | None = None
    threads: int | None = None
    page: Path | None = None
    truth: Path | None = None

    @property
    def name(self) -> str:
        """The recording's file name."""
        source = self.video or self.tape
        assert source is not None
        return source.name


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a replay has come, in media time; `length` is None where nothing says how long it will be."""

    media: timedelta = timedelta(0)
    length: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a job: how much media time, how many alerts were raised, or in one line why nothing."""

    media: timedelta = timedelta(0)
    raised: int = 0
    problem: str = ""
    summary: Summary | None = None
    """What an index says of its report."""


Tell: TypeAlias = Callable[[Progress], None]


def replay(job: Job, tell: Tell) -> Done:
    """Replay the recording; write its alerts and, if asked for, its report. Raises IocError when it cannot be done."""
    camera = job.camera
    if camera is None:
        assert job.tape is not None
        camera = open_tape(job.tape).header.camera
    truth = None if job.truth is None else read_truth(job.truth)
    work = Replay(job.site, camera, job.threads)
    footage = work.footage(job.video, job.tape)
    watch = _Watch(footage, tell)
    seen = watch.told(footage.observations)
    if job.speed is not None:
        seen = paced(seen, threading.Event().wait, speed=job.speed)
    told = [Told(rule) for rule in work.rules()] if job.page else []
    alerts = watch.kept(work.alerts(seen, told or work.rules()))
    write_whole(job.out, _lines(alerts, footage.header, work.site.site.id))
    raised = sum(alert.phase is Phase.RAISED for alert in watch.alerts)
    if job.page is None:
        return Done(watch.media, raised)
    replayed = Replayed(
        name=job.name,
        site_file=job.site,
        camera=work.camera,
        rules=work.site.rules_of(camera),
        header=footage.header,
        media=max(watch.media, footage.length or watch.media),
        told=told,
        alerts=watch.alerts,
        truth=truth,
        video=job.video,
    )
    return Done(watch.media, raised, summary=write_page(job.page, replayed))


class _Watch:
    """Notes what goes by."""

    def __init__(self, footage: Footage, tell: Tell) -> None:
        self._length, self._tell = footage.length, tell
        self.media = timedelta(0)
        self.alerts: list[Alert] = []

    def told(self, seen: Iterable[Observation]) -> Iterator[Observation]:
        first: datetime | None = None
        for obs in seen:
            first = first or obs.at
            self.media = obs.at - first
            self._tell(Progress(self.media, self._length))
            yield obs

    def kept(self, alerts: Iterable[Alert]) -> Iterator[Alert]:
        for alert in alerts:
            self.alerts.append(alert)
            yield alert


def _lines(alerts: Iterable[Alert], header: TapeHeader, site: str) -> Iterator[str]:
    for alert in alerts:
        message = AlertMessage.of(alert, site, header.weights).model_dump(mode="json")
        message["media_s"] = round((alert.at - header.start).total_seconds(), 6)
        yield json.dumps(message, ensure_ascii=False, separators=(",", ":")) + "\n"
