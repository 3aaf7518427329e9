"""The routes to sign in and out, and to change one's password."""

from __future__ import annotations

import logging
import math

from fastapi import FastAPI, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from dashboard.guard import SignedIn
from dashboard.passwords import LONGEST, PasswordRefused
from dashboard.services import TheServices
from dashboard.views import Me


class Credentials(BaseModel):
    """What somebody types to sign in."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: str = Field(max_length=64)
    password: SecretStr = Field(max_length=LONGEST)


class PasswordChange(BaseModel):
    """The present password and the one that is to replace it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    current: SecretStr = Field(max_length=LONGEST)
    new: SecretStr = Field(max_length=LONGEST)


def add_routes(app: FastAPI) -> None:
    """Add the routes of this module."""
    app.post("/api/v1/session")(sign_in)
    app.delete("/api/v1/session", status_code=204)(sign_out)
    app.delete("/api/v1/sessions", status_code=204)(sign_out_everywhere)
    app.get("/api/v1/me")(show_me)
    app.post("/api/v1/me/password")(change_password)


def sign_in(parts: TheServices, request: Request, response: Response, typed: Credentials) -> Me:
    """Begin a session; 401 when name and password do not fit, 429 after too many attempts."""
    address = request.client.host if request.client else "unknown"
    person = (typed.name.strip().lower(), address)
    wait = max(parts.by_address.attempt((address,)), parts.by_person.attempt(person))
    if wait:
        seconds = math.ceil(wait)
        raise HTTPException(
            429, f"too many attempts: wait {seconds} s and try again", headers={"Retry-After": str(seconds)}
        )
    entered = parts.accounts.sign_in(typed.name, typed.password.get_secret_value(), parts.now())
    if entered is None:
        logging.getLogger(__name__).info("sign-in refused from %s", address)  # a name may be a mistyped password
        raise HTTPException(401, "name and password do not fit")
    user, token = entered
    parts.by_person.succeeded(person)
    parts.by_address.succeeded((address,))
    parts.cookie.give(response, token)
    return Me.of(user)


def sign_out(parts: TheServices, request: Request, response: Response, _user: SignedIn) -> None:
    """End this session."""
    token = parts.cookie.token(request)
    if token is not None:
        parts.accounts.sign_out(token)
    parts.cookie.take_back(response)
    parts.feed.notify()


def sign_out_everywhere(parts: TheServices, response: Response, user: SignedIn) -> None:
    """End all sessions of the person, on whatever machine."""
    parts.accounts.sign_out_everywhere(user.id)
    parts.cookie.take_back(response)
    parts.feed.notify()


def show_me(user: SignedIn) -> Me:
    """Return who is signed in."""
    return Me.of(user)


def change_password(
    parts: TheServices, request: Request, response: Response, user: SignedIn, typed: PasswordChange
) -> Me:
    """Set a new password; ends all other sessions of the person. 422 when the password may not be used."""
    address = request.client.host if request.client else "unknown"
    person = (user.name, address)
    wait = parts.by_person.attempt(person)
    if wait:
        raise HTTPException(429, f"too many attempts: wait {math.ceil(wait)} s and try again")
    current, chosen = typed.current.get_secret_value(), typed.new.get_secret_value()
    try:
        token = parts.accounts.change_password(user, current, chosen, parts.now())
    except PasswordRefused as error:
        raise HTTPException(422, str(error)) from None
    parts.by_person.succeeded(person)
    parts.cookie.give(response, token)
    changed = parts.accounts.signed_in(token, parts.now())
    assert changed is not None
    parts.feed.notify()
    return Me.of(changed)
