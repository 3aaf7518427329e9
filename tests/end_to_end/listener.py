"""A stranger on the broker: subscribes with a client of its own and keeps what it hears."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from ioc import clock


class Listener:
    """Hears everything below `ioc/v1`."""

    def __init__(self, port: int) -> None:
        self._changed = threading.Condition()
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.pictures: list[tuple[str, bytes]] = []
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
        self._client.on_connect = lambda client, *_: client.subscribe("ioc/v1/#", qos=1)
        self._client.on_message = self._hear
        self._client.connect("127.0.0.1", port)

    def __enter__(self) -> Self:
        self._client.loop_start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _hear(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        with self._changed:
            if message.topic.endswith("/live"):
                self.pictures.append((message.topic, bytes(message.payload)))
            else:
                self.heard.append((message.topic, json.loads(message.payload)))
            self._changed.notify_all()

    def wait_for(self, wanted: Callable[[str, dict[str, Any]], bool], seconds: float = 60) -> dict[str, Any]:
        """Wait for a message and return it."""
        deadline = clock.monotonic() + seconds
        with self._changed:
            while True:
                for topic, message in self.heard:
                    if wanted(topic, message):
                        return message
                left = deadline - clock.monotonic()
                assert left > 0, f"not heard; heard {self.heard}"
                self._changed.wait(left)
