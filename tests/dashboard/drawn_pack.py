"""A vehicle's pass and an alert with drawn pictures, and what is in the packs that are made of them."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdfium2

from dashboard.pack_record import PackRecord, of_pass
from dashboard.packs import write_pack
from dashboard.plate_records import PlateRead
from dashboard.records import StoredCamera
from ioc.evidence_pack import Issue, Manifest
from ioc.signing import SigningKey, fresh_key
from ioc.types import Json
from tests.dashboard.sample import SITE, START, picture
from tests.dashboard.test_plate_search import read

KEY = SigningKey.parse(fresh_key().encode())
ISSUE = Issue(
    at=datetime(2026, 11, 25, 10, tzinfo=UTC),
    to="nguyen.an",
    purpose="Xác minh vụ va chạm rồi bỏ chạy trên đường Hùng Vương",
    case="BG-2026-117",
)
CAMERA = StoredCamera(SITE, "bg-017", "Hùng Vương / Lê Lợi", (21.2731, 106.1946), False, "online", START, "")
DETAILS: dict[str, Json] = {
    "text": "98A12345",
    "raw": "98A1Z345",
    "score": 0.934,
    "scores": [0.99, 0.98, 0.97, 0.91, 0.55, 0.99, 0.95, 0.93],
    "alternatives": [["98A17345", 8, 0.031]],
    "upper_len": 8,
    "kind": "car",
    "colour": "white",
    "vehicle": "car",
    "direction": "in",
    "reads": 7,
    "first_seen": "2026-11-20T01:00:00.120000+00:00",
    "last_seen": "2026-11-20T01:00:03.320000+00:00",
}


def kept(root: Path, path: str, kind: str = "frame", **drawn: Any) -> dict[str, Json]:
    """Draw a picture into the evidence folder and return what a message tells of it."""
    item = picture(root, path, **drawn)
    return {
        "kind": kind,
        "seq": 7,
        "at": "2026-11-20T01:00:00.120000Z",
        "box": None,
        "path": path,
        "sha256": item.sha256,
    }


def stills(root: Path) -> tuple[dict[str, Json], ...]:
    return (
        kept(root, "bg-017/crop.jpg", "crop", text="98A-123.45"),
        kept(root, "bg-017/seen.jpg"),
        kept(root, "bg-017/seen-annotated.jpg", hue=140),
    )


def a_pass(root: Path, camera: StoredCamera | None = CAMERA, **changes: Any) -> PackRecord:
    return of_pass(a_read(root, **changes), camera)


def a_read(root: Path, **changes: Any) -> PlateRead:
    told = read("98A12345", 0, "bg-017", site=SITE, vehicle="car", kind="car", colour="white", details=DETAILS)
    return dataclasses.replace(told, **(changes if "evidence" in changes else {"evidence": stills(root), **changes}))


def packed(record: PackRecord, root: Path, issue: Issue = ISSUE) -> tuple[bytes, Manifest]:
    file = io.BytesIO()
    manifest = write_pack(file, record, issue, KEY, root)
    return file.getvalue(), manifest


def files_of(pack: bytes) -> Mapping[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def text_of(pack: bytes) -> str:
    """Return what stands on the page, which is one."""
    document = pypdfium2.PdfDocument(files_of(pack)["report.pdf"])
    assert len(document) == 1
    text: str = document[0].get_textpage().get_text_range()
    return " ".join(text.split())
