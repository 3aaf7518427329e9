"""An application with people of each kind, asked through Starlette's test client; no broker, no socket."""

from __future__ import annotations

from typing import Any

import httpx2 as httpx
from starlette.testclient import TestClient

from dashboard.app import create_app
from dashboard.passwords import Passwords
from dashboard.records import ALL_CAMERAS, NO_CAMERAS, Rights, Role
from dashboard.services import Services
from dashboard.settings import DashboardSettings
from tests.dashboard.sample import SITE, START

PASSWORD = "quiet river lantern"
OWN = "bg-017"
"""The camera that `operator` and `viewer` may see."""
OTHER = "bg-099"

PEOPLE = {
    "admin": (Role.ADMIN, ALL_CAMERAS),
    "chief": (Role.OPERATOR, ALL_CAMERAS),
    "engineer": (Role.ENGINEER, NO_CAMERAS),
    "officer": (Role.POLICE, ALL_CAMERAS),
    "local_officer": (Role.POLICE, Rights(frozenset({(SITE, OWN)}))),
    "supervisor": (Role.SUPERVISOR, ALL_CAMERAS),
    "operator": (Role.OPERATOR, Rights(frozenset({(SITE, OWN)}))),
    "viewer": (Role.VIEWER, Rights(frozenset({(SITE, OWN)}))),
    "newcomer": (Role.OPERATOR, NO_CAMERAS),
}


class House:
    """The application and its parts; `as_(name)` gives a client of a person who is signed in."""

    def __init__(self, settings: DashboardSettings, passwords: Passwords) -> None:
        self.settings = settings
        self.passwords = passwords
        self.app = create_app(settings, passwords=passwords)
        self.parts: Services = self.app.state.services
        self._clients: dict[str, TestClient] = {}

    def close(self) -> None:
        self.parts.store.release()

    def anybody(self) -> TestClient:
        return TestClient(self.app, base_url="http://testserver", follow_redirects=False)

    def as_(self, name: str) -> TestClient:
        if name not in self._clients:
            role, rights = PEOPLE[name]
            self.parts.accounts.create(name, role, rights, START, chosen=PASSWORD)
            client = self.anybody()
            sign_in(client, name, PASSWORD).raise_for_status()
            self._clients[name] = client
        return self._clients[name]


def sign_in(client: httpx.Client, name: str, password: str) -> httpx.Response:
    return client.post("/api/v1/session", json={"name": name, "password": password})


def detail(answer: httpx.Response) -> str:
    said: Any = answer.json()["detail"]
    assert isinstance(said, str)
    return said
