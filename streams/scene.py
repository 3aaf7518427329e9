"""A simulated camera: a drawn street whose every picture is a pure function of its seed and the time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from ioc.types import Box, Detection, Image
from streams.drawing import Light, Mesh, Posed, View
from streams.scene_cast import Cast
from streams.scene_daylight import Daylight, Hours
from streams.scene_effects import Canvas, Effect
from streams.scene_faults import BLIND, Fault, FaultKind, spoil
from streams.scene_fixtures import fixtures
from streams.scene_motion import Motion, Pose
from streams.scene_painter import Painted, paint
from streams.scene_people import Look, person
from streams.scene_places import Place
from streams.scene_plates import Plate
from streams.scene_seen import Drawn, Seen
from streams.scene_water import Water

LABELS = ("person", "bicycle", "motorcycle", "car", "bus", "truck", "bag")
"""What the scenes hold, in the order of the `road` detector's classes."""
GAITS = 12
"""Poses that one walker has within two steps."""
LOST = 2.5
"""Distances of haze beyond which nobody can make anything out: a twelfth of its contrast is left."""
CYCLE = 1.45
"""Metres of two steps at a height of 1.7 m."""


@dataclass(frozen=True)
class Actor:
    """Something that the picture shows and the truth names: `shape` gives its mesh at a pose.

    The truth leaves out what has no label. Without a `name` of its own an actor is called by its label and number.
    """

    label: str
    motion: Motion
    shape: Callable[[Pose], Mesh]
    name: str = ""
    plate: Plate | None = None


def solid(label: str, motion: Motion, mesh: Mesh, *, name: str = "", plate: Plate | None = None) -> Actor:
    """Return an actor that looks the same all the time; a vehicle may bear a plate."""
    return Actor(label, motion, lambda _: mesh, name, plate)


def walker(motion: Motion, look: Look, *, name: str = "") -> Actor:
    """Return a person who walks when moving and stands otherwise."""
    meshes: dict[tuple[int, int], Mesh] = {}

    def shape(pose: Pose) -> Mesh:
        stride = min(round(pose.speed * 4), 4)
        gait = int(pose.travelled / (CYCLE * look.height / 1.7) * GAITS) % GAITS if stride else 0
        if (gait, stride) not in meshes:
            meshes[gait, stride] = person(look, gait / GAITS, stride / 4)
        return meshes[gait, stride]

    return Actor("person", motion, shape, name)


@dataclass(frozen=True)
class Sensor:
    """What the camera does to the picture: noise (deviation in levels), softness (pixels), a caption burnt in.

    Its encoder keeps to a quality (`crf`, x264's constant rate factor: 18 is nearly without loss, 36 is poor), or to a
    bandwidth of so many kilobits a second (`kbps`) when one is given.
    """

    noise: float = 3.0
    softness: float = 0.5
    caption: str = ""
    crf: int = 22
    kbps: int | None = None


@dataclass(frozen=True)
class Scene:
    """A simulated camera's view of a street; `picture` may be asked for any time, in any order.

    The light is that of `hours`, if any, as time goes by.
    """

    name: str
    seed: int
    view: View
    light: Light
    place: Place
    actors: tuple[Actor, ...]
    duration: timedelta
    sensor: Sensor = field(default_factory=Sensor)
    fps: int = 10
    least_visible: float = 0.4
    least_inside: float = 0.12
    smallest: float = 7.0
    effects: tuple[Effect, ...] = ()
    faults: tuple[Fault, ...] = ()
    hours: Hours = ()
    water: Water | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the pictures in pixels."""
        return self.view.size

    def shows(self, t: timedelta) -> bool:
        """Say whether the camera gives a picture at that time: it does unless it is offline."""
        fault = self._fault(t.total_seconds())
        return fault is None or fault.kind is not FaultKind.OFFLINE

    def picture(self, t: timedelta) -> Drawn:
        """Return what the camera shows `t` after the scene began.

        Truth leaves out whatever lies less than `least_inside` inside the picture, whatever of that is covered
        but for `least_visible`, whatever is smaller than `smallest` pixels, and what fog or smoke swallows. It is what
        the camera shows: a frozen one goes on with the picture at which it froze, and a blind one shows nothing.
        """
        seconds = t.total_seconds()
        fault = self._fault(seconds)
        if fault is None:
            return self._sound(seconds)
        scene = self._moved(fault.shift) if fault.kind is FaultKind.MOVED else self
        drawn = scene._sound(fault.start if fault.kind is FaultKind.FROZEN else seconds)
        image = spoil(drawn.image, fault.kind, self.seed)
        return Drawn(image, () if fault.kind in BLIND else drawn.seen, drawn.measures, fault.kind)

    def _fault(self, seconds: float) -> Fault | None:
        """Return the first fault that the camera has at that time."""
        return next((fault for fault in self.faults if fault.at(seconds)), None)

    def _moved(self, shift: float) -> Scene:
        """Return the scene seen by the camera turned aside by a part of the picture's width."""
        if shift not in self._turned:
            turn = np.arctan(shift * self.view.size[0] / self.view.focal)
            self._turned[shift] = replace(self, view=replace(self.view, yaw=self.view.yaw + float(turn)), faults=())
        return self._turned[shift]

    def _sound(self, seconds: float) -> Drawn:
        """Return what a camera without faults shows."""
        image, light = self._daylight.at(seconds)
        there: list[tuple[Actor, Posed]] = []
        for actor in self._cast.at(seconds):
            pose = actor.motion.at(seconds)
            if pose is not None:
                there.append((actor, Posed(actor.shape(pose), pose.x, pose.y, pose.heading, pose.z, actor.plate)))
        floor = self.water.level(seconds) if self.water else -math.inf
        solids = [*(posed for _, posed in there), *self._fixtures]
        painted = paint(image, solids, self.view, light, floor=floor, lamps=self.place.lamps)
        seen = self._truth(there, painted, LOST * light.haze_distance)
        canvas = Canvas(image, self.view, light, seconds, painted)
        fresh = [one for effect in self.effects for one in effect.paint(canvas) if self._large(one)]
        kept = (*(one for one in seen if not canvas.veiled(one)), *fresh)
        return Drawn(self._sense(image, seconds), kept, self.water.measures(seconds) if self.water else ())

    def _large(self, seen: Seen) -> bool:
        """Say whether something is not too small to be told of."""
        box, (width, height) = seen.detection.box, self.size
        return min(box.width * width, box.height * height) >= self.smallest - 1e-6

    def _truth(self, there: Sequence[tuple[Actor, Posed]], painted: Painted, farthest: float) -> list[Seen]:
        (width, height), eye = self.size, self.view.position[:2]
        objects = []
        for (actor, posed), shown, plate in zip(there, painted.silhouettes, painted.plates, strict=False):
            if not actor.label or math.dist((posed.x, posed.y), eye) > farthest:
                continue
            if shown is None or shown.visible < self.least_visible or shown.inside < self.least_inside:
                continue
            x1, y1, x2, y2 = shown.extent
            if min(x2 - x1, y2 - y1) < self.smallest:
                continue
            box = Box.clipped(x1 / width, y1 / height, x2 / width, y2 / height)
            if box is not None:
                objects.append(Seen(Detection(actor.label, 1.0, box), actor.name, plate))
        return objects

    @cached_property
    def _turned(self) -> dict[float, Scene]:
        return {}

    @cached_property
    def _cast(self) -> Cast[Actor]:
        """The actors, each with a name, by the time in which they may be there."""
        named = [replace(a, name=a.name or f"{a.label or 'thing'}-{n}") for n, a in enumerate(self.actors)]
        return Cast(named, [actor.motion.span for actor in named])

    @cached_property
    def _daylight(self) -> Daylight:
        return Daylight(self.hours or ((0.0, self.light),), self.place, self.view, self.seed, self.water)

    @cached_property
    def _fixtures(self) -> tuple[Posed, ...]:
        """What stands there for good: the place's own, and the rulers in the water."""
        rulers = self.water.rulers if self.water else ()
        return (*fixtures(self.place, self.seed), *(ruler.posed for ruler in rulers))

    @cached_property
    def _grain(self) -> npt.NDArray[np.int16]:
        """Sensor noise larger than the picture, of which each picture takes another part."""
        rng = np.random.default_rng([self.seed, 77])
        width, height = self.size
        shape = (height + 64, width + 64, 1)
        luma = rng.normal(0, self.sensor.noise, shape)
        chroma = rng.normal(0, self.sensor.noise * 0.35, (*shape[:2], 3))
        return np.clip(np.rint(luma + chroma), -40, 40).astype(np.int16)

    def _sense(self, image: Image, seconds: float) -> Image:
        if self.sensor.softness > 0:
            image = np.asarray(cv2.GaussianBlur(image, (3, 3), self.sensor.softness), dtype=np.uint8)
        if self.sensor.noise > 0:
            step = round(seconds * 1000)
            dx, dy = (step * 7919 + self.seed) % 64, (step * 104729 + self.seed * 3) % 64
            part = self._grain[dy : dy + image.shape[0], dx : dx + image.shape[1]]
            image = np.asarray(cv2.add(image, part, dtype=cv2.CV_8U), dtype=np.uint8)
        if self.sensor.caption:
            stamp(image, self.sensor.caption)
        return image


def stamp(image: Image, caption: str) -> None:
    """Write a caption into the lower left corner, white on a dark plate."""
    (width, height), below = cv2.getTextSize(caption, cv2.FONT_HERSHEY_SIMPLEX, 0.45, 1)
    left, base = 8, image.shape[0] - 10
    cv2.rectangle(image, (left - 4, base - height - 4), (left + width + 4, base + below), (24, 24, 24), -1)
    cv2.putText(image, caption, (left, base), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (235, 235, 235), 1, cv2.LINE_AA)
