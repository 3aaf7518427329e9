"""What all vehicles have: colours of glass, rubber and lamps, wheels, and quads given for the left side."""

from __future__ import annotations

from streams.drawing import Colour
from streams.scene_solids import Solid, Vertex

GLASS: Colour = (52, 44, 36)
RUBBER: Colour = (34, 33, 33)
TRIM: Colour = (40, 38, 38)
CHROME: Colour = (190, 190, 188)
LAMP: Colour = (225, 238, 245)
TAIL: Colour = (40, 30, 200)
PLATES: tuple[Colour, ...] = ((232, 235, 235), (232, 235, 235), (232, 235, 235), (70, 205, 235), (170, 80, 40))


def wheels(solid: Solid, x: float, half: float, radius: float, *, tuned: bool = False) -> None:
    """Add the two wheels of one axle, with their dark arches."""
    for side in (1, -1):
        y = side * (half + 0.008)
        solid.disc((x, y, radius * 1.16), radius * 1.16, (22, 21, 20), side=side, layer=2)
        solid.disc((x, y + side * 0.004, radius), radius, RUBBER, side=side, layer=2.1)
        solid.disc(
            (x, y + side * 0.008, radius), radius * 0.62, CHROME if tuned else (140, 138, 136), side=side, layer=2.2
        )
        solid.disc((x, y + side * 0.012, radius), radius * 0.25, (70, 70, 70), side=side, layer=2.3)
        y1, y2 = sorted((side * (half - 0.22), side * half))
        solid.box((x - radius * 0.8, y1, 0.0), (x + radius * 0.8, y2, radius), RUBBER, layer=-1)


def side_quad(solid: Solid, left: list[Vertex], side: int, colour: Colour, *, layer: float, gloss: float = 0) -> None:
    """Add a quad that is listed clockwise for the left side (seen from the left: front is on the left hand)."""
    corners = [(x, y * side, z) for x, y, z in left]
    solid.quad(corners if side < 0 else corners[::-1], colour, layer=layer, gloss=gloss)


def across(x: float, left: float, right: float, low: float, high: float, *, ahead: bool) -> list[Vertex]:
    """Return an upright rectangle across the vehicle, from y `left` to `right`, that looks ahead or back."""
    corners = [(x, left, low), (x, right, low), (x, right, high), (x, left, high)]
    return corners if ahead else [corners[1], corners[0], corners[3], corners[2]]
