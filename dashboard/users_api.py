"""The routes by which administrators say who may sign in, what they may do and which cameras they see."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from dashboard.guard import Admin
from dashboard.records import ALL_CAMERAS, Rights, Role
from dashboard.services import TheServices
from dashboard.store import Conflict
from dashboard.views import UserView

_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
Place = Annotated[str, Field(pattern=rf"^{_NAME}/{_NAME}$")]
"""A camera as "site/camera"."""
Places = Annotated[list[Place], Field(max_length=5000)] | Literal["all"]


class NewUser(BaseModel):
    """Somebody who is to sign in with a one-time password."""

    model_config = ConfigDict(extra="forbid")

    name: str
    role: Role
    cameras: Places


class UserChange(BaseModel):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    role: Role | None = None
    cameras: Places | None = None
    active: bool | None = None


class UserWithPassword(UserView):
    """A user and the one-time password to hand to them; it is shown this once."""

    one_time_password: str


class OneTimePassword(BaseModel):
    """The password to hand to a user; it is shown this once."""

    one_time_password: str


def add_routes(app: FastAPI) -> None:
    """Add the routes of this module."""
    app.get("/api/v1/users")(list_users)
    app.post("/api/v1/users", status_code=201)(create_user)
    app.patch("/api/v1/users/{user_id}")(change_user)
    app.post("/api/v1/users/{user_id}/reset-password")(reset_password)


def list_users(parts: TheServices, _admin: Admin) -> list[UserView]:
    """Return everybody who may sign in, or might."""
    return [UserView.of(user) for user in parts.accounts.users()]


def create_user(parts: TheServices, _admin: Admin, wanted: NewUser) -> UserWithPassword:
    """Add a user; 409 when the name is taken or may not be used."""
    try:
        user, password = parts.accounts.create(wanted.name, wanted.role, _rights(wanted.cameras), parts.now())
    except Conflict as error:
        raise HTTPException(409, str(error)) from None
    return UserWithPassword(**UserView.of(user).model_dump(), one_time_password=password)


def change_user(parts: TheServices, _admin: Admin, user_id: int, wanted: UserChange) -> UserView:
    """Change a user's role or cameras, or shut them out; 409 when no administrator would be left."""
    rights = None if wanted.cameras is None else _rights(wanted.cameras)
    try:
        user = parts.accounts.alter(user_id, wanted.role, rights, wanted.active)
    except Conflict as error:
        raise HTTPException(409, str(error)) from None
    if user is None:
        raise HTTPException(404, "there is no such user")
    parts.feed.notify()
    return UserView.of(user)


def reset_password(parts: TheServices, _admin: Admin, user_id: int) -> OneTimePassword:
    """Give a user a one-time password and end their sessions."""
    password = parts.accounts.reset_password(user_id)
    if password is None:
        raise HTTPException(404, "there is no such user")
    parts.feed.notify()
    return OneTimePassword(one_time_password=password)


def _rights(places: list[str] | Literal["all"]) -> Rights:
    if isinstance(places, str):
        return ALL_CAMERAS
    return Rights(frozenset((site, camera) for site, _, camera in (place.partition("/") for place in places)))
