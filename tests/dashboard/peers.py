"""The real programs that the dashboard talks to: Mosquitto, a publisher, the dashboard's own server."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

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
def serving(settings: DashboardSettings) -> Iterator[str]:
    """Run the dashboard in a thread and give its URL once it is ready."""
    stop, ready, urls = threading.Event(), threading.Event(), []
    failures: list[BaseException] = []

    def tell(url: str) -> None:
        urls.append(url)
        ready.set()

    def run() -> None:
        try:
            serve(settings, stop, tell)
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
