"""A subscriber that keeps what comes in a file, once each, and only then acknowledges; meant to be killed.

    python -m tests.alerts.keeper FILE URL      (the broker's secret comes on standard input)

The file's table `incident` holds one row an alert's id, the message that stands; `arrival` holds all that came.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from alerts.address import BrokerAddress
from alerts.wire import AlertMessage, decode
from tests.alerts.drawn import ROOT, SITE

SCHEMA = """
CREATE TABLE IF NOT EXISTS incident (id TEXT PRIMARY KEY, at TEXT NOT NULL, rank INTEGER NOT NULL, phase TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS arrival (number INTEGER PRIMARY KEY, id TEXT NOT NULL, phase TEXT NOT NULL);
"""
UPSERT = """
INSERT INTO incident VALUES (:id, :at, :rank, :phase) ON CONFLICT (id) DO UPDATE
SET at = :at, rank = :rank, phase = :phase WHERE (:at, :rank) > (at, rank)
"""


def start(file: Path, url: str, secret: str) -> subprocess.Popen[str]:
    """Start the process, and return once it has subscribed."""
    command = [sys.executable, "-m", "tests.alerts.keeper", str(file), url]
    process = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(secret + "\n")
    process.stdin.flush()
    assert process.stdout.readline() == "subscribed\n"
    return process


class Keeper:
    """Writes each message before it acknowledges it."""

    def __init__(self, file: Path) -> None:
        self._database = sqlite3.connect(file, isolation_level=None)
        # Outlives kill -9, if not a power cut, and keeps up with what is sent again.
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(SCHEMA)

    def connected(self, client: Client, _d: object, _f: ConnectFlags, _r: ReasonCode, _p: Properties | None) -> None:
        """Subscribe; a broker that was restarted may have forgotten us."""
        client.subscribe(f"ioc/v1/{SITE}/+/alerts/+", qos=1)

    def subscribed(self, _client: Client, _data: object, _mid: int, _codes: object, _properties: object) -> None:
        """Tell whoever started us."""
        sys.stdout.write("subscribed\n")
        sys.stdout.flush()

    def arrived(self, client: Client, _data: object, message: MQTTMessage) -> None:
        """Keep one message, then acknowledge it."""
        told = decode(message.topic, bytes(message.payload))
        assert isinstance(told, AlertMessage)
        at, rank = told.order
        row = {"id": str(told.id), "at": at.isoformat(timespec="microseconds"), "rank": rank, "phase": told.phase}
        self._database.execute("BEGIN")
        self._database.execute(UPSERT, row)
        self._database.execute("INSERT INTO arrival (id, phase) VALUES (:id, :phase)", row)
        self._database.execute("COMMIT")
        client.ack(message.mid, message.qos)


def main(file: Path, url: str) -> None:
    """Keep what comes until killed."""
    address = BrokerAddress.parse(url, sys.stdin.readline().strip() or None)
    client = Client(CallbackAPIVersion.VERSION2, "keeper", protocol=MQTTv5, manual_ack=True)
    client.username, client.password = address.user, address.password
    keeper = Keeper(file)
    client.on_connect, client.on_message = keeper.connected, keeper.arrived
    client.on_subscribe = keeper.subscribed
    client.reconnect_delay_set(1, 1)
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = 3600
    client.connect(address.host, address.port, clean_start=False, properties=properties)
    client.loop_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
