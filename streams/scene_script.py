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
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from ioc.errors import FileRefused, UsageError
from ioc.site import Name, Zone, problems
from streams.scene import Sensor
from streams.scene_faults import Fault
from streams.scene_fire import Fire
from streams.scene_places import Place
from streams.scene_rain import Rain
from streams.scene_script_parts import (
    Dumping,
    Gathering,
    HourPart,
    Lane,
    Leaving,
    LightPart,
    Moving,
    Parking,
    Part,
    RulePart,
    Standing,
    ViewPart,
    ZonePart,
)
from streams.scene_smoke import Smoke
from streams.scene_water import Water

CAPTION = "SIMULATED"
"""Burnt into every picture of a script that has no caption of its own."""
GUIDE = "docs/simulator.md"
EXPECTED = f"expected a scene script (see {GUIDE})"


class SceneScript(Part):
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
    hour: tuple[HourPart, ...] = Field((), description="lights of the day, instead of one light")
    place: Place
    sensor: Sensor = Sensor(noise=1.6, softness=0.45)
    zone: tuple[ZonePart, ...] = ()
    rule: tuple[RulePart, ...] = ()
    lane: tuple[Lane, ...] = ()
    parking: tuple[Parking, ...] = ()
    standing: tuple[Standing, ...] = ()
    moving: tuple[Moving, ...] = ()
    gathering: tuple[Gathering, ...] = ()
    leaving: tuple[Leaving, ...] = ()
    dumping: tuple[Dumping, ...] = ()
    fire: tuple[Fire, ...] = ()
    smoke: tuple[Smoke, ...] = ()
    steam: tuple[Smoke, ...] = ()
    rain: tuple[Rain, ...] = ()
    water: Water | None = None
    fault: tuple[Fault, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        _known("rule", "zone", [rule.zone for rule in self.rule], [zone.name for zone in self.zone])
        _known("parking", "lane", [one.lane for one in self.parking], [lane.name for lane in self.lane])
        for key in ("parking", "standing", "gathering", "dumping", "fire", "smoke", "steam", "rain", "fault"):
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
    except ValidationError as error:
        raise ScriptError(problems(error, str(path), guide=GUIDE)) from None
    for index, zone in enumerate(script.zone):
        try:
            zone.on(script.view.view)
        except ValueError:
            lost = "the picture shows none of it, or it reaches behind the camera; move it into sight"
            raise ScriptError([f"{path}: zone[{index}]: {lost}"]) from None
    return script
