"""The axis of media time that a report's drawings share."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
"""Seconds between two ticks."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where it is drawn, and what stands there."""

    at: float
    text: str


def ticks(begin: float, end: float, most: int, place: Callable[[float], float]) -> tuple[Tick, ...]:
    """Return marks at round times from `begin` to `end`, about `most` of them, drawn where `place` says."""
    step = next((step for step in STEPS if (end - begin) / step <= most), STEPS[-1])
    times = range(math.ceil(begin / step) * step, math.floor(end) + 1, step)
    return tuple(Tick(place(at), clock(at).removesuffix(".0")) for at in times)


def clock(seconds: float) -> str:
    """Return a media time as people read it: 0:07.2, 1:02:03.0."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    shown = f"{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{minutes:02d}:{shown}" if hours else f"{minutes}:{shown}"
