"""Tapes of a live camera: a file an hour, kept for a while, so that an incident can be replayed as it was seen."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from ioc.tape import TapeHeader, TapeWriter
from ioc.tape_part import EPOCH
from ioc.types import Json, Observation

log = logging.getLogger(__name__)

HOUR = timedelta(hours=1)
RETRY = timedelta(seconds=30)
"""Time seen before a disk that failed is tried again."""

FAILURES = (OSError, ValueError, TypeError)
"""What writing raises: the disk's errors, and observations that cannot stand on a tape."""


class TapeRecorder:
    """Writes what is seen of one camera into `folder`, and removes there what is older than `keep`.

    A tape begins with each hour (UTC) and is named for the time of its first observation. Nothing that goes wrong
    reaches the analysis: `on_fault` is told in one line, and "" when tapes are written again; what is seen meanwhile is
    not kept. `header` says what looks at the camera.
    """

    def __init__(self, folder: Path, header: TapeHeader, keep: timedelta, on_fault: Callable[[str], None]) -> None:
        self._folder, self._header, self._keep, self._on_fault = folder, header, keep, on_fault
        self._tape: _OpenTape | None = None
        self._failed: datetime | None = None

    def add(self, obs: Observation) -> None:
        """Keep one observation."""
        if self._tape is None and self._failed is not None and timedelta(0) <= obs.at - self._failed < RETRY:
            return
        try:
            self._add(obs)
        except FAILURES as error:
            self._give_up(obs.at, error)

    def close(self) -> None:
        """End the present tape."""
        if self._tape is None:
            return
        try:
            self._tape.end()
        except FAILURES as error:
            log.warning("camera %s: its tape was not ended: %s", self._header.camera, error)
        self._tape = None

    def _add(self, obs: Observation) -> None:
        if self._tape is not None and self._tape.hour != _hour(obs.at):
            self._tape.end()
            self._tape = None
        if self._tape is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            remove_old(self._folder, obs.at - self._keep)
            self._tape = _OpenTape(self._folder / name_of(obs.at), replace(self._header, start=obs.at))
        self._tape.writer.add(obs)
        if self._failed is not None and self._tape.writer.written:
            log.info("camera %s: its tape is written again", self._header.camera)
            self._failed = None
            self._on_fault("")

    def _give_up(self, at: datetime, error: Exception) -> None:
        if self._tape is not None:
            self._tape.abandon()
            self._tape = None
        if self._failed is None:
            log.error("camera %s: its tape cannot be written: %s", self._header.camera, error)
        self._failed = at
        reason = error.strerror if isinstance(error, OSError) else str(error)
        self._on_fault(f"its tape cannot be written: {reason}")


class TapeShelf:
    """The tapes of a site's live cameras, a folder each; ends those that are open when the block ends."""

    def __init__(
        self, folder: Path, keep: timedelta, models: tuple[dict[str, Json], ...], sampler: dict[str, Json], code: str
    ) -> None:
        self._folder, self._keep = folder, keep
        self._models, self._sampler, self._code = models, sampler, code
        self._recorders: list[TapeRecorder] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for recorder in self._recorders:
            recorder.close()

    def recorder(self, camera: str, on_fault: Callable[[str], None]) -> TapeRecorder:
        """Return what keeps the tapes of one camera."""
        header = TapeHeader(camera, EPOCH, models=self._models, sampler=self._sampler, code=self._code)
        self._recorders.append(TapeRecorder(self._folder / camera, header, self._keep, on_fault))
        return self._recorders[-1]

    def remove_old(self, now: datetime) -> None:
        """Remove old tapes of all cameras, also of those that are not recorded any more."""
        for folder in self._folder.glob("*/"):
            try:
                remove_old(folder, now - self._keep)
            except OSError as error:
                log.warning("%s: old tapes cannot be removed: %s", folder, error.strerror)


class _OpenTape:
    """A tape that is being written."""

    def __init__(self, path: Path, header: TapeHeader) -> None:
        self.hour = _hour(header.start)
        self._path = path
        self._file: BinaryIO = path.open("xb")
        try:
            self.writer = TapeWriter(self._file, header)
        except OSError:
            self._remove()
            raise

    def end(self) -> None:
        try:
            self.writer.end()
        finally:
            with suppress(OSError):
                self._file.close()

    def abandon(self) -> None:
        """Close it as it is, and remove it if no observation came so far as the disk."""
        if self.writer.written:
            with suppress(OSError):
                self._file.close()
        else:
            self._remove()

    def _remove(self) -> None:
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._path.unlink()


def remove_old(folder: Path, before: datetime) -> None:
    """Remove the tapes whose hour was over by then; files with other names stay. Raises OSError."""
    limit = name_of(before - HOUR)
    for path in folder.glob("[0-9]*Z.tape"):
        if path.name <= limit:
            path.unlink(missing_ok=True)


def name_of(start: datetime) -> str:
    """Return the name of the tape whose first observation was then: names sort by time."""
    return f"{start:%Y%m%dT%H%M%S.%fZ}.tape"


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
