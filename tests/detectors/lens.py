"""What a camera's pictures say of its health, drawn as figures: sound ones, and those of each fault."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from ioc.types import Json, Observation, Reading
from tests.detectors.street import CAMERA, START

SOUND: dict[str, Json] = {
    "light": 110.0,
    "bright": 200.0,
    "colour": 20.0,
    "changed": 0.05,
    "motion": 40.0,
    "usual": 1,
    "detail": 1.0,
    "flat": 0.03,
    "alike": 0.95,
    "kept": 0.85,
    "kept_usually": 0.9,
    "across": 0.0,
    "down": 0.0,
    "moved_back": 0.85,
    "light_usually": 110.0,
    "colour_usually": 20.0,
    "proven": True,
}
OF_ITSELF = ("light", "bright", "colour", "changed", "motion", "usual")
"""Figures that need no usual picture."""
BLACK: dict[str, Json] = {
    "light": 1.0,
    "bright": 3.0,
    "colour": 0.0,
    "detail": 0.1,
    "flat": 1.0,
    "alike": 0.0,
    "kept": 0.0,
}
COVERED: dict[str, Json] = {"light": 30.0, "bright": 70.0, "detail": 0.5, "flat": 0.97, "alike": 0.1, "kept": 0.02}
BLURRED: dict[str, Json] = {"detail": 0.2, "flat": 0.2, "kept": 0.6, "moved_back": 0.6}
MOVED: dict[str, Json] = {"alike": 0.6, "kept": 0.5, "across": 0.1, "moved_back": 0.8}
ELSEWHERE: dict[str, Json] = {"alike": 0.2, "kept": 0.05, "across": 0.31, "moved_back": 0.1}
FROZEN: dict[str, Json] = {"changed": 0.0, "motion": 0.0}
INFRARED: dict[str, Json] = {"colour": 0.1, "alike": 0.8, "kept": 0.6}
DIM: dict[str, Json] = {"light": 12.0, "bright": 40.0}


@dataclass(frozen=True)
class During:
    """Figures of the pictures from `begin` until before `end`."""

    figures: dict[str, Json]
    begin: float
    end: float = math.inf


@dataclass(frozen=True)
class Lens:
    """How a camera's pictures are over time: sound but for the spans given, none at all in the gaps.

    `rate` is pictures a second; `learns` is how long it takes until it is known what is usual.
    """

    until: float
    spans: Sequence[During] = ()
    begin: float = 0.0
    run: str = "run"
    rate: float = 5.0
    gaps: Sequence[tuple[float, float]] = ()
    learns: float = 0.0
    change: Callable[[float, dict[str, Json]], dict[str, Json]] = field(default=lambda _, figures: figures)

    def figures(self, t: float) -> dict[str, Json]:
        """Return what is read at that time."""
        now = dict(SOUND)
        for span in self.spans:
            if span.begin <= t < span.end:
                now |= span.figures
        if t - self.begin < self.learns:
            now = {name: now[name] for name in OF_ITSELF}
        return self.change(t, now)

    def seen(self) -> list[Observation]:
        """Return the observations."""
        times = [n / self.rate for n in range(round(self.begin * self.rate), round(self.until * self.rate))]
        shown = [t for t in times if not any(a <= t < b for a, b in self.gaps)]
        return [
            Observation(
                CAMERA,
                self.run,
                n,
                START + timedelta(seconds=t),
                readings=(Reading("camera_health", self.figures(t), 1.0),),
            )
            for n, t in enumerate(shown)
        ]
