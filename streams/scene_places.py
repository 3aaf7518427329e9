"""What a place is made of: the street, its marks, and the rows of houses, trees, poles and lamps along it."""

from __future__ import annotations

from dataclasses import dataclass

from streams.drawing import Colour


@dataclass(frozen=True)
class Wall:
    """A row of house fronts: upright on the line `axis` = `at` (metres), from `start` to `end` along the other axis."""

    axis: str
    at: float
    start: float
    end: float
    height: float = 12.0


@dataclass(frozen=True)
class Place:
    """A street along Y, `half_road` metres to each side of X = 0, between pavements; perhaps a crossing or a square.

    `lanes` are the X of dashed lines, `crossing` the (first, last) Y of a street that crosses,
    `zebras` the Y of pedestrian crossings, `square` the (x1, y1, x2, y2) of a paved square,
    `hatched` the (x1, y1, x2, y2) of a yellow no-parking strip, `bays` those of rows of parking bays, marked off every
    2.5 m along the longer side, `river` the (first, last) X of a river between upright walls, its bed `river_depth`
    metres below the street, with or without a `railing` on its banks. `stalls` are the places of a market's stalls,
    `lamps` those of street lamps, which shine when the light has its lamps on.
    """

    half_road: float
    pavement: float
    walls: tuple[Wall, ...]
    lanes: tuple[float, ...] = (0.0,)
    crossing: tuple[float, float] | None = None
    zebras: tuple[float, ...] = ()
    square: tuple[float, float, float, float] | None = None
    hatched: tuple[float, float, float, float] | None = None
    trees: tuple[tuple[float, float], ...] = ()
    poles: tuple[tuple[float, float], ...] = ()
    lamps: tuple[tuple[float, float], ...] = ()
    bays: tuple[tuple[float, float, float, float], ...] = ()
    river: tuple[float, float] | None = None
    river_depth: float = 3.0
    railing: bool = False
    stalls: tuple[tuple[float, float], ...] = ()
    asphalt: Colour = (104, 104, 106)
    paving: Colour = (128, 136, 146)
    worn: float = 0.5
