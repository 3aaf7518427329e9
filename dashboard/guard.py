"""Who may come in: every route is shut unless it is named here, or the person is signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

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


def only(allowed: Callable[[Role], bool], refusal: str) -> Any:
    """Return what a route depends on that is for some roles only: 403 with the refusal for others."""

    def checked(user: Annotated[User, Depends(signed_in)]) -> User:
        if not allowed(user.role):
            raise HTTPException(403, refusal)
        return user

    return Depends(checked)


SignedIn = Annotated[User, Depends(signed_in)]
Acting = Annotated[
    User,
    only(lambda role: role.may_act or role.may_search, "you may look, not act: ask for the role of an operator"),
]
"""Whatever kind of alert it is."""
Marking = Annotated[
    User, only(lambda role: role.may_mark, "only engineers may do this: ask for the role of an engineer")
]
Admin = Annotated[User, only(lambda role: role is Role.ADMIN, "only administrators may do this")]
Issuing = Annotated[
    User,
    only(
        lambda role: role.may_issue,
        "you may look, not take evidence away: ask for the role of an operator or of police",
    ),
]
Searching = Annotated[
    User,
    only(lambda role: role.may_search, "only the police may look for plates: ask for the role of police or supervisor"),
]
"""No administrator may as such."""
Holding = Annotated[
    User,
    only(lambda role: role.may_search, "only the police may hold records: ask for the role of police or supervisor"),
]
Releasing = Annotated[User, only(lambda role: role is Role.SUPERVISOR, "only supervisors may let go of what is held")]
Auditing = Annotated[User, only(lambda role: role.may_audit, "only supervisors may read the audit log")]
