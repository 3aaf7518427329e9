"""Follows the live pictures at the broker, by a connection of its own and only while somebody watches.

What is not asked for is not sent: a city's pictures cross the network for those who look at them, and none of them
stands in an alert's way.
"""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Any, Self

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from alerts.wire import WireError
from alerts.wire_picture import MAX_PICTURE_BYTES, decode_picture
from dashboard.broker_login import BrokerLost, connect
from dashboard.database import StoreError
from dashboard.live_pictures import HeldPicture, LivePictures
from dashboard.refusals import Refusals
from dashboard.settings import DashboardSettings

WATCHED_SECONDS = 30.0
"""How long we go on listening after the last question."""
RETRY_SECONDS = 2.0
TURN_SECONDS = 0.25
OVERHEAD_BYTES = 1024
"""Room for the topic and the header within the largest packet that we let the broker send."""

log = logging.getLogger(__name__)


class LiveListener:
    """Answers what a camera's newest picture is; `start` and `stop` frame it."""

    def __init__(self, settings: DashboardSettings, pictures: LivePictures) -> None:
        self._settings = settings
        self._pictures = pictures
        self._refusals = Refusals(log, "live picture(s)")
        self._watched = threading.Event()
        self._until = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dashboard-live", daemon=True)
        self._told_lost = False
        self.received = 0

    @property
    def refused(self) -> int:
        """How many pictures were not ours to show."""
        return self._refusals.count

    def start(self) -> None:
        """Begin, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        self._watched.set()
        if self._thread.ident is not None:
            self._thread.join()

    def newest(self, site: str, camera: str) -> HeldPicture | None:
        """Return the camera's newest picture or None, and listen for the next ones."""
        self._until = self._pictures.monotonic() + WATCHED_SECONDS
        self._watched.set()
        return self._pictures.newest(site, camera)

    def age(self, held: HeldPicture) -> float:
        """Return how many seconds ago a picture came."""
        return self._pictures.monotonic() - held.came

    def _run(self) -> None:
        while self._watched.wait() and not self._stop.is_set():
            try:
                self._listen()
            except BrokerLost as lost:
                if not self._told_lost:
                    log.warning("no live pictures: %s; trying again while somebody watches", lost)
                self._told_lost = True
                self._stop.wait(RETRY_SECONDS)
            if self._pictures.monotonic() >= self._until:
                self._watched.clear()
                self._pictures.clear()

    def _listen(self) -> None:
        """Follow one connection until nobody watches any more; raise BrokerLost when the broker ended it."""
        with _Session(self._settings, self) as session:
            while not self._stop.is_set() and self._pictures.monotonic() < self._until:
                session.turn(TURN_SECONDS)
                self._told_lost = self._told_lost and not session.ready

    def take(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """Hold what came in, or count why not."""
        try:
            if retained:
                raise WireError(f"picture on {topic[:300]!r} was retained, so it may be of any age")
            self._pictures.put(decode_picture(topic, payload))
            self.received += 1
        except (WireError, StoreError) as error:
            self._refusals.add([str(error)])


class _Session:
    """One connection without a memory; what we do not take in time the broker may drop."""

    def __init__(self, settings: DashboardSettings, listener: LiveListener) -> None:
        self._settings = settings
        self._take = listener.take
        self._ended = ""
        self.ready = False
        self._client = Client(
            CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5, reconnect_on_failure=False
        )
        self._client.on_connect = self._connected
        self._client.on_subscribe = self._subscribed
        self._client.on_disconnect = self._disconnected
        self._client.on_message = self._received

    def __enter__(self) -> Self:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho leaves it so
        properties.MaximumPacketSize = MAX_PICTURE_BYTES + OVERHEAD_BYTES
        connect(self._client, self._settings, properties, clean=True)
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

    def _connected(
        self, client: Client, _data: Any, _flags: ConnectFlags, code: ReasonCode, _properties: Properties | None
    ) -> None:
        if code.is_failure:
            self._ended = f"the broker refuses us: {code}"
            return
        options = SubscribeOptions(qos=0, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND)
        client.subscribe([(f"ioc/v1/{site}/+/live", options) for site in self._settings.sites])

    def _subscribed(
        self, _client: Client, _data: Any, _packet: int, codes: list[ReasonCode], _properties: Properties | None
    ) -> None:
        if any(code.is_failure for code in codes):
            self._ended = "the broker refuses that live pictures are read: look at its access list"
        self.ready = not self._ended

    def _disconnected(
        self, _client: Client, _data: Any, _flags: DisconnectFlags, code: ReasonCode, _properties: Properties | None
    ) -> None:
        self._ended = self._ended or f"the broker closed the connection: {code}"

    def _received(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "?"
        self._take(topic, bytes(message.payload), retained=message.retain)
