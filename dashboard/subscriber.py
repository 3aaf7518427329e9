"""Listens to the broker and puts every message into the store before telling the broker that it has it.

One thread does everything: it reads what the broker sends, writes the batch, acknowledges it. So a message is
acknowledged after its commit or not at all, and never on another connection than the one it came by.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from dashboard.broker_connection import BrokerLost
from dashboard.broker_session import BrokerSession
from dashboard.data_folder import client_id
from dashboard.database import StoreError
from dashboard.intake import Message
from dashboard.records import Taken
from dashboard.refusals import Refusals
from dashboard.settings import DashboardSettings
from ioc import clock

Take = Callable[[Sequence[Message], datetime], Taken]

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
"""Seconds between attempts, for the broker and for a store that fails.

A broker that lost its memory gets the last minute's messages again 20 s after it is back: we must be listening by then.
"""


@dataclass(frozen=True, slots=True)
class Listening:
    """How the subscriber is; a new value for each change."""

    connected: bool
    since: datetime
    reason: str
    """Why there is no connection."""
    store_error: str = ""
    """Why messages wait at the broker; empty when the store takes them."""
    received: int = 0
    refused: int = 0
    changes: int = 0


class Subscriber:
    """Feeds the store from the broker, for as long as it runs.

    `take` writes a batch; StoreError from it means that the batch waits and is tried again. `notify` is called
    whenever the store or the connection changed, from the subscriber's thread.
    """

    def __init__(
        self,
        settings: DashboardSettings,
        take: Take,
        notify: Callable[[], None],
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self._settings = settings
        self._take = take
        self._notify = notify
        self._now = now
        self._broker = urlsplit(settings.broker).netloc.rpartition("@")[2]
        self._log = logging.getLogger(__name__)
        self._refusals = Refusals(self._log, "message(s)")
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._retry_at = 0.0
        self._store_pause = FIRST_PAUSE
        self._told_lost = False
        self.subscribed = threading.Event()
        """Set while the broker keeps for us whatever is published."""
        self.state = Listening(connected=False, since=now(), reason="connecting to the broker")

    def start(self) -> None:
        """Begin to listen, in a thread; raise DataFolderError when the client id cannot be kept."""
        name = self._settings.client_id or client_id(self._settings.data)
        self._thread = threading.Thread(target=self._run, args=(name,), name="dashboard-subscriber", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; what was not acknowledged comes again at the next start."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, name: str) -> None:
        pause = FIRST_PAUSE
        try:
            while not self._stop.is_set():
                try:
                    self._listen(name)
                except BrokerLost as lost:
                    pause = FIRST_PAUSE if self.state.connected else min(pause * 2, LONGEST_PAUSE)
                    self._lost(str(lost))
                self._stop.wait(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads reconnects, guards nothing
        finally:
            self.subscribed.clear()
            self.state = replace(self.state, connected=False, since=self._now(), reason="the dashboard is stopping")

    def _listen(self, name: str) -> None:
        """Follow one connection until it ends; raise BrokerLost when the broker ended it."""
        with BrokerSession(self._settings, name) as session:
            while not self._stop.is_set():
                waiting = self.state.store_error and session.pending
                more = session.turn(0.0 if session.pending and not waiting else 0.25)
                if session.ready and not self.subscribed.is_set():
                    self._back()
                if session.refused:
                    self._refuse(session.refused)
                    session.refused.clear()
                if session.pending and (not more or session.is_full) and clock.monotonic() >= self._retry_at:
                    self._settle(session)

    def _settle(self, session: BrokerSession) -> None:
        """Write what is pending, then acknowledge it; keep it for another time when the store fails."""
        messages = [message for message, _ in session.pending]
        try:
            taken = self._take(messages, self._now())
        except StoreError as error:
            self._retry_at = clock.monotonic() + self._store_pause
            self._store_pause = min(self._store_pause * 2, LONGEST_PAUSE)
            if not self.state.store_error:
                self._log.error("messages wait at the broker: %s", error)
            self.state = replace(self.state, store_error=str(error))
            return
        if self.state.store_error:
            self._log.warning("the store takes messages again")
        self._store_pause, self._retry_at = FIRST_PAUSE, 0.0
        self.state = replace(
            self.state,
            store_error="",
            received=self.state.received + len(messages),
            changes=self.state.changes + taken.changes,
        )
        if taken.refused:
            self._refuse(taken.refused)
        if taken.changes:
            self._notify()
        session.acknowledge()

    def _refuse(self, reasons: Sequence[str]) -> None:
        """Count messages that are not ours to keep."""
        self._refusals.add(reasons)
        self.state = replace(self.state, refused=self._refusals.count)

    def _back(self) -> None:
        self.subscribed.set()
        self._told_lost = False
        self.state = replace(self.state, connected=True, since=self._now(), reason="")
        self._log.info("listening to the broker %s", self._broker)
        self._notify()

    def _lost(self, reason: str) -> None:
        self.subscribed.clear()
        was = self.state
        since = self._now() if was.connected else was.since
        self.state = replace(was, connected=False, since=since, reason=reason)
        if not self._told_lost:
            self._told_lost = True
            self._log.warning("no connection to the broker %s: %s; trying again", self._broker, reason)
        if was.connected or was.reason != reason:
            self._notify()
