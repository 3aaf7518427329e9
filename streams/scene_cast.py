"""Who may be there when: finds the few of many that a moment needs, so that an hour costs no more than a minute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

T = TypeVar("T")

SLOT = 4.0
"""Seconds for which one list of those who may be there is made."""


class Cast(Generic[T]):
    """Things with the spans of seconds, (first, last), in which each may be there."""

    def __init__(self, members: Sequence[T], spans: Sequence[tuple[float, float]]) -> None:
        self._members = tuple(zip(members, spans, strict=True))
        self._slots: dict[int, tuple[T, ...]] = {}

    def at(self, seconds: float) -> tuple[T, ...]:
        """Return, in their order, those that may be there at that time; some of them may have left or not come yet."""
        slot = int(seconds // SLOT)
        if slot not in self._slots:
            begin, end = slot * SLOT, (slot + 1) * SLOT
            self._slots[slot] = tuple(one for one, (first, last) in self._members if first < end and last >= begin)
        return self._slots[slot]
