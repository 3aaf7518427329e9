"""Pavements for the littering rule's tests: people and vehicles as in `street`, and what is put down among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ioc.pipeline import rounded
from ioc.types import Box, Observation, Reading
from tests.detectors.street import START, Look, Thing, Way, box_on, tracked

BODY = {"width": 0.05, "height": 0.25}
TOLD_AFTER = 1.0
"""Seconds for which something must have stood still before it is read."""


@dataclass(frozen=True)
class Lies:
    """Something that lies at a place from `begin` to `end`, as `models.stationary` tells of it."""

    x: float
    y: float
    begin: float
    end: float = 1e9
    place: int = 1
    size: tuple[float, float] = (0.03, 0.04)
    placed: float = 0.4
    visible: float = 1.0
    label: str | None = None

    @property
    def box(self) -> Box:
        """Where it lies."""
        box = box_on(self.x, self.y, width=self.size[0], height=self.size[1])
        assert box is not None
        return rounded(box)

    def reading(self, t: float) -> Reading | None:
        """Return what is read of it at that time."""
        if not self.begin + TOLD_AFTER <= t < self.end:
            return None
        age = round(t - self.begin, 2)
        value = {
            "place": self.place,
            "age": age,
            "visible": self.visible,
            "placed": self.placed,
            "label": self.label,
        }
        return Reading("stationary", {**value}, 1.0, self.box)


def walking(*stops: tuple[float, float, float]) -> Way:
    """Walk straight from each (time, x, y) to the next; not there before the first and after the last."""

    def way(t: float) -> Box | None:
        for (t1, x1, y1), (t2, x2, y2) in pairwise(stops):
            if t1 <= t < t2:
                part = (t - t1) / (t2 - t1)
                return box_on(x1 + part * (x2 - x1), y1 + part * (y2 - y1), **BODY)
        return None

    return way


def person(*stops: tuple[float, float, float]) -> Thing:
    """Return somebody who walks so."""
    return Thing(walking(*stops), "person")


def pavement(things: Sequence[Thing], lies: Sequence[Lies], look: Look) -> list[Observation]:
    """Return what our own tracker makes of who comes by, with the readings of what lies there."""
    return [
        replace(obs, readings=tuple(r for one in lies if (r := one.reading((obs.at - START).total_seconds()))))
        for obs in tracked(things, look)
    ]
