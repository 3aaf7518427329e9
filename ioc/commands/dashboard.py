"""`ioc dashboard`: the dashboard as a process of its own."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ioc.commands.signals import until_told
from ioc.errors import IocError

if TYPE_CHECKING:
    from dashboard.settings import DashboardSettings
    from ioc.site import Site
    from ioc.station import Broker

log = logging.getLogger(__name__)

START_SECONDS = 60.0
STOP_SECONDS = 15.0


def command(
    site: Annotated[Path, typer.Option("--site", help="The site file; it must name a broker.")],
    reset_admin: Annotated[
        bool, typer.Option("--reset-admin", help="Give admin a new one-time password, print it and end.")
    ] = False,
) -> int:
    """Run the dashboard alone, beside `ioc run --no-dashboard` or on another machine, until Ctrl-C."""
    from ioc import station, wiring

    checked = wiring.checked_site(site)
    if reset_admin:
        print(f"Sign in as admin with the one-time password {_new_admin_password(checked)}", flush=True)
        return 0
    broker = station.named_broker(checked, station.secrets_of(checked, os.environ))
    with until_told() as stop, running_dashboard(checked, broker):
        stop.wait()
    return 0


@contextmanager
def running_dashboard(site: Site, broker: Broker) -> Iterator[str]:
    """Yield the URL of the running dashboard; it is listening when the block begins and stopped when it ends."""
    settings = settings_of(site, broker)
    password = _first_password(settings)
    service = _Service(settings)
    service.start()
    try:
        url = service.url()
        print(f"Dashboard: {url}", flush=True)
        if password is not None:
            print(f"Sign in as admin with the one-time password {password}", flush=True)
        yield url
    finally:
        service.stop()


def _first_password(settings: DashboardSettings) -> str | None:
    from dashboard.accounts import bootstrap_admin
    from dashboard.store import open_store

    store = open_store(settings)
    try:
        return bootstrap_admin(store, settings.admin_password)
    finally:
        store.release()


def _new_admin_password(site: Site) -> str:
    from dashboard.accounts import reset_admin
    from dashboard.store import open_store
    from ioc.station import Broker

    store = open_store(settings_of(site, Broker("mqtt://127.0.0.1", None)))
    try:
        return reset_admin(store)
    finally:
        store.release()


class _Service:
    """The dashboard on a thread of its own."""

    def __init__(self, settings: DashboardSettings) -> None:
        self._settings = settings
        self._stop = threading.Event()
        self._answered = threading.Event()
        self._url: str | None = None
        self._failure: IocError | None = None
        self._thread = threading.Thread(target=self._run, name="dashboard", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def url(self) -> str:
        """Wait until the page answers; raises what kept it from answering."""
        if not self._answered.wait(START_SECONDS):
            raise IocError(f"dashboard did not start within {START_SECONDS:.0f} s; see the log above")
        if self._url is None:
            raise self._failure or IocError("dashboard ended as it started; see the log above")
        return self._url

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        from dashboard.server import serve

        try:
            serve(self._settings, self._stop, self._ready)
        except IocError as error:
            self._failure = error
            log.error("dashboard: %s", error)
        finally:
            self._answered.set()

    def _ready(self, url: str) -> None:
        self._url = url
        self._answered.set()


def settings_of(site: Site, broker: Broker) -> DashboardSettings:
    """Return the dashboard's settings for a site and the broker it listens to."""
    from dashboard.settings import DashboardSettings
    from ioc.station import evidence_folder, make_folder, secrets_of

    user, _, password = (broker.secret or "").partition(":")
    store, login = site.dashboard.store, None
    if store is not None and site.dashboard.store_secret is not None:
        login = secrets_of(site, os.environ).credentials(site.dashboard.store_secret)
        store = _with_user(store, login.user)
    return DashboardSettings.model_validate(
        {
            "data": make_folder(site.site.data),
            "evidence": evidence_folder(site),
            "sites": (site.site.id,),
            "clips": site.truth.clips,
            "store": store,
            "store_secret": login and login.password,
            "broker": _with_user(broker.url, user) if user else broker.url,
            "broker_secret": password or None,
            "broker_ca": broker.ca_file,
            "host": site.dashboard.host,
            "port": site.dashboard.port,
            "https_only": site.dashboard.https_only,
            "behind_proxy": site.dashboard.behind_proxy,
            "language": site.dashboard.language,
            "map": site.dashboard.map,
            "retention": site.retention,
            "title": site.site.name or "City operations centre",
            "admin_password": os.environ.get("IOC_ADMIN_PASSWORD"),
        }
    )


def _with_user(url: str, user: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{user}@{rest}"
