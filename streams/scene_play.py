"""From a scene script to the scene: who comes when, and where each stands."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ioc.errors import UsageError
from streams.scene import Actor, Scene, solid
from streams.scene_bags import bag
from streams.scene_carried import Carried, Thrown
from streams.scene_effects import Canvas, Effect
from streams.scene_fleet import VARIETY, Fleet, dressed, plated
from streams.scene_lanes import traffic
from streams.scene_light import light_like
from streams.scene_motion import ALWAYS, Motion, Script, Span, Still
from streams.scene_plates import Plate
from streams.scene_script import CAPTION, SceneScript
from streams.scene_script_parts import Dumping, Gathering, Leaving, Moving, Parking, Standing
from streams.scene_seen import Seen
from streams.scene_traffic import KMH, Line, Occupied

STROLL = 1.25
"""Metres a second of people who come to a gathering."""
APPROACH = 13.0
"""Metres before and behind its place at which a vehicle leaves its lane to park, and is back on it."""
TURN_IN = 3.6
"""Seconds that it takes for that."""
SETTLED = 2.0
"""Seconds after which something that was thrown lies still."""


@dataclass(frozen=True, slots=True)
class Stay:
    """Something that stands at a place for a while, as the script says; traffic that waits is not among them."""

    actor: Actor
    x: float
    y: float
    span: Span


@dataclass(frozen=True, slots=True)
class Play:
    """A script as a scene, and what stands in it."""

    scene: Scene
    stays: tuple[Stay, ...]
    loop: bool = False

    def shown(self, span: Span) -> list[Span]:
        """Return the parts of a span between the scene's beginning and its end, in which it comes again if it loops."""
        length = self.scene.duration.total_seconds()
        turns = (-1, 0, 1) if self.loop and math.isfinite(sum(map(abs, span))) else (0,)
        parts = ((max(span[0] + k * length, 0.0), min(span[1] + k * length, length)) for k in turns)
        return sorted(part for part in parts if part[0] < part[1])


def play(script: SceneScript) -> Play:
    """Return the scene that a script describes: the same for the same script and seed."""
    made = _Cast(script)
    stays = tuple(made.scripted())
    actors = [*made.actors, *traffic(script, made.fleet, made.occupied)]
    hours = tuple((hour.at, light_like(hour.like, *hour.sun)) for hour in script.hour)
    sensor = replace(script.sensor, caption=script.sensor.caption or CAPTION)
    scene = Scene(
        name=script.id,
        seed=script.seed,
        view=script.view.view,
        light=light_like(script.light.like, *script.light.sun),
        place=script.place,
        actors=tuple(actors),
        duration=script.duration,
        sensor=sensor,
        fps=script.fps,
        effects=tuple(_effects(script)),
        faults=script.fault,
        hours=hours,
        water=script.water,
    )
    return Play(scene, stays, script.loop)


@dataclass(frozen=True, slots=True)
class Harmless:
    """An effect that the truth passes over, such as steam, which only looks like smoke."""

    effect: Effect

    def paint(self, canvas: Canvas) -> Iterable[Seen]:
        """Paint it and tell of nothing."""
        deque(self.effect.paint(canvas), maxlen=0)
        return ()


def _effects(script: SceneScript) -> Iterator[Effect]:
    """Yield what fills the air, each with a name of its own; smoke veils fire, and rain all."""
    yield from (replace(fire, name=f"fire-{index}") for index, fire in enumerate(script.fire))
    yield from (replace(smoke, name=f"smoke-{index}") for index, smoke in enumerate(script.smoke))
    yield from map(Harmless, script.steam)
    yield from script.rain


class _Cast:
    def __init__(self, script: SceneScript) -> None:
        self._script = script
        self.fleet = Fleet(script.seed)
        self._period = script.seconds if script.loop else math.inf
        self.occupied = Occupied(self._period)
        self.actors: list[Actor] = []

    def scripted(self) -> Iterator[Stay]:
        """Put everybody on the stage whose way the script lays down; yield where they stand."""
        script = self._script
        lanes = {lane.name: Line(lane.start, lane.end) for lane in script.lane}
        speeds = {lane.name: lane.speed * KMH for lane in script.lane}
        for index, standing in enumerate(script.standing):
            motion = Still(*standing.where, _heading(standing.facing), _span(standing))
            yield from self._enter(standing, motion, f"standing-{index}", ridden=False)
        for index, parking in enumerate(script.parking):
            way = _parks(parking, lanes[parking.lane], speeds[parking.lane], self._period)
            yield from self._enter(parking, way, f"parking-{index}")
        for index, moving in enumerate(script.moving):
            facing = None if moving.facing is None else _heading(moving.facing)
            yield from self._enter(moving, Script(moving.path, self._period, facing), f"moving-{index}")
        for index, gathering in enumerate(script.gathering):
            self.actors += self._gather(gathering, f"gathering-{index}")
        for index, leaving in enumerate(script.leaving):
            yield self._leave(leaving, f"leaving-{index}")
        for index, dumping in enumerate(script.dumping):
            yield self._dump(dumping, f"dumping-{index}")

    def _enter(
        self, part: Standing | Parking | Moving | Dumping, motion: Still | Script, name: str, *, ridden: bool = True
    ) -> Iterator[Stay]:
        """Put one on the stage; traffic keeps clear of it unless it is a person, who steps aside."""
        rng = np.random.default_rng([self._script.seed, *map(ord, name)])
        if part.who == "person":
            actor = self.fleet.person(motion, int(rng.integers(VARIETY["person"])), name)
        else:
            mesh = dressed(rng, part.who, part.look, part.paint, ridden=ridden)
            plate = Plate.parse(*part.plate) if part.plate else plated(rng, part.who)
            actor = solid(part.who, motion, mesh, name=name, plate=plate)
            self.occupied.add_motion(motion, self._watched(motion), mesh.footprint)
        self.actors.append(actor)
        if isinstance(motion, Script) and motion.stops[-2][0] > motion.stops[0][0] + self._period:
            raise UsageError(f"{self._script.id}: {name} takes longer than the scene, which repeats: shorten it")
        yield from _stays(actor, motion)

    def _watched(self, motion: Still | Script) -> Span:
        """Return from when to when it is there as far as traffic may meet it."""
        turns = 1 if math.isinf(self._period) else 2
        return (max(motion.span[0], -turns * self._script.seconds), min(motion.span[1], turns * self._script.seconds))

    def _gather(self, gathering: Gathering, name: str) -> list[Actor]:
        rng = np.random.default_rng([self._script.seed, *map(ord, name)])
        actors = []
        for k, place in enumerate(_places(rng, gathering)):
            door = min(gathering.doors, key=lambda door: math.dist(door, place))
            door = (door[0] + float(rng.normal(0, 0.8)), door[1] + float(rng.normal(0, 0.8)))
            takes = max(math.dist(door, place) / STROLL, 0.5)
            here = gathering.start - float(rng.uniform(0, gathering.over))
            until = gathering.end + float(rng.uniform(0, gathering.over))
            path = ((here - takes, *door), (here, *place), (until, *place), (until + takes, *door))
            look = int(rng.integers(VARIETY["person"]))
            actors.append(self.fleet.person(Script(path, self._period), look, f"{name}-{k}"))
        return actors

    def _leave(self, leaving: Leaving, name: str) -> Stay:
        rng = np.random.default_rng([self._script.seed, *map(ord, name)])
        owner = Script(leaving.path, self._period)
        looks = rng.integers(VARIETY["person"], size=2).tolist()
        self.actors.append(self.fleet.person(owner, looks[0], f"{name}-owner"))
        taker = None
        if leaving.taker is not None:
            taker = Script(leaving.taker, self._period)
            self.actors.append(self.fleet.person(taker, looks[1], f"{name}-taker"))
        taken = math.inf if leaving.taken is None else leaving.taken
        return self._lies(
            Carried(owner, leaving.left, taker or owner, taken), (leaving.left, taken), leaving.what, name
        )

    def _dump(self, dumping: Dumping, name: str) -> Stay:
        vehicle = Script(dumping.path, self._period)
        deque(self._enter(dumping, vehicle, f"{name}-vehicle"), maxlen=0)
        end = math.inf if dumping.end is None else dumping.end
        thrown = Thrown(vehicle, dumping.start, end, aside=dumping.aside)
        return self._lies(thrown, (dumping.start, end), dumping.what, name)

    def _lies(self, motion: Motion, span: Span, what: str, name: str) -> Stay:
        rng = np.random.default_rng([self._script.seed, *map(ord, what), *map(ord, name)])
        actor = solid("bag", motion, bag(rng, what), name=f"{name}-{what}")
        self.actors.append(actor)
        pose = motion.at(min(span[0] + SETTLED, (span[0] + span[1]) / 2))
        if pose is None:
            raise UsageError(f"{self._script.id}: {name}: nobody is there to put it down at {span[0]:g} s")
        return Stay(actor, pose.x, pose.y, span)


def _heading(degrees: float) -> float:
    """Return the heading (radians from +X) of something that faces so many degrees from +Y towards +X."""
    return math.pi / 2 - math.radians(degrees)


def _span(standing: Standing) -> Span:
    return (
        ALWAYS[0] if standing.start is None else standing.start,
        ALWAYS[1] if standing.end is None else standing.end,
    )


def _stays(actor: Actor, motion: Still | Script) -> Iterator[Stay]:
    """Yield where something stands, from the way that it is given."""
    if isinstance(motion, Still):
        yield Stay(actor, motion.x, motion.y, motion.span)
        return
    for (begin, x, y), (end, *place) in pairwise(motion.stops):
        if (x, y) == tuple(place):
            yield Stay(actor, x, y, (begin, end))


def _parks(parking: Parking, line: Line, speed: float, period: float) -> Script:
    """Return the way of a vehicle along its lane to its place beside it, and on."""
    along = float(line.measure(np.array(parking.where[0]), np.array(parking.where[1]))[0])
    before, after = max(along - APPROACH, 1.0), min(along + APPROACH, line.length - 1.0)
    begin, end = parking.start - TURN_IN, parking.end + TURN_IN
    stops = (
        (begin - before / speed, *line.place(0.0)),
        (begin, *line.place(before)),
        (parking.start, *parking.where),
        (parking.end, *parking.where),
        (end, *line.place(after)),
        (end + (line.length - after) / speed, *line.place(line.length)),
    )
    return Script(stops, period, line.heading)


def _places(rng: np.random.Generator, gathering: Gathering) -> list[tuple[float, float]]:
    """Return where people stand about an area: each at the place furthest from the others among a few."""
    x1, y1, x2, y2 = gathering.area
    chosen: list[tuple[float, float]] = []
    for _ in range(gathering.people):
        tries = rng.uniform((x1, y1), (x2, y2), (12, 2)).round(2).tolist()
        chosen.append(
            max(((x, y) for x, y in tries), key=lambda at: min((math.dist(at, o) for o in chosen), default=0))
        )
    return chosen
