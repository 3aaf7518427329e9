"""ZIP archives of a single form: every file is stored as it is, and the names and contents decide each byte.

There is no compression, no comment, no time, no attribute and no gap, so whatever somebody changes in such an archive
shows: in a file, in what describes it, before, between or behind. Any program that unpacks ZIP reads them. The format
is PKWARE's APPNOTE 6.3, without ZIP64: an archive stays below 4 GiB.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

MOST_FILES = 100
MOST_BYTES = 2**32 - 2**20
"""The largest archive: every offset fits 32 bits."""

NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}(/[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}){0,3}")
"""Relative, and no level begins with a dot, so none leads out of the folder that it is unpacked to."""

_VERSION, _DATE = 20, 0x21  # 1 January 1980, the earliest that the format knows
_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_CENTRAL_HEADER = struct.Struct("<4s6H3L5H2L")
_END_RECORD = struct.Struct("<4s4H2LH")
_PIECE = 1 << 20


class BrokenZip(ValueError):
    """An archive is not of this form; the message says where."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file in an archive."""

    name: str
    size: int
    crc: int
    sha256: str
    offset: int
    """Where its header begins."""

    @property
    def start(self) -> int:
        """Where its content begins."""
        return self.offset + _LOCAL_HEADER.size + len(self.name)

    @property
    def end(self) -> int:
        """Where its content ends."""
        return self.start + self.size


class PlainZip:
    """Writes an archive, file by file, into an empty file; `close` ends it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.stored: list[Stored] = []

    def add(self, name: str, content: bytes) -> Stored:
        """Write a file; raise ValueError for a name that is not allowed or there already, or too much."""
        offset = self.stored[-1].end if self.stored else 0
        one = Stored(name, len(content), zlib.crc32(content), hashlib.sha256(content).hexdigest(), offset)
        if not NAME.fullmatch(name) or any(other.name == name for other in self.stored):
            raise ValueError(f"{name!r} cannot name a file here")
        if one.end > MOST_BYTES or len(self.stored) >= MOST_FILES:
            raise ValueError(f"more than {MOST_BYTES >> 20} MiB or {MOST_FILES} files")
        self._file.write(_local(one) + content)
        self.stored.append(one)
        return one

    def close(self) -> None:
        """Write the directory that ends the archive."""
        self._file.write(_directory(self.stored))


def read_zip(file: BinaryIO) -> list[Stored]:
    """Return what stands in an archive, from its first byte to its last; raise BrokenZip for whatever else it holds."""
    found: list[Stored] = []
    offset = 0
    while file.read(len(_LOCAL)) == _LOCAL:
        if len(found) >= MOST_FILES:
            raise BrokenZip(f"it holds more than {MOST_FILES} files")
        found.append(_read_file(file, offset))
        offset = found[-1].end
    file.seek(offset)
    directory = _directory(found)
    if file.read(len(directory) + 1) != directory:
        raise BrokenZip("it is no archive such as we write: changed, cut off, added to, or packed again")
    names = [one.name for one in found]
    if len(set(names)) < len(names):
        raise BrokenZip("two of its files have the same name")
    return found


def content_of(file: BinaryIO, one: Stored, most: int) -> bytes:
    """Return the content of a file in an archive that `read_zip` has read; raise BrokenZip when it is beyond `most`."""
    if one.size > most:
        raise BrokenZip(f"{one.name} is far too large")
    file.seek(one.start)
    return file.read(one.size)


def _read_file(file: BinaryIO, offset: int) -> Stored:
    """Read one file, whose header begins at `offset`, and leave the place behind it."""
    file.seek(offset)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size:
        raise BrokenZip("it is cut off")
    *_, crc, _, size, length, _ = _LOCAL_HEADER.unpack(header)
    name = file.read(length).decode("ascii", "replace")
    if not NAME.fullmatch(name):
        raise BrokenZip(f"the name {name[:60]!r} is none that we give a file")
    digest, seen = hashlib.sha256(), 0
    for piece in _pieces(file, size):
        digest.update(piece)
        seen = zlib.crc32(piece, seen)
    one = Stored(name, size, crc, digest.hexdigest(), offset)
    if header != _local(one)[: len(header)]:
        raise BrokenZip(f"the header of {name} is not as we write it: it was changed, or packed again")
    if seen != crc:
        raise BrokenZip(f"{name} was changed")
    return one


def _pieces(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0:
        piece = file.read(min(size, _PIECE))
        if not piece:
            raise BrokenZip("it is cut off")
        size -= len(piece)
        yield piece


def _local(one: Stored) -> bytes:
    """Return the header before a file."""
    name = one.name.encode("ascii")
    sizes = (one.crc, one.size, one.size, len(name), 0)
    return _LOCAL_HEADER.pack(_LOCAL, _VERSION, 0, 0, 0, _DATE, *sizes) + name


def _directory(stored: Sequence[Stored]) -> bytes:
    """Return the end of an archive: its directory, and where that begins."""
    entries = b"".join(map(_entry, stored))
    start = stored[-1].end if stored else 0
    return entries + _END_RECORD.pack(_END, 0, 0, len(stored), len(stored), len(entries), start, 0)


def _entry(one: Stored) -> bytes:
    """Return what the directory says of a file."""
    sizes = (one.crc, one.size, one.size, len(one.name))
    header = _CENTRAL_HEADER.pack(_CENTRAL, _VERSION, _VERSION, 0, 0, 0, _DATE, *sizes, 0, 0, 0, 0, 0, one.offset)
    return header + one.name.encode("ascii")
