"""The routes that hand out evidence packs: of an alert, or of a vehicle's pass, each with a purpose and a case."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import BinaryIO
from uuid import UUID

from fastapi import FastAPI, HTTPException, Response
from fastapi.responses import StreamingResponse

from dashboard import alerts_api, plate_reads_api
from dashboard.accounts import User
from dashboard.asked import Asked
from dashboard.guard import Issuing, Searching
from dashboard.pack_issue import find_alert, find_pass, issue_pack
from dashboard.pack_record import PackRecord
from dashboard.services import Services, TheServices
from ioc.evidence_pack import Issue

_PIECE = 1 << 20


def add_routes(app: FastAPI) -> None:
    """Add the routes of this module."""
    app.post("/api/v1/alerts/{alert_id}/pack", response_class=Response)(pack_alert)
    app.post("/api/v1/plates/reads/{hit}/pack", response_class=Response)(pack_pass)


def pack_alert(parts: TheServices, user: Issuing, alert_id: UUID, asked: Asked) -> Response:
    """Return the evidence pack of an alert."""
    record = find_alert(parts.store, alert_id, user.rights)
    return _given(parts, user, asked, record, alerts_api.NOT_FOUND)


def pack_pass(parts: TheServices, user: Searching, hit: UUID, asked: Asked) -> Response:
    """Return the evidence pack of a vehicle's pass."""
    record = find_pass(parts.store, hit, user.rights)
    return _given(parts, user, asked, record, plate_reads_api.NOT_FOUND)


def _given(parts: Services, user: User, asked: Asked, record: PackRecord | None, missing: str) -> Response:
    if record is None:
        raise HTTPException(404, missing)
    issue = Issue(at=parts.now(), to=user.name, purpose=asked.purpose, case=asked.case)
    file = TemporaryFile()  # noqa: SIM115 - it is closed once it has been sent
    try:
        issue_pack(file, record, issue, parts.settings, parts.signing_key, parts.audit)
        size = file.seek(0, 2)
    except OSError as error:
        file.close()
        raise HTTPException(503, f"the pack cannot be written: {error.strerror}") from None
    except BaseException:
        file.close()
        raise
    headers = {
        "Content-Disposition": f'attachment; filename="evidence-{record.about.id}.zip"',
        "Content-Length": str(size),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_pieces(file), media_type="application/zip", headers=headers)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece
