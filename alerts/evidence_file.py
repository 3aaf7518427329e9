"""Files of evidence: complete or absent, on the disk when they have their name, and known by their digest."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

UNFINISHED = ".*.part"
"""How files are called while they are written."""
T = TypeVar("T")


def write_whole(path: Path, write: Callable[[Path], T]) -> tuple[T, str]:
    """Let `write` make a file under another name, flush it to the disk and give it its own.

    Returns what `write` returns, and the file's SHA-256. What is half written is removed; raises what `write` raises,
    and OSError when the disk fails.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        result = write(part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)
    return result, digest


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
