"""One connection to the broker, from the settings' address, TLS and password to its end."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from dashboard.settings import DashboardSettings
from ioc import clock
from ioc.errors import IocError

KEEPALIVE_SECONDS = 30
ANSWER_SECONDS = 10.0
"""How long the broker may take to let us in and confirm what we asked for."""


class BrokerLost(IocError):
    """There is no connection to the broker, or it ended."""


class Connection:
    """Connects a client, subscribes, and turns its end into BrokerLost; driven by its owner's thread alone.

    `clean` forgets what the broker kept for us. Entering raises BrokerLost when the broker cannot be reached.
    """

    def __init__(
        self,
        client: Client,
        settings: DashboardSettings,
        topics: Sequence[tuple[str, SubscribeOptions]],
        properties: Properties,
        *,
        clean: bool,
        patience: float = ANSWER_SECONDS,
    ) -> None:
        self._client = client
        self._settings = settings
        self._topics = list(topics)
        self._properties = properties
        self._clean = clean
        self._patience = patience
        self._late = 0.0
        self._ended = ""
        self.ready = False
        """The broker has confirmed our subscriptions."""
        client.on_connect = self._connected
        client.on_subscribe = self._subscribed
        client.on_disconnect = self._disconnected

    def __enter__(self) -> Self:
        parts = urlsplit(self._settings.broker)
        try:
            if parts.scheme == "mqtts":
                self._client.tls_set(ca_certs=str(ca) if (ca := self._settings.broker_ca) else None)
            secret = self._settings.broker_secret
            if parts.username is not None:
                self._client.username_pw_set(unquote(parts.username), secret.get_secret_value() if secret else None)
            port = parts.port or (8883 if parts.scheme == "mqtts" else 1883)
            host = parts.hostname or ""
            self._client.connect(host, port, KEEPALIVE_SECONDS, clean_start=self._clean, properties=self._properties)
        except ssl.SSLError as error:
            raise BrokerLost(f"no TLS with the broker: {error.reason or error}") from None
        except OSError as error:
            raise BrokerLost(f"the broker cannot be reached: {error.strerror or error}") from None
        self._late = clock.monotonic() + self._patience
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.disconnect()
        self._client.loop(0)  # sends what is left to send

    def turn(self, timeout: float) -> None:
        """Wait up to `timeout` seconds for the broker; raise BrokerLost."""
        outcome = self._client.loop(timeout)
        if self._ended or outcome is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise BrokerLost(self._ended or "the broker closed the connection")
        if not self.ready and clock.monotonic() >= self._late:
            raise BrokerLost("the broker does not answer")

    def _connected(
        self, client: Client, _data: Any, _flags: ConnectFlags, code: ReasonCode, _properties: Properties | None
    ) -> None:
        if code.is_failure:
            self._ended = f"the broker refuses us: {code}"
            return
        client.subscribe(self._topics)

    def _subscribed(
        self, _client: Client, _data: Any, _packet: int, codes: list[ReasonCode], _properties: Properties | None
    ) -> None:
        refusals = [str(code) for code in codes if code.is_failure]
        if refusals:
            self._ended = f"the broker refuses our subscriptions: {refusals[0]}"
        self.ready = not refusals

    def _disconnected(
        self, _client: Client, _data: Any, _flags: DisconnectFlags, code: ReasonCode, _properties: Properties | None
    ) -> None:
        self._ended = self._ended or f"the broker closed the connection: {code}"
