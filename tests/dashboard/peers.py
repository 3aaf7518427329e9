"""The real programs that the dashboard talks to: Mosquitto, a publisher, the dashboard's own server."""

from __future__ import annotations

import json
import queue
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from dashboard.server import serve
from dashboard.settings import DashboardSettings
from ioc import clock


def eventually(check: Callable[[], bool], seconds: float = 15.0) -> None:
    """Wait until `check()` holds; fail when it does not within `seconds`."""
    end = clock.monotonic() + seconds
    pause = threading.Event()
    while not check():
        assert clock.monotonic() < end, f"did not come true within {seconds} s"
        pause.wait(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Mosquitto:
    """Debian's broker on a free port, keeping what it has over a restart."""

    def __init__(self, folder: Path, user: str | None = None, password: str = "") -> None:
        folder.mkdir()
        self.port = free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        lines = [f"listener {self.port} 127.0.0.1", "persistence true", f"persistence_location {folder}/"]
        lines += ["max_queued_messages 10000", "user root"]
        if user is None:
            lines.append("allow_anonymous true")
        else:
            (folder / "users").touch(mode=0o600)
            subprocess.run(
                ["mosquitto_passwd", "-b", folder / "users", user, password], check=True, capture_output=True
            )
            lines.append(f"password_file {folder / 'users'}")
        self._config = folder / "mosquitto.conf"
        self._config.write_text("\n".join(lines) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen([program, "-c", self._config], stdout=quiet, stderr=quiet)
        eventually(self._answers)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def publisher(broker: Mosquitto) -> Iterator[Callable[[str, bytes, bool], None]]:
    """Give a function that publishes (topic, payload, retain) with QoS 1 and returns once the broker has it."""
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.max_inflight_messages_set(200)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()

    def publish(topic: str, payload: bytes, retain: bool) -> None:
        client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(10)

    try:
        yield publish
    finally:
        client.disconnect()
        client.loop_stop()


@contextmanager
def serving(settings: DashboardSettings, patience: float = 0) -> Iterator[str]:
    """Run the dashboard in a thread and give its URL once it is ready; `patience` is for the broker."""
    stop, ready, urls = threading.Event(), threading.Event(), []
    failures: list[BaseException] = []

    def tell(url: str) -> None:
        urls.append(url)
        ready.set()

    def run() -> None:
        try:
            serve(settings, stop, tell, patience)
        except BaseException as error:  # noqa: BLE001 - handed to the test
            failures.append(error)
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert ready.wait(20)
        if failures:
            raise failures[0]
        yield urls[0]
    finally:
        stop.set()
        thread.join(15)
        assert not thread.is_alive()


def in_parallel(jobs: Sequence[Callable[[], object]]) -> list[object]:
    """Run the jobs at the same time and return what each returned or raised."""
    outcomes: list[object] = [None] * len(jobs)
    start = threading.Barrier(len(jobs))

    def run(number: int) -> None:
        start.wait()
        try:
            outcomes[number] = jobs[number]()
        except Exception as error:  # noqa: BLE001 - handed to the test
            outcomes[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@dataclass(frozen=True)
class Event:
    """One event of the stream."""

    name: str
    number: int
    data: Any


class EventStream:
    """Follows /api/v1/events in a thread, as a browser would."""

    def __init__(self, client: httpx.Client, after: int | None = None, last_event_id: str | None = None) -> None:
        self._client = client
        self._params = {} if after is None else {"after": after}
        self._headers = {} if last_event_id is None else {"Last-Event-ID": last_event_id}
        self._events: queue.Queue[Event | None] = queue.Queue()
        self._opened = threading.Event()
        self._response: httpx.Response | None = None
        self._thread = threading.Thread(target=self._follow)

    def __enter__(self) -> EventStream:
        self._thread.start()
        assert self._opened.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        if self._response is not None:
            with suppress(OSError):  # it may have ended by itself
                self._response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        assert not self._thread.is_alive()

    def next(self, *names: str, seconds: float = 10) -> Event:
        """Return the next event of one of these names, or of any; fail when none comes."""
        end = clock.monotonic() + seconds
        while True:
            event = self._events.get(timeout=max(end - clock.monotonic(), 0.01))
            assert event is not None, "the stream ended"
            if not names or event.name in names:
                return event

    def rest(self, seconds: float = 10) -> list[Event]:
        """Wait for the end of the stream; return what came until then."""
        found = []
        while (event := self._events.get(timeout=seconds)) is not None:
            found.append(event)
        return found

    def _follow(self) -> None:
        try:
            with self._client.stream(
                "GET", "/api/v1/events", params=self._params, headers=self._headers, timeout=30
            ) as response:
                response.raise_for_status()
                self._response = response
                self._opened.set()
                self._read(response.iter_lines())
        except httpx.TransportError:
            pass
        finally:
            self._opened.set()
            self._events.put(None)

    def _read(self, lines: Iterator[str]) -> None:
        fields: dict[str, str] = {}
        for line in lines:
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "event" in fields:
                self._events.put(Event(fields["event"], int(fields["id"]), json.loads(fields["data"])))
                fields = {}
