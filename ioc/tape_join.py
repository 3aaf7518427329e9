"""Tapes of one live camera joined, or a piece cut out of them: an incident may reach from one hour into the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from pathlib import Path

from ioc.errors import UsageError
from ioc.tape import TapeFile, open_tape, record
from ioc.types import Observation


def join(paths: Sequence[Path], out: Path, begin: datetime | None = None, end: datetime | None = None) -> int:
    """Write what was seen from `begin` to before `end` as one tape; return how many observations that are.

    Raises TapeError, and UsageError when the tapes are not all of one live camera, seen by the same models, sampling
    and code, or when nothing was seen in that time.
    """
    tapes = sorted(map(open_tape, paths), key=lambda tape: tape.header.start)
    first = tapes[0].header
    for tape in tapes:
        if tape.header.clip is not None:
            raise UsageError(f"{tape.path}: was made of {tape.header.clip}; only tapes of a live camera can be joined")
        if replace(tape.header, start=first.start) != first:
            raise UsageError(f"{tape.path}: another camera, model, sampling or code than {tapes[0].path}")
    wanted = _between(tapes, begin, end)
    start = next(wanted, None)
    if start is None:
        raise UsageError(f"nothing was seen in that time; the first tape begins at {first.start:%Y-%m-%dT%H:%M:%SZ}")
    with record(out, replace(first, start=start.at)) as writer:
        for obs in chain([start], wanted):
            writer.add(obs)
    return writer.written


def _between(tapes: Sequence[TapeFile], begin: datetime | None, end: datetime | None) -> Iterator[Observation]:
    for obs in chain.from_iterable(tapes):
        if (begin is None or obs.at >= begin) and (end is None or obs.at < end):
            yield obs
