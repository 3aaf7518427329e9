"""Fills a script's lanes with road users who come at random, wait at lights, and keep clear of what stands there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from streams.drawing import Floats, Mesh
from streams.scene import Actor, solid
from streams.scene_fleet import VARIETY, Fleet, plated
from streams.scene_motion import Span
from streams.scene_plates import Plate
from streams.scene_script import SceneScript
from streams.scene_script_parts import Lane
from streams.scene_traffic import GAP, KMH, REACTION, STEP, Drivers, Line, Occupied, Ride, arrivals, meets, rides

WIDTHS = {"motorcycle": 0.8, "bicycle": 0.7, "car": 1.9, "truck": 2.3, "bus": 2.6}
"""Metres across a lane that each needs; people step aside."""
DRIFT = {"person": 0.45, "bicycle": 0.2, "motorcycle": 0.25}
"""Metres (deviation) that road users keep from their lane's middle; 0.12 for the others."""
FURTHEST = 1.5
"""Deviations beyond which none strays."""
LONGEST = 60.0
"""Seconds before the beginning from which those come who are on the road at the beginning, beside their free way."""
WARM_UP = 2
"""Periods that a scene that repeats has gone on for before it begins, so that it goes on as it began."""


@dataclass(frozen=True, slots=True)
class _Comer:
    when: float
    who: str
    name: str
    look: int
    drift: float
    plate: Plate | None


def traffic(script: SceneScript, fleet: Fleet, occupied: Occupied) -> Iterator[Actor]:
    """Yield who follows the lanes, lane by lane; later lanes keep clear of earlier ones."""
    for index, lane in enumerate(script.lane):
        if lane.per_minute > 0:
            line = Line(lane.start, lane.end)
            comers = list(_comers(script, lane, line, np.random.default_rng([script.seed, 1000 + index])))
            walkers = [comer for comer in comers if comer.who == "person"]
            yield from _walk(script, lane, line, fleet, walkers)
            yield from _Lane(script, lane, line, fleet, occupied).drive([c for c in comers if c.who != "person"])


def _comers(script: SceneScript, lane: Lane, line: Line, rng: np.random.Generator) -> Iterator[_Comer]:
    """Yield who comes, by time: within a period where the scene repeats, else early enough to be there at first."""
    names = list(lane.mix)
    shares = np.array([lane.mix[name] for name in lane.mix])
    shortest = REACTION + (GAP + 4.5) / (lane.speed * KMH)
    begin = 0.0 if script.loop else -line.length / (lane.speed * KMH) - LONGEST
    end = script.seconds - shortest if script.loop else script.seconds
    for number, when in enumerate(arrivals(rng, lane.per_minute, shortest, begin, end)):
        who = str(rng.choice(names, p=shares / shares.sum()))
        drift = float(np.clip(rng.normal(0, 1), -FURTHEST, FURTHEST)) * DRIFT.get(who, 0.12)
        look = int(rng.integers(VARIETY[who]))
        yield _Comer(when, who, f"{lane.name}-{number}", look, drift, plated(rng, who))


def _walk(script: SceneScript, lane: Lane, line: Line, fleet: Fleet, comers: Iterable[_Comer]) -> Iterator[Actor]:
    """Yield people, each at a pace of their own; they pass one another."""
    for comer in comers:
        pace = lane.speed * KMH * (0.85 + 0.3 * comer.look / VARIETY["person"])
        gone = np.arange(0.0, line.length + pace * STEP, pace * STEP)
        for ride in rides(line.shifted(comer.drift), comer.when, gone, _period(script)):
            yield fleet.person(ride, comer.look, comer.name)


def _period(script: SceneScript) -> float:
    return script.seconds if script.loop else math.inf


def _needs(who: str) -> float:
    """Return the metres across a lane within which such a road user may be met."""
    return WIDTHS[who] + 2 * FURTHEST * DRIFT.get(who, 0.12) if who in WIDTHS else 0.0


class _Lane:
    """The vehicles of one lane."""

    def __init__(self, script: SceneScript, lane: Lane, line: Line, fleet: Fleet, occupied: Occupied) -> None:
        self._script, self._lane, self._line = script, lane, line
        self._fleet, self._occupied = fleet, occupied
        self._kept_clear = occupied.on(line, max(map(_needs, lane.mix)))
        stop = lane.signal.stop if lane.signal else 0.0
        self._drivers = Drivers(line, list(self._reds()), stop, 2 * script.seconds)

    def _reds(self) -> Iterator[Span]:
        signal = self._lane.signal
        if signal is not None:
            first = -math.ceil((WARM_UP * self._script.seconds + LONGEST) / signal.cycle)
            for turn in range(first, math.ceil(2 * self._script.seconds / signal.cycle) + 1):
                yield (turn * signal.cycle + signal.red[0], turn * signal.cycle + signal.red[1])

    def drive(self, comers: list[_Comer]) -> Iterator[Actor]:
        """Yield those who find their way free, and let later lanes keep clear of them."""
        driven: list[tuple[Ride, Mesh]] = []
        for comer, turn in self._in_turn(comers):
            mesh = self._fleet.mesh(comer.who, comer.look)
            when = comer.when + turn * self._script.seconds
            way = self._drivers.next(when, self._lane.speed * KMH, mesh.footprint[0], self._kept_clear)
            if way is None or turn < 0 or (not self._script.loop and when + len(way) * STEP < 0):
                continue
            if self._script.loop and self._comes_upon_itself(when, way, mesh, driven):
                continue
            for ride in rides(self._line.shifted(comer.drift), when, way, _period(self._script)):
                driven.append((ride, mesh))
                yield solid(comer.who, ride, mesh, name=comer.name, plate=comer.plate)
        for ride, mesh in driven:
            self._occupied.add_ride(ride, mesh.footprint)

    def _comes_upon_itself(self, when: float, way: Floats, mesh: Mesh, driven: list[tuple[Ride, Mesh]]) -> bool:
        """Return whether one would meet the lane's earlier ones as they come again, in a queue that never clears."""
        own = Occupied(self._script.seconds)
        for ride, its in driven:
            own.add_ride(ride, its.footprint)
        return meets(round(when / STEP), way, mesh.footprint[0], own.on(self._line, 1.0))

    def _in_turn(self, comers: list[_Comer]) -> Iterator[tuple[_Comer, int]]:
        """Yield each with the period in which it comes: a scene that repeats has gone on before it begins."""
        for turn in range(-WARM_UP if self._script.loop else 0, 1):
            yield from ((comer, turn) for comer in comers)
