"""Pictures for the fire and smoke rules' tests: what `models.hazard_sight` finds in them at each look."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from ioc.pipeline import rounded
from ioc.types import Box, Observation, Reading
from tests.detectors.street import CAMERA, Look, at

WHOLE = Box(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class Burns:
    """A flame or smoke from `begin` to `end`, found in some of the looks."""

    kind: str = "flame"
    begin: float = 0.0
    end: float = 1e9
    where: tuple[float, float] = (0.5, 0.5)
    side: float = 0.1
    grows: float = 0.0
    """By how much its sides grow in a second."""
    score: float = 0.5
    found: float = 0.8
    """Share of the looks that find it."""
    lively: float = 10.0
    whole: bool = True
    drift: float = 0.0
    """How far it moves to the right in a second."""

    def box(self, t: float) -> Box:
        """Return where it is."""
        half = (self.side + self.grows * (t - self.begin)) / 2
        x, y = self.where[0] + self.drift * (t - self.begin), self.where[1]
        box = Box.clipped(x - half, y - half, x + half, y + half)
        assert box is not None
        return rounded(box)

    def reading(self, t: float, dice: random.Random) -> Reading | None:
        """Return what a look at that time finds."""
        found = dice.random() < self.found
        if not found or not self.begin <= t < self.end:
            return None
        return Reading(self.kind, {"whole": self.whole, "lively": self.lively}, self.score, self.box(t))


def look_at(part: Box = WHOLE) -> Reading:
    """Return that somebody looked."""
    return Reading("hazard", {"whole": part == WHOLE, "usual": 1.0}, 1.0, part)


def burning(things: Sequence[Burns], look: Look, every: float = 0.2) -> list[Observation]:
    """Return what a camera's looks give, one `every` so many seconds; of the other pictures nothing is known."""
    dice = random.Random(look.seed)
    seen = []
    for seq in range(round(look.seconds * look.rate)):
        t = look.begin + seq / look.rate
        readings: list[Reading] = []
        if seq % max(round(every * look.rate), 1) == 0:
            parts = [thing for thing in things if not thing.whole]
            readings = [look_at(), *(look_at(thing.box(t)) for thing in parts)]
            readings += [reading for thing in things if (reading := thing.reading(t, dice)) is not None]
        seen.append(Observation(CAMERA, look.run, seq, at(t), (), tuple(readings)))
    return seen
