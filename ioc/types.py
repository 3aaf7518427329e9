"""The words that every room shares: frozen, slotted values of the standard library and numpy.

Boxes and points are fractions of the frame, x to the right and y down, so that they stand
whatever the resolution. Times are aware UTC `datetime`, durations are `timedelta`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID, uuid5

import numpy as np
import numpy.typing as npt

Image: TypeAlias = npt.NDArray[np.uint8]
"""(H, W, 3) uint8, blue-green-red."""

Json: TypeAlias = "bool | int | float | str | list[Json] | Mapping[str, Json] | None"

ALERT_NAMESPACE = UUID("3b1d6f0e-8f0c-5d52-9c5e-6a2f0f7b9c11")
"""Namespace of the UUIDv5 that names an alert; changing it renames every alert ever stored."""

BOX_DECIMALS = 4
"""Corners of boxes in an observation have so many decimals ..."""
SCORE_DECIMALS = 3
"""... and scores so many."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the frame, in fractions of its width and height."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in fractions of the frame, 0 ≤ x1 < x2 ≤ 1 and 0 ≤ y1 < y2 ≤ 1.

    Raises ValueError when the corners are not so ordered; `Box.clipped` mends what sticks out.
    """

    x1: float
    y1: float
    x2: float
    y2: float

    def __post_init__(self) -> None:
        if not (0 <= self.x1 < self.x2 <= 1 and 0 <= self.y1 < self.y2 <= 1):
            raise ValueError(f"box corners must satisfy 0 ≤ x1 < x2 ≤ 1 and 0 ≤ y1 < y2 ≤ 1, got {self}")

    @classmethod
    def clipped(cls, x1: float, y1: float, x2: float, y2: float) -> Box | None:
        """Return the part of the rectangle inside the frame, or None when none of it is."""
        x1, y1, x2, y2 = max(x1, 0.0), max(y1, 0.0), min(x2, 1.0), min(y2, 1.0)
        if not all(map(math.isfinite, (x1, y1, x2, y2))) or x1 >= x2 or y1 >= y2:
            return None
        return cls(x1, y1, x2, y2)

    @property
    def foot(self) -> Point:
        """Where the object touches the ground: the middle of the lower edge."""
        return Point((self.x1 + self.x2) / 2, self.y2)

    @property
    def centre(self) -> Point:
        """The middle of the box."""
        return Point((self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2)

    @property
    def width(self) -> float:
        """Width as a fraction of the frame's width."""
        return self.x2 - self.x1

    @property
    def height(self) -> float:
        """Height as a fraction of the frame's height."""
        return self.y2 - self.y1

    @property
    def area(self) -> float:
        """Area as a fraction of the frame's area."""
        return (self.x2 - self.x1) * (self.y2 - self.y1)

    def as_tuple(self) -> tuple[float, float, float, float]:
        """Return (x1, y1, x2, y2)."""
        return (self.x1, self.y1, self.x2, self.y2)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of one camera; `image` is read-only.

    `run` names one connected session of the camera, `seq` counts its decoded pictures from 0,
    `at` is aware UTC and never falls within a run.
    """

    camera: str
    run: str
    seq: int
    at: datetime
    image: Image


@dataclass(frozen=True, slots=True)
class Detection:
    """One object that a detector saw in one picture."""

    label: str
    score: float
    box: Box


@dataclass(frozen=True, slots=True)
class Track:
    """One object followed through one run; `id` is "{run}-{n}" and is never used again."""

    id: str
    label: str
    score: float
    box: Box
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """A measurement other than an object: a plate, a density, a water level, a camera's health."""

    kind: str
    value: Json
    score: float
    box: Box | None = None
    track: str | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """All that a rule ever sees of one sampled picture; holds no pixels."""

    camera: str
    run: str
    seq: int
    at: datetime
    tracks: tuple[Track, ...] = ()
    readings: tuple[Reading, ...] = ()


class Phase(StrEnum):
    """Where an incident stands."""

    RAISED = "raised"
    UPDATED = "updated"
    CLEARED = "cleared"


class Severity(StrEnum):
    """How much an alert matters; the words of the NGSI-LD Alert data model."""

    INFORMATIONAL = "informational"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows an alert to be true; `path` (below the evidence folder) and `sha256` come when it is kept."""

    kind: str
    seq: int
    at: datetime
    box: Box | None = None
    path: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """One phase of one incident: all phases of an incident share `began`, hence `id`."""

    rule: str
    kind: str
    camera: str
    subject: str
    phase: Phase
    severity: Severity
    began: datetime
    at: datetime
    box: Box | None = None
    details: Mapping[str, Json] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()

    @property
    def id(self) -> UUID:
        """UUIDv5 of camera, rule, subject and beginning: a replay names the same incident the same."""
        return uuid5(ALERT_NAMESPACE, "\n".join((self.camera, self.rule, self.subject, self.began.isoformat())))


def require_utc(at: datetime) -> datetime:
    """Return `at` when it is aware and in UTC; raise ValueError otherwise."""
    if at.utcoffset() != timedelta(0):
        raise ValueError(f"times are aware UTC, got {at!r}")
    return at
