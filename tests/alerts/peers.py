"""Real peers: a Mosquitto configured by the test, and a subscriber that remembers what came."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from alerts.address import BrokerAddress
from ioc import clock
from tests.mosquitto_peer import PATH


def wait_for(true: Callable[[], object], seconds: float = 15, what: str = "") -> None:
    """Return once `true()` is; fail when it is not in time."""
    deadline = clock.monotonic() + seconds
    pause = threading.Event()
    while not true():
        assert clock.monotonic() < deadline, f"not within {seconds} s: {what or true}"
        pause.wait(0.02)


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Return whether something accepts connections there."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5):
            return True
    except OSError:
        return False


class ConfiguredMosquitto:
    """Debian's broker with a configuration of the test's own; `{port}` and `{folder}` stand for its port and folder."""

    def __init__(self, folder: Path, config: str) -> None:
        program = shutil.which("mosquitto", path=PATH)
        assert program is not None, "these tests need Mosquitto: apt-get install mosquitto"
        self.port = free_port()
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            "user root\n" + config.replace("{port}", str(self.port)).replace("{folder}", str(folder))
        )
        self._log = folder / "mosquitto.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen([program, "-c", str(self._config)], stdout=log, stderr=log)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"mqtt://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        wait_for(lambda: listens(self.port) or self._process.poll() is not None, what="Mosquitto listens")
        assert self._process.poll() is None, self._log.read_text()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()


class Subscriber:
    """Remembers every message, in order; with a session that the broker keeps while it is away."""

    def __init__(
        self,
        url: str,
        secret: str | None = None,
        topics: str = "ioc/v1/#",
        name: str = "",
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.got: list[tuple[str, bytes, bool]] = []
        self._topics = topics
        self._ready = threading.Event()
        self._address = BrokerAddress.parse(url, secret)
        self._client = client = Client(CallbackAPIVersion.VERSION2, name or f"test-{uuid4()}", protocol=MQTTv5)
        client.username, client.password = self._address.user, self._address.password
        if context is not None:
            client.tls_set_context(context)
        client.on_connect = self._on_connect
        client.on_subscribe = lambda *_: self._ready.set()
        client.on_message = self._on_message
        client.reconnect_delay_set(1, 1)

    def start(self, seconds: float = 10) -> None:
        """Connect and subscribe, and return once the broker has taken the subscription."""
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = 3600
        self._client.connect(self._address.host, self._address.port, clean_start=False, properties=properties)
        self._client.loop_start()
        assert self._ready.wait(seconds), "the broker did not take the subscription"

    def stop(self) -> None:
        """Disconnect; the broker keeps the session."""
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def topics(self) -> list[str]:
        """The topics of what came, in order."""
        return [topic for topic, _, _ in list(self.got)]

    @property
    def payloads(self) -> list[bytes]:
        """The payloads of what came, in order."""
        return [payload for _, payload, _ in list(self.got)]

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish a message as a stranger would, and wait until the broker has it."""
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(10)

    def _on_connect(self, client: Client, _d: object, _f: ConnectFlags, _r: ReasonCode, _p: Properties | None) -> None:
        client.subscribe(self._topics, qos=1)

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self.got.append((message.topic, bytes(message.payload), message.retain))


@contextmanager
def subscribed(url: str, secret: str | None = None, topics: str = "ioc/v1/#") -> Iterator[Subscriber]:
    """Return a subscriber that is connected."""
    subscriber = Subscriber(url, secret, topics)
    subscriber.start()
    try:
        yield subscriber
    finally:
        subscriber.stop()
