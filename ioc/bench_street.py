"""What `ioc bench` folds when given nothing else: a drawn street as an imperfect detector sees it, and its rules."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from ioc import rulebook
from ioc.pipeline import Observer
from ioc.ports import Sight
from ioc.site import Site, parse_site
from ioc.types import Box, Detection, Frame, Observation

CAMERA = "bench"
RUN = "drawn"
START = datetime(2000, 1, 1, tzinfo=UTC)
RATE = 5.0

MISSED = 0.05
"""Share of the pictures in which a thing is not found."""
UNSTEADY = 0.02
"""Standard deviation of a box's edges, as a share of its size."""

ZONES = {
    "whole": [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]],
    "upper": [[0.0, 0.0], [1.0, 0.0], [1.0, 0.5], [0.0, 0.5]],
    "lower": [[0.0, 0.5], [1.0, 0.5], [0.8, 1.0], [0.2, 1.0]],
}
SETTINGS: dict[str, dict[str, Any]] = {"overcrowding": {"at_most": 1}}
"""What a kind must be told; all else has a default."""


SPARED = frozenset({"density"})
"""Readings without which a rule still has work to do."""


def bench_kinds() -> tuple[str, ...]:
    """Return the kinds of rule that have something to look at in the drawn street: it shows objects and no more."""
    return tuple(kind for kind in rulebook.kinds() if rulebook.module_of(kind).NEEDS.readings <= SPARED)


def bench_site(rules: int) -> Site:
    """Return a site of one camera with so many rules, these kinds in turn, over zones of which each sees enough."""
    kinds = bench_kinds()
    entries = []
    for n in range(rules):
        kind = kinds[n % len(kinds)]
        zone = list(ZONES)[n // len(kinds) % len(ZONES)]
        entries.append({"name": f"{kind} {n}", "kind": kind, "camera": CAMERA, "zone": zone, **SETTINGS.get(kind, {})})
    zones = [{"name": name, "polygon": corners} for name, corners in ZONES.items()]
    return parse_site({"camera": [{"id": CAMERA, "zone": zones}], "rule": entries}, Path("bench.toml"))


@dataclass(frozen=True, slots=True)
class _Thing:
    """Something that stands, or crosses the picture again and again."""

    label: str
    start: float
    foot: float
    speed: float
    width: float

    def box(self, t: float, dice: random.Random) -> Box | None:
        """Return where the detector believes it to be at `t` seconds; None when it misses it."""
        if dice.random() < MISSED:
            return None
        height = self.width * (2.4 if self.label == "person" else 1.2)
        left = (self.start + self.speed * t) % (1 - self.width)
        edges = (left, self.foot - height, left + self.width, self.foot)
        sizes = (self.width, height, self.width, height)
        return Box.clipped(*(dice.gauss(edge, UNSTEADY * size) for edge, size in zip(edges, sizes, strict=True)))


def street(tracks: int, seconds: float, seed: int = 1) -> Iterator[Observation]:
    """Yield what our tracker makes of so many things, two vehicles for each person, every second one standing."""
    dice = random.Random(seed)  # noqa: S311  # a drawing, no secret
    things = [
        _Thing(
            label="person" if n % 3 == 2 else "car",
            start=dice.uniform(0, 0.8),
            foot=0.3 + 0.7 * (n + 1) / tracks,
            speed=dice.choice([0.0, dice.uniform(0.01, 0.05)]),
            width=dice.uniform(0.04, 0.12),
        )
        for n in range(tracks)
    ]
    observer, image = Observer(), np.zeros((1, 1, 3), np.uint8)
    for seq in range(round(seconds * RATE)):
        t = seq / RATE
        found = [(thing.label, thing.box(t, dice)) for thing in things]
        seen = [Detection(label, min(max(dice.gauss(0.75, 0.08), 0.3), 1.0), box) for label, box in found if box]
        frame = Frame(CAMERA, RUN, seq, START + timedelta(seconds=t), image)
        yield observer.observe(frame, Sight(tuple(seen)))
