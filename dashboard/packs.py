"""Makes evidence packs: from the store's record and the evidence folder into one sealed file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from dashboard.evidence_files import EvidenceFault, read_evidence
from dashboard.pack_page import Picture, draw_page
from dashboard.pack_plate import local
from dashboard.pack_record import PackRecord
from dashboard.pack_sheet import small_jpeg
from dashboard.pack_words import PICTURE
from ioc.evidence_pack import Issue, Lacking, Manifest, PackFile, PackWriter
from ioc.signing import SigningKey
from ioc.types import Json

RECORD, PAGE = "record.json", "report.pdf"
ANNOTATED = "-annotated.jpg"
"""How the name of a still that was drawn on ends."""

_ORDER = ("annotated", "crop", "original")
_PICTURES_SHOWN = 4


def write_pack(file: BinaryIO, record: PackRecord, issue: Issue, key: SigningKey, root: Path) -> Manifest:
    """Write the pack of a record into an empty file; its evidence lies below `root`.

    A file that is gone, or is not what was kept, is left out, and the pack says so. The same record, issue and files
    give the same bytes.
    """
    writer = PackWriter(file, key)
    files: list[PackFile] = []
    lacking: list[Lacking] = []
    pictures: list[tuple[str, Picture]] = []
    evidence: list[dict[str, Json]] = []
    for number, item in enumerate(record.evidence, 1):
        try:
            content = read_evidence(root, item)
        except EvidenceFault as error:
            lacking.append(_lacking(item, error))
            evidence.append({**item, "file": None})
            continue
        files.append(writer.add(f"evidence/{number:02}-{PurePosixPath(str(item['path'])).name[-80:]}", content))
        evidence.append({**item, "file": files[-1].name})
        small = small_jpeg(content)
        if small is not None:
            pictures.append((_look(item), Picture(_caption(item), small)))
    plain = {**record.plain, "evidence": evidence}
    files.append(writer.add(RECORD, (json.dumps(plain, ensure_ascii=False, indent=2) + "\n").encode()))
    pictures.sort(key=lambda one: _ORDER.index(one[0]))
    shown = [picture for _, picture in pictures[:_PICTURES_SHOWN]]
    writer.add(PAGE, draw_page(record, issue, shown, files, lacking, key.public.fingerprint))
    return writer.seal(record.about, issue, lacking)


def _lacking(item: Mapping[str, Json], error: EvidenceFault) -> Lacking:
    path, digest = item.get("path"), item.get("sha256")
    return Lacking(
        path=path if isinstance(path, str) else None,
        why=error.fault.name.lower(),
        recorded_sha256=digest if isinstance(digest, str) else None,
        found_sha256=error.found or None,
    )


def _look(item: Mapping[str, Json]) -> str:
    """Return what kind of picture it is, by a word of _ORDER."""
    if item["kind"] == "crop":
        return "crop"
    return "annotated" if str(item["path"]).endswith(ANNOTATED) else "original"


def _caption(item: Mapping[str, Json]) -> str:
    at = local(datetime.fromisoformat(str(item["at"])))
    return f"{' · '.join(PICTURE[_look(item)])}, {at:%H:%M:%S} (UTC+7)"
