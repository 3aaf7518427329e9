"""One connection to the broker, under a session that the broker keeps while we are away."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from alerts.wire import MAX_BYTES, WireError, decode
from dashboard.broker_connection import ANSWER_SECONDS, BrokerLost, Connection
from dashboard.intake import Message
from dashboard.settings import DashboardSettings

KEPT_SECONDS = 7 * 24 * 3600
"""How long the broker keeps our messages while we are away."""
AT_ONCE = 200
"""Messages that the broker may send before we acknowledge any; also the size of a batch."""


class BrokerSession:
    """Receives QoS 1 messages and acknowledges them only when told to.

    Whoever holds it calls `turn` again and again from one thread, and reads `pending`. Entering raises
    BrokerLost when the broker cannot be reached.
    """

    def __init__(self, settings: DashboardSettings, client_id: str, patience: float = ANSWER_SECONDS) -> None:
        self._overflowed = False
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
        self._client.on_message = self._received
        topics = [(topic, SubscribeOptions(qos=1)) for site in settings.sites for topic in _topics(site)]
        self._connection = Connection(
            self._client, settings, topics, _session_properties(), clean=False, patience=patience
        )

    def __enter__(self) -> Self:
        self._connection.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.__exit__(kind, error, trace)

    @property
    def ready(self) -> bool:
        """Whether the broker has confirmed our subscriptions."""
        return self._connection.ready

    @property
    def is_full(self) -> bool:
        """Whether the broker sends nothing more until we acknowledge."""
        return len(self.pending) >= AT_ONCE

    def turn(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for the broker; return whether anything came. Raise BrokerLost."""
        before = len(self.pending) + len(self.refused)
        self._connection.turn(timeout)
        return len(self.pending) + len(self.refused) > before

    def acknowledge(self) -> None:
        """Tell the broker that everything pending is kept."""
        for _, packet in self.pending:
            if packet is not None:
                self._client.ack(packet, 1)
        self.pending.clear()
        if self._overflowed:
            raise BrokerLost("it sent more than was asked for; connecting anew to have the rest sent again")

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
