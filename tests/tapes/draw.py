"""Draws the tapes of this folder: `python -m tests.tapes.draw`.

Each is what our tracker makes of a street as an imperfect detector sees it: boxes jitter and some are missed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from ioc.tape import TapeHeader, write_tape
from ioc.types import Box, Json, Observation, Reading
from tests.detectors.burning import Burns, burning
from tests.detectors.gate import Plated, Says, always, passing, plate_reading
from tests.detectors.lens import BLACK, BLURRED, COVERED, FROZEN, INFRARED, MOVED, During, Lens
from tests.detectors.pavement import Lies, pavement, person
from tests.detectors.rising import Course, bystanders, course, rising, wetting
from tests.detectors.street import START, Look, Thing, Way, box_on, driving, standing, stopping, tracked

HERE = Path(__file__).parent
BODY = {"width": 0.03, "height": 0.1}


def strolling(x: float, y: float, begin: float, end: float, pace: float) -> Way:
    """Walk to and fro around a place from `begin` to `end`."""

    def way(t: float) -> Box | None:
        return box_on(x + 0.02 * math.sin(pace * t), y, **BODY) if begin <= t < end else None

    return way


def traffic(until: float) -> list[Thing]:
    """Return the vehicles that pass in front."""
    return [Thing(driving(0.66, begin=3.5 * n, speed=0.25, height=0.1)) for n in range(round(until / 3.5))]


def people(numbers: range, begin: float, end: float) -> list[Thing]:
    """Return people, each at a place of its own, who come one after the other and leave so."""
    return [
        Thing(strolling(0.06 + 0.08 * (n % 12), 0.6 + 0.14 * (n // 12), begin + 0.4 * n, end + 0.4 * n, 0.2), "person")
        for n in numbers
    ]


STREETS: dict[str, tuple[list[Thing], float]] = {
    # One stands there from the start and stays, one stops for 45 s, one only for 9 s.
    "illegal_parking-fires": (
        [
            Thing(standing(0.2, 0.6)),
            Thing(stopping(0.5, 0.6, 10, 55), "truck"),
            Thing(stopping(0.8, 0.6, 20, 29)),
            *traffic(70),
        ],
        75,
    ),
    # Traffic, short stops, a queue at a light, somebody parked where it is allowed.
    "illegal_parking-quiet": (
        [
            Thing(standing(0.3, 0.45)),
            Thing(stopping(0.5, 0.6, 5, 16)),
            Thing(stopping(0.5, 0.6, 30, 42)),
            *(Thing(stopping(0.85 - 0.13 * n, 0.6, 55 + 1.5 * n, 90 + n, speed=0.2)) for n in range(4)),
            *traffic(50),
        ],
        110,
    ),
    # Somebody walks to and fro in the yard for a while and goes, another stays; people pass.
    "loitering-fires": (
        [
            Thing(strolling(0.4, 0.7, 5, 40, 0.8), "person"),
            Thing(strolling(0.6, 0.8, 12, 99, 0.3), "person"),
            *(Thing(driving(0.75, 6.0 * n, speed=0.08, **BODY), "person") for n in range(10)),
        ],
        60,
    ),
    # Nobody stays for long, but for one beside the yard, and a car in it.
    "loitering-quiet": (
        [
            Thing(strolling(0.4, 0.7, 5, 20, 0.8), "person"),
            Thing(strolling(0.4, 0.7, 32, 45, 0.8), "person"),
            Thing(strolling(0.5, 0.4, 0, 99, 0.3), "person"),
            Thing(standing(0.6, 0.8)),
            *(Thing(driving(0.75, 6.0 * n, speed=0.08, **BODY), "person") for n in range(10)),
        ],
        60,
    ),
}


SIGN = plate_reading("98A99999", Box(0.45, 0.55, 0.48, 0.56), label=None)
CAPTION = plate_reading("CAM03", Box(0.02, 0.02, 0.10, 0.04), label=None)


def once_in(times: int, right: str, wrong: str) -> Says:
    """Read it wrong once in so many pictures."""
    return lambda t: wrong if round(5 * t) % times == 0 else right


GATES: dict[str, tuple[list[Plated | Thing | Reading], float]] = {
    # One is parked there, four pass, one of them foreign; a sign and the camera's caption stand beside them.
    "plate-fires": (
        [
            SIGN,
            CAPTION,
            Plated(Thing(standing(0.2, 0.4)), lambda t: "98A11111" if t >= 1 else None),
            Plated(Thing(driving(0.7, 6)), once_in(3, "98A12345", "98A12346")),
            Plated(Thing(driving(0.9, 7, speed=0.2), "motorcycle"), always("29B122222"), 4),
            Plated(Thing(driving(0.7, 11), "truck"), once_in(4, "29C55555", ""), 3, colour="yellow"),
            Plated(Thing(driving(0.7, 16)), always("AB123CD")),
        ],
        30,
    ),
    # Plates that cannot be read, or never the same twice, before the sign and the caption.
    "plate-quiet": (
        [
            SIGN,
            CAPTION,
            *(Plated(thing, always("")) for thing in traffic(12)),
            Plated(Thing(driving(0.9, 16)), lambda t: f"X{round(5 * t) * 7919 % 9973:04}X"),
        ],
        25,
    ),
}

WALKS_ON = person((2, 0.05, 0.7), (8, 0.47, 0.7), (10, 0.47, 0.7), (18, 0.97, 0.7))
PAVEMENTS: dict[str, tuple[list[Thing], list[Lies], float]] = {
    # Somebody leaves a bag, which is fetched at last; a lorry drops its load; people pass all the time.
    "littering-fires": (
        [
            WALKS_ON,
            Thing(driving(0.92, 14, speed=0.2, width=0.3, height=0.3), "truck"),
            *(person((t, 0.97, 0.72), (t + 8, 0.03, 0.72)) for t in range(12, 60, 7)),
        ],
        [Lies(0.5, 0.7, 9, 50), Lies(0.6, 0.9, 17, place=2, size=(0.09, 0.06))],
        65,
    ),
    # A bag whose owner stays, one that is picked up in time, something taken away, and a leaf that nobody brought.
    "littering-quiet": (
        [
            person((2, 0.05, 0.7), (6, 0.3, 0.7), (55, 0.3, 0.7), (60, 0.05, 0.7)),
            person((20, 0.97, 0.9), (26, 0.62, 0.9), (30, 0.7, 0.9), (34, 0.62, 0.9), (40, 0.97, 0.9)),
            *(person((t, 0.97, 0.5), (t + 8, 0.03, 0.5)) for t in range(1, 50, 9)),
        ],
        [
            Lies(0.33, 0.7, 7, 56),
            Lies(0.6, 0.9, 26, 34, place=2),
            Lies(0.5, 0.52, 20, place=3, placed=-0.6),
            Lies(0.9, 0.72, 15, place=4),
        ],
        65,
    ),
}

FIRES: dict[str, tuple[list[Burns], float]] = {
    # It begins small, grows, and is put out; a sign that looks like flames hangs beside it.
    "fire-fires": (
        [
            Burns(begin=10, end=30, grows=0.01, found=0.7),
            Burns(where=(0.1, 0.2), lively=0.3, score=0.6),
        ],
        75,
    ),
    # The sign, lights that drive past, and something that flares up for a moment.
    "fire-quiet": (
        [
            Burns(where=(0.1, 0.2), lively=0.3, score=0.6),
            *(Burns(begin=7.0 * n, end=7.0 * n + 3, where=(0.0, 0.6), side=0.03, drift=0.3) for n in range(1, 6)),
            Burns(begin=45, end=46, score=0.8, found=1.0),
        ],
        60,
    ),
    # A plume that grows and blows away; haze over everything.
    "smoke-fires": (
        [
            Burns("smoke", begin=12, end=35, side=0.2, grows=0.01, found=0.85),
            Burns("smoke", side=2.2, score=0.6),
        ],
        80,
    ),
    # Haze over everything, a cloud that holds still, and a puff that is gone at once.
    "smoke-quiet": (
        [
            Burns("smoke", side=2.2, score=0.6),
            Burns("smoke", where=(0.8, 0.1), lively=0.4, score=0.7),
            Burns("smoke", begin=20, end=22, side=0.2, found=0.9),
        ],
        50,
    ),
}

LENSES: dict[str, Lens] = {
    # Black, twice as one; switched to infrared; offline; turned aside, and so to the end.
    "camera_health-fires": Lens(
        150,
        [During(BLACK, 10, 22), During(BLACK, 30, 41), During(INFRARED, 70, 90), During(MOVED, 125)],
        gaps=[(100, 113)],
        learns=3,
    ),
    # A lorry before the lens, a gust, a quiet moment, headlights: nothing that lasts.
    "camera_health-quiet": Lens(
        70,
        [
            During(COVERED, 10, 15),
            During(MOVED, 20, 22),
            During(FROZEN, 30, 34),
            During(BLACK, 40, 40.4),
            During(BLURRED, 50, 57),
        ],
        gaps=[(62, 66)],
        learns=3,
    ),
}


SQUARES: dict[str, tuple[list[Thing], Callable[[float], float], float]] = {
    # Fifteen where twelve may be, then five; and at last a dense crowd of whom hardly any is found.
    "overcrowding-fires": (
        [*people(range(5), -9, 200), *people(range(5, 15), 8, 40)],
        lambda t: 60 if 80 <= t < 110 else 3,
        125,
    ),
    # Eleven, and for a moment fifteen; the density swings by one around what may be, and has one wild moment.
    "overcrowding-quiet": (
        [*people(range(11), -9, 200), *people(range(11, 15), 15, 20)],
        lambda t: 40 if 30 <= t < 31 else 11 + math.sin(t),
        60,
    ),
}


def with_density(seen: Sequence[Observation], count: Callable[[float], float]) -> list[Observation]:
    """Return what was seen, with the density of heads at every third look."""

    def told(obs: Observation) -> tuple[Reading, ...]:
        heads = round(count((obs.at - START).total_seconds()), 2)
        heat: list[Json] = [[0.0, round(heads / 4, 1)], [round(heads / 4, 1), round(heads / 2, 1)]]
        return (Reading("density", {"people": {"square": heads}, "heat": heat}, 1.0),)

    return [replace(obs, readings=told(obs)) if n % 3 == 0 else obs for n, obs in enumerate(seen)]


FLOODS: dict[str, tuple[list[Thing], Course, float]] = {
    # It rises over the road while people wade through it, stays, and drains away.
    "flood-fires": (
        [*bystanders(2), *traffic(25)],
        course((10, 0.03), (30, 0.55), (60, 0.85), (90, 0.85), (110, 0.02)),
        150,
    ),
    # A puddle, a wave that runs off again, and headlights that shine on the wet road for some looks.
    "flood-quiet": (
        traffic(90),
        course(
            (5, 0.0),
            (15, 0.16),
            (28, 0.16),
            (30, 0.4),
            (40, 0.4),
            (42, 0.1),
            (60, 0.1),
            (60.1, 0.6),
            (68, 0.6),
            (69, 0),
        ),
        100,
    ),
}


def main() -> None:
    """Write all tapes."""
    for name, (things, until) in STREETS.items():
        _write(name, tracked(things, Look(until, misses=0.08, jitter=0.02)))
    for name, (things, count, until) in SQUARES.items():
        _write(name, with_density(tracked(things, Look(until, misses=0.08, jitter=0.02)), count))
    for name, (cast, until) in GATES.items():
        _write(name, passing(cast, Look(until, misses=0.08)))
    for name, (things, lies, until) in PAVEMENTS.items():
        _write(name, pavement(things, lies, Look(until, misses=0.08, jitter=0.02)))

    for name, (burns, until) in FIRES.items():
        _write(name, burning(burns, Look(until)))
    for name, lens in LENSES.items():
        _write(name, lens.seen())
    for name, (things, amount, until) in FLOODS.items():
        _write(name, rising(wetting(amount), Look(until), things))


def _write(name: str, seen: list[Observation]) -> None:
    write_tape(HERE / f"{name}.tape", TapeHeader(camera=name.rpartition("-")[0], start=START), seen)


if __name__ == "__main__":
    main()
