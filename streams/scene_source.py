"""A drawn scene as a camera: only the pictures that are wanted are drawn, the same each time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from ioc.ports import Wanted
from ioc.types import Frame, require_utc
from streams.scene import Scene
from streams.scene_play import play
from streams.scene_script import load_script
from streams.scene_seen import Drawn
from streams.timing import RECORDING_START, run_id

SUFFIX = ".toml"


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a scene: its place among all that the camera takes, when, and what it shows."""

    seq: int
    at: timedelta
    drawn: Drawn


class SceneSource:
    """The pictures of a scene script as one run of one camera, as if they had been recorded.

    `start` is when the first was taken (aware UTC). A picture's `seq` is its place among all that the camera takes.
    """

    def __init__(self, camera: str, path: Path, *, start: datetime = RECORDING_START) -> None:
        self._camera = camera
        self._path = path
        self._start = require_utc(start)

    def length(self) -> timedelta:
        """Return how long the scene lasts. Raises UsageError when its script cannot be used."""
        return self._scene.duration

    def frames(self, wanted: Wanted) -> Iterator[Frame]:
        """Draw and yield the wanted pictures.

        Raises UsageError when the script cannot be used.
        """
        run = run_id(self._start)
        for seq, at in times(self._scene):
            if wanted(self._start + at):
                image = self._scene.picture(at).image
                image.flags.writeable = False
                yield Frame(self._camera, run, seq, self._start + at, image)

    @cached_property
    def _scene(self) -> Scene:
        return play(load_script(self._path)).scene


def times(scene: Scene) -> Iterator[tuple[int, timedelta]]:
    """Yield the pictures' places and times from the scene's beginning; while the camera is offline there are none."""
    for seq in range(round(scene.duration.total_seconds() * scene.fps)):
        at = timedelta(microseconds=round(seq * 1_000_000 / scene.fps))
        if scene.shows(at):
            yield seq, at


def pictures_of(scene: Scene) -> Iterator[Picture]:
    """Draw all pictures of a scene."""
    for seq, at in times(scene):
        yield Picture(seq, at, scene.picture(at))
