"""Takes the outbox's messages to the broker: MQTT 5, QoS 1, in order, for as long as it takes.

One thread owns the connection. It sends a window of rows, marks what the broker acknowledges, and starts again
from the outbox when the connection is lost, so paho-mqtt is never left holding a message. What is sent again, and why:

- whatever was not acknowledged, after every connect;
- what was acknowledged within the last minute, after every connect: a broker that was killed may have
  acknowledged what it had not passed on or saved (`alerts.outbox.REDELIVERED`);
- the same once more `SETTLED` after every connect: a broker that was started again may have forgotten its
  subscribers, and they need a moment to subscribe again. They must not wait longer than that between two attempts;
- what nobody had subscribed to, or what the broker refused, every `PROBE`, one row a topic until it is taken.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Self

from alerts.address import BrokerAddress
from alerts.mqtt import ANSWER_SECONDS, CONNECT_SECONDS, Link, LinkLost
from alerts.outbox import Outbox, Row
from alerts.wire import EngineStatus
from ioc import clock
from ioc.errors import IocError

log = logging.getLogger(__name__)

SETTLED = 20.0
PROBE = 2.0
TIDY = 10.0
BACKOFF = (0.5, 20.0)
STEADY = 10.0
"""A connection that lasted less does not reset the backoff."""
THIEF = " again, soon after it was made; does another ioc run under this site's name?"
NO_MATCHING_SUBSCRIBERS = 0x10
REFUSED = 0x80
PACKET_OVERHEAD = 64


@dataclass(frozen=True, slots=True)
class Health:
    """How delivery stands: whether the thread lives and is connected, how many rows wait, and what is wrong."""

    running: bool
    connected: bool
    waiting: int
    problem: str


class Publisher:
    """Publishes an outbox for one site. `start` returns at once; errors are logged once and shown by `health`."""

    def __init__(
        self,
        outbox: Outbox,
        address: BrokerAddress,
        site: str,
        *,
        client_id: str | None = None,
        window: int = 50,
        settled: timedelta = timedelta(seconds=SETTLED),
    ) -> None:
        self._outbox = outbox
        self._address = address
        self._site = site
        self._client_id = client_id or f"ioc-engine-{site}"
        self._window = window
        self._settled = settled.total_seconds()
        self._stop_by: float | None = None
        self._stopping = threading.Event()
        self._awake, self._wake = socket.socketpair()
        for end in (self._awake, self._wake):
            end.setblocking(False)
        self._connected = False
        self._connected_at = 0.0
        self._lost = ""
        self._held = ""
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        if self._address.in_the_clear:
            log.warning("broker %s: the password crosses the network unencrypted; use mqtts://", self._address)
        self._thread.start()

    def stop(self, drain: timedelta = timedelta(seconds=5)) -> None:
        """Send what is waiting for at most `drain`, say "offline", disconnect and end the thread."""
        self._stop_by = clock.monotonic() + drain.total_seconds()
        self._stopping.set()
        self.notify()
        if self._thread.is_alive():
            self._thread.join(drain.total_seconds() + ANSWER_SECONDS + CONNECT_SECONDS)
        if self._thread.is_alive():
            log.warning("publisher did not end in time; what is waiting stays in the outbox")
            return
        self._awake.close()
        self._wake.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def notify(self) -> None:
        """Say that the outbox has new rows; called from any thread, of no use once stopped."""
        with contextlib.suppress(OSError):
            self._wake.send(b"\0")

    @property
    def health(self) -> Health:
        """How delivery stands now."""
        problem = self._lost or self._held or self._outbox.trouble
        return Health(self._thread.is_alive(), self._connected, self._outbox.waiting, problem)

    def _run(self) -> None:
        shortest, longest = BACKOFF
        delay = shortest / 2
        in_a_row = 0
        while True:
            try:
                self._serve()
                return
            except (LinkLost, IocError) as error:
                steady = self._connected and clock.monotonic() - self._connected_at > STEADY
                in_a_row = in_a_row + 1 if self._connected and not steady else 0
                delay = shortest if steady else min(delay * 2, longest)
                # Not every broker says why it closed a connection in favour of another with the same name.
                self._note_lost(f"{error}{THIEF if in_a_row >= 3 else ''}")
            jittered = secrets.SystemRandom().uniform(delay / 2, delay)
            if self._stopping.wait(jittered):
                return

    def _serve(self) -> None:
        """Connect and publish until told to stop; raise LinkLost when the connection is lost."""
        link = Link(self._address, self._client_id, self._status("offline"), self._window)
        link.open()
        self._note_connected()
        online = self._status("online")
        link.publish(online.topic, online.payload(), retain=True)
        session = _Session(link, self._outbox)
        settle: float | None = clock.monotonic() + self._settled
        while not self._is_over(session):
            session.send()
            link.pump(0.5, self._awake)
            self._drain_wake()
            self._held = session.take_acks()
            if settle is not None and clock.monotonic() >= settle:
                settle = None
                session.begin_again()
        offline = self._status("offline")
        link.publish(offline.topic, offline.payload(), retain=True)
        link.disconnect()
        self._connected = False

    def _is_over(self, session: _Session) -> bool:
        if self._stop_by is None:
            return False
        return clock.monotonic() >= self._stop_by or session.is_idle()

    def _drain_wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._awake.recv(4096)

    def _status(self, state: str) -> EngineStatus:
        return EngineStatus.model_validate({"site": self._site, "state": state})

    def _note_connected(self) -> None:
        log.info("broker %s is %s", self._address, "back" if self._lost else "connected")
        self._connected, self._lost = True, ""
        self._connected_at = clock.monotonic()

    def _note_lost(self, why: str) -> None:
        if not self._lost:
            what = "lost" if self._connected else "cannot be reached"
            log.warning("broker %s %s: %s; messages wait in the outbox", self._address, what, why)
        self._connected, self._lost = False, why


class _Session:
    """What is under way on one connection."""

    def __init__(self, link: Link, outbox: Outbox) -> None:
        self._link = link
        self._outbox = outbox
        self._under_way: dict[int, Row] = {}
        self._held: dict[str, str] = {}
        self._after = 0
        now = clock.monotonic()
        self._probe_at = now + PROBE
        self._tidy_at = now + TIDY
        self.begin_again()

    def begin_again(self) -> None:
        """Send again what the broker may have lost."""
        self._outbox.reopen()
        self._held.clear()
        self._after = 0

    def is_idle(self) -> bool:
        """Whether nothing is under way and nothing can be sent."""
        return not self._under_way and not self._outbox.pending(1)

    def send(self) -> None:
        """Fill the window, and try held topics and tidy the outbox when that is due."""
        for row in self._due():
            if len(row.topic) + len(row.payload) + PACKET_OVERHEAD > self._link.max_packet:
                self._hold([row], "larger than the broker allows")
            else:
                self._under_way[self._link.publish(row.topic, row.payload, retain=row.retain)] = row
            self._after = max(self._after, row.id)
        if clock.monotonic() >= self._tidy_at:
            self._tidy_at = clock.monotonic() + TIDY
            self._outbox.tidy()

    def _due(self) -> Iterator[Row]:
        room = self._link.window - len(self._under_way)
        if room <= 0:
            return
        busy = {row.id for row in self._under_way.values()}
        rows = self._outbox.pending(self._link.window, self._after)
        if self._held and clock.monotonic() >= self._probe_at:
            self._probe_at = clock.monotonic() + PROBE
            rows = self._outbox.probes() + rows
        yield from [row for row in rows if row.id not in busy][:room]

    def take_acks(self) -> str:
        """Mark what the broker has answered to; return why topics are held, or nothing."""
        done: list[int] = []
        for mid, code, name in self._link.acks():
            row = self._under_way.pop(mid, None)
            if row is None:
                continue
            unheard = code == NO_MATCHING_SUBSCRIBERS and not row.retain
            if unheard or code >= REFUSED:
                self._hold([row], "nobody has subscribed" if unheard else f"refused by the broker: {name}")
                continue
            done.append(row.id)
            if row.topic in self._held:
                self._release(row.topic)
        self._outbox.acknowledged(done)
        return next((f"{topic}: {why}" for topic, why in self._held.items()), "")

    def _hold(self, rows: list[Row], why: str) -> None:
        for row in rows:
            if not self._held:
                log.warning("broker took no message on %s: %s; they wait in the outbox", row.topic, why)
            self._held[row.topic] = why
        self._outbox.held([row.id for row in rows])

    def _release(self, topic: str) -> None:
        del self._held[topic]
        self._outbox.release(topic)
        self._after = 0
        if not self._held:
            log.info("broker takes messages on %s again", topic)
