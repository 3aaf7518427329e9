"""Small blocks that rules build their sense of time from: seconds of the data's own time, never counts of pictures."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")


class Window(Generic[T]):
    """The values of the last `span` of time, and one from just before it, so that they cover all of it."""

    def __init__(self, span: timedelta) -> None:
        self._span = span
        self._items: deque[tuple[datetime, T]] = deque()
        self.whole = True
        """Whether nothing has been dropped yet: the window reaches back to the first value."""

    def add(self, at: datetime, value: T) -> None:
        """Append a value; times never fall."""
        self._items.append((at, value))
        while len(self._items) > 1 and self._items[1][0] <= at - self._span:
            self._items.popleft()
            self.whole = False

    def __iter__(self) -> Iterator[T]:
        return (value for _, value in self._items)

    def __len__(self) -> int:
        return len(self._items)

    @property
    def timed(self) -> list[tuple[datetime, T]]:
        """The values, each with its time."""
        return [*self._items]

    @property
    def first(self) -> T:
        """The oldest value; raises IndexError when there is none."""
        return self._items[0][1]

    @property
    def last(self) -> T:
        """The newest value; raises IndexError when there is none."""
        return self._items[-1][1]

    @property
    def since(self) -> datetime:
        """Time of the oldest value; raises IndexError when there is none."""
        return self._items[0][0]

    @property
    def covers(self) -> timedelta:
        """Time between the oldest and the newest value."""
        return self._items[-1][0] - self._items[0][0] if self._items else timedelta(0)


class Lasting:
    """How long a condition has held without a break."""

    def __init__(self) -> None:
        self.since: datetime | None = None
        """When the condition began to hold; None while it does not."""

    def update(self, at: datetime, *, holds: bool) -> timedelta:
        """Take the next look; return for how long the condition has held."""
        if not holds:
            self.since = None
            return timedelta(0)
        self.since = self.since or at
        return at - self.since


class Latch:
    """Turns on when one condition has lasted, and off when another has: hysteresis in time.

    What lies between the two conditions changes nothing.
    """

    def __init__(self, on_after: timedelta, off_after: timedelta) -> None:
        self._on_after, self._off_after = on_after, off_after
        self._rising, self._falling = Lasting(), Lasting()
        self.began: datetime | None = None
        """When the condition that turned it on began to hold; None while it is off."""

    @property
    def on(self) -> bool:
        """Whether it is on."""
        return self.began is not None

    @property
    def rising_since(self) -> datetime | None:
        """Since when the condition that turns it on has held; None while it does not."""
        return self._rising.since

    @property
    def falling_since(self) -> datetime | None:
        """Since when the condition that turns it off has held; None while it does not."""
        return self._falling.since

    def restart(self) -> None:
        """Forget for how long the conditions have held, not whether it is on."""
        self._rising, self._falling = Lasting(), Lasting()

    def resume(self, began: datetime | None, rising: datetime | None, falling: datetime | None) -> None:
        """Go on from where another latch was: on since `began`, and since when its conditions have held."""
        self.began, self._rising.since, self._falling.since = began, rising, falling

    def update(self, at: datetime, *, rising: bool, falling: bool) -> None:
        """Take the next look; both conditions never hold at once."""
        risen = self._rising.update(at, holds=rising)
        fallen = self._falling.update(at, holds=falling)
        if not self.on and rising and risen >= self._on_after:
            self.began = self._rising.since
        elif self.on and falling and fallen >= self._off_after:
            self.began = None


def in_seconds(time: timedelta) -> str:
    """Return the duration in words, to a tenth of a second."""
    return f"{round(time.total_seconds(), 1):g} s"
