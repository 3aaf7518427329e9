"""Refuses requests that other sites' pages make, and tells browsers to trust nothing but us."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.watch_table import MOST_BYTES as MOST_TABLE_BYTES

MOST_BYTES = 64 * 1024
"""No request of ours is larger, but a table."""
TABLES = re.compile(r"/api/v1/watch-lists/[0-9]+/import")
"""Where a table (CSV) is sent instead of JSON."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Shield:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, *, https_only: bool) -> None:
        self._app = app
        self._headers = dict(_HEADERS)
        if https_only:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        guarded = self._guarded(scope, send)
        headers = Headers(scope=scope)
        refusal = _refusal(scope["method"], scope["path"], headers)
        if refusal is not None:
            status, why = refusal
            await JSONResponse({"detail": why}, status)(scope, receive, guarded)
            return
        await self._app(scope, receive, guarded)

    def _guarded(self, scope: Scope, send: Send) -> Send:
        caching = "no-cache" if scope["path"].startswith("/static/") else "no-store"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", caching)
            await send(message)

        return send_with_headers


def _refusal(method: str, path: str, headers: Headers) -> tuple[int, str] | None:
    """Return why a request is not to be served, or None.

    A page of another site can make a browser send a form here, with the reader's cookie if that were not
    SameSite=Strict already; it cannot hide where it comes from, nor send JSON or CSV without asking first.
    """
    if method in _SAFE_METHODS:
        return None
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return 403, "requests from other sites' pages are refused"
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        return 403, "requests from other sites' pages are refused"
    wanted, most = ("text/csv", MOST_TABLE_BYTES) if TABLES.fullmatch(path) else ("application/json", MOST_BYTES)
    media_type = headers.get("content-type", "").split(";")[0].strip().lower()
    if method in {"POST", "PUT"} and media_type != wanted:
        return 415, f"send it as Content-Type: {wanted}"
    if "transfer-encoding" in headers:
        return 411, "say how long the request is"
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > most:
        return 413, "the request is too large"
    return None
