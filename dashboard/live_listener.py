"""Follows the live pictures at the broker, by a connection of its own and only while somebody watches.

What is not asked for is not sent: a city's pictures cross the network for those who look at them, and none of them
stands in an alert's way.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from alerts.wire import WireError
from alerts.wire_picture import MAX_PICTURE_BYTES, decode_picture
from dashboard.broker_connection import BrokerLost, Connection
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
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5, reconnect_on_failure=False)
        client.on_message = self._received
        options = SubscribeOptions(qos=0, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND)
        topics = [(f"ioc/v1/{site}/+/live", options) for site in self._settings.sites]
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho leaves it so
        properties.MaximumPacketSize = MAX_PICTURE_BYTES + OVERHEAD_BYTES
        with Connection(client, self._settings, topics, properties, clean=True) as connection:
            while not self._stop.is_set() and self._pictures.monotonic() < self._until:
                connection.turn(TURN_SECONDS)
                if connection.ready and self._told_lost:
                    self._told_lost = False
                    log.info("live pictures come again")

    def _received(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        try:
            self.take(message.topic, bytes(message.payload), retained=message.retain)
        except UnicodeDecodeError as error:
            self._refusals.add([str(error)])

    def take(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """Hold what came in, or count why not."""
        try:
            if retained:
                raise WireError(f"picture on {topic[:300]!r} was retained, so it may be of any age")
            self._pictures.put(decode_picture(topic, payload))
            self.received += 1
        except (WireError, StoreError) as error:
            self._refusals.add([str(error)])
