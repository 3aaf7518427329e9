"""Who may come in: every route is shut unless it is named here, or the person is signed in."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, HTTPException, Request

from dashboard.accounts import User
from dashboard.records import Role
from dashboard.services import services

PUBLIC = frozenset({("GET", "/login"), ("GET", "/api/v1/health"), ("POST", "/api/v1/session")})
"""Open to everybody; beside them only the files under /static, which hold no data."""

WITH_ONE_TIME_PASSWORD = frozenset(
    {
        ("GET", "/api/v1/me"),
        ("POST", "/api/v1/me/password"),
        ("DELETE", "/api/v1/session"),
    }
)
"""All that somebody may do until they have changed a password that others know."""


class SignInFirst(HTTPException):
    """Whoever asks has to sign in, or to change their one-time password; pages lead there."""


def admit(request: Request) -> None:
    """Stop whoever is not signed in; the application asks this before every route.

    Raises 401 for nobody, 403 for somebody who must change their password first.
    """
    place = (request.method, request.scope["route"].path)
    user = who(request)
    request.state.user = user
    if place in PUBLIC:
        return
    if user is None:
        raise SignInFirst(401, "sign in first")
    if user.must_change and place not in WITH_ONE_TIME_PASSWORD:
        raise SignInFirst(403, "change the one-time password first: POST /api/v1/me/password")


def who(request: Request) -> User | None:
    """Return who is signed in, asked of the store anew each time, so that a right taken away is gone at once."""
    parts = services(request)
    token = parts.cookie.token(request)
    return None if token is None else parts.accounts.signed_in(token, parts.now())


def signed_in(request: Request) -> User:
    """Return who is signed in; raise 401 for nobody."""
    user = request.state.user
    if not isinstance(user, User):
        raise HTTPException(401, "sign in first")
    return user


def may_act(user: Annotated[User, Depends(signed_in)]) -> User:
    """Return who is signed in; raise 403 when they may only look, whatever kind of alert it is."""
    if not (user.role.may_act or user.role.may_search):
        raise HTTPException(403, "you may look, not act: ask for the role of an operator")
    return user


def may_mark(user: Annotated[User, Depends(signed_in)]) -> User:
    """Return who is signed in; raise 403 when they may not mark the truth about recordings."""
    if not user.role.may_mark:
        raise HTTPException(403, "only engineers may do this: ask for the role of an engineer")
    return user


def may_search(user: Annotated[User, Depends(signed_in)]) -> User:
    """Return who is signed in; raise 403 when they may not look for plates, which no administrator may as such."""
    if not user.role.may_search:
        raise HTTPException(403, "only the police may look for plates: ask for the role of police or supervisor")
    return user


def may_hold(user: Annotated[User, Depends(signed_in)]) -> User:
    """Return who is signed in; raise 403 when they may not keep records for a case."""
    if not user.role.may_search:
        raise HTTPException(403, "only the police may hold records: ask for the role of police or supervisor")
    return user


def may_release(user: Annotated[User, Depends(signed_in)]) -> User:
    """Return who is signed in; raise 403 when they may not let go of what is held."""
    if user.role is not Role.SUPERVISOR:
        raise HTTPException(403, "only supervisors may let go of what is held")
    return user


def may_issue(user: Annotated[User, Depends(signed_in)]) -> User:
    """Return who is signed in; raise 403 when they may not take evidence packs away."""
    if not user.role.may_issue:
        raise HTTPException(403, "you may look, not take evidence away: ask for the role of an operator or of police")
    return user


def may_audit(user: Annotated[User, Depends(signed_in)]) -> User:
    """Return who is signed in; raise 403 when they may not read the audit log."""
    if not user.role.may_audit:
        raise HTTPException(403, "only supervisors may read the audit log")
    return user


def is_admin(user: Annotated[User, Depends(signed_in)]) -> User:
    """Return who is signed in; raise 403 when they are no administrator."""
    if user.role is not Role.ADMIN:
        raise HTTPException(403, "only administrators may do this")
    return user


SignedIn = Annotated[User, Depends(signed_in)]
Acting = Annotated[User, Depends(may_act)]
Marking = Annotated[User, Depends(may_mark)]
Admin = Annotated[User, Depends(is_admin)]
Issuing = Annotated[User, Depends(may_issue)]
Searching = Annotated[User, Depends(may_search)]
Holding = Annotated[User, Depends(may_hold)]
Releasing = Annotated[User, Depends(may_release)]
Auditing = Annotated[User, Depends(may_audit)]
