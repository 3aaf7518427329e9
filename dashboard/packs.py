"""Makes evidence packs: from the store's record and the evidence folder into one sealed file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from dashboard.evidence_files import EvidenceFault, Look, look_of, read_evidence
from dashboard.pack_page import Picture, draw_page
from dashboard.pack_plate import local
from dashboard.pack_record import PackRecord
from dashboard.pack_sheet import small_jpeg
from dashboard.pack_words import PICTURE
from ioc.evidence_pack import Issue, Lacking, Manifest, PackFile, PackWriter
from ioc.signing import SigningKey
from ioc.types import Json

RECORD, PAGE = "record.json", "report.pdf"
LOOKS: tuple[Look, ...] = ("annotated", "crop", "original", "clip")
"""What a picture may look like, in the order in which the page shows them."""
_PICTURES_SHOWN = 4


def write_pack(file: BinaryIO, record: PackRecord, issue: Issue, key: SigningKey, root: Path) -> Manifest:
    """Write the pack of a record into an empty file; its evidence lies below `root`.

    A file that is gone, or is not what was kept, is left out, and the pack says so. The same record, issue and files
    give the same bytes.
    """
    writer = PackWriter(file, key)
    found = _gather(writer, record, root)
    plain = {**record.plain, "evidence": found.evidence}
    found.files.append(writer.add(RECORD, (json.dumps(plain, ensure_ascii=False, indent=2) + "\n").encode()))
    shown = found.shown(_PICTURES_SHOWN)
    writer.add(PAGE, draw_page(record, issue, shown, found.files, found.lacking, key.public.fingerprint))
    return writer.seal(record.about, issue, found.lacking)


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What became of a record's evidence."""

    files: list[PackFile] = field(default_factory=list)
    lacking: list[Lacking] = field(default_factory=list)
    evidence: list[dict[str, Json]] = field(default_factory=list)
    """As the record has it, with the name of each file in the pack."""
    pictures: dict[Look, list[Picture]] = field(default_factory=lambda: {look: [] for look in LOOKS})

    def shown(self, most: int) -> list[Picture]:
        """Return some pictures: the first of each look, then the second of each, and so on."""
        turns = zip_longest(*self.pictures.values())
        return [picture for turn in turns for picture in turn if picture is not None][:most]


def _gather(writer: PackWriter, record: PackRecord, root: Path) -> _Gathered:
    """Write the files of a record's evidence into its pack."""
    found = _Gathered()
    for number, item in enumerate(record.evidence, 1):
        try:
            content = read_evidence(root, item)
        except EvidenceFault as error:
            found.lacking.append(_lacking(item, error))
            found.evidence.append({**item, "file": None})
            continue
        name = f"evidence/{number:02}-{PurePosixPath(str(item['path'])).name[-80:]}"
        found.files.append(writer.add(name, content))
        found.evidence.append({**item, "file": name})
        small = small_jpeg(content)
        if small is not None:
            found.pictures[look_of(item)].append(Picture(_caption(item), small))
    return found


def _lacking(item: Mapping[str, Json], error: EvidenceFault) -> Lacking:
    path, digest = item.get("path"), item.get("sha256")
    return Lacking(
        path=path if isinstance(path, str) else None,
        why=error.fault.name.lower(),
        recorded_sha256=digest if isinstance(digest, str) else None,
        found_sha256=error.found or None,
    )


def _caption(item: Mapping[str, Json]) -> str:
    at = local(datetime.fromisoformat(str(item["at"])))
    return f"{' · '.join(PICTURE[look_of(item)])}, {at:%H:%M:%S} (UTC+7)"
