"""Tapes: one camera's observations on disk, so that rules can be folded again without looking at pixels.

A tape is gzip'd JSON, one object a line: a header that says what was seen, by which models and how often,
then one line an observation. The same observations give the same bytes. Times are whole microseconds since
1970 (UTC), and a track's id is kept without its run, which stands on every line.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ioc.errors import IocError
from ioc.types import Box, Json, Observation, Reading, Track

VERSION = 1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TapeError(IocError):
    """A tape cannot be read: not a tape, cut short, or of another version."""


@dataclass(frozen=True, slots=True)
class TapeHeader:
    """What a tape was made of; `key` is the same exactly when all of it is."""

    camera: str
    start: datetime
    clip: str | None = None
    clip_sha256: str | None = None
    models: tuple[dict[str, Json], ...] = ()
    sampler: dict[str, Json] | None = None
    code: str | None = None

    @property
    def key(self) -> str:
        """Digest of the header: what `ioc replay` compares before it trusts a tape."""
        return hashlib.sha256(_dump(_header_json(self)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Tape:
    """A tape read whole."""

    header: TapeHeader
    observations: tuple[Observation, ...]


@contextmanager
def record(path: Path, header: TapeHeader) -> Iterator[TapeWriter]:
    """Yield a writer; the tape appears under `path` only when the block ends without an error."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        # The embedded name and time would make two tapes of the same observations differ.
        with temporary.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
            writer = TapeWriter(packed)
            writer.line(_header_json(header))
            yield writer
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


class TapeWriter:
    """Appends observations to a tape that `record` opened."""

    def __init__(self, file: gzip.GzipFile) -> None:
        self._file = file

    def add(self, obs: Observation) -> None:
        """Append one observation."""
        self.line(_observation_json(obs))

    def line(self, value: Json) -> None:
        """Append one line of JSON."""
        self._file.write(_dump(value).encode() + b"\n")


def write_tape(path: Path, header: TapeHeader, observations: Iterable[Observation]) -> None:
    """Write a whole tape."""
    with record(path, header) as tape:
        for obs in observations:
            tape.add(obs)


def read_tape(path: Path) -> Tape:
    """Read a tape whole; raises TapeError with one line when it cannot be."""
    try:
        with gzip.open(path, "rb") as file:
            header = _read_header(path, file)
            return Tape(header, tuple(_observation(json.loads(line), header.camera) for line in file))
    except FileNotFoundError:
        raise TapeError(f"{path}: no such tape; make it with `ioc replay --video … --tape {path}`") from None
    except (OSError, EOFError, zlib.error) as error:
        raise TapeError(f"{path}: not a whole tape ({error}); make it again with `ioc replay --video`") from None
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise TapeError(f"{path}: not a tape of this version ({error}); make it again") from None


def _read_header(path: Path, file: gzip.GzipFile) -> TapeHeader:
    value = json.loads(file.readline() or "null")
    if not isinstance(value, dict) or value.get("tape") != VERSION:
        raise TapeError(f"{path}: not a tape of version {VERSION}; make it again with `ioc replay --video`")
    del value["tape"]
    value["start"] = _from_us(value["start"])
    value["models"] = tuple(value["models"])
    return TapeHeader(**value)


def _header_json(header: TapeHeader) -> Json:
    value: dict[str, Any] = asdict(header)
    return {"tape": VERSION, **value, "start": _to_us(header.start), "models": list(header.models)}


def _observation_json(obs: Observation) -> Json:
    value: dict[str, Json] = {"run": obs.run, "seq": obs.seq, "at": _to_us(obs.at)}
    if obs.tracks:
        value["tracks"] = [_track_json(track, obs.run) for track in obs.tracks]
    if obs.readings:
        value["readings"] = [_reading_json(reading) for reading in obs.readings]
    return value


def _track_json(track: Track, run: str) -> Json:
    number = track.id.removeprefix(run + "-")
    return [number, track.label, track.score, *track.box.as_tuple(), _to_us(track.first_seen)]


def _reading_json(reading: Reading) -> Json:
    box: Json = [*reading.box.as_tuple()] if reading.box else None
    return [reading.kind, reading.value, reading.score, box, reading.track]


def _observation(value: dict[str, Any], camera: str) -> Observation:
    run = value["run"]
    return Observation(
        camera=camera,
        run=run,
        seq=value["seq"],
        at=_from_us(value["at"]),
        tracks=tuple(_track(row, run) for row in value.get("tracks", ())),
        readings=tuple(_reading(row) for row in value.get("readings", ())),
    )


def _track(row: list[Any], run: str) -> Track:
    number, label, score, x1, y1, x2, y2, first_seen = row
    return Track(f"{run}-{number}", label, score, Box(x1, y1, x2, y2), _from_us(first_seen))


def _reading(row: list[Any]) -> Reading:
    kind, value, score, box, track = row
    return Reading(kind, value, score, Box(*box) if box else None, track)


def _to_us(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def _from_us(value: int) -> datetime:
    return EPOCH + timedelta(microseconds=value)


def _dump(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
