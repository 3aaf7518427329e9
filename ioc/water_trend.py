"""How water has stood over the last while: a line for whoever looks at an alert, and how fast it rises."""

from __future__ import annotations

import statistics
from datetime import datetime, timedelta

from ioc.temporal import Window

SPAN = timedelta(minutes=10)
STEP = timedelta(seconds=10)
"""One point of the line each."""
LEAST = timedelta(minutes=1)
"""In less nothing is said of how fast it rises."""


class WaterTrend:
    """The last SPAN of one figure."""

    def __init__(self) -> None:
        self._points: Window[tuple[datetime, float]] = Window(SPAN)

    def add(self, at: datetime, value: float) -> None:
        """Take what it is now; times never fall."""
        if not len(self._points) or at - self._points.last[0] >= STEP:
            self._points.add(at, (at, value))

    def line(self) -> list[tuple[int, float]]:
        """Return the points, oldest first: seconds before the newest, and the figure."""
        newest = self._points.last[0] if len(self._points) else None
        return [(round((newest - at).total_seconds()), value) for at, value in self._points if newest]

    def per_hour(self) -> float | None:
        """Return by how much it rises in an hour, from the medians of the first and last third; None when too new."""
        if self._points.covers < LEAST:
            return None
        points = list(self._points)
        third = len(points) // 3
        (early, before), (late, after) = (_middle(part) for part in (points[:third], points[-third:]))
        return (after - before) / ((late - early) / timedelta(hours=1))


def _middle(points: list[tuple[datetime, float]]) -> tuple[datetime, float]:
    return points[len(points) // 2][0], statistics.median(value for _, value in points)
