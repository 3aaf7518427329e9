"""Reads what a city draws behind its cameras: a GeoJSON file (RFC 7946) of roads, waters and borders.

Nothing of it is trusted, and only lines are kept: no properties, names or addresses reach the page.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from ioc.errors import UsageError

MOST_BYTES = 16 * 1024 * 1024
MOST_POINTS = 200_000
MOST_LETTERS = 200
DECIMALS = 6
"""A millionth of a degree is 11 cm."""
DEEPEST = 8
"""Collections within collections."""

Kind: TypeAlias = Literal["main", "road", "path", "water", "green", "building", "other"]
Line: TypeAlias = list[tuple[float, float]]
"""Points as longitude, latitude in degrees (WGS 84)."""

_ROADS: Mapping[str, Kind] = {
    **dict.fromkeys(("motorway", "trunk", "primary", "secondary"), "main"),
    **dict.fromkeys(("footway", "path", "steps", "cycleway", "pedestrian", "track"), "path"),
}
_KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("waterway", "water"), "water"),
    **dict.fromkeys(("leisure", "landuse"), "green"),
    "building": "building",
}
_PARTS = {"FeatureCollection": "features", "GeometryCollection": "geometries"}
_LEVELS = {"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}
"""How many lists lie around each line."""
_POINTS = frozenset({"Point", "MultiPoint"})


class MapError(UsageError):
    """The map's file cannot be used; the message names the file and what was expected."""


@dataclass(frozen=True, slots=True)
class MapFile:
    """The lines as the JSON that the page is sent: `{"attribution": text, "lines": {kind: [line, ...]}}`."""

    content: bytes

    @property
    def tag(self) -> str:
        """What tells this map from another."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:16]}"'


def read_map(path: Path) -> MapFile:
    """Read and check the file; raises MapError."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise MapError(f"{path}: is larger than {MOST_BYTES >> 20} MiB: cut it to the city, or thin its lines out")
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise MapError(f"{path}: {error.strerror}; name a GeoJSON file in [dashboard] map, or leave it out") from None
    except (ValueError, RecursionError):
        raise MapError(f"{path}: is not JSON; expected a GeoJSON file") from None
    lines: dict[Kind, list[Line]] = {}
    count = 0
    for kind, line in _drawn(value, path, "other", DEEPEST):
        count += len(line)
        if count > MOST_POINTS:
            raise MapError(f"{path}: has more than {MOST_POINTS} points: cut it to the city, or thin its lines out")
        lines.setdefault(kind, []).append(line)
    if not lines:
        raise MapError(f"{path}: has no lines or areas; expected roads, waters or borders")
    said = {"attribution": _attribution(value, path), "lines": lines}
    return MapFile(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode())


def _attribution(value: dict[str, Any], path: Path) -> str:
    """Return whom the map names as its source, as some licences ask."""
    said = value.get("attribution", "")
    if not isinstance(said, str) or len(said) > MOST_LETTERS:
        raise MapError(f"{path}: attribution: expected a text of at most {MOST_LETTERS} letters")
    return " ".join(said.split())


def _drawn(value: Any, path: Path, kind: Kind, depth: int) -> Iterator[tuple[Kind, Line]]:
    """Yield every line of a GeoJSON object with what it is; points of interest are passed over."""
    what = str(value.get("type")) if isinstance(value, dict) else "none"
    if depth == 0:
        raise MapError(f"{path}: its collections are nested deeper than {DEEPEST}")
    if what in _PARTS:
        for part in _list(value.get(_PARTS[what]), path):
            yield from _drawn(part, path, kind, depth - 1)
    elif what == "Feature":
        if value.get("geometry") is not None:
            yield from _drawn(value["geometry"], path, _kind(value.get("properties")), depth - 1)
    elif what in _LEVELS:
        for line in _flat(value.get("coordinates"), _LEVELS[what], path):
            yield kind, _line(line, path)
    elif what not in _POINTS:
        raise MapError(f"{path}: expected GeoJSON, found an object of type {what[:40]!r}")


def _flat(value: Any, levels: int, path: Path) -> Iterator[Any]:
    """Yield what lies `levels` lists deep."""
    if levels == 0:
        yield value
        return
    for part in _list(value, path):
        yield from _flat(part, levels - 1, path)


def _kind(properties: Any) -> Kind:
    """Return what OpenStreetMap's tags say that a feature is."""
    tags = properties if isinstance(properties, dict) else {}
    if isinstance(highway := tags.get("highway"), str):
        return _ROADS.get(highway, "road")
    if tags.get("natural") == "water":
        return "water"
    return next((kind for tag, kind in _KINDS.items() if tags.get(tag)), "other")


def _line(value: Any, path: Path) -> Line:
    points = [_point(point, path) for point in _list(value, path)]
    if len(points) < 2:
        raise MapError(f"{path}: a line needs two points at least")
    return points


def _point(value: Any, path: Path) -> tuple[float, float]:
    point = _list(value, path)[:2]
    if len(point) < 2 or not all(isinstance(part, int | float) and math.isfinite(part) for part in point):
        raise MapError(f"{path}: expected points as [longitude, latitude]")
    longitude, latitude = float(point[0]), float(point[1])
    if abs(longitude) > 180 or abs(latitude) > 90:
        raise MapError(f"{path}: [{longitude:g}, {latitude:g}] is no longitude and latitude in degrees (EPSG:4326)")
    return round(longitude, DECIMALS), round(latitude, DECIMALS)


def _list(value: Any, path: Path) -> list[Any]:
    if not isinstance(value, list):
        raise MapError(f"{path}: expected GeoJSON, found something else where a list belongs")
    return value
