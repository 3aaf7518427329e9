"""Clips of what came before and after an alert, cut when the after is there.

An alert never waits for its clip. It goes out at once with its stills; when the clip is on the disk the same message
goes out again with the clip among its evidence, and whoever keeps alerts adds what is new. A clip ends early where the
camera's run does, and when the program is stopped; a program that is killed meanwhile loses the clip and nothing else.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from types import TracebackType
from typing import Self

from alerts.evidence import EvidenceStore
from ioc import clock
from ioc.errors import ClipMissing
from ioc.ports import ClipSource, Span
from ioc.types import Alert, Frame, Phase

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
PATIENCE = timedelta(seconds=20)
"""How much longer than its after-part a clip waits for a camera that sends nothing."""
MOST_WAITING = 16
"""So many clips of one camera wait at most; further alerts go without."""


@dataclass(frozen=True, slots=True)
class _Job:
    alert: Alert
    span: Span
    source: ClipSource
    patience_ends: float


class Clips:
    """Cuts clips in a thread of its own while the block lasts, and those that still wait when it ends.

    `sources` are the cameras of which clips are cut, `rules` the names of the rules whose alerts get one, of `before`
    and `after` the moment. `tell` is given the alert again, with its clip.
    """

    def __init__(
        self,
        sources: Mapping[str, ClipSource],
        rules: Collection[str],
        before: timedelta,
        after: timedelta,
        evidence: EvidenceStore,
        tell: Callable[[Alert], None],
        *,
        patience: timedelta = PATIENCE,
        monotonic: Callable[[], float] = clock.monotonic,
    ) -> None:
        self._sources = sources
        self._rules = frozenset(rules)
        self._before, self._after = before, after
        self._evidence = evidence
        self._tell = tell
        self._patience = (after + patience).total_seconds()
        self._monotonic = monotonic
        self._changed = threading.Condition()
        self._jobs: list[_Job] = []
        self._stopping = False
        self._troubles: dict[str, str] = {}
        self._thread = threading.Thread(target=self._run, name="clips", daemon=True)

    def __enter__(self) -> Self:
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
            self._jobs.append(_Job(alert, span, source, self._monotonic() + self._patience))
            self._changed.notify_all()

    def _run(self) -> None:
        while jobs := self._wait():
            for job in jobs:
                self._cut(job)

    def _wait(self) -> list[_Job]:
        """Return the clips that can be cut, at least one; none when the block has ended and none waits."""
        with self._changed:
            while self._jobs or not self._stopping:
                due = [job for job in self._jobs if self._is_due(job)]
                if due:
                    self._jobs = [job for job in self._jobs if job not in due]
                    return due
                self._changed.wait(POLL_SECONDS if self._jobs else None)
        return []

    def _is_due(self, job: _Job) -> bool:
        return self._stopping or job.source.ready(job.span) or self._monotonic() >= job.patience_ends

    def _cut(self, job: _Job) -> None:
        alert = job.alert
        try:
            clip = self._evidence.keep_clip(alert, job.span, job.source)
        except ClipMissing as error:
            self._note(alert.camera, str(error))
        except Exception:  # one clip's trouble must not cost the next ones
            log.exception("camera %s: the clip of alert %s broke", alert.camera, alert.id)
        else:
            self._note(alert.camera, "")
            self._tell(replace(alert, evidence=(*alert.evidence, clip)))
        finally:
            job.source.release(job.span)

    def _note(self, camera: str, trouble: str) -> None:
        """Log once when a camera's clips can no longer be kept, and once when they can again."""
        before = self._troubles.get(camera, "")
        self._troubles[camera] = trouble
        if trouble and trouble != before:
            log.warning("camera %s: no clip: %s; its alerts go on without", camera, trouble)
        elif before and not trouble:
            log.info("camera %s: clips are kept again", camera)
