"""Serves an alert's pictures: to those who may see its camera, and only as they were taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from fastapi import FastAPI, HTTPException, Request, Response

from dashboard.alerts_api import NOT_FOUND
from dashboard.byte_range import file_or_part
from dashboard.evidence_files import EvidenceFault, Fault, read_evidence
from dashboard.guard import SignedIn
from dashboard.services import Services, TheServices
from ioc.types import Json

_STATUS = {Fault.UNKEPT: 404, Fault.GONE: 410, Fault.LARGE: 409, Fault.ALTERED: 409}
_SIGNS = ((b"\xff\xd8\xff", 0, "image/jpeg"), (b"ftyp", 4, "video/mp4"))


def add_routes(app: FastAPI) -> None:
    """Add the routes of this module."""
    app.get("/api/v1/alerts/{alert_id}/evidence/{number}", response_class=Response)(show_evidence)


def show_evidence(parts: TheServices, user: SignedIn, request: Request, alert_id: UUID, number: int) -> Response:
    """Return a file: 404 for none, 410 when it is kept no longer, 409 when it is not what was signed."""
    alert = parts.store.alert(alert_id, user.rights)
    if alert is None:
        raise HTTPException(404, NOT_FOUND)
    return file_of(parts, request, alert.evidence, number)


def file_of(parts: Services, request: Request, evidence: Sequence[Mapping[str, Json]], number: int) -> Response:
    """Return a file of a record whose camera the person may see, or the part asked for; errors as in `show_evidence`.

    A clip comes later than the pictures and moves their numbers: `v`, the beginning of a digest, says which is meant.
    """
    if not 0 <= number < len(evidence):
        raise HTTPException(404, "there is no such picture")
    meant = request.query_params.get("v", "")
    item = next((item for item in evidence if meant and str(item["sha256"]).startswith(meant)), evidence[number])
    try:
        content = read_evidence(parts.settings.evidence, item)
    except EvidenceFault as error:
        raise HTTPException(_STATUS[error.fault], str(error)) from None
    mark = {"ETag": f'"{item["sha256"]}"', "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == mark["ETag"]:
        return Response(status_code=304, headers=mark)
    return file_or_part(request, content, _media_type(content), mark | {"Content-Disposition": "inline"})


def _media_type(content: bytes) -> str:
    for sign, at, media_type in _SIGNS:
        if content[at : at + len(sign)] == sign:
            return media_type
    raise HTTPException(409, "the file is neither a picture nor a clip, so it is not shown")
