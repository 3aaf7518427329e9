"""Hands out evidence packs: found in the store, sealed, and written into the audit log before anybody has one."""

from __future__ import annotations

import hashlib
from io import BufferedRandom
from uuid import UUID

from dashboard.audit import Audit
from dashboard.pack_record import PackRecord, of_alert, of_pass
from dashboard.packs import write_pack
from dashboard.plate_search import read_with
from dashboard.records import Rights, StoredCamera
from dashboard.settings import DashboardSettings
from dashboard.store import Store
from ioc.evidence_pack import Issue
from ioc.signing import SigningKey

ISSUED = "pack"
"""What the log calls it."""


def find_alert(store: Store, alert_id: UUID, rights: Rights) -> PackRecord | None:
    """Return the alert as a pack tells of it, or None when there is none that may be seen."""
    alert = store.alert(alert_id, rights)
    if alert is None:
        return None
    return of_alert(alert, store.history(alert_id), _camera(store, alert.site, alert.camera, rights))


def find_pass(store: Store, hit: UUID, rights: Rights) -> PackRecord | None:
    """Return the vehicle's pass as a pack tells of it, or None when there is none that may be seen."""
    with store.database.read() as connection:
        read = read_with(connection, hit, rights)
    return None if read is None else of_pass(read, _camera(store, read.site, read.camera, rights))


def issue_pack(
    file: BufferedRandom, record: PackRecord, issue: Issue, settings: DashboardSettings, key: SigningKey, audit: Audit
) -> None:
    """Write a pack into an empty file and then the log; whoever has the file before this returns must not give it out.

    Raises StoreError and DataFolderError when it cannot be written down, OSError when the file cannot be written.
    """
    manifest = write_pack(file, record, issue, key, settings.evidence)
    file.flush()
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    audit.add(
        issue.at,
        issue.to,
        ISSUED,
        purpose=issue.purpose,
        case=issue.case,
        details={
            ("hit" if record.about.what == "pass" else "alert"): record.about.id,
            **({"plate": record.text} if record.text else {}),
            "files": len(manifest.files),
            "lacking": len(manifest.lacking),
            "sha256": digest,
        },
    )


def _camera(store: Store, site: str, camera: str, rights: Rights) -> StoredCamera | None:
    return next((one for one in store.cameras(rights) if (one.site, one.camera) == (site, camera)), None)
