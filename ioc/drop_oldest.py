"""A queue between two threads in which the newest counts."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

Item = TypeVar("Item")


class DropOldest(Generic[Item]):
    """A bounded queue between two threads that gives up its oldest item rather than make the writer wait."""

    def __init__(self, size: int, changed: threading.Condition) -> None:
        self._items: deque[Item] = deque(maxlen=size)
        self._changed = changed
        self.dropped = 0

    def put(self, item: Item) -> None:
        """Add an item and wake the reader."""
        with self._changed:
            if len(self._items) == self._items.maxlen:
                self.dropped += 1
            self._items.append(item)
            self._changed.notify_all()

    def take(self) -> Item | None:
        """Return the oldest item, or None; the caller holds the condition."""
        return self._items.popleft() if self._items else None
