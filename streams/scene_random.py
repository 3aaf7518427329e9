"""Random streets, for training: viewpoint, light, place, traffic and crowd all vary with the seed."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from streams.drawing import Light, Mesh, View
from streams.scene import Actor, Scene, Sensor, solid, walker
from streams.scene_bags import bag
from streams.scene_cars import car
from streams.scene_heavy import bus, truck
from streams.scene_motion import Flow, Still, spread
from streams.scene_people import random_look
from streams.scene_places import Place, Wall
from streams.scene_solids import as_colour
from streams.scene_two_wheelers import bicycle, motorcycle

REACH = 85.0
"""Metres of street that traffic flows through."""


def random_scene(seed: int) -> Scene:
    """Return a street of its own for every seed."""
    rng = np.random.default_rng(seed)
    place = _place(rng)
    light = random_light(rng)
    actors = [*_traffic(rng, place), *_parked(rng, place), *_people(rng, place), *_bags(rng, place)]
    return Scene(
        name=f"street-{seed}",
        seed=seed,
        view=_view(rng, place),
        light=light,
        place=place,
        actors=tuple(actors),
        duration=timedelta(seconds=40),
        sensor=Sensor(noise=float(rng.uniform(1.0, 6.0)), softness=float(rng.uniform(0.3, 0.9))),
    )


def random_light(rng: np.random.Generator) -> Light:
    """Return a sunny, overcast, hazy, dusky or lamplit light."""
    kind = str(rng.choice(["sunny", "overcast", "hazy", "dusk", "night"], p=[0.36, 0.3, 0.12, 0.14, 0.08]))
    turn, rise = float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(0.45, 1.2))
    sun = (float(np.cos(turn) * np.cos(rise)), float(np.sin(turn) * np.cos(rise)), float(np.sin(rise)))
    warm = float(rng.uniform(-0.06, 0.06))
    tint = (1.0 - warm, 1.0, 1.0 + warm)
    bright = float(rng.uniform(0.88, 1.1))
    if kind == "sunny":
        return Light(sun, 0.72 * bright, 0.55 * bright, tint, haze_distance=300.0, shadow=float(rng.uniform(0.35, 0.6)))
    if kind == "overcast":
        return Light(sun, 0.08, 0.92 * bright, tint, haze_distance=250.0, shadow=0.3)
    if kind == "hazy":
        return Light(
            sun, 0.2, 0.85 * bright, tint, haze=(205, 205, 205), haze_distance=float(rng.uniform(60, 130)), shadow=0.3
        )
    if kind == "dusk":
        return Light(
            sun,
            0.05,
            0.55 * bright,
            (1.08, 0.97, 0.97),
            haze=(125, 105, 105),
            haze_distance=200.0,
            shadow=0.35,
            lamps=True,
        )
    return Light(
        sun, 0.02, 0.4 * bright, (0.8, 0.98, 1.12), haze=(42, 36, 36), haze_distance=160.0, shadow=0.4, lamps=True
    )


def _place(rng: np.random.Generator) -> Place:
    half = float(rng.choice([3.8, 5.5, 7.2, 8.5]))
    pavement = float(rng.uniform(2.5, 6.0))
    front = half + pavement
    crossing = None
    if rng.random() < 0.3:
        near = float(rng.uniform(18, 30))
        crossing = (near, near + float(rng.uniform(9, 15)))
    walls: list[Wall] = [Wall("y", 118.0, -60.0, 60.0, 14.0)]
    for side in (-1, 1):
        if crossing is None:
            walls.append(Wall("x", side * front, -25.0, 118.0, float(rng.uniform(8, 15))))
        else:
            corner = (crossing[0] - pavement, crossing[1] + pavement)
            walls.append(Wall("x", side * front, -25.0, corner[0], float(rng.uniform(8, 15))))
            walls.append(Wall("x", side * front, corner[1], 118.0, float(rng.uniform(8, 15))))
            ends = (front, 70.0) if side > 0 else (-70.0, -front)
            walls.append(Wall("y", corner[1], *ends, float(rng.uniform(8, 14))))
    lanes = (0.0,) if half < 7 else (0.0, -half / 2, half / 2)
    tree_side = float(rng.choice([-1, 1])) * (half + 1.0)
    trees = tuple((tree_side, float(y)) for y in np.arange(rng.uniform(16, 24), 100, rng.uniform(8, 16)))
    pole_side = -tree_side
    grey = float(rng.uniform(82, 128))
    return Place(
        half_road=half,
        pavement=pavement,
        walls=tuple(walls),
        lanes=lanes,
        crossing=crossing,
        zebras=(float(rng.uniform(11, 24)),) if rng.random() < 0.4 else (),
        trees=trees if crossing is None and rng.random() < 0.7 else (),
        poles=tuple((pole_side, float(y)) for y in range(14, 100, 28))
        if crossing is None and rng.random() < 0.7
        else (),
        asphalt=(grey, grey + float(rng.uniform(-2, 3)), grey + float(rng.uniform(-2, 6))),
        paving=as_colour(np.array([120.0, 130.0, 140.0]) * rng.uniform(0.8, 1.15) + rng.uniform(-10, 10, 3)),
        worn=float(rng.uniform(0.1, 1.0)),
    )


def _view(rng: np.random.Generator, place: Place) -> View:
    front = place.half_road + place.pavement
    x = float(rng.uniform(-front + 0.5, front - 0.5))
    inward = -np.sign(x) if abs(x) > place.half_road * 0.4 else float(rng.choice([-1, 1]))
    yaw = float(inward * abs(rng.normal(0.25, 0.35)))
    return View(
        position=(x, float(rng.uniform(-4, 2)), float(rng.uniform(3.2, 8.5))),
        yaw=float(np.clip(yaw, -1.25, 1.25)),
        pitch=float(rng.uniform(0.14, 0.55)),
        focal=float(rng.uniform(380, 760)),
    )


def _vehicle(rng: np.random.Generator, *, near_kerb: bool) -> tuple[str, Mesh]:
    shares = [0.24, 0.12, 0.46, 0.08, 0.1] if not near_kerb else [0.42, 0.16, 0.26, 0.08, 0.08]
    label = str(rng.choice(["motorcycle", "bicycle", "car", "bus", "truck"], p=shares))
    match label:
        case "motorcycle":
            return label, motorcycle(rng)
        case "bicycle":
            return label, bicycle(rng)
        case "bus":
            return label, bus(rng)
        case "truck":
            return label, truck(rng)
        case _:
            return label, car(rng)


def _traffic(rng: np.random.Generator, place: Place) -> list[Actor]:
    """Return what flows in the lanes, and across at a crossing."""
    actors: list[Actor] = []
    busy = float(rng.uniform(0.2, 1.0))
    width = 1.5 if rng.random() < 0.4 else 2.9
    lanes = max(int(place.half_road / width), 1)
    for side in (1, -1):
        for k in range(lanes):
            x = side * place.half_road * (k + 0.5) / lanes
            first, last = ((x, -8.0), (x, REACH)) if side > 0 else ((x, REACH), (x, -8.0))
            narrow = place.half_road / lanes < 2.2
            actors += _lane(rng, first, last, busy, narrow=narrow, kerb=k == lanes - 1)
    if place.crossing is not None and rng.random() < 0.8:
        near, far = place.crossing
        for k, (a, b) in enumerate(((-50.0, 50.0), (50.0, -50.0))):
            y = near + (far - near) * (0.28 if k == 0 else 0.72)
            actors += _lane(rng, (a, y), (b, y), busy * 0.5, narrow=False, kerb=False)
    return actors


def _lane(
    rng: np.random.Generator,
    first: tuple[float, float],
    last: tuple[float, float],
    busy: float,
    *,
    narrow: bool,
    kerb: bool,
) -> list[Actor]:
    total = float(np.hypot(last[0] - first[0], last[1] - first[1]))
    vehicles = []
    for _ in range(int(rng.poisson(busy * (15 if narrow else 9)))):
        if narrow:
            label = str(rng.choice(["motorcycle", "bicycle"], p=[0.8, 0.2]))
            vehicles.append((label, motorcycle(rng) if label == "motorcycle" else bicycle(rng)))
        else:
            vehicles.append(_vehicle(rng, near_kerb=kerb))
    lengths = [mesh.footprint[0] for _, mesh in vehicles]
    speed = float(rng.uniform(3, 9)) if rng.random() < 0.8 else 0.0
    places = spread(rng, lengths, total, 1.2)
    actors = []
    for (label, mesh), offset in zip(vehicles, places, strict=False):
        drift = float(rng.normal(0, 0.12))
        aside = (drift, 0.0) if first[0] == last[0] else (0.0, drift)
        start, end = (first[0] + aside[0], first[1] + aside[1]), (last[0] + aside[0], last[1] + aside[1])
        actors.append(solid(label, Flow(start, end, speed, offset), mesh))
    return actors


def _parked(rng: np.random.Generator, place: Place) -> list[Actor]:
    """Return parked motorcycles in rows on the pavement, and a few parked cars half on it."""
    actors: list[Actor] = []
    for side in (-1, 1):
        if rng.random() < 0.45:
            y = float(rng.uniform(8, 30))
            slant = float(rng.uniform(-0.5, 0.5))
            for _ in range(int(rng.integers(1, 8))):
                x = side * (place.half_road + 1.3)
                if _clear(place, y):
                    actors.append(
                        solid("motorcycle", Still(x, y, slant + (0 if side < 0 else np.pi)), motorcycle(rng, riders=0))
                    )
                y += float(rng.uniform(0.75, 1.1))
    return actors


def _clear(place: Place, y: float) -> bool:
    return place.crossing is None or not place.crossing[0] - 1 < y < place.crossing[1] + 1


def _people(rng: np.random.Generator, place: Place) -> list[Actor]:
    """Return walkers on both pavements, groups that stand, and sometimes people who cross the road."""
    actors: list[Actor] = []
    crowd = float(rng.choice([0.25, 1.0, 2.5], p=[0.45, 0.4, 0.15]))
    for side in (-1, 1):
        for _ in range(int(rng.poisson(3 * crowd))):
            x = side * (place.half_road + float(rng.uniform(2.0, max(place.pavement - 0.4, 2.2))))
            ends = ((x, -5.0), (x, 60.0))
            first, last = ends if rng.random() < 0.5 else ends[::-1]
            actors.append(
                walker(Flow(first, last, float(rng.uniform(0.9, 1.5)), float(rng.uniform(0, 65))), random_look(rng))
            )
        for _ in range(int(rng.poisson(0.8 * crowd))):
            actors += _group(
                rng, side * (place.half_road + float(rng.uniform(0.5, place.pavement - 0.3))), float(rng.uniform(7, 28))
            )
    for _ in range(int(rng.poisson(0.7 * crowd))):
        y = float(rng.uniform(7, 26))
        half = place.half_road + 2
        first, last = ((-half, y), (half, y)) if rng.random() < 0.5 else ((half, y), (-half, y))
        offset = float(rng.uniform(0, 2 * half))
        actors.append(walker(Flow(first, last, float(rng.uniform(0.9, 1.4)), offset), random_look(rng)))
    return actors


def _group(rng: np.random.Generator, x: float, y: float) -> list[Actor]:
    count = int(rng.integers(1, 5))
    turn = float(rng.uniform(0, 2 * np.pi))
    group = []
    for k in range(count):
        angle = turn + k * 2 * np.pi / count
        radius = 0.3 + 0.17 * count
        at = (x + radius * float(np.cos(angle)), y + radius * float(np.sin(angle)))
        facing = angle + np.pi + float(rng.normal(0, 0.5))
        group.append(walker(Still(at[0], at[1], float(facing)), random_look(rng)))
    return group


def _bags(rng: np.random.Generator, place: Place) -> list[Actor]:
    actors = []
    for _ in range(int(rng.poisson(1.6))):
        side = float(rng.choice([-1, 1]))
        x = side * (place.half_road + float(rng.uniform(-0.8, max(place.pavement - 0.3, 0.5))))
        actors.append(solid("bag", Still(x, float(rng.uniform(5, 20)), float(rng.uniform(0, 6.28))), bag(rng)))
    return actors
