"""Reads points out of MATLAB files, in which sets of crowds keep theirs.

MAT-File Format, version 5 (MathWorks, 2019): elements of a type, a length and a content, of which some are compressed
and some hold others. Of all that, only matrices of real numbers with two columns are wanted here.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ioc.errors import ModelError

Points = npt.NDArray[np.float64]
"""(N, 2): x, y."""

HEADER = 128
MATRIX, COMPRESSED = 14, 15
CELL, STRUCT = 1, 2
NUMBERS = {1: "i1", 2: "u1", 3: "<i2", 4: "<u2", 5: "<i4", 6: "<u4", 7: "<f4", 9: "<f8"}
"""How elements of numbers are stored."""


def read_points(path: Path) -> list[Points]:
    """Return every two-column matrix of the file, in its order.

    Raises ModelError when the file is missing, cut short, or no MAT file of version 5.
    """
    try:
        content = path.read_bytes()
        if content[:10] != b"MATLAB 5.0" or content[126:128] != b"IM":
            raise ModelError(f"{path} is no MAT file of version 5: save it with -v6 or -v7")
        return [points for kind, element in _elements(content[HEADER:]) for points in _within(kind, element)]
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}; give the MAT file of the points") from None
    except (struct.error, zlib.error, ValueError, KeyError, IndexError):
        raise ModelError(f"{path} is cut short or damaged: copy it again") from None


def _elements(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each element's type and content."""
    at = 0
    while at < len(content):
        kind, length = struct.unpack_from("<II", content, at)
        if kind >> 16:  # a small element: its length and content lie in the same eight bytes
            yield kind & 0xFFFF, content[at + 4 : at + 4 + (kind >> 16)]
            at += 8
            continue
        end = at + 8 + length
        if end > len(content):
            raise ValueError("expected more bytes")
        yield kind, content[at + 8 : end]
        at = end if kind == COMPRESSED else end + -length % 8


def _within(kind: int, content: bytes) -> Iterator[Points]:
    if kind == COMPRESSED:
        for inner in _elements(zlib.decompress(content)):
            yield from _within(*inner)
    if kind != MATRIX or not content:
        return
    (_, flags), (_, dimensions), _, *rest = _elements(content)
    if flags[0] in {CELL, STRUCT}:
        for inner in rest:
            yield from _within(*inner)
        return
    shape = struct.unpack(f"<{len(dimensions) // 4}i", dimensions)
    if len(shape) == 2 and shape[1] == 2 and rest and rest[0][0] in NUMBERS:
        values = np.frombuffer(rest[0][1], NUMBERS[rest[0][0]]).astype(np.float64)
        yield values.reshape(shape, order="F")
