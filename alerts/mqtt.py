"""One connection to a broker by MQTT 5: the door of paho-mqtt, driven by its owner's thread.

paho-mqtt runs no thread of its own here and never connects again by itself: each connection is a new `Link`.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct

from paho.mqtt import MQTTException
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from alerts.address import BrokerAddress
from alerts.wire import EngineStatus
from ioc import clock

KEEPALIVE = 15
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
CLOSED = "connection closed"
OWN_MESSAGES = 2
"""The engine's own "online" and "offline" go beside the window."""
HINTS = {
    0x86: "check the secret named for the broker",
    0x87: "check the secret named for the broker",
    0x8E: "does another ioc run under this site's name?",
}


class LinkLost(Exception):
    """The connection is gone or was never made; the message says why."""


class Link:
    """One connection, from connect to loss; used by one thread alone.

    The broker publishes `will` when the connection is lost; `window` bounds what is sent unacknowledged.
    """

    def __init__(
        self, address: BrokerAddress, client_id: str, will: EngineStatus | None = None, window: int = 1
    ) -> None:
        self._address = address
        self._client = client = Client(CallbackAPIVersion.VERSION2, client_id, protocol=MQTTv5)
        client.connect_timeout = CONNECT_SECONDS
        client.max_inflight_messages = 65_535
        client.username = address.user
        client.password = address.password
        if will is not None:
            client.will_set(will.topic, will.payload(), qos=1, retain=True)
        client.max_inflight_messages_set(65_535)  # `window` is the bound, paho-mqtt must not hold messages back
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        self._lost = ""
        self._answered = False
        self._acks: list[tuple[int, int, str]] = []
        self.window = window
        self.max_packet = 1 << 28

    def open(self) -> None:
        """Connect and wait for the broker's answer; raise LinkLost when there is none or it is no."""
        address = self._address
        try:
            if address.tls:
                self._client.tls_set_context(ssl.create_default_context(cafile=address.ca_file))
            # What is under way is in the outbox: the broker need not remember us.
            self._client.connect(address.host, address.port, KEEPALIVE, clean_start=True)
        except OSError as error:
            raise LinkLost(_reason(error)) from error
        deadline = clock.monotonic() + ANSWER_SECONDS
        while not self._answered:
            if clock.monotonic() > deadline:
                raise LinkLost(f"no answer within {ANSWER_SECONDS:.0f} s; is it an MQTT 5 broker?")
            self.pump(0.2)

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> int:
        """Send one message and return the number its acknowledgement will carry."""
        return self._client.publish(topic, payload, qos=1, retain=retain).mid

    def send(self, topic: str, payload: bytes) -> None:
        """Send what may be lost: QoS 0, not retained."""
        self._client.publish(topic, payload)

    @property
    def busy(self) -> bool:
        """Whether something that was sent has not left yet."""
        return self._client.want_write()

    def pump(self, seconds: float, wake: socket.socket | None = None) -> None:
        """Wait for the network or for `wake`, and do what is due; raise LinkLost when the connection is gone."""
        try:
            self._pump(seconds, wake)
        except (OSError, MQTTException, ValueError, IndexError, KeyError, struct.error) as error:
            # What paho-mqtt raises over a packet that is not MQTT 5.
            raise LinkLost(f"its answer is not understood ({error}); is it an MQTT 5 broker?") from error
        if self._lost:
            raise LinkLost(self._lost)

    def _pump(self, seconds: float, wake: socket.socket | None) -> None:
        connection = self._client.socket()
        if connection is None:
            self._lost = self._lost or CLOSED
            return
        poll = select.poll()
        poll.register(connection, select.POLLIN | (select.POLLOUT if self._client.want_write() else 0))
        if wake is not None:
            poll.register(wake, select.POLLIN)
        decrypted = isinstance(connection, ssl.SSLSocket) and connection.pending() > 0
        ready = dict(poll.poll(0 if decrypted else seconds * 1000)).get(connection.fileno(), 0)
        if decrypted or ready & ~select.POLLOUT:
            self._client.loop_read()
        if ready & select.POLLOUT:
            self._client.loop_write()
        self._client.loop_misc()

    def acks(self) -> list[tuple[int, int, str]]:
        """Return the acknowledgements since the last call: number, reason code, its name."""
        taken, self._acks = self._acks, []
        return taken

    def disconnect(self) -> None:
        """Say goodbye, so that the last will is not published."""
        self._client.disconnect()
        deadline = clock.monotonic() + 1
        with contextlib.suppress(LinkLost):
            while self._client.want_write() and clock.monotonic() < deadline:
                self.pump(0.1)

    def _on_connect(
        self, _client: Client, _data: object, _flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        if reason.is_failure:
            self._lost = _said(reason)
            return
        self._answered = True
        # A broker that receives more than it said it would closes the connection.
        at_most = getattr(properties, "ReceiveMaximum", 65_535)
        self.window = max(1, min(self.window, at_most - OWN_MESSAGES))
        self.max_packet = getattr(properties, "MaximumPacketSize", self.max_packet)

    def _on_disconnect(
        self, _client: Client, _data: object, flags: DisconnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if self._lost:
            return
        if flags.is_disconnect_packet_from_server or reason.getName() != "Unspecified error":
            self._lost = _said(reason)
        else:
            self._lost = CLOSED if self._answered else f"{CLOSED} unanswered; {HINTS[0x87]}"

    def _on_publish(
        self, _client: Client, _data: object, mid: int, reason: ReasonCode, _properties: Properties
    ) -> None:
        self._acks.append((mid, reason.value, reason.getName().lower()))


def _said(reason: ReasonCode) -> str:
    hint = HINTS.get(reason.value)
    name: str = reason.getName().lower()
    return f"{name}; {hint}" if hint else name


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message}); name the authority's file as ca_file"
    return (error.strerror or str(error) or type(error).__name__).lower()
