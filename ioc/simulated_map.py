"""Invents the streets around simulated cameras, as the GeoJSON file that stands behind them on the map.

Two families of streets cross at right angles; each camera stands at a crossing of two larger ones. No place is real,
and the map says so where others name their source.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import cos, hypot, pi, radians, sin, sqrt
from pathlib import Path
from typing import Any

DEGREE_M = 111_195.0
"""Length of a degree of a meridian on a sphere of the Earth's mean radius."""
TILT = 0.3
"""How far the streets lie off north and east, in radians."""
APART_M = 170.0
"""The widest gap between two parallel streets, and how much nearer two larger ones become one."""
MARGIN_M = 700.0
RIVER_M = 70.0
"""Half the river's width."""
SOURCE = "Simulated streets / đường phố mô phỏng"

Spot = tuple[float, float]
"""Metres east and north of the city's middle, or along and across its streets."""


def write_map(places: Sequence[tuple[float, float]], path: Path) -> Path:
    """Write the map of a city with cameras at these places (latitude, longitude), and return its path."""
    path.write_text(json.dumps(city_map(places)), encoding="utf-8")
    return path


def city_map(places: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Return the streets, the river and the park around these places, the same for the same places."""
    middle = tuple(sum(part) / len(places) for part in zip(*places, strict=True))
    shrink = cos(radians(middle[0]))
    spots = [((lon - middle[1]) * DEGREE_M * shrink, (lat - middle[0]) * DEGREE_M) for lat, lon in places]
    radius = max(hypot(*spot) for spot in spots) + MARGIN_M

    def point(spot: Spot) -> list[float]:
        return [middle[1] + spot[0] / DEGREE_M / shrink, middle[0] + spot[1] / DEGREE_M]

    features = [
        _feature({"highway": kind}, "LineString", list(map(point, line))) for kind, line in _streets(spots, radius)
    ]
    features += [_feature(tags, "Polygon", [list(map(point, ring))]) for tags, ring in (_river(radius), _park(radius))]
    return {"type": "FeatureCollection", "attribution": SOURCE, "features": features}


def _feature(tags: dict[str, str], shape: str, coordinates: list[Any]) -> dict[str, Any]:
    return {"type": "Feature", "properties": tags, "geometry": {"type": shape, "coordinates": coordinates}}


def _streets(spots: Sequence[Spot], radius: float) -> Iterator[tuple[str, list[Spot]]]:
    """Yield the streets of both families, chords of the city's circle, and what they are in OpenStreetMap's words."""
    for angle in (TILT, TILT + pi / 2):
        along, across = (cos(angle), sin(angle)), (-sin(angle), cos(angle))
        offsets = [spot[0] * across[0] + spot[1] * across[1] for spot in spots]
        for offset, kind in _offsets(offsets, radius):
            half = sqrt(radius**2 - offset**2)
            ends = [
                (offset * across[0] + side * along[0], offset * across[1] + side * along[1]) for side in (-half, half)
            ]
            yield kind, ends


def _offsets(wanted: Sequence[float], radius: float) -> Iterator[tuple[float, str]]:
    """Yield where the streets of a family lie: larger ones near each wanted offset, smaller ones in the gaps."""
    larger: list[float] = []
    for offset in sorted(wanted):
        if not larger or offset - larger[-1] > APART_M / 4:
            larger.append(offset)
    yield from ((offset, "primary") for offset in larger)
    for low, high in pairwise((-radius, *larger, radius)):
        count = int((high - low) / APART_M)
        yield from ((low + (high - low) * (n + 1) / (count + 1), "residential") for n in range(count))


def _river(radius: float) -> tuple[dict[str, str], list[Spot]]:
    """Return a river that winds past the city's west."""
    steps = [radius * (n / 12 - 1) for n in range(25)]
    banks = [
        [(-0.8 * radius + 0.08 * radius * sin(4 * y / radius) + side, y) for y in steps] for side in (-RIVER_M, RIVER_M)
    ]
    ring = [*banks[0], *reversed(banks[1])]
    return {"natural": "water"}, [*ring, ring[0]]


def _park(radius: float) -> tuple[dict[str, str], list[Spot]]:
    """Return a park in the city's south-east, its sides along the streets."""
    corners = [(0.35, 0.1), (0.6, 0.1), (0.6, 0.3), (0.35, 0.3), (0.35, 0.1)]
    turned = [(x * cos(TILT) + y * sin(TILT), x * sin(TILT) - y * cos(TILT)) for x, y in corners]
    return {"leisure": "park"}, [(x * radius, y * radius) for x, y in turned]
