"""The cookie that says which session a browser holds."""

from __future__ import annotations

from fastapi import Request, Response
from itsdangerous import BadSignature, URLSafeSerializer


class SessionCookie:
    """Carries the session's secret, signed, so that a made-up one never reaches the store.

    Scripts cannot read it, other sites' pages cannot send it (SameSite=Strict), and over HTTPS it has the
    `__Host-` prefix, so that no neighbouring host can plant one.
    """

    def __init__(self, key: str, *, secure: bool, seconds: int) -> None:
        self._signer = URLSafeSerializer(key, salt="ioc.session")
        self._secure = secure
        self._seconds = seconds
        self.name = "__Host-ioc_session" if secure else "ioc_session"

    def give(self, response: Response, token: str) -> None:
        """Put the session's secret into the browser."""
        response.set_cookie(
            self.name,
            self._signer.dumps(token),
            max_age=self._seconds,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="strict",
        )

    def take_back(self, response: Response) -> None:
        """Let the browser forget it."""
        response.delete_cookie(self.name, path="/", secure=self._secure, httponly=True, samesite="strict")

    def token(self, request: Request) -> str | None:
        """Return the session's secret, or None when there is no cookie of ours."""
        value = request.cookies.get(self.name)
        if value is None:
            return None
        try:
            token = self._signer.loads(value)
        except BadSignature:
            return None
        return token if isinstance(token, str) else None
