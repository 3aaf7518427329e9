"""A small evidence pack, and ways to meddle with one."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from ioc.evidence_pack import Issue, Manifest, PackWriter, Subject
from ioc.signing import SigningKey, fresh_key

KEY = SigningKey.parse(fresh_key().encode())
OTHER_KEY = SigningKey.parse(fresh_key().encode())
ABOUT = Subject(what="pass", id="5d2c", site="bg", camera="bg-017")
ISSUE = Issue(at=datetime(2026, 3, 1, 6, tzinfo=UTC), to="lan", purpose="hit and run", case="BG-2026-117")
FILES = {"evidence/01-front.jpg": b"\xff\xd8\xff a picture", "record.json": b'{"plate": "98A12345"}'}


def pack(files: dict[str, bytes] | None = None, key: SigningKey = KEY) -> bytes:
    return sealed(files, key)[0]


def sealed(files: dict[str, bytes] | None = None, key: SigningKey = KEY) -> tuple[bytes, Manifest]:
    file = io.BytesIO()
    writer = PackWriter(file, key)
    for name, content in (FILES if files is None else files).items():
        writer.add(name, content)
    manifest = writer.seal(ABOUT, ISSUE, ())
    return file.getvalue(), manifest
