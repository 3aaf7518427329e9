"""Clips of what came before and after an alert, cut when the after is there.

An alert never waits for its clip. It goes out at once with its stills; when the clip is on the disk the same message
goes out again with the clip among its evidence, and whoever keeps alerts adds what is new. A clip ends early where the
camera's run does, and when the program is stopped. What came before the alert is on the disk at once, so that a program
that is killed meanwhile tells of that when it starts again.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from alerts.clip_journal import ClipJournal
from alerts.delivery import Delivery
from alerts.evidence import EvidenceStore
from ioc import clock
from ioc.errors import ClipMissing
from ioc.ports import ClipSource, Span
from ioc.types import Alert, Evidence, Frame, Phase

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
PATIENCE = timedelta(seconds=20)
"""How much longer than its after-part a clip waits for a camera that sends nothing."""
MOST_WAITING = 16
"""So many clips of one camera wait at most; further alerts go without."""


@dataclass(slots=True, eq=False)
class _Job:
    alert: Alert
    span: Span
    source: ClipSource
    patience_ends: float
    begun: bool = False
    clip: Evidence | None = None
    """What is on the disk of the clip."""

    @property
    def whole(self) -> Alert:
        """The alert with the clip."""
        return self.alert if self.clip is None else replace(self.alert, evidence=(*self.alert.evidence, self.clip))


class Clips:
    """Cuts clips in a thread of its own while the block lasts, and those that still wait when it ends.

    First it tells of those that a killed program left. `sources` are the cameras of which clips are cut, `rules` the
    names of the rules whose alerts get one, of `before` and `after` the moment.
    """

    def __init__(
        self,
        sources: Mapping[str, ClipSource],
        rules: Collection[str],
        before: timedelta,
        after: timedelta,
        evidence: EvidenceStore,
        delivery: Delivery,
        *,
        patience: timedelta = PATIENCE,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self._sources = sources
        self._rules = frozenset(rules)
        self._before, self._after = before, after
        self._evidence = evidence
        self._journal = ClipJournal(evidence.root, delivery.message)
        self._delivery = delivery
        self._patience = (after + patience).total_seconds()
        self._now = now
        self._changed = threading.Condition()
        self._jobs: list[_Job] = []
        self._stopping = False
        self._troubles: dict[str, str] = {}
        self._thread = threading.Thread(target=self._run, name="clips", daemon=True)

    def __enter__(self) -> Self:
        try:
            self._evidence.remove_unfinished(self._now())
            for message in self._journal.left():
                self._delivery.send(message)
        except OSError as error:
            log.warning("%s: %s; what was left there is not told of", self._evidence.root, error.strerror)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join()

    def ask(self, alert: Alert, frame: Frame | None) -> None:
        """Take an alert that has been told of, with the frame that made it due; it gets a clip when it is to have one.

        Returns at once.
        """
        source = self._sources.get(alert.camera)
        if source is None or frame is None or alert.phase is not Phase.RAISED or alert.rule not in self._rules:
            return
        span = Span(frame.run, frame.at - self._before, frame.at, frame.at + self._after)
        with self._changed:
            if Counter(job.alert.camera for job in self._jobs)[alert.camera] >= MOST_WAITING:
                self._note(alert.camera, f"{MOST_WAITING} clips are waiting already")
                return
            source.hold(span)
            self._jobs.append(_Job(alert, span, source, clock.monotonic() + self._patience))
            self._changed.notify_all()

    def _run(self) -> None:
        while jobs := self._wait():
            for job in jobs:
                self._do(job)

    def _wait(self) -> list[_Job]:
        """Return the clips that are new or due, at least one; none when the block has ended and none waits."""
        with self._changed:
            while self._jobs or not self._stopping:
                found = [job for job in self._jobs if not job.begun or self._is_due(job)]
                if found:
                    return found
                self._changed.wait(POLL_SECONDS if self._jobs else None)
        return []

    def _is_due(self, job: _Job) -> bool:
        return self._stopping or job.source.ready(job.span) or clock.monotonic() >= job.patience_ends

    def _do(self, job: _Job) -> None:
        """Write what there is of a clip, and tell of it when no more is to come."""
        job.begun, due = True, self._is_due(job)
        trouble = ""
        try:
            job.clip = self._evidence.keep_clip(job.alert, job.span, job.source)
            if not due:
                self._journal.begin(job.whole)
        except (ClipMissing, OSError) as error:
            trouble = str(error)
        except Exception:  # one clip's trouble must not cost the next ones
            log.exception("camera %s: the clip of alert %s broke", job.alert.camera, job.alert.id)
        if due:
            self._note(job.alert.camera, trouble)
            self._end(job)

    def _end(self, job: _Job) -> None:
        if job.clip is not None:
            self._delivery.tell(job.whole)
        try:
            self._journal.end(job.alert.id)
        except OSError as error:
            self._note(job.alert.camera, str(error))
        job.source.release(job.span)
        with self._changed:
            self._jobs.remove(job)

    def _note(self, camera: str, trouble: str) -> None:
        """Log once when a camera's clips can no longer be kept, and once when they can again."""
        before = self._troubles.get(camera, "")
        self._troubles[camera] = trouble
        if trouble and trouble != before:
            log.warning("camera %s: no clip: %s; its alerts go on without", camera, trouble)
        elif before and not trouble:
            log.info("camera %s: clips are kept again", camera)
