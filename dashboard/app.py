"""Puts the dashboard together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

from alerts.wire_fields import one_line
from dashboard import (
    alerts_api,
    audit_api,
    cameras_api,
    events_api,
    evidence_api,
    holds_api,
    live_api,
    packs_api,
    pages,
    plate_reads_api,
    plates_api,
    session_api,
    truth_api,
    users_api,
    watch_api,
    watch_import_api,
)
from dashboard.accounts import Accounts
from dashboard.audit import HEAD, Audit
from dashboard.cookie import SessionCookie
from dashboard.daily import Daily
from dashboard.data_folder import session_key, signing_key
from dashboard.database import StoreError
from dashboard.feed import Feed
from dashboard.guard import SignedIn, SignInFirst, admit
from dashboard.live_listener import LiveListener
from dashboard.live_pictures import LivePictures
from dashboard.map_file import read_map
from dashboard.passwords import Passwords
from dashboard.purge import Purge
from dashboard.records import ALL_CAMERAS
from dashboard.services import Services
from dashboard.settings import DashboardSettings
from dashboard.shield import Shield
from dashboard.store import Store, open_store
from dashboard.subscriber import Subscriber
from dashboard.throttle import Throttle
from dashboard.truth_folder import ClipFolder
from ioc import clock


def create_app(
    settings: DashboardSettings, now: Callable[[], datetime] = clock.now, passwords: Passwords | None = None
) -> FastAPI:
    """Return the application; it listens to the broker while it runs.

    Raises StoreError, DataFolderError and MapError, each with the way out.
    """
    parts = _services(settings, now, passwords or Passwords())
    app = FastAPI(
        title="city-ioc",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_lifespan,
        dependencies=[Depends(admit)],
    )
    app.state.services = parts
    app.state.templates = Jinja2Templates(directory=pages.HERE / "templates")
    for module in (
        alerts_api,
        evidence_api,
        cameras_api,
        live_api,
        events_api,
        session_api,
        users_api,
        truth_api,
        plates_api,
        plate_reads_api,
        packs_api,
        holds_api,
        watch_api,
        watch_import_api,
        audit_api,
        pages,
    ):
        module.add_routes(app)
    app.get("/api/v1/openapi.json", include_in_schema=False)(show_schema)
    app.mount("/static", StaticFiles(directory=pages.HERE / "static"), name="static")
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _misunderstood)
    app.add_exception_handler(StoreError, _store_failed)
    app.add_middleware(Shield, https_only=settings.https_only)
    return app


def _services(settings: DashboardSettings, now: Callable[[], datetime], passwords: Passwords) -> Services:
    lifetime = timedelta(hours=settings.session_hours)
    key = session_key(settings.data)
    store, feed = open_store(settings), Feed()
    audit = Audit(store.database, settings.data / HEAD)
    purge = Purge(store.database, audit, settings.evidence, settings.retention)
    return Services(
        settings=settings,
        store=store,
        accounts=Accounts(store.database, passwords, lifetime),
        audit=audit,
        subscriber=Subscriber(settings, store.take, feed.notify, now),
        feed=feed,
        live=LiveListener(settings, LivePictures(partial(_places, store, settings), now)),
        daily=Daily(partial(purge.run_daily, now)),
        map=None if settings.map is None else read_map(settings.map),
        clips=None if settings.clips is None else ClipFolder(settings.clips),
        signing_key=signing_key(settings.data),
        cookie=SessionCookie(key, secure=settings.https_only, seconds=int(lifetime.total_seconds())),
        by_person=Throttle(),
        by_address=Throttle(free=50),
        now=now,
    )


def _places(store: Store, settings: DashboardSettings) -> frozenset[tuple[str, str]]:
    """Return the cameras of the configured sites that have told their state."""
    return frozenset((one.site, one.camera) for one in store.cameras(ALL_CAMERAS) if one.site in settings.sites)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    parts: Services = app.state.services
    parts.feed.open()
    parts.subscriber.start()
    parts.live.start()
    parts.daily.start()
    try:
        yield
    finally:
        parts.feed.end_streams()
        await run_in_threadpool(parts.daily.stop)
        await run_in_threadpool(parts.live.stop)
        await run_in_threadpool(parts.subscriber.stop)
        parts.feed.close()
        parts.store.release()


def show_schema(request: Request, _user: SignedIn) -> dict[str, Any]:
    """Return the API's description (OpenAPI)."""
    app: FastAPI = request.app
    return app.openapi()


async def _refused(request: Request, error: Exception) -> Response:
    """Answer an HTTPException; who opens a page is led to the login or told why in a page."""
    assert isinstance(error, HTTPException)
    if not request.url.path.startswith("/api/"):
        if isinstance(error, SignInFirst):
            return RedirectResponse(f"/login?to={request.url.path}", 303)
        if error.status_code == 403:
            return pages.refused(request, error.detail)
    return await http_exception_handler(request, error)


async def _misunderstood(_request: Request, error: Exception) -> Response:
    """Answer a request that does not fit, in one line and without repeating more than a letter of what was typed."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    return JSONResponse({"detail": one_line(f"{where}: {first['msg']}")}, 422)


async def _store_failed(_request: Request, error: Exception) -> Response:
    """Answer while the store fails: nothing is lost, try again."""
    return JSONResponse({"detail": str(error)}, 503, headers={"Retry-After": "5"})
