"""One connection to the broker, under a session that the broker keeps while we are away."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from alerts.wire import MAX_BYTES, WireError, decode
from dashboard.broker_login import BrokerLost, connect
from dashboard.intake import Message
from dashboard.settings import DashboardSettings
from ioc import clock

KEPT_SECONDS = 7 * 24 * 3600
"""How long the broker keeps our messages while we are away."""
AT_ONCE = 200
"""Messages that the broker may send before we acknowledge any; also the size of a batch."""
ANSWER_SECONDS = 10.0
"""How long the broker may take to let us in and confirm what we asked for."""


class BrokerSession:
    """Receives QoS 1 messages and acknowledges them only when told to.

    Whoever holds it calls `turn` again and again from one thread, and reads `pending`. Entering raises
    BrokerLost when the broker cannot be reached.
    """

    def __init__(self, settings: DashboardSettings, client_id: str, patience: float = ANSWER_SECONDS) -> None:
        self._settings = settings
        self._patience = patience
        self._late = 0.0
        self._ended = ""
        self._overflowed = False
        self.ready = False
        """The broker has confirmed our subscriptions."""
        self.pending: list[tuple[Message, int | None]] = []
        """What came and is not acknowledged yet, with the packet id that acknowledges it."""
        self.refused: list[str] = []
        """Why messages were dropped, acknowledged already so that they block nothing."""
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        self._client.on_connect = self._connected
        self._client.on_subscribe = self._subscribed
        self._client.on_disconnect = self._disconnected
        self._client.on_message = self._received

    def __enter__(self) -> Self:
        connect(self._client, self._settings, _session_properties(), clean=False)
        self._late = clock.monotonic() + self._patience
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.disconnect()
        self._client.loop(0)  # sends what is left to send

    @property
    def is_full(self) -> bool:
        """Whether the broker sends nothing more until we acknowledge."""
        return len(self.pending) >= AT_ONCE

    def turn(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for the broker; return whether anything came. Raise BrokerLost."""
        before = len(self.pending) + len(self.refused)
        outcome = self._client.loop(timeout)
        if self._ended or outcome is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise BrokerLost(self._ended or "the broker closed the connection")
        if not self.ready and clock.monotonic() >= self._late:
            raise BrokerLost("the broker does not answer")
        return len(self.pending) + len(self.refused) > before

    def acknowledge(self) -> None:
        """Tell the broker that everything pending is kept."""
        for _, packet in self.pending:
            if packet is not None:
                self._client.ack(packet, 1)
        self.pending.clear()
        if self._overflowed:
            raise BrokerLost("it sent more than was asked for; connecting anew to have the rest sent again")

    def _connected(
        self, client: Client, _data: Any, _flags: ConnectFlags, code: ReasonCode, _properties: Properties | None
    ) -> None:
        if code.is_failure:
            self._ended = f"the broker refuses us: {code}"
            return
        options = SubscribeOptions(qos=1)
        client.subscribe([(topic, options) for site in self._settings.sites for topic in _topics(site)])

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

    def _received(self, client: Client, _data: Any, message: MQTTMessage) -> None:
        if self.is_full:
            self._overflowed = True
            return
        try:
            kept = decode(message.topic, bytes(message.payload))
        except (WireError, UnicodeDecodeError) as error:
            self.refused.append(str(error))
            client.ack(message.mid, message.qos)
            return
        self.pending.append((kept, message.mid if message.qos else None))


def _topics(site: str) -> tuple[str, ...]:
    prefix = f"ioc/v1/{site}"
    return (f"{prefix}/status", f"{prefix}/+/status", f"{prefix}/+/alerts/+")


def _session_properties() -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho leaves it so
    properties.SessionExpiryInterval = KEPT_SECONDS
    properties.ReceiveMaximum = AT_ONCE
    properties.MaximumPacketSize = 2 * MAX_BYTES
    return properties
