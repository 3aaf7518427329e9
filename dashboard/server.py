"""Serves the dashboard, from a thread of `ioc run` or as a program of its own."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import threading
from collections.abc import Callable, Iterator

import uvicorn
from fastapi import FastAPI

from dashboard.app import create_app
from dashboard.services import Services
from dashboard.settings import DashboardSettings
from ioc import clock
from ioc.errors import IocError

CLOSE_SECONDS = 3
"""How long open requests may take to end once the dashboard stops."""
BROKER_SECONDS = 5.0


class PortError(IocError):
    """The address cannot be listened on."""


def serve(
    settings: DashboardSettings, stop: threading.Event, ready: Callable[[str], None], patience: float = BROKER_SECONDS
) -> None:
    """Serve until `stop` is set.

    `ready` is called once, with the page's URL, when the page answers and the broker keeps for us whatever is
    published; a broker that does not answer delays it by `patience` seconds and no more. It is called in a thread
    of its own. Signals are the caller's. Raises PortError, StoreError, DataFolderError and MapError, each with the
    way out.
    """
    listener = _listen(settings)
    try:
        app = create_app(settings)
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=settings.behind_proxy,
            timeout_graceful_shutdown=CLOSE_SECONDS,
            ws="none",
        )
        url = _url(settings, listener)
        _Server(config, app, stop, lambda: ready(url), patience).run(sockets=[listener])
    finally:
        listener.close()


class _Server(uvicorn.Server):
    """Ends when an event is set, and lets the streams end first."""

    def __init__(
        self, config: uvicorn.Config, app: FastAPI, stop: threading.Event, ready: Callable[[], None], patience: float
    ) -> None:
        super().__init__(config)
        self._parts: Services = app.state.services
        self._stop = stop
        self._ready = ready
        self._patience = patience
        self._telling: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, then tell."""
        await super().startup(sockets)
        if self.started:
            self._telling = asyncio.create_task(asyncio.to_thread(self._tell))

    async def on_tick(self, counter: int) -> bool:
        """Look ten times a second whether to end."""
        if self._stop.is_set():
            self.should_exit = True
            self._parts.feed.end_streams()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End, within seconds."""
        await super().shutdown(sockets)
        if self._telling is not None:
            await self._telling

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to whoever called."""
        yield

    def _tell(self) -> None:
        """Wait for the subscription, for a while, then call `ready` unless it is all over already."""
        end = clock.monotonic() + self._patience
        while not self._stop.wait(0.05):
            if self._parts.subscriber.subscribed.is_set() or clock.monotonic() >= end:
                self._ready()
                return


def _listen(settings: DashboardSettings) -> socket.socket:
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise PortError(f"cannot listen on {settings.host}: {error.strerror}: give another host") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(512)
    except OSError as error:
        listener.close()
        place = f"port {settings.port} of {settings.host}"
        if error.errno == errno.EADDRINUSE:
            raise PortError(f"{place} is in use: end the program there, or give another with --port") from None
        raise PortError(f"cannot listen on {place}: {error.strerror}: give another with --port") from None
    return listener


def _url(settings: DashboardSettings, listener: socket.socket) -> str:
    port = listener.getsockname()[1]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - compared, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
