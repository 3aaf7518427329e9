"""Reads the files that evidence tells of: only those below the evidence folder, and only as they were kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Literal

from ioc.types import Json

MOST_BYTES = 64 * 1024 * 1024
ANNOTATED = "-annotated.jpg"
"""How the name of a still that was drawn on ends."""
Look = Literal["original", "annotated", "crop", "clip"]
"""What somebody sees: the picture as it was taken, one that was drawn on, a close-up, or moving pictures."""


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


def look_of(item: Mapping[str, Json]) -> Look:
    """Return what an item of evidence looks like."""
    match item["kind"]:
        case "crop":
            return "crop"
        case "clip":
            return "clip"
        case _:
            return "annotated" if str(item["path"]).endswith(ANNOTATED) else "original"


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
