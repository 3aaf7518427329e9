"""Scene scripts: one TOML file is one simulated camera, with its street, its traffic, what happens, and its rules.

Lengths are metres (X across the street, Y along it), times are seconds after the scene began, angles are degrees from
+Y towards +X, colours are blue, green, red. `docs/simulator.md` explains each key.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ioc.errors import FileRefused, UsageError
from ioc.site import Fraction, Name, Zone, problems
from ioc.types import Json
from streams.drawing import Colour, View
from streams.scene import Sensor
from streams.scene_faults import Fault
from streams.scene_fire import Fire
from streams.scene_light import Hour
from streams.scene_places import Place
from streams.scene_plates import Plate
from streams.scene_smoke import Smoke

CAPTION = "SIMULATED"
"""Burnt into every picture of a script that has no caption of its own."""
Who = Literal["person", "bicycle", "motorcycle", "car", "bus", "truck", "bag"]
Vehicle = Literal["bicycle", "motorcycle", "car", "bus", "truck"]
Ground = tuple[float, float]
Corners = Annotated[tuple[Ground, ...], Field(min_length=3, max_length=100)]
EXPECTED = "expected a scene script (see docs/simulator.md)"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ViewPart(_Part):
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


class LightPart(_Part):
    """What shines."""

    like: Hour = "sunny"
    sun: tuple[float, float] = Field((-40.0, 45.0), description="from where it shines, and how high it stands")


class ZonePart(_Part):
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
        """Return the zone as the site file has it; raises ValidationError where the frame shows none of it."""
        if self.ground is None:
            return Zone(name=self.name, polygon=self.polygon or ())
        pixels, _ = view.project(np.array([(x, y, 0.0) for x, y in self.ground]))
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


class Signal(_Part):
    """A traffic light: nobody passes `stop` while it is red."""

    stop: float = Field(ge=0, description="metres from the lane's start")
    cycle: float = Field(gt=0, description="how often it comes round")
    red: tuple[float, float] = Field(description="from when to when within a cycle")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not 0 <= self.red[0] < self.red[1] <= self.cycle:
            raise ValueError("red: expected two times that rise within the cycle")
        return self


class Lane(_Part):
    """A straight way that road users follow one after the other, at random times."""

    name: Name
    start: Ground
    end: Ground
    speed: float = Field(gt=0, le=130, description="kilometres an hour")
    per_minute: float = Field(0.0, ge=0, le=90, description="how many come")
    mix: dict[Who, Annotated[float, Field(gt=0)]] = Field(
        {"motorcycle": 6.0, "car": 3.0, "truck": 0.5, "bus": 0.3}, description="shares of what comes"
    )
    signal: Signal | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if "bag" in self.mix:
            raise ValueError("mix: a bag does not move by itself")
        if self.start == self.end:
            raise ValueError("end: expected another place than start")
        return self


class _Look(_Part):
    look: str | None = Field(None, description="a car's shape or a truck's load")
    paint: Colour | None = Field(None, description="a car's colour")
    plate: tuple[str, str] | None = Field(None, description="its plate's text and colour, as 98A-123.45 and white")

    @model_validator(mode="after")
    def _check_look(self) -> Self:
        if self.plate is not None:
            try:
                Plate.parse(*self.plate)
            except ValueError as error:
                raise ValueError(f"plate: {error}") from None
        return self


class Parking(_Look):
    """A vehicle that comes along a lane, stands at a place beside it, and drives on."""

    who: Vehicle = "car"
    lane: Name
    where: Ground
    start: float = Field(description="when it stands still")
    end: float = Field(description="when it drives off")


class Standing(_Look):
    """Something that stands where it is: a parked vehicle without a rider, a person, a bag."""

    who: Who
    where: Ground
    facing: float = 0.0
    start: float | None = Field(None, description="from when; none: from before the beginning")
    end: float | None = Field(None, description="until when; none: beyond the end")


class Moving(_Look):
    """Something that follows a path; two stops in a row at one place are a stay."""

    who: Who
    path: Annotated[tuple[tuple[float, float, float], ...], Field(min_length=2)] = Field(description="(time, X, Y)")
    facing: float | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        times = [stop[0] for stop in self.path]
        if times != sorted(set(times)):
            raise ValueError("path: expected times that rise")
        return self


class Gathering(_Part):
    """People who come from `doors`, stand about an area, and go again."""

    people: int = Field(ge=1, le=300)
    area: tuple[float, float, float, float] = Field(description="X1, Y1, X2, Y2 that they stand in")
    doors: Annotated[tuple[Ground, ...], Field(min_length=1)] = Field(description="where they come from")
    start: float = Field(description="when all are there")
    end: float = Field(description="when the first leaves")
    over: float = Field(8.0, ge=0, description="seconds over which they come, and go")


Happening = Parking | Standing | Moving | Gathering


class SceneScript(_Part):
    """A simulated camera."""

    id: Name = Field("scene", description="the camera's id; the file's name when left out")
    name: str = Field("", max_length=200)
    location: tuple[Annotated[float, Field(ge=-90, le=90)], Annotated[float, Field(ge=-180, le=180)]] | None = None
    seed: int = Field(1, ge=0, description="another seed, other vehicles and people")
    duration: timedelta = Field(gt=timedelta(0))
    fps: int = Field(10, ge=1, le=30)
    loop: bool = Field(False, description="the end runs into the beginning without a jump")
    view: ViewPart
    light: LightPart = LightPart()
    place: Place
    sensor: Sensor = Sensor(noise=1.6, softness=0.45)
    zone: tuple[ZonePart, ...] = ()
    rule: tuple[RulePart, ...] = ()
    lane: tuple[Lane, ...] = ()
    parking: tuple[Parking, ...] = ()
    standing: tuple[Standing, ...] = ()
    moving: tuple[Moving, ...] = ()
    gathering: tuple[Gathering, ...] = ()
    fire: tuple[Fire, ...] = ()
    smoke: tuple[Smoke, ...] = ()
    fault: tuple[Fault, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        _known("rule", "zone", [rule.zone for rule in self.rule], [zone.name for zone in self.zone])
        _known("parking", "lane", [one.lane for one in self.parking], [lane.name for lane in self.lane])
        for key in ("parking", "standing", "gathering", "fire", "smoke", "fault"):
            for index, one in enumerate(getattr(self, key)):
                if one.start is not None and one.end is not None and one.end <= one.start:
                    raise ValueError(f"{key}[{index}].end: expected a time after start")
        return self

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.duration.total_seconds()

    @property
    def zones(self) -> tuple[Zone, ...]:
        """The zones in fractions of the frame."""
        view = self.view.view
        return tuple(zone.on(view) for zone in self.zone)


def _known(key: str, field: str, used: Iterable[str | None], names: list[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(f"{field}: names must differ, {twice[0]!r} stands twice")
    for index, name in enumerate(used):
        if name is not None and name not in names:
            raise ValueError(f"{key}[{index}].{field}: there is no {name!r}; there are: {', '.join(names) or 'none'}")


class ScriptError(FileRefused):
    """A scene script cannot be used."""

    lister = "ioc simulate"


def load_script(path: Path) -> SceneScript:
    """Read and check a script; raises UsageError, one line that names file, key and what was expected."""
    try:
        value = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; {EXPECTED}") from None
    except ValueError as error:
        raise UsageError(f"{path}: not TOML: {error}; {EXPECTED}") from None
    return parse_script(value, path)


def parse_script(value: dict[str, Any], path: Path) -> SceneScript:
    """Check a parsed script, whose camera is named like its file unless it says otherwise."""
    try:
        script = SceneScript.model_validate({"id": path.stem, **value})
        script.zones  # noqa: B018  # a zone on the ground may lie outside the picture
    except ValidationError as error:
        raise ScriptError(problems(error, str(path))) from None
    return script
