"""Tapes: one camera's observations on disk, so that rules can be folded again without looking at pixels.

A tape is a row of gzip members, each a line of JSON (`zcat` shows them): a header that says what was seen, by which
models and how often; parts of half a minute (`ioc.tape_part`); and the end, which says how many observations there
are and when the last was made. It is written and read a part at a time. The same observations give the same bytes.

A tape of a clip is whole or refused, for it can be made again. One of a live camera cannot: when it was cut off, what
stands in its whole parts is read, and a warning says until when.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from ioc.errors import IocError
from ioc.tape_part import from_us, pack, to_us, unpack
from ioc.types import Json, Observation

log = logging.getLogger(__name__)

VERSION = 2

PART = timedelta(seconds=30)
"""Time in one part: what a loss of power may cost."""
MOST = 2_000
"""Observations in one part, however fast they come."""

GZIP = 31
"""zlib's number for a gzip member with its header and checksum, without name or time."""
MAGIC = b"\x1f\x8b\x08"
"""With these bytes a member begins."""
TAIL = 256
"""The end is shorter than this."""
BLOCK = 1 << 16
LARGEST = 1 << 26
"""Bytes of a part beyond which the file is something else."""

AGAIN = "remove it and make it again with `ioc replay --video`"

UNUSABLE = (EOFError, zlib.error, ValueError, KeyError, TypeError, IndexError, OverflowError)
"""What reading raises when the bytes are not those of a tape."""


class TapeError(IocError):
    """A tape cannot be read (not a tape, cut short, of another version) or written."""


@dataclass(frozen=True, slots=True)
class TapeHeader:
    """What a tape was made of; `key` is the same exactly when all of it is. Without a clip, the camera was live."""

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
        return hashlib.sha256(_line(_header_json(self))).hexdigest()

    @property
    def weights(self) -> tuple[dict[str, Json], ...]:
        """What is said of each file of weights that looked at it, in `models` or within one of them."""
        found: dict[Json, dict[str, Json]] = {}
        for model in self.models:
            for one in _with_digests(model):
                found.setdefault(one["sha256"], one)
        return tuple(found.values())


def _with_digests(model: dict[str, Json]) -> Iterator[dict[str, Json]]:
    if "sha256" in model:
        yield model
    for value in model.values():
        if isinstance(value, dict):
            yield from _with_digests(value)


@dataclass(frozen=True, slots=True)
class Tape:
    """A tape read whole."""

    header: TapeHeader
    observations: tuple[Observation, ...]


@dataclass(frozen=True, slots=True)
class TapeFile:
    """A tape whose header has been read; iterating reads its observations a part at a time, anew each time.

    Raises TapeError, after what came before, when the rest cannot be read and could be made again.
    """

    path: Path
    header: TapeHeader

    def __iter__(self) -> Iterator[Observation]:
        until: datetime | None = None
        try:
            for part in self._parts():
                until = part[-1].at
                yield from part
        except OSError as error:
            raise TapeError(f"{self.path}: cannot be read: {error.strerror}") from None
        except UNUSABLE as error:
            if self.header.clip is not None:
                raise TapeError(f"{self.path}: not a whole tape ({_reason(error)}); {AGAIN}") from None
            if until is None:
                raise TapeError(
                    f"{self.path}: no whole part on it ({_reason(error)}); a live camera writes one every half minute"
                ) from None
            log.warning(
                "%s: not ended, still recorded or cut off (%s): it is read until %s", self.path, _reason(error), until
            )

    def length(self) -> timedelta | None:
        """Return the time from the start to the last observation; None when the end does not say it."""
        try:
            with self.path.open("rb") as file:
                file.seek(-min(TAIL, file.seek(0, os.SEEK_END)), os.SEEK_END)
                tail = file.read()
            end = json.loads(zlib.decompress(tail[tail.rindex(MAGIC) :], GZIP))
            return from_us(end["until"]) - self.header.start
        except (OSError, *UNUSABLE):
            return None

    def _parts(self) -> Iterator[list[Observation]]:
        count = 0
        with self.path.open("rb") as file:
            members = _members(file)
            next(members)
            for member in members:
                value = json.loads(member)
                if "end" in value:
                    if value["end"] != count or next(members, None) is not None:
                        raise ValueError("its end does not fit what comes before or after it")
                    return
                part = unpack(value, self.header.camera)
                count += len(part)
                yield part
        raise EOFError


class TapeWriter:
    """Writes a tape into a file, a part whenever one is full; `end` writes what is left and the end."""

    def __init__(self, file: BinaryIO, header: TapeHeader) -> None:
        self._file = file
        self._waiting: list[Observation] = []
        self.written = 0
        """Observations that have been handed to the disk."""
        self._until = header.start
        self._write(_header_json(header))

    def add(self, obs: Observation) -> None:
        """Append one observation. Raises ValueError or TypeError when it cannot stand on a tape."""
        if self._waiting and (obs.at - self._waiting[0].at >= PART or len(self._waiting) == MOST):
            self._write_part()
        self._waiting.append(obs)

    def end(self) -> None:
        """Write what is left, and the end."""
        if self._waiting:
            self._write_part()
        self._write({"end": self.written, "until": to_us(self._until)})

    def _write_part(self) -> None:
        self._write(pack(self._waiting))
        self.written += len(self._waiting)
        self._until = self._waiting[-1].at
        self._waiting = []

    def _write(self, value: Json) -> None:
        packer = zlib.compressobj(wbits=GZIP)
        self._file.write(packer.compress(_line(value)) + packer.flush())
        self._file.flush()


@contextmanager
def record(path: Path, header: TapeHeader) -> Iterator[TapeWriter]:
    """Yield a writer; the tape appears under `path` only when the block ends without an error.

    Raises TapeError when it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            writer = TapeWriter(file, header)
            yield writer
            writer.end()
        temporary.replace(path)
    except OSError as error:
        raise TapeError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        temporary.unlink(missing_ok=True)


def write_tape(path: Path, header: TapeHeader, observations: Iterable[Observation]) -> None:
    """Write a whole tape."""
    with record(path, header) as tape:
        for obs in observations:
            tape.add(obs)


def open_tape(path: Path) -> TapeFile:
    """Read a tape's header; raises TapeError with one line when it has none of this version."""
    try:
        with path.open("rb") as file:
            line, _, _ = zlib.decompressobj(GZIP).decompress(file.read(BLOCK), BLOCK).partition(b"\n")
        return TapeFile(path, _header(json.loads(line), path))
    except FileNotFoundError:
        raise TapeError(f"{path}: no such tape; make it with `ioc replay --video … --tape {path}`") from None
    except OSError as error:
        raise TapeError(f"{path}: cannot be read: {error.strerror}") from None
    except UNUSABLE as error:
        raise TapeError(f"{path}: not a whole tape ({_reason(error)}); {AGAIN}") from None


def read_tape(path: Path) -> Tape:
    """Read a tape whole; raises TapeError with one line when it cannot be."""
    tape = open_tape(path)
    return Tape(tape.header, tuple(tape))


def _members(file: BinaryIO) -> Iterator[bytes]:
    """Yield what stands in each gzip member, once the whole of it has been read and its checksum fits."""
    data = file.read(BLOCK)
    while data:
        unpacker, pieces, size = zlib.decompressobj(GZIP), [], 0
        while not unpacker.eof:
            if not data:
                raise EOFError
            pieces.append(unpacker.decompress(data))
            size += len(pieces[-1])
            if size > LARGEST:
                raise ValueError("a part is too large")
            data = unpacker.unused_data or file.read(BLOCK)
        yield b"".join(pieces)


def _header(value: Any, path: Path) -> TapeHeader:
    if not isinstance(value, dict) or "tape" not in value:
        raise ValueError("no header of a tape")
    version = value.pop("tape")
    if version != VERSION:
        raise TapeError(f"{path}: a tape of version {version}, not {VERSION}; {AGAIN}")
    return TapeHeader(**{**value, "start": from_us(value["start"]), "models": tuple(value["models"])})


def _header_json(header: TapeHeader) -> Json:
    value: dict[str, Any] = asdict(header)
    return {"tape": VERSION, **value, "start": to_us(header.start), "models": list(header.models)}


def _reason(error: BaseException) -> str:
    """Return in a few words what is wrong with the bytes."""
    return "it is cut short" if isinstance(error, EOFError) else str(error) or type(error).__name__


def _line(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
