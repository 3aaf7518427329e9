"""The looks that a long scene has to choose from: as many as strike the eye, and no more than memory bears."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from streams.drawing import Colour, Mesh
from streams.scene import Actor, walker
from streams.scene_bags import bag
from streams.scene_cars import car
from streams.scene_heavy import bus, truck
from streams.scene_motion import Motion, Pose, Still
from streams.scene_people import random_look
from streams.scene_plates import Plate, car_plate, motorcycle_plate
from streams.scene_two_wheelers import bicycle, motorcycle

VARIETY = {"person": 24, "bicycle": 5, "motorcycle": 14, "car": 16, "bus": 4, "truck": 6, "bag": 6}
"""How many looks there are of each."""
Shape = Callable[[Pose], Mesh]


class Fleet:
    """Gives road users their looks: the same for the same seed, whoever asked before."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._meshes: dict[tuple[str, int], Mesh] = {}
        self._walkers: dict[int, Shape] = {}

    def mesh(self, who: str, number: int) -> Mesh:
        """Return one of the looks of something that is no person."""
        key = (who, number)
        if key not in self._meshes:
            rng = np.random.default_rng([self._seed, list(VARIETY).index(who), number])
            self._meshes[key] = dressed(rng, who)
        return self._meshes[key]

    def person(self, motion: Motion, number: int, name: str) -> Actor:
        """Return a person with one of the looks."""
        if number not in self._walkers:
            look = random_look(np.random.default_rng([self._seed, 0, number]))
            self._walkers[number] = walker(Still(0, 0, 0), look).shape
        return Actor("person", motion, self._walkers[number], name)


def plated(rng: np.random.Generator, who: str) -> Plate | None:
    """Return a plate that such a vehicle may bear; None for what bears none."""
    match who:
        case "motorcycle":
            return motorcycle_plate(rng)
        case "car" | "bus" | "truck":
            return car_plate(rng)
        case _:
            return None


def dressed(
    rng: np.random.Generator, who: str, look: str | None = None, paint: Colour | None = None, *, ridden: bool = True
) -> Mesh:
    """Return the mesh of something that is no person; a car's shape and paint or a truck's load may be asked for."""
    match who:
        case "bicycle":
            return bicycle(rng, ridden=ridden)
        case "motorcycle":
            return motorcycle(rng, int(rng.choice([1, 2], p=[0.7, 0.3])) if ridden else 0)
        case "bus":
            return bus(rng)
        case "truck":
            return truck(rng, look)
        case "bag":
            return bag(rng)
        case _:
            return car(rng, look, paint)
