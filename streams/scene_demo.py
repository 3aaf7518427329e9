"""The simulated city that ships: the scripts beside this module, which `ioc demo` shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ioc.types import Json, Point
from streams.scene import Scene
from streams.scene_play import play
from streams.scene_script import SceneScript, load_script

CITY = Path(__file__).with_name("city")
WATCHED = "98A56789"
"""The plate of a car that comes by again and again: the demo's watch-list looks for it."""


@dataclass(frozen=True)
class DemoCamera:
    """A simulated camera of the city; rules have the keys of the site file, without `camera`."""

    script: SceneScript

    @property
    def id(self) -> str:
        """The camera's id."""
        return self.script.id

    @cached_property
    def scene(self) -> Scene:
        """What it looks at."""
        return play(self.script).scene

    @cached_property
    def zones(self) -> Mapping[str, tuple[Point, ...]]:
        """Its zones in fractions of the frame."""
        return {zone.name: zone.points for zone in self.script.zones}

    @property
    def rules(self) -> tuple[Mapping[str, Json], ...]:
        """What watches it."""
        return tuple(rule.entry for rule in self.script.rule)


def city_scripts() -> tuple[Path, ...]:
    """Return the files of the scripts that ship, in the order of their names."""
    return tuple(sorted(CITY.glob("*.toml")))


def demo_cameras() -> tuple[DemoCamera, ...]:
    """Return the simulated city."""
    return tuple(DemoCamera(load_script(path)) for path in city_scripts())
