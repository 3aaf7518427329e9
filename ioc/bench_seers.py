"""What each seer costs: what it does on every picture that is looked at, and what it asks of a network.

All are shown the same pictures, one seer after the other at each, so that whatever else the machine does falls on all
alike. Decoding and the detector of objects stand beside them as a yardstick: a machine that is slow today is slow in
these as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from ioc import clock, rulebook
from ioc.bench_street import CAMERA, SETTINGS
from ioc.errors import UsageError
from ioc.ports import FrameSource, Perception, Seer
from ioc.sampler import Sampler
from ioc.seers import SEERS, Workshop
from ioc.site import Site, parse_site
from ioc.types import Frame
from models.asking import Asked, counted
from models.perception import RoadPerception
from streams.encoder import encode
from streams.scene_play import play
from streams.scene_script import load_script
from streams.scene_source import SUFFIX, pictures_of

DECODE, OBJECTS = "decode", "objects"

Each: TypeAlias = Callable[[], None]
"""Called after each picture."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one stage costs, in processor time."""

    stage: str
    own_ms: float
    """Milliseconds a sampled picture, without what networks are asked."""
    looks_a_second: float
    """How often a network is asked, in a second of the recording."""
    look_ms: float | None
    """Milliseconds a look; None when nothing was asked."""
    all_ms: float
    """Milliseconds a sampled picture, on the mean, with the looks."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the stages cost over so many sampled pictures of width and height, which stand for so many seconds."""

    pictures: int
    seconds: float
    size: tuple[int, int]
    stages: tuple[Cost, ...]


@dataclass(slots=True)
class _Tally:
    """What one stage has taken of the processor."""

    seconds: float = 0.0
    asked: Asked = field(default_factory=Asked)

    @contextmanager
    def taken(self) -> Iterator[None]:
        before = clock.processor_seconds()
        with counted(self.asked):
            yield
        self.seconds += clock.processor_seconds() - before

    def cost(self, stage: str, pictures: int, seconds: float) -> Cost:
        asked = self.asked
        return Cost(
            stage=stage,
            own_ms=1000 * (self.seconds - asked.seconds) / pictures,
            looks_a_second=asked.looks / seconds,
            look_ms=1000 * asked.seconds / asked.looks if asked.looks else None,
            all_ms=1000 * self.seconds / pictures,
        )


class Watch:
    """One camera that every seer is shown: a detector of objects, and the seers by the kind of their readings."""

    def __init__(self, objects: Perception, seers: Mapping[str, Seer]) -> None:
        self._objects, self._seers = objects, dict(seers)
        self._begin()

    def _begin(self) -> None:
        self._tallies = {name: _Tally() for name in (DECODE, OBJECTS, *self._seers)}

    def measure(self, source: FrameSource, rate: float, seconds: float, each: Each) -> Measured:
        """Look at `rate` pictures a second for so many seconds, or to the end, and return what that cost.

        The first picture is not counted: caches fill, memory is planned. Raises UsageError when there is no second one.
        """
        frames = source.frames(Sampler(rate).wants)
        first = self._take(frames)
        self._begin()
        pictures, lasted = 0, 0.0
        while first is not None and lasted < seconds and (frame := self._take(frames)):
            lasted = (frame.at - first.at).total_seconds()
            pictures += 1
            each()
        if first is None or not pictures:
            raise UsageError("the recording holds no time to be measured; take a longer one")
        height, width = first.image.shape[:2]
        stages = tuple(tally.cost(name, pictures, lasted) for name, tally in self._tallies.items())
        return Measured(pictures, lasted, (width, height), stages)

    def _take(self, frames: Iterator[Frame]) -> Frame | None:
        """Show the next picture to all; return None when there is none."""
        with self._tallies[DECODE].taken():
            frame = next(frames, None)
        if frame is None:
            return None
        with self._tallies[OBJECTS].taken():
            (sight,) = self._objects.look([frame])
        for kind, seer in self._seers.items():
            with self._tallies[kind].taken():
                seer.look([frame], [sight.detections])
        return frame


def watch_of_all() -> tuple[Watch, float]:
    """Return a camera that every kind of rule watches, on one thread and in floats, and how often it is looked at.

    Raises ModelError when a model cannot be used.
    """
    site = _site()
    settings, needs = site.inference, rulebook.needs_of(site.rule)
    workshop = Workshop(settings)
    road = RoadPerception(needs.labels, size=settings.size, threshold=settings.score, detector=workshop.objects)
    seers = {kind: SEERS[kind](workshop, site, site.camera) for kind in sorted(needs.readings)}
    return Watch(road, seers), settings.rate


def _site() -> Site:
    rules = [{"name": kind, "kind": kind, "camera": CAMERA, **SETTINGS.get(kind, {})} for kind in rulebook.kinds()]
    return parse_site({"camera": [{"id": CAMERA}], "rule": rules}, Path("bench.toml"))


def as_recording(path: Path, seconds: float, folder: Path) -> Path:
    """Return a recording as it is, and of a scene script one that is drawn into the folder, so long at the most.

    Raises UsageError when the script cannot be used.
    """
    if path.suffix != SUFFIX:
        return path
    scene = play(load_script(path)).scene
    drawn = folder / f"{path.stem}.mp4"
    encode(scene, drawn, islice(pictures_of(scene), round(seconds * scene.fps) + scene.fps))
    return drawn
