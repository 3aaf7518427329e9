"""What the API hands out about plates: passes, and what was found beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, JsonValue

from dashboard.plate_records import Companion, PlateMatch, PlateRead, plate_of
from dashboard.views import EvidenceView, When, evidence_views


class ReadView(BaseModel):
    """One pass of a vehicle."""

    hit: UUID
    plate: str
    display: str
    province_name: str | None
    valid: bool
    site: str
    camera: str
    at: When
    vehicle: str
    colour: str
    kind: str
    direction: str | None
    score: float
    box: tuple[float, float, float, float] | None
    details: Mapping[str, JsonValue]
    evidence: list[EvidenceView]
    """Pictures; their `url` needs `&entry=` and the number of what opens them."""

    @classmethod
    def of(cls, read: PlateRead) -> Self:
        """Return the view of a pass."""
        plain = ("hit", "site", "camera", "at", "vehicle", "colour", "kind", "direction", "score", "box")
        values: dict[str, Any] = {name: getattr(read, name) for name in plain}
        plate = plate_of(read.text, read.details)
        return cls(
            **values,
            plate=plate.key,
            display=plate.display,
            province_name=plate.province_name,
            valid=plate.valid,
            details=dict(read.details),
            evidence=evidence_views(f"plates/reads/{read.hit}", read.evidence),
        )


class ReadDetail(ReadView):
    """One pass, looked at closely."""

    entry: int
    """The number under which this look stands in the log: it opens the pictures."""

    @classmethod
    def seen(cls, read: PlateRead, entry: int) -> Self:
        """Return the view of a pass, and of the look at it."""
        return cls(**dict(ReadView.of(read)), entry=entry)


class MatchView(BaseModel):
    """A plate that may be the one asked for, misread, and its newest pass."""

    plate: str
    cost: float
    latest: ReadView

    @classmethod
    def of(cls, match: PlateMatch) -> Self:
        """Return the view of a match."""
        return cls(plate=match.text, cost=round(match.cost, 2), latest=ReadView.of(match.latest))


class CompanionView(BaseModel):
    """A plate that went along, on how many cameras, and its newest pass there."""

    plate: str
    cameras: int
    latest: ReadView

    @classmethod
    def of(cls, companion: Companion) -> Self:
        """Return the view of a companion."""
        return cls(plate=companion.text, cameras=companion.cameras, latest=ReadView.of(companion.latest))


class CompanionAnswer(BaseModel):
    """Those that went along, on most cameras first."""

    search: int
    companions: list[CompanionView]


class PlateAnswer(BaseModel):
    """What was found: passes, or with `fuzzy` plates. `search` is the number under which it stands in the log."""

    search: int
    reads: list[ReadView] = []
    matches: list[MatchView] = []
    next: UUID | None = None
