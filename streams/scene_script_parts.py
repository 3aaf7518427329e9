"""The tables of a scene script: the view, the light, zones and rules, lanes, and what happens on a time line."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from ioc.site import Fraction, Name, Zone
from ioc.types import Json
from streams.drawing import Colour, View
from streams.scene_cars import CAR_SHAPES
from streams.scene_heavy import LOADS
from streams.scene_light import Hour
from streams.scene_plates import Plate

Who = Literal["person", "bicycle", "motorcycle", "car", "bus", "truck", "bag"]
Vehicle = Literal["bicycle", "motorcycle", "car", "bus", "truck"]
Ground = tuple[float, float]
Corners = Annotated[tuple[Ground, ...], Field(min_length=3, max_length=100)]
LOOKS: dict[str, tuple[str, ...]] = {"car": tuple(CAR_SHAPES), "truck": LOADS}
"""What may be asked for."""
Bag = Literal["sack", "carrier", "case", "rucksack", "box", "heap"]


def _rising(path: tuple[tuple[float, float, float], ...]) -> tuple[tuple[float, float, float], ...]:
    times = [stop[0] for stop in path]
    if times != sorted(set(times)):
        raise ValueError("expected times that rise")
    return path


Path3 = Annotated[tuple[tuple[float, float, float], ...], Field(min_length=2), AfterValidator(_rising)]


class Part(BaseModel):
    """A table in which every key is known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ViewPart(Part):
    """Where the camera hangs and looks."""

    position: tuple[float, float, float] = Field(description="X, Y and height")
    yaw: float = Field(0.0, ge=-180, le=180, description="where it looks, from +Y towards +X")
    pitch: float = Field(20.0, ge=0, lt=90, description="how far below the horizon")
    angle: float = Field(56.0, ge=10, le=120, description="how wide it looks")
    size: tuple[Annotated[int, Field(ge=64, le=3840)], Annotated[int, Field(ge=64, le=2160)]] = (640, 360)

    @property
    def view(self) -> View:
        """The pinhole camera."""
        focal = self.size[0] / 2 / float(np.tan(np.radians(self.angle) / 2))
        return View(self.position, float(np.radians(self.yaw)), float(np.radians(self.pitch)), focal, self.size)


class LightPart(Part):
    """What shines."""

    like: Hour = "sunny"
    sun: tuple[float, float] = Field((-40.0, 45.0), description="from where it shines, and how high it stands")


class ZonePart(Part):
    """A zone, in fractions of the frame as in the site file, or on the ground."""

    name: Name
    polygon: Annotated[tuple[tuple[Fraction, Fraction], ...], Field(min_length=3, max_length=100)] | None = None
    ground: Corners | None = Field(None, description="corners in metres")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.polygon is None) == (self.ground is None):
            raise ValueError("expected either polygon (fractions of the frame) or ground (metres)")
        return self

    def on(self, view: View) -> Zone:
        """Return the zone as the site file has it.

        Raises ValueError where the frame shows none of it, or it reaches behind the camera.
        """
        if self.ground is None:
            return Zone(name=self.name, polygon=self.polygon or ())
        pixels, depth = view.project(np.array([(x, y, 0.0) for x, y in self.ground]))
        if depth.min() <= 0:
            raise ValueError("reaches behind the camera")
        within = np.clip(pixels / np.array(view.size), 0.0, 1.0).round(4)
        return Zone(name=self.name, polygon=tuple((x, y) for x, y in within.tolist()))


class RulePart(BaseModel):
    """A rule as in the site file, without `camera`."""

    model_config = ConfigDict(frozen=True, extra="allow")

    name: str = Field(min_length=1, max_length=100)
    kind: str
    zone: Name | None = None

    @property
    def entry(self) -> dict[str, Json]:
        """All its keys."""
        return self.model_dump(exclude_none=True)

    @property
    def settings(self) -> dict[str, Json]:
        """The keys that belong to the kind."""
        return dict(self.model_extra or {})


class Signal(Part):
    """A traffic light: nobody passes `stop` while it is red."""

    stop: float = Field(ge=0, description="metres from the lane's start")
    cycle: float = Field(gt=0, description="how often it comes round")
    red: tuple[float, float] = Field(description="from when to when within a cycle")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not 0 <= self.red[0] < self.red[1] <= self.cycle:
            raise ValueError("red: expected two times that rise within the cycle")
        return self


class Lane(Part):
    """A straight way that road users follow one after the other, at random times."""

    name: Name
    start: Ground
    end: Ground
    speed: float = Field(gt=0, le=130, description="kilometres an hour")
    per_minute: float = Field(0.0, ge=0, le=90, description="how many come")
    mix: dict[Who, Annotated[float, Field(gt=0)]] = Field(
        {"motorcycle": 6.0, "car": 3.0, "truck": 0.5, "bus": 0.3}, min_length=1, description="shares of what comes"
    )
    signal: Signal | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if "bag" in self.mix:
            raise ValueError("mix: a bag does not move by itself")
        if self.start == self.end:
            raise ValueError("end: expected another place than start")
        return self


class Looks(Part):
    """What something looks like; the seed decides what is left out."""

    look: str | None = Field(None, description="a car's shape or a truck's load")
    paint: Colour | None = Field(None, description="a car's colour")
    plate: tuple[str, str] | None = Field(None, description="its plate's text and colour, as 98A-123.45 and white")

    @field_validator("plate")
    @classmethod
    def _check_plate(cls, plate: tuple[str, str] | None) -> tuple[str, str] | None:
        if plate is not None:
            Plate.parse(*plate)
        return plate

    @model_validator(mode="after")
    def _check_look(self) -> Self:
        known = LOOKS.get(getattr(self, "who", ""), ())
        if self.look is not None and self.look not in known:
            raise ValueError(f"look: there is no {self.look!r} for it; there are: {', '.join(known) or 'none'}")
        return self


class Parking(Looks):
    """A vehicle that comes along a lane, stands at a place beside it, and drives on."""

    who: Vehicle = "car"
    lane: Name
    where: Ground
    start: float = Field(description="when it stands still")
    end: float = Field(description="when it drives off")


class Standing(Looks):
    """Something that stands where it is: a parked vehicle without a rider, a person, a bag."""

    who: Who
    where: Ground
    facing: float = 0.0
    start: float | None = Field(None, description="from when; none: from before the beginning")
    end: float | None = Field(None, description="until when; none: beyond the end")


class Moving(Looks):
    """Something that follows a path; two stops in a row at one place are a stay."""

    who: Who
    path: Path3 = Field(description="(time, X, Y)")
    facing: float | None = None


class Gathering(Part):
    """People who come from `doors`, stand about an area, and go again."""

    people: int = Field(ge=1, le=300)
    area: tuple[float, float, float, float] = Field(description="X1, Y1, X2, Y2 that they stand in")
    doors: Annotated[tuple[Ground, ...], Field(min_length=1)] = Field(description="where they come from")
    start: float = Field(description="when all are there")
    end: float = Field(description="when the first leaves")
    over: float = Field(8.0, ge=0, description="seconds over which they come, and go")


class Leaving(Part):
    """Somebody who walks along a path with a bag, puts it down, and perhaps picks it up again; or another does."""

    path: Path3 = Field(description="(time, X, Y) of who brings it")
    what: Bag = "rucksack"
    left: float = Field(description="when it is put down")
    taken: float | None = Field(None, description="when it is picked up; none: it stays")
    taker: Path3 | None = Field(None, description="(time, X, Y) of who picks it up; none: who brought it")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.taken is not None and self.taken <= self.left:
            raise ValueError("taken: expected a time after left")
        return self


class Dumping(Looks):
    """A vehicle that drives along a path and throws something off."""

    who: Vehicle = "truck"
    path: Path3 = Field(description="(time, X, Y)")
    what: Bag = "heap"
    start: float = Field(description="when it is thrown")
    end: float | None = Field(None, description="when it is cleared away; none: it stays")
    aside: float = Field(-1.4, description="from how far beside the vehicle's middle, to its left")


class HourPart(LightPart):
    """A light that shines at a time; in between, one turns into the next."""

    at: float
