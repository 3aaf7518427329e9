"""The pages, one for each kind of work. What they show they ask the API for."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import get_args

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from dashboard.guard import Admin, Auditing, Marking, Searching
from dashboard.services import Services, TheServices, services
from ioc.plate_grammar import PROVINCES, Kind
from ioc.types import Severity

HERE = Path(__file__).parent


def add_routes(app: FastAPI) -> None:
    """Add the routes of this module."""
    app.get("/", response_class=HTMLResponse, include_in_schema=False)(show_page)
    app.get("/wall", response_class=HTMLResponse, include_in_schema=False)(show_wall)
    app.get("/map", response_class=HTMLResponse, include_in_schema=False)(show_map)
    app.get("/users", response_class=HTMLResponse, include_in_schema=False)(show_users)
    app.get("/truth", response_class=HTMLResponse, include_in_schema=False)(show_truth)
    app.get("/plates", response_class=HTMLResponse, include_in_schema=False)(show_plates)
    app.get("/watch-lists", response_class=HTMLResponse, include_in_schema=False)(show_watch_lists)
    app.get("/audit", response_class=HTMLResponse, include_in_schema=False)(show_audit)
    app.get("/login", response_class=HTMLResponse, include_in_schema=False)(show_login)


def show_page(parts: TheServices, request: Request) -> Response:
    """Return the page's frame."""
    return _page(parts, request, "index.html")


def show_wall(parts: TheServices, request: Request) -> Response:
    """Return the frame of the live wall."""
    return _page(parts, request, "wall.html")


def show_map(parts: TheServices, request: Request) -> Response:
    """Return the frame of the map."""
    return _page(parts, request, "map.html")


def show_users(parts: TheServices, request: Request, _admin: Admin) -> Response:
    """Return the frame of the administrators' page."""
    return _page(parts, request, "users.html")


def show_truth(parts: TheServices, request: Request, _engineer: Marking) -> Response:
    """Return the frame of the page on which the truth about recordings is marked."""
    return _page(parts, request, "truth.html")


def show_plates(parts: TheServices, request: Request, _police: Searching) -> Response:
    """Return the frame of the page on which the police look for plates."""
    codes = defaultdict(list)
    for code, name in PROVINCES.items():
        codes[name].append(code)
    return _page(parts, request, "plates.html", kinds=get_args(Kind), provinces=tuple(codes.items()))


def show_watch_lists(parts: TheServices, request: Request, _police: Searching) -> Response:
    """Return the frame of the page on which the police keep their watch-lists."""
    return _page(parts, request, "watch_lists.html", severities=tuple(reversed(Severity)))


def show_audit(parts: TheServices, request: Request, _supervisor: Auditing) -> Response:
    """Return the frame of the page that shows who looked for plates."""
    return _page(parts, request, "audit.html")


def show_login(parts: TheServices, request: Request) -> Response:
    """Return the page to sign in and to change a one-time password."""
    return _page(parts, request, "login.html")


def refused(request: Request, detail: str) -> Response:
    """Return what whoever may not open a page is shown instead."""
    page = _page(services(request), request, "refused.html", detail=detail)
    page.status_code = 403
    return page


def _page(parts: Services, request: Request, name: str, **more: object) -> Response:
    templates: Jinja2Templates = request.app.state.templates
    settings = parts.settings
    shown = {"title": settings.title, "language": settings.language, **more}
    return templates.TemplateResponse(request, name, shown)
