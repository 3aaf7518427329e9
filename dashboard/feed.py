"""Wakes the pages that listen when something changed.

A page's queue is the table of changes itself, and its place in it one number, so a slow page costs no memory
and a page that was cut off goes on where it was.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

MOST_LISTENERS = 200


class FeedFull(Exception):
    """As many pages listen as the dashboard serves."""


class Feed:
    """Carries "look again" from any thread to the listening pages."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listeners: set[asyncio.Event] = set()
        self.closing = False
        """True once the dashboard stops: streams end."""

    def open(self) -> None:
        """Begin; called in the event loop that serves the pages."""
        with self._lock:
            self._loop = asyncio.get_running_loop()
            self.closing = False

    def notify(self) -> None:
        """Wake all listeners; from any thread, before `open` and after `close` without effect."""
        with self._lock:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._wake)

    def end_streams(self) -> None:
        """Let all streams end; called in the event loop."""
        self.closing = True
        self._wake()

    def close(self) -> None:
        """End; called in the event loop, before it is closed."""
        self.end_streams()
        with self._lock:
            self._loop = None

    @property
    def is_full(self) -> bool:
        """Whether no further page can listen."""
        return len(self._listeners) >= MOST_LISTENERS

    @contextmanager
    def listen(self) -> Iterator[asyncio.Event]:
        """Give an event that is set when there may be news; raise FeedFull."""
        if self.is_full:
            raise FeedFull
        woken = asyncio.Event()
        self._listeners.add(woken)
        try:
            yield woken
        finally:
            self._listeners.discard(woken)

    def _wake(self) -> None:
        for listener in self._listeners:
            listener.set()
