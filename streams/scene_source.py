"""A drawn scene as a camera: only the pictures that are wanted are drawn, the same each time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from ioc.ports import Wanted
from ioc.types import Frame, require_utc
from streams.scene import Scene
from streams.scene_play import play
from streams.scene_script import load_script
from streams.timing import RECORDING_START, run_id

SUFFIX = ".toml"


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
        """Draw and yield the wanted pictures; while the camera is offline there are none.

        Raises UsageError when the script cannot be used.
        """
        run = run_id(self._start)
        for seq, t in enumerate(times(self._scene)):
            at = self._start + t
            if self._scene.shows(t) and wanted(at):
                image = self._scene.picture(t).image
                image.flags.writeable = False
                yield Frame(self._camera, run, seq, at, image)

    @cached_property
    def _scene(self) -> Scene:
        return play(load_script(self._path)).scene


def times(scene: Scene) -> Iterator[timedelta]:
    """Yield when the scene's pictures are taken, counted from its beginning."""
    for n in range(round(scene.duration.total_seconds() * scene.fps)):
        yield timedelta(microseconds=round(n * 1_000_000 / scene.fps))
