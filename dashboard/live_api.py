"""The routes of the live wall and the map: a camera's newest picture, and how many alerts it has open."""

from __future__ import annotations

from email.utils import format_datetime

from fastapi import FastAPI, HTTPException, Request, Response
from pydantic import BaseModel

from dashboard.guard import SignedIn
from dashboard.live_pictures import FRESH_SECONDS
from dashboard.services import TheServices
from ioc.types import Severity

NO_CAMERA = "there is no such camera among those you may see"
NO_PICTURE = "no picture of this camera has come yet"


class OpenAlerts(BaseModel):
    """What one camera has open: new and acknowledged alerts."""

    site: str
    camera: str
    count: int
    severity: Severity
    """The worst of them."""


def add_routes(app: FastAPI) -> None:
    """Add the routes of this module."""
    app.get("/api/v1/cameras/open")(count_open)
    app.get("/api/v1/map", response_class=Response)(show_map)
    app.get("/api/v1/cameras/{site}/{camera}/live.jpg", response_class=Response)(show_live)


def count_open(parts: TheServices, user: SignedIn) -> list[OpenAlerts]:
    """Return how many alerts each camera has open; one with none is left out."""
    return [
        OpenAlerts(site=site, camera=camera, count=count, severity=severity)
        for (site, camera), (count, severity) in sorted(parts.store.open_alerts(user.rights).items())
    ]


def show_live(parts: TheServices, user: SignedIn, request: Request, site: str, camera: str) -> Response:
    """Return a camera's newest picture; 404 when it is not to be seen, none has come, or the newest is too old.

    `Age` says how many seconds ago it came, `Last-Modified` when it was taken, also of one that is too old to show.
    """
    if not user.rights.cover(site, camera):
        raise HTTPException(404, NO_CAMERA)
    held = parts.live.newest(site, camera)
    if held is None:
        raise HTTPException(404, NO_PICTURE)
    age = parts.live.age(held)
    marks = {"Age": f"{age:.0f}", "Last-Modified": format_datetime(held.picture.at, usegmt=True)}
    if age > FRESH_SECONDS:
        raise HTTPException(404, f"no picture of this camera has come for {age:.0f} s", headers=marks)
    marks["ETag"] = held.tag
    if request.headers.get("if-none-match") == held.tag:
        return Response(status_code=304, headers=marks)
    return Response(held.picture.jpeg, media_type="image/jpeg", headers=marks)


def show_map(parts: TheServices, _user: SignedIn, request: Request) -> Response:
    """Return the lines that are drawn behind the cameras; 204 when the site file names no map."""
    if parts.map is None:
        return Response(status_code=204)
    marks = {"ETag": parts.map.tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == parts.map.tag:
        return Response(status_code=304, headers=marks)
    return Response(parts.map.content, media_type="application/json", headers=marks)
