"""Small quick scenes, and shapes on the ground, for the tests of this room."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from streams.drawing import Floats, Light, View
from streams.scene import Actor, Scene, Sensor, solid, walker
from streams.scene_cars import car
from streams.scene_effects import Canvas
from streams.scene_motion import Flow, Still
from streams.scene_people import random_look
from streams.scene_places import Place, Wall
from streams.scene_seen import Seen

DAY = Light(sun=(0.3, -0.5, 0.81), sunshine=0.5, skylight=0.6)


def passing_car(seconds: float = 2.0, *, seed: int = 1, caption: str = "", actors: tuple[Actor, ...] = ()) -> Scene:
    """Return a scene of 192 by 112 pixels in which a red car drives from left to right past someone who stands."""
    rng = np.random.default_rng(seed)
    drives = solid("car", Flow((-12.0, 12.0), (12.0, 12.0), 8.0, 4.0), car(rng, "sedan", (30, 30, 200)))
    stands = walker(Still(0.0, 16.0, 1.0), random_look(rng))
    return Scene(
        name="passing-car",
        seed=seed,
        view=View(position=(0.0, 0.0, 4.5), yaw=0.0, pitch=0.24, focal=170.0, size=(192, 112)),
        light=DAY,
        place=Place(half_road=30.0, pavement=4.0, walls=(Wall("y", 26.0, -40.0, 40.0, 9.0),), lanes=()),
        actors=(drives, stands, *actors),
        duration=timedelta(seconds=seconds),
        sensor=Sensor(noise=1.5, softness=0.4, caption=caption),
        smallest=4.0,
    )


def rectangle(x: float, y: float, length: float, width: float, turn: float = 0.0) -> Floats:
    """Return the corners (4, 2) of a rectangle on the ground, counter-clockwise."""
    ahead = np.array([np.cos(turn), np.sin(turn)]) * length / 2
    aside = np.array([-np.sin(turn), np.cos(turn)]) * width / 2
    return np.asarray(np.array([ahead + aside, aside - ahead, -ahead - aside, ahead - aside]) + np.array([x, y]))


@dataclass(frozen=True)
class Patch:
    """Paints a square green wherever nothing stands before a place on the ground."""

    x: float
    y: float

    def paint(self, canvas: Canvas) -> Iterable[Seen]:
        hidden = canvas.hidden(self.x, self.y)[20:100, 20:180]
        canvas.image[20:100, 20:180][~hidden] = (0, 255 if canvas.seconds < 1 else 0, 0)
        return canvas.seen("fire", "patch", (20, 20, 180, 100))
