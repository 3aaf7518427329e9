"""What a drawn picture shows: every object with its identity and its plate, and what can be measured in it."""

from __future__ import annotations

from dataclasses import dataclass

from ioc.types import Detection, Image, Point


@dataclass(frozen=True, slots=True)
class SeenPlate:
    """A plate in the picture: its lines as read, its colour, its corners and its height in pixels.

    `corners` are fractions of the frame, from the upper left clockwise; `height` is the mean of both upright edges.
    """

    lines: tuple[str, ...]
    colour: str
    corners: tuple[Point, Point, Point, Point]
    height: float

    @property
    def text(self) -> str:
        """The characters of all lines, without dashes and dots."""
        return "".join(self.lines)


@dataclass(frozen=True, slots=True)
class Seen:
    """One object that can be seen, with a score of 1; `actor` is its name from the first picture to the last."""

    detection: Detection
    actor: str
    plate: SeenPlate | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that the scene knows in numbers, such as the depth of water in metres at a place with a name."""

    kind: str
    value: float
    place: str


@dataclass(frozen=True)
class Drawn:
    """One picture and all that is true of it; `fault` says what is wrong with the camera, if anything."""

    image: Image
    seen: tuple[Seen, ...]
    measures: tuple[Measure, ...] = ()
    fault: str | None = None

    @property
    def objects(self) -> tuple[Detection, ...]:
        """What is to be seen, without the names."""
        return tuple(one.detection for one in self.seen)
