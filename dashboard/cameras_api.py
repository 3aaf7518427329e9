"""The routes /api/v1/cameras and /api/v1/health."""

from __future__ import annotations

from typing import Literal

from fastapi import FastAPI, Request
from pydantic import BaseModel

from dashboard.database import StoreError
from dashboard.guard import SignedIn
from dashboard.records import NO_CAMERAS, OperatorState, Rights
from dashboard.services import Services, TheServices
from dashboard.subscriber import Listening
from dashboard.views import CameraList, CameraView, SiteView


class Health(BaseModel):
    """Whether the dashboard works; the rest is for those who are signed in."""

    status: Literal["ok", "degraded"]
    store: str | None = None
    broker: str | None = None
    received: int | None = None
    refused: int | None = None
    pictures_refused: int | None = None
    alerts: dict[OperatorState, int] | None = None


def add_routes(app: FastAPI) -> None:
    """Add the routes of this module."""
    app.get("/api/v1/cameras")(list_cameras)
    app.get("/api/v1/health", response_model_exclude_none=True)(show_health)


def list_cameras(parts: TheServices, user: SignedIn) -> CameraList:
    """Return how each camera of the configured sites is."""
    return camera_list(parts, user.rights)


def camera_list(parts: Services, rights: Rights) -> CameraList:
    """Return what somebody with these rights is told of the cameras."""
    listening, engines, sites = parts.subscriber.state, parts.store.engines(), parts.settings.sites
    views = [
        CameraView.of(camera, engines.get(camera.site), listening)
        for camera in parts.store.cameras(rights)
        if camera.site in sites
    ]
    return CameraList(
        cameras=views,
        sites=[_site(site, parts, listening) for site in sites if rights.touch(site)],
        broker="connected" if listening.connected else "lost",
    )


def _site(site: str, parts: Services, listening: Listening) -> SiteView:
    engine = parts.store.engines().get(site)
    if engine is None or not listening.connected:
        return SiteView(site=site, engine="unknown", since=None)
    return SiteView(site=site, engine="online" if engine.state == "online" else "offline", since=engine.since)


def show_health(parts: TheServices, request: Request) -> Health:
    """Answer at all, and say whether alerts flow from the broker into the store."""
    listening = parts.subscriber.state
    user = request.state.user
    known = user is not None and not user.must_change
    try:
        counts = parts.store.counts(user.rights if known else NO_CAMERAS)
        store = listening.store_error or "ok"
    except StoreError as error:
        counts, store = None, str(error)
    status: Literal["ok", "degraded"] = "ok" if listening.connected and store == "ok" else "degraded"
    if not known:
        return Health(status=status)
    return Health(
        status=status,
        store=store,
        broker="connected" if listening.connected else listening.reason,
        received=listening.received,
        refused=listening.refused,
        pictures_refused=parts.live.refused,
        alerts=counts,
    )
