"""What the store hands out about plates, and what may be asked of it: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from dashboard.records import ALL_CAMERAS, Rights
from ioc.plate_grammar import Plate, parse
from ioc.types import Json

KIND = "plate"
"""The kind of the messages that tell of a vehicle's pass."""

UNKNOWN = "unknown"
"""What stands for a vehicle, a colour or a kind that could not be told."""


def plate_of(text: str, details: Mapping[str, Json]) -> Plate:
    """Return what a canonical text means, with the layout that the details of its pass tell of."""
    upper = details.get("upper_len")
    return parse(text, upper if isinstance(upper, int) else None)


@dataclass(frozen=True, slots=True)
class PlateRead:
    """One pass of a vehicle: what its plate was read as, where and when."""

    hit: UUID
    text: str
    site: str
    camera: str
    at: datetime
    vehicle: str
    colour: str
    kind: str
    province: str | None
    direction: str | None
    score: float
    box: tuple[float, float, float, float] | None = None
    details: Mapping[str, Json] = field(default_factory=dict)
    """The raw read, each character's score, and the alternatives, as the message told."""
    evidence: tuple[Mapping[str, Json], ...] = ()

    @property
    def scores(self) -> list[float]:
        """The characters' scores, none where the message does not tell them all."""
        told = self.details.get("scores")
        scores = [float(one) for one in told if isinstance(one, int | float)] if isinstance(told, list) else []
        return scores if len(scores) == len(self.text) else []


@dataclass(frozen=True, slots=True)
class ReadFilter:
    """Which passes are wanted; an empty tuple means any. Only those that `rights` cover are ever found."""

    rights: Rights = ALL_CAMERAS
    since: datetime | None = None
    until: datetime | None = None
    sites: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    vehicles: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    provinces: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    before: tuple[datetime, UUID] | None = None
    """Time and id of the last pass that was seen: what is older is wanted."""


@dataclass(frozen=True, slots=True)
class PlateMatch:
    """A text that may be a misread of the one asked for, or that one itself at a cost of 0."""

    text: str
    cost: float
    """How unlikely it is that both are one vehicle's, as a natural logarithm: 0.7 is one in two, 4.6 one in 100."""
    latest: PlateRead
    """Its newest pass among those that are wanted."""


@dataclass(frozen=True, slots=True)
class Companion:
    """A plate that was seen with another one."""

    text: str
    cameras: int
    """On how many cameras."""
    latest: PlateRead
    """Its newest pass among those."""
