"""What the routes work with, and how they get at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from dashboard.accounts import Accounts
from dashboard.audit import Audit
from dashboard.cookie import SessionCookie
from dashboard.daily import Daily
from dashboard.feed import Feed
from dashboard.live_listener import LiveListener
from dashboard.map_file import MapFile
from dashboard.settings import DashboardSettings
from dashboard.store import Store
from dashboard.subscriber import Subscriber
from dashboard.throttle import Throttle
from dashboard.truth_folder import ClipFolder
from ioc.signing import SigningKey


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of one running dashboard."""

    settings: DashboardSettings
    store: Store
    accounts: Accounts
    audit: Audit
    subscriber: Subscriber
    feed: Feed
    live: LiveListener
    daily: Daily
    """Deletes what is kept no longer."""
    map: MapFile | None
    clips: ClipFolder | None
    """The recordings whose truth is marked."""
    cookie: SessionCookie
    signing_key: SigningKey
    """Seals evidence packs."""
    by_person: Throttle
    """Slows attempts on one name from one address."""
    by_address: Throttle
    """Slows attempts on any names from one address."""
    now: Callable[[], datetime]


def services(request: Request) -> Services:
    """Return the parts of the dashboard that serves the request."""
    found = request.app.state.services
    assert isinstance(found, Services)
    return found


TheServices = Annotated[Services, Depends(services)]
