"""What the places of a simulated day are made of: views, streets, lanes, rules and time lines, as script tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

Table: TypeAlias = dict[str, Any]
Rng: TypeAlias = np.random.Generator
AFTER = 20
"""Seconds that a vehicle may stand where none may."""
LITTER_AFTER = 8
"""Seconds for which a bag may lie without whoever brought it."""
CROWD_AFTER = 10
"""Seconds that a place may be overcrowded."""
SHORT, LONG = (4.0, 14.0), (28.0, 75.0)
"""Seconds of stops that owe nothing, and of those that owe an alert."""
NORTH, SOUTH = 92.0, -14.0
"""Where along a street its traffic begins and ends, outside the picture."""


def rounded(value: float) -> float:
    """Return a length as a person would write it: to the centimetre."""
    return round(float(value), 2)


def view(rng: Rng, position: tuple[float, float, float], yaw: float, pitch: float, angle: float = 57) -> Table:
    """Return a view that hangs a little otherwise for each camera."""
    x, y, z = (rounded(at + rng.normal(0, spread)) for at, spread in zip(position, (0.25, 0.3, 0.2), strict=True))
    return {"position": [x, y, z], "yaw": rounded(yaw + rng.normal(0, 1)), "pitch": pitch, "angle": angle}


def wall(axis: str, at: float, start: float, end: float, rng: Rng) -> Table:
    """Return a row of houses, on the line where `axis` is `at`."""
    return {"axis": axis, "at": at, "start": start, "end": end, "height": rounded(rng.uniform(8, 14))}


def houses_along(
    rng: Rng, half: float, pavement: float, *, trees: float | None = None, poles: float | None = None, **more: Any
) -> Table:
    """Return a straight street between two rows of houses; `trees` and `poles` stand at so many metres across."""
    front = half + pavement
    place = {
        "half_road": half,
        "pavement": pavement,
        "worn": rounded(rng.uniform(0.2, 0.9)),
        "walls": [wall("x", side * front, 8.0 if side < 0 else -20.0, 118.0, rng) for side in (-1, 1)]
        + [wall("y", 118.0, -60.0, 60.0, rng)],
        **more,
    }
    if trees is not None:
        place["trees"] = [[trees, rounded(y)] for y in np.arange(rng.uniform(11, 14), 70, 15)]
    if poles is not None:
        place["poles"] = [[poles, rounded(y)] for y in np.arange(rng.uniform(9, 12), 70, 26)]
    return place


def zone(name: str, x1: float, y1: float, x2: float, y2: float) -> Table:
    """Return a zone that is a rectangle on the ground."""
    return {"name": name, "ground": [[x1, y1], [x2, y1], [x2, y2], [x1, y2]]}


def no_stopping(zone: str, *labels: str) -> Table:
    """Return the rule that no vehicle, or none of these labels, may stand in a zone."""
    rule: Table = {"name": f"no-stopping-{zone}", "kind": "illegal_parking", "zone": zone, "after": f"PT{AFTER}S"}
    return {**rule, "labels": list(labels)} if labels else rule


def at_most(people: int, zone: str) -> Table:
    """Return the rule that so many people may be in a zone."""
    return {
        "name": f"crowd-{zone}", "kind": "overcrowding", "zone": zone, "after": f"PT{CROWD_AFTER}S", "at_most": people
    }  # fmt: skip


def lane(name: str, x: float, speed: float, per_minute: float, mix: Table) -> Table:
    """Return a lane along the street; a speed below nought comes towards the camera."""
    return _between(name, [x, SOUTH], [x, NORTH], speed, per_minute, mix)


def lane_across(name: str, y: float, speed: float, per_minute: float, mix: Table) -> Table:
    """Return a lane of the street that crosses; a speed below nought comes from the right."""
    return _between(name, [-46.0, y], [46.0, y], speed, per_minute, mix)


def walkway(name: str, x: float, per_minute: float) -> Table:
    """Return a way for people along the street, towards the camera."""
    return _between(f"{name}-walk", [x, -6.0], [x, 48.0], -4.4, per_minute, {"person": 1})


def _between(name: str, near: list[float], far: list[float], speed: float, per_minute: float, mix: Table) -> Table:
    start, end = (near, far) if speed > 0 else (far, near)
    return {"name": name, "start": start, "end": end, "speed": abs(speed), "per_minute": per_minute, "mix": mix}


def spans(
    rng: Rng, seconds: float, lasts: tuple[float, float], pause: tuple[float, float]
) -> Iterator[tuple[float, float]]:
    """Yield spans one after the other, with pauses between them."""
    at = float(rng.uniform(15, 15 + pause[0]))
    while True:
        end = at + float(rng.uniform(*lasts))
        if end > seconds - 8:
            return
        yield (round(at, 1), round(end, 1))
        at = end + float(rng.uniform(*pause))


def taking_turns(
    rng: Rng,
    seconds: float,
    places: tuple[float, ...],
    long: float = 0.62,
    pause: tuple[float, float] = (16.0, 48.0),
) -> Iterator[tuple[tuple[float, float], float]]:
    """Yield stops and where along the kerb each is, one after the other; a share of them is long."""
    at = float(rng.uniform(15, 45))
    while True:
        end = at + float(rng.uniform(*(LONG if rng.random() < long else SHORT)))
        if end > seconds - 12:
            return
        yield (round(at, 1), round(end, 1)), float(rng.choice(places))
        at = end + float(rng.uniform(*pause))


def parking(rng: Rng, lane: str, where: tuple[float, float], span: tuple[float, float], mix: dict[str, float]) -> Table:
    """Return a stop near a place beside a lane, of one of a mix of vehicles."""
    shares = np.array(list(mix.values()), dtype=np.float64)
    place = [rounded(where[0] + rng.normal(0, 0.12)), rounded(where[1] + rng.normal(0, 0.8))]
    who = str(rng.choice(list(mix), p=shares / shares.sum()))
    return {"who": who, "lane": lane, "where": place, "start": span[0], "end": span[1]}


def gathering(rng: Rng, people: int, area: list[float], doors: list[list[float]], span: tuple[float, float]) -> Table:
    """Return people who come, stand about an area for a span, and go."""
    over = rounded(rng.uniform(3, 8))
    return {"people": people, "area": area, "doors": doors, "start": span[0], "end": span[1], "over": over}


def crowds(rng: Rng, seconds: float, area: list[float], doors: list[list[float]]) -> list[Table]:
    """Return gatherings of which two in three are larger than nine people, beyond doubt."""
    made = []
    for span in spans(rng, seconds - 20, (24.0, 55.0), (38.0, 75.0)):
        people = int(rng.integers(13, 19)) if rng.random() < 0.67 else int(rng.integers(3, 6))
        made.append(gathering(rng, people, area, doors, span))
    return made


def no_litter(zone: str) -> Table:
    """Return the rule that nothing may be left behind in a zone."""
    return {"name": f"litter-{zone}", "kind": "littering", "zone": zone, "after": f"PT{LITTER_AFTER}S"}


def leavings(rng: Rng, seconds: float, x: float, places: tuple[float, float]) -> list[Table]:
    """Return bags that people bring along a pavement and leave, for long or for a moment, and that others take away."""
    made = []
    for start, end in spans(rng, seconds - 20, (4.0, 70.0), (35.0, 70.0)):
        y, kind = rounded(rng.uniform(*places)), str(rng.choice(["sack", "carrier", "box"]))
        brought = [[start - 11, x, y + 16], [start - 1, x, y], [start + 1, x, y], [start + 13, x, y - 19]]
        taken = [[end - 11, x, y + 16], [end - 1, x, y], [end + 1, x, y], [end + 12, x, y + 18]]
        ways = [[[rounded(number) for number in stop] for stop in way] for way in (brought, taken)]
        made.append({"what": kind, "path": ways[0], "left": start, "taken": end, "taker": ways[1]})
    return made


def burning(start: float, end: float, y: float, **more: Any) -> Table:
    """Return a fire or its smoke behind the pavement, for a span."""
    return {"x": 7.7, "y": y, "start": round(start, 1), "end": round(end, 1), **more}
