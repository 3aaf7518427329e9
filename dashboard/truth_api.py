"""The routes by which engineers mark what really happens in recordings."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from dashboard.guard import Marking
from dashboard.services import TheServices
from dashboard.truth_folder import Clip, ClipFolder, FolderError, KeptTruth, NewerTruth, TruthUnusable
from dashboard.views import When
from ioc.errors import IocError
from ioc.truth import TruthError
from ioc.truth_file import KINDS

log = logging.getLogger(__name__)

_STATUS: Mapping[type[IocError], int] = {TruthUnusable: 409, NewerTruth: 412, TruthError: 422, FolderError: 503}


class ClipView(BaseModel):
    """A recording below the folder."""

    id: str
    name: str
    size: int
    """Bytes."""
    modified: When
    marked: bool
    """Whether a truth file lies beside it."""


class ClipList(BaseModel):
    """All recordings, and the kinds of events that can be marked in them."""

    clips: list[ClipView]
    kinds: list[str]


class Marks(BaseModel):
    """What a person marks; docs/truth.md says what the entries hold."""

    model_config = ConfigDict(extra="forbid")

    duration_s: float
    events: list[dict[str, Any]] = Field(max_length=10_000)
    ignore: list[dict[str, Any]] = Field(max_length=10_000)


class TruthView(BaseModel):
    """What is marked in a recording; `version` is None where nothing has been saved yet."""

    version: str | None
    duration_s: float | None
    events: list[dict[str, Any]]
    ignore: list[dict[str, Any]]

    @classmethod
    def of(cls, kept: KeptTruth | None) -> TruthView:
        """Return the view of a truth file, or of none."""
        if kept is None:
            return cls(version=None, duration_s=None, events=[], ignore=[])
        told = kept.document
        return cls(
            version=kept.version,
            duration_s=told["duration_s"],
            events=told.get("events", []),
            ignore=told.get("ignore", []),
        )


def add_routes(app: FastAPI) -> None:
    """Add the routes of this module."""
    app.get("/api/v1/clips")(list_clips)
    app.get("/api/v1/clips/{clip_id}/video", response_class=FileResponse)(show_video)
    app.get("/api/v1/clips/{clip_id}/truth")(show_truth)
    app.put("/api/v1/clips/{clip_id}/truth")(save_truth)


def the_folder(parts: TheServices, _user: Marking) -> ClipFolder:
    """Return the folder of recordings; 404 when none is named."""
    if parts.clips is None:
        raise HTTPException(404, "no folder of recordings is named: set `clips` under [truth] in the site file")
    return parts.clips


TheFolder = Annotated[ClipFolder, Depends(the_folder)]


def the_clip(folder: TheFolder, clip_id: str) -> Clip:
    """Return the recording; 404 when there is none of that id."""
    with _refusing():
        clip = folder.clip(clip_id)
    if clip is None:
        raise HTTPException(404, "there is no such recording any more: load the list again")
    return clip


TheClip = Annotated[Clip, Depends(the_clip)]


def list_clips(folder: TheFolder) -> ClipList:
    """Return the recordings below the folder, by name."""
    with _refusing():
        found = folder.clips()
    views = [
        ClipView(id=clip.id, name=clip.name, size=clip.size, modified=clip.modified, marked=clip.is_marked)
        for clip in found
    ]
    return ClipList(clips=views, kinds=list(KINDS))


def show_video(clip: TheClip) -> FileResponse:
    """Return the recording itself; parts of it by `Range`."""
    kept = {"Cache-Control": "private, no-cache"}
    return FileResponse(clip.path, media_type=clip.media_type, headers=kept, content_disposition_type="inline")


def show_truth(folder: TheFolder, clip: TheClip, response: Response) -> TruthView:
    """Return what is marked in a recording, its version as the ETag; 409 when its truth file cannot be edited here."""
    with _refusing():
        kept = folder.read(clip)
    return _told(kept, response)


def save_truth(
    folder: TheFolder,
    user: Marking,
    clip: TheClip,
    marks: Marks,
    response: Response,
    if_match: Annotated[str | None, Header()] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> TruthView:
    """Keep what is marked in a recording.

    `If-Match` has the ETag that was read, or `If-None-Match: *` says that there was none: 428 without, 412 when the
    file is another one by now. 422 when the marks cannot be true, 409 when the file cannot be edited here.
    """
    if (if_match is None) == (if_none_match is None) or if_none_match not in {None, "*"}:
        raise HTTPException(
            428, "say which version you change: If-Match with its ETag, or If-None-Match: * for a first"
        )
    version = None if if_match is None else if_match.strip('"')
    with _refusing():
        kept = folder.write(clip, marks.model_dump(), version)
    log.info("the truth about %r was saved by %s", clip.name, user.name)
    return _told(kept, response)


@contextmanager
def _refusing() -> Iterator[None]:
    """Answer what the folder refuses with its status and its one line."""
    try:
        yield
    except tuple(_STATUS) as error:
        raise HTTPException(_STATUS[type(error)], str(error)) from None


def _told(kept: KeptTruth | None, response: Response) -> TruthView:
    if kept is not None:
        response.headers["ETag"] = f'"{kept.version}"'
    return TruthView.of(kept)
