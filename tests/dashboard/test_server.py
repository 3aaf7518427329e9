"""Starting and stopping the dashboard."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack

import httpx2 as httpx
import pytest

from dashboard.accounts import Accounts
from dashboard.data_folder import DataFolderError
from dashboard.database import StoreError
from dashboard.records import ALL_CAMERAS, Role
from dashboard.server import CLOSE_SECONDS, PortError, serve
from dashboard.settings import DashboardSettings
from ioc import clock
from tests.dashboard.house import PASSWORD, sign_in
from tests.dashboard.peers import EventStream, serving
from tests.dashboard.sample import START


def test_the_page_answers_at_the_url_that_is_told(settings: DashboardSettings) -> None:
    with serving(settings) as url:
        assert url.startswith("http://127.0.0.1:")
        assert not url.endswith(":0")
        assert httpx.get(f"{url}/api/v1/health").json() == {"status": "degraded"}, "without a broker it says so"
        assert "server" not in httpx.get(f"{url}/login").headers
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/api/v1/health")


def test_it_stops_in_seconds_while_pages_listen(settings: DashboardSettings, accounts: Accounts) -> None:
    accounts.create("chief", Role.ADMIN, ALL_CAMERAS, START, chosen=PASSWORD)
    with ExitStack() as pages:
        with serving(settings) as url:
            client = pages.enter_context(httpx.Client(base_url=url))
            sign_in(client, "chief", PASSWORD).raise_for_status()
            streams = [pages.enter_context(EventStream(client)) for _ in range(3)]
            for stream in streams:
                stream.next("cameras")
            began = clock.monotonic()
        assert clock.monotonic() - began < CLOSE_SECONDS, "the streams end; nobody has to cut them off"
        for stream in streams:
            assert stream.rest() == []


def test_a_port_in_use_is_told_in_a_line(settings: DashboardSettings) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = settings.model_copy(update={"port": other.getsockname()[1]})
        with pytest.raises(PortError, match=r"port \d+ of 127.0.0.1 is in use: .* --port") as caught:
            serve(taken, threading.Event(), lambda _: None)
    assert "\n" not in str(caught.value)
    assert not settings.data.exists(), "nothing was begun"


def test_a_host_that_is_not_ours_is_told_in_a_line(settings: DashboardSettings) -> None:
    for host in ("192.0.2.1", "no-such-host.invalid"):
        with pytest.raises(PortError, match="cannot listen on"):
            serve(settings.model_copy(update={"host": host}), threading.Event(), lambda _: None)


def test_a_store_or_key_that_cannot_be_used_stops_it_at_once(settings: DashboardSettings) -> None:
    settings.data.mkdir()
    (settings.data / "ioc.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError):
        serve(settings, threading.Event(), lambda _: None)
    (settings.data / "session.key").chmod(0o666)
    with pytest.raises(DataFolderError):
        serve(settings, threading.Event(), lambda _: None)


def test_told_to_stop_before_it_began_it_does(settings: DashboardSettings) -> None:
    stop = threading.Event()
    stop.set()
    told: list[str] = []
    serve(settings, stop, told.append)
    assert told == []


def test_ipv6_and_all_addresses_are_told_as_one_can_open_them(settings: DashboardSettings) -> None:
    with serving(settings.model_copy(update={"host": "0.0.0.0"})) as url:  # noqa: S104 - that is what is tried
        assert url.startswith("http://127.0.0.1:")
        assert httpx.get(f"{url}/login").status_code == 200
