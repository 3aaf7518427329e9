"""How many people are in a zone: one by one, and by the density of their heads; what `overcrowding` judges."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from ioc.geometry import pairwise_iou, stands_in
from ioc.ports import RuleSetup
from ioc.temporal import Window
from ioc.types import Box, Json, Observation, Track

PERSON = "person"
DENSITY = "density"
MISSED = timedelta(seconds=1)
"""A person missed for no longer than this has not gone."""
SAME_PERSON = 0.3
"""Overlap (IoU) of a person missed and one seen now who are the same."""
BLIND = timedelta(seconds=5)
"""Nobody looked for longer than this: what held before is no longer known to hold."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted in the last moments, as it outlives the program."""

    people: list[tuple[datetime, int]]
    heads: list[tuple[datetime, float]]
    heat: tuple[datetime, Any] | None


class CrowdCount:
    """Counts the people of one zone, or of the whole picture, over `smooth`.

    People by the median and heads by the mean, so that one picture with people missed or doubled decides nothing; the
    larger of both is the count.
    """

    def __init__(self, setup: RuleSetup, smooth: timedelta) -> None:
        self._setup, self._smooth = setup, smooth
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._seen: dict[str, tuple[datetime, Box]] = {}
        self._people: Window[int] = Window(self._smooth)
        self._heads: Window[float] = Window(self._smooth)
        self._heat: tuple[datetime, Json] | None = None
        self.people: list[Box] = []
        """Where the people in the zone are, with those missed for a moment where they were last seen."""

    @property
    def heat(self) -> Json:
        """Where people are, as it was last told; None where that is too long ago."""
        return self._heat[1] if self._heat else None

    def take(self, obs: Observation) -> int:
        """Take the next observation and return how many people there are."""
        present = self._present(obs.at, (track for track in obs.tracks if track.label == PERSON))
        self.people = [box for box in present if stands_in(self._setup.polygon, box)]
        self._people.add(obs.at, len(self.people))
        self._read(obs)
        heads = statistics.fmean(self._heads) if self._heat else 0.0
        return max(math.floor(statistics.median(self._people)), round(heads))

    def _present(self, at: datetime, tracks: Iterable[Track]) -> list[Box]:
        now = {track.id: track.box for track in tracks}
        self._seen.update((name, (at, box)) for name, box in now.items())
        self._seen = {name: seen for name, seen in self._seen.items() if at - seen[0] <= MISSED}
        missed = [box for name, (_, box) in self._seen.items() if name not in now]
        if now and missed:
            # Somebody now followed under another name is no second person.
            overlaps = pairwise_iou(_array(missed), _array([*now.values()])).max(axis=1)
            missed = [box for box, overlap in zip(missed, overlaps.tolist(), strict=True) if overlap < SAME_PERSON]
        return [*now.values(), *missed]

    def _read(self, obs: Observation) -> None:
        """Remember for a while what is told of heads; not every observation tells of them."""
        for reading in obs.readings:
            if reading.kind == DENSITY and isinstance(reading.value, dict):
                self._heads.add(obs.at, reading.value["people"].get(self._setup.zone or "", 0.0))
                self._heat = obs.at, reading.value["heat"]
        if self._heat is not None and obs.at - self._heat[0] > BLIND:
            self._heads, self._heat = Window(self._smooth), None

    def state(self) -> Counted:
        """Return what was counted, without where anybody is."""
        return Counted(self._people.timed, self._heads.timed, self._heat)

    def restore(self, counted: Counted) -> None:
        """Go on from what was counted in an earlier life."""
        self.forget()
        self._heat = counted.heat
        for at, people in counted.people:
            self._people.add(at, people)
        for at, heads in counted.heads:
            self._heads.add(at, heads)


def _array(boxes: Sequence[Box]) -> npt.NDArray[np.float64]:
    return np.array([box.as_tuple() for box in boxes])
