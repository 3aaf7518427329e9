"""Reads the files that evidence tells of: only those below the evidence folder, and only as they were kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from ioc.types import Json

MOST_BYTES = 64 * 1024 * 1024


class Fault(StrEnum):
    """Why a file of evidence is not given out."""

    UNKEPT = "no file was kept of this picture"
    GONE = "the picture is not kept any longer"
    LARGE = "the file is far larger than any picture or clip, so it is not shown"
    ALTERED = "the picture was altered after it was taken, so it is not shown"


class EvidenceFault(Exception):
    """A file of evidence is not given out; `found` is the digest of what lies there when that is another one."""

    def __init__(self, fault: Fault, found: str = "") -> None:
        super().__init__(str(fault))
        self.fault, self.found = fault, found


def read_evidence(root: Path, item: Mapping[str, Json]) -> bytes:
    """Return the file of an item of evidence, whose SHA-256 is the recorded one; raise EvidenceFault."""
    path, digest = item.get("path"), item.get("sha256")
    if not isinstance(path, str) or not isinstance(digest, str):
        raise EvidenceFault(Fault.UNKEPT)
    content = _read(root, path)
    found = hashlib.sha256(content).hexdigest()
    if found != digest:
        raise EvidenceFault(Fault.ALTERED, found)
    return content


def _read(root: Path, path: str) -> bytes:
    """Return the file below `root`; links are followed first, so that none leads out of it."""
    try:
        base = root.resolve(strict=True)
        target = (base / path).resolve(strict=True)
        if not target.is_relative_to(base) or not target.is_file():
            raise EvidenceFault(Fault.UNKEPT)
        if target.stat().st_size > MOST_BYTES:
            raise EvidenceFault(Fault.LARGE)
        return target.read_bytes()
    except OSError:
        raise EvidenceFault(Fault.GONE) from None
