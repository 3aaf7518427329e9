"""Cars, buses and trucks as meshes, each a little different by the random generator it is given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streams.drawing import Colour, Mesh
from streams.scene_solids import Section, Solid, Vertex, inset, shaded

GLASS: Colour = (52, 44, 36)
RUBBER: Colour = (34, 33, 33)
TRIM: Colour = (40, 38, 38)
CHROME: Colour = (190, 190, 188)
LAMP: Colour = (225, 238, 245)
TAIL: Colour = (40, 30, 200)
PLATES: tuple[Colour, ...] = ((232, 235, 235), (232, 235, 235), (232, 235, 235), (70, 205, 235), (170, 80, 40))
PAINTS: tuple[Colour, ...] = (
    (226, 228, 228), (232, 232, 230), (215, 217, 220), (172, 172, 170), (150, 152, 154), (120, 118, 116),
    (48, 46, 46), (36, 34, 36), (60, 52, 46), (44, 40, 150), (40, 34, 178), (34, 30, 110), (130, 78, 38),
    (150, 100, 60), (96, 58, 30), (60, 84, 106), (98, 132, 158), (90, 120, 60), (60, 140, 210), (150, 175, 190),
)  # fmt: skip


@dataclass(frozen=True)
class CarShape:
    """The measures of a car in metres; screens are given as the x of their lower and upper edges."""

    length: float
    width: float
    belt: float
    roof: float
    bonnet: float
    boot: float
    windscreen: tuple[float, float]
    rear_screen: tuple[float, float]
    wheel: float = 0.32


CAR_SHAPES = {
    "sedan": CarShape(4.5, 1.76, 0.93, 1.46, 0.78, 0.92, (0.95, 0.25), (-1.55, -0.95)),
    "hatchback": CarShape(3.8, 1.66, 0.95, 1.50, 0.84, 0.96, (0.95, 0.30), (-1.78, -1.42)),
    "suv": CarShape(4.65, 1.86, 1.08, 1.76, 0.98, 1.08, (1.00, 0.42), (-2.15, -1.80), 0.37),
    "mpv": CarShape(4.6, 1.78, 1.02, 1.74, 0.92, 1.02, (1.35, 0.62), (-2.15, -1.88), 0.33),
    "van": CarShape(5.0, 1.92, 1.18, 2.05, 1.08, 1.18, (2.0, 1.42), (-2.40, -2.26), 0.34),
}


def car(rng: np.random.Generator, shape: str | None = None, paint: Colour | None = None) -> Mesh:
    """Return a car; a shape of CAR_SHAPES and a paint may be asked for."""
    form = CAR_SHAPES[shape or str(rng.choice(list(CAR_SHAPES), p=[0.32, 0.2, 0.22, 0.16, 0.1]))]
    taxi = paint is None and rng.random() < 0.1
    base = paint or PAINTS[int(rng.integers(len(PAINTS)))]
    colour: Colour = ((70, 140, 40), (235, 238, 238))[int(rng.integers(2))] if taxi else base
    solid = Solid()
    _car_body(solid, form, colour)
    _car_ends(solid, form, colour, PLATES[int(rng.integers(len(PLATES)))])
    _greenhouse(solid, form, colour)
    axle = form.length / 2 - 0.82
    for x in (-axle, axle):
        _wheels(solid, x, form.width / 2, form.wheel, tuned=rng.random() < 0.5)
    if taxi:
        solid.box((-0.5, -0.3, form.roof), (-0.3, 0.3, form.roof + 0.16), (90, 220, 240), layer=6)
    return solid.build()


def _car_body(solid: Solid, form: CarShape, colour: Colour) -> None:
    half, rear, front = form.width / 2, -form.length / 2, form.length / 2
    low = 0.2

    def section(x: float, top: float, narrow: float, base: float = low) -> Section:
        wide = half * narrow
        return (
            x,
            [
                (wide * 0.93, base),
                (wide, base + 0.18),
                (wide, top - 0.2),
                (wide * 0.95, top - 0.05),
                (wide * 0.84, top),
            ],
        )

    scuttle, deck = form.windscreen[0], form.rear_screen[0]
    solid.loft(
        [
            section(rear, form.boot - 0.1, 0.86, 0.32),
            section(rear + 0.16, form.boot, 0.96),
            section(max(deck, rear + 0.25), form.belt, 1.0),
            section(0.0, form.belt, 1.0),
            section(scuttle, form.belt - 0.01, 1.0),
            section(front - 0.35, form.bonnet, 0.96),
            section(front - 0.1, form.bonnet - 0.1, 0.9),
            section(front, form.bonnet - 0.22, 0.8, 0.3),
        ],
        colour,
        gloss=0.55,
    )
    for side in (1, -1):
        sill = [(rear + 0.3, half * 1.004, low - 0.03), (front - 0.3, half * 1.004, low - 0.03)]
        up = [(front - 0.3, half * 1.004, low + 0.1), (rear + 0.3, half * 1.004, low + 0.1)]
        _side_quad(solid, [*sill, *up], side, shaded(colour, 0.45), layer=1)
        for x in (-0.55, 0.5):
            line = [(x, half * 1.004, low + 0.14), (x + 0.025, half * 1.004, low + 0.14)]
            top = [(x + 0.025, half * 1.004, form.belt - 0.2), (x, half * 1.004, form.belt - 0.2)]
            _side_quad(solid, [*line, *top], side, shaded(colour, 0.5), layer=1)


def _side_quad(solid: Solid, left: list[Vertex], side: int, colour: Colour, *, layer: float, gloss: float = 0) -> None:
    """Add a quad that is listed clockwise for the left side (seen from the left: front is on the left hand)."""
    corners = [(x, y * side, z) for x, y, z in left]
    solid.quad(corners if side < 0 else corners[::-1], colour, layer=layer, gloss=gloss)


def _car_ends(solid: Solid, form: CarShape, colour: Colour, plate: Colour) -> None:
    half, rear, front = form.width / 2, -form.length / 2 - 0.006, form.length / 2 + 0.006
    nose = form.bonnet - 0.22

    def face(x: float, y1: float, y2: float, z1: float, z2: float) -> list[Vertex]:
        corners = [(x, y1, z1), (x, y2, z1), (x, y2, z2), (x, y1, z2)]
        return corners if x > 0 else corners[::-1]

    solid.quad(face(front, -half * 0.5, half * 0.5, nose - 0.2, nose - 0.04), TRIM, layer=1)
    solid.quad(face(front, -half * 0.72, half * 0.72, 0.3, 0.4), shaded(colour, 0.4), layer=1)
    solid.quad(face(front + 0.004, -0.25, 0.25, 0.4, 0.52), plate, layer=2)
    solid.quad(face(rear, -half * 0.8, half * 0.8, 0.32, 0.46), shaded(colour, 0.45), layer=1)
    solid.quad(face(rear - 0.004, -0.25, 0.25, 0.56, 0.7), plate, layer=2)
    for side in (1, -1):
        lamp = [
            (front, side * half * 0.48, nose - 0.14), (front - 0.14, side * half * 0.9, nose - 0.06),
            (front - 0.16, side * half * 0.9, nose + 0.1), (front - 0.02, side * half * 0.5, nose + 0.02),
        ]  # fmt: skip
        solid.quad(lamp if side > 0 else lamp[::-1], LAMP, layer=2, glow=1)
        solid.lamp((front + 0.02, side * half * 0.68, nose), 0.11)
        tail = [
            (rear, side * half * 0.84, form.boot - 0.36), (rear, side * half * 0.5, form.boot - 0.32),
            (rear, side * half * 0.52, form.boot - 0.14), (rear, side * half * 0.84, form.boot - 0.14),
        ]  # fmt: skip
        solid.quad(tail if side > 0 else tail[::-1], TAIL, layer=2, glow=0.9)
        mirror = form.windscreen[0] - 0.25
        y1, y2 = sorted((side * half, side * (half + 0.17)))
        solid.box(
            (mirror - 0.08, y1, form.belt - 0.02),
            (mirror + 0.06, y2, form.belt + 0.12),
            shaded(colour, 0.85),
            layer=2.5,
        )


def _greenhouse(solid: Solid, form: CarShape, colour: Colour) -> None:
    low, high = form.belt - 0.02, form.roof
    wide, narrow = form.width / 2 * 0.9, form.width / 2 * 0.7
    fore, aft = form.windscreen, form.rear_screen
    shoulder = high - 0.07
    share = (shoulder - low) / (high - low)
    mid = wide + (narrow - wide) * share * 0.75
    fore_mid, aft_mid = fore[0] + (fore[1] - fore[0]) * share, aft[0] + (aft[1] - aft[0]) * share
    front = [(fore[0], -wide, low), (fore[0], wide, low), (fore_mid, mid, shoulder), (fore_mid, -mid, shoulder)]
    back = [(aft[0], wide, low), (aft[0], -wide, low), (aft_mid, -mid, shoulder), (aft_mid, mid, shoulder)]
    roof = [(aft[1], -narrow, high), (fore[1], -narrow, high), (fore[1], narrow, high), (aft[1], narrow, high)]
    brim = [(aft_mid, -mid, shoulder), (fore_mid, -mid, shoulder), (fore_mid, mid, shoulder), (aft_mid, mid, shoulder)]
    solid.quad(roof, colour, layer=4, gloss=0.6)
    for k in range(4):
        n = (k + 1) % 4
        solid.quad([brim[k], brim[n], roof[n], roof[k]], colour, layer=3, gloss=0.5)
    solid.quad(front, colour, layer=3, gloss=0.3)
    solid.quad(back, colour, layer=3, gloss=0.3)
    solid.quad(inset(front, 0.06, 0.94, 0.06, 1.0), GLASS, layer=4, gloss=0.9)
    solid.quad(inset(back, 0.1, 0.9, 0.12, 0.94), GLASS, layer=4, gloss=0.8)
    for side in (1, -1):
        flank = [(aft[0], -wide, low), (fore[0], -wide, low), (fore_mid, -mid, shoulder), (aft_mid, -mid, shoulder)]
        if side > 0:
            flank = [(x, -y, z) for x, y, z in (flank[1], flank[0], flank[3], flank[2])]
        solid.quad(flank, colour, layer=3, gloss=0.3)
        for left, right in ((0.07, 0.33), (0.36, 0.62), (0.65, 0.92)):
            part = (left, right) if side < 0 else (1 - right, 1 - left)
            solid.quad(inset(flank, *part, 0.12, 0.9), GLASS, layer=4, gloss=0.5)


def _wheels(solid: Solid, x: float, half: float, radius: float, *, tuned: bool = False) -> None:
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


def bus(rng: np.random.Generator, length: float | None = None) -> Mesh:
    """Return a city bus or coach of 7 to 11.5 m."""
    long = length or float(rng.uniform(7.0, 11.5))
    half, high, low = 1.24, float(rng.uniform(2.9, 3.3)), 0.38
    base: Colour = (
        (220, 225, 228), (60, 160, 60), (50, 190, 235), (40, 40, 190), (190, 120, 40), (200, 205, 205), (60, 110, 220),
    )[int(rng.integers(7))]  # fmt: skip
    stripe: Colour = ((40, 120, 220), (60, 150, 60), (190, 90, 40), (230, 230, 230), (40, 40, 170))[
        int(rng.integers(5))
    ]
    solid = Solid()
    outline = [
        (half * 0.97, low),
        (half, low + 0.2),
        (half, high - 0.3),
        (half * 0.93, high - 0.06),
        (half * 0.8, high),
    ]
    nose = [(w * 0.95, z) for w, z in outline]
    rear, front = -long / 2, long / 2
    solid.loft([(rear, nose), (rear + 0.15, outline), (front - 0.2, outline), (front, nose)], base, gloss=0.3)
    for side in (1, -1):
        flank = [(rear + 0.2, -half * 1.003, low), (front - 0.2, -half * 1.003, low),
                 (front - 0.2, -half * 1.003, high - 0.3), (rear + 0.2, -half * 1.003, high - 0.3)]  # fmt: skip
        if side > 0:
            flank = [(x, -y, z) for x, y, z in (flank[1], flank[0], flank[3], flank[2])]
        solid.quad(inset(flank, 0, 1, 0.16, 0.3), stripe, layer=1)
        solid.quad(inset(flank, 0.01, 0.99, 0.46, 0.92), shaded(GLASS, 0.8), layer=1, gloss=0.3)
        panes = round(long / 1.35)
        for k in range(panes):
            solid.quad(inset(flank, (k + 0.06) / panes, (k + 0.94) / panes, 0.5, 0.9), GLASS, layer=2, gloss=0.6)
        door = inset(flank, 0.86, 0.96, 0.02, 0.92) if side < 0 else None
        if door is not None:
            solid.quad(door, shaded(base, 0.55), layer=3)
            solid.quad(inset(door, 0.12, 0.88, 0.15, 0.95), GLASS, layer=4, gloss=0.5)
    _bus_ends(solid, rear, front, half, high, base)
    for x in (rear + long * 0.24, front - long * 0.22):
        _wheels(solid, x, half, 0.48)
    return solid.build()


def _bus_ends(solid: Solid, rear: float, front: float, half: float, high: float, base: Colour) -> None:
    def ahead(y1: float, y2: float, z1: float, z2: float) -> list[Vertex]:
        return [(front + 0.01, y1, z1), (front + 0.01, y2, z1), (front + 0.01, y2, z2), (front + 0.01, y1, z2)]

    def astern(y1: float, y2: float, z1: float, z2: float) -> list[Vertex]:
        return [(rear - 0.01, y2, z1), (rear - 0.01, y1, z1), (rear - 0.01, y1, z2), (rear - 0.01, y2, z2)]

    solid.quad(ahead(-half * 0.88, half * 0.88, 1.15, high - 0.5), GLASS, layer=2, gloss=0.8)
    solid.quad(ahead(-half * 0.7, half * 0.7, high - 0.45, high - 0.15), (30, 30, 30), layer=2)
    solid.quad(ahead(-half * 0.5, half * 0.5, high - 0.4, high - 0.2), (50, 150, 230), layer=3, glow=1)
    solid.quad(ahead(-half * 0.9, half * 0.9, 0.4, 0.62), TRIM, layer=2)
    solid.quad(ahead(-0.26, 0.26, 0.45, 0.58), PLATES[0], layer=3)
    solid.quad(astern(-half * 0.8, half * 0.8, 1.6, high - 0.45), GLASS, layer=2, gloss=0.6)
    solid.quad(astern(-half * 0.7, half * 0.7, 0.75, 1.35), shaded(base, 0.6), layer=2)
    solid.quad(astern(-0.26, 0.26, 0.5, 0.66), PLATES[0], layer=3)
    for side in (1, -1):
        y1, y2 = sorted((side * half * 0.58, side * half * 0.86))
        solid.quad(ahead(y1, y2, 0.68, 0.9), LAMP, layer=3, glow=1)
        solid.quad(astern(y1, y2, 0.75, 1.2), TAIL, layer=3, glow=0.9)
        solid.lamp((front + 0.05, (y1 + y2) / 2, 0.8), 0.14)
        solid.limb(
            (front - 0.1, side * half, 2.3), (front + 0.2, side * (half + 0.2), 2.1), (0.05, 0.09), TRIM, layer=5
        )


def truck(rng: np.random.Generator, cargo: str | None = None) -> Mesh:
    """Return a light or middle truck; `cargo` is box, tarp, flat or tipper."""
    kind = cargo or str(rng.choice(["box", "tarp", "flat", "tipper"], p=[0.4, 0.25, 0.2, 0.15]))
    size = float(rng.uniform(0.85, 1.25))
    half, cab_high, long = 0.98 * size**0.5, 2.1 * size**0.5, 5.6 * size
    cab: Colour = (
        (226, 228, 228), (180, 90, 30), (150, 100, 40), (190, 190, 188), (50, 60, 190), (120, 150, 60), (60, 170, 225),
    )[int(rng.integers(7))]  # fmt: skip
    load: Colour = {
        "box": ((225, 226, 226), (200, 205, 208), (190, 120, 50), (150, 150, 150))[int(rng.integers(4))],
        "tarp": ((110, 120, 100), (130, 100, 60), (70, 95, 80), (150, 110, 70))[int(rng.integers(4))],
        "flat": ((140, 90, 40), (90, 110, 130))[int(rng.integers(2))],
        "tipper": ((50, 130, 210), (60, 110, 60), (120, 120, 125))[int(rng.integers(3))],
    }[kind]
    solid = Solid()
    rear, front = -long / 2, long / 2
    back = front - 1.55 * size
    _truck_cab(solid, back, front, half, cab_high, cab)
    solid.box((rear, -half * 0.5, 0.5), (back, half * 0.5, 0.75), (50, 50, 52), layer=-2)
    _truck_load(solid, kind, (rear, back - 0.12, half * 1.06, cab_high), load)
    wheel = 0.4 * size**0.5
    for x in (rear + long * 0.2, front - 0.75 * size):
        _wheels(solid, x, half, wheel)
    if long > 6.3:
        _wheels(solid, rear + long * 0.2 + wheel * 2.1, half, wheel)
    return solid.build()


def _truck_cab(solid: Solid, back: float, front: float, half: float, high: float, colour: Colour) -> None:
    low, belt = 0.42, high * 0.56
    outline = [(half, low), (half, belt), (half * 0.93, high - 0.08), (half * 0.84, high)]
    nose = [(half * 0.95, low), (half * 0.95, belt), (half * 0.9, high - 0.1), (half * 0.82, high - 0.02)]
    solid.loft([(back, outline), (front - 0.45, outline)], colour, layer=0, gloss=0.4)
    lower, upper = front, front - 0.3
    chin = [
        (lower, -half * 0.95, low),
        (lower, half * 0.95, low),
        (lower, half * 0.95, belt),
        (lower, -half * 0.95, belt),
    ]
    pane = [chin[3], chin[2], (upper, half * 0.88, high - 0.05), (upper, -half * 0.88, high - 0.05)]
    solid.quad(chin, colour, layer=0, gloss=0.3)
    solid.quad(pane, colour, layer=0, gloss=0.4)
    solid.quad(
        [(front - 0.45, -half * 0.84, high), pane[3], pane[2], (front - 0.45, half * 0.84, high)], colour, layer=0
    )
    for side in (1, -1):
        cheek = [
            (front - 0.45, half, low),
            (lower, half * 0.95, low),
            (lower, half * 0.95, belt),
            (front - 0.45, half, belt),
        ]
        brow = [cheek[3], cheek[2], (upper, half * 0.88, high - 0.05), (front - 0.45, half * 0.88, high - 0.04)]
        for part in (cheek, brow):
            _side_quad(solid, part, side, colour, layer=0, gloss=0.3)
        window = [(back + 0.3, half * 1.0, belt), (front - 0.28, half * 1.0, belt),
                  (front - 0.42, half * 0.955, high - 0.16), (back + 0.3, half * 0.955, high - 0.16)]  # fmt: skip
        _side_quad(solid, window, side, GLASS, layer=1, gloss=0.5)
        y1, y2 = sorted((side * half * 0.58, side * half * 0.9))
        lamp = [(lower + 0.01, y1, 0.66), (lower + 0.01, y2, 0.66), (lower + 0.01, y2, 0.84), (lower + 0.01, y1, 0.84)]
        solid.quad(lamp, LAMP, layer=1, glow=1)
        solid.lamp((lower + 0.05, (y1 + y2) / 2, 0.75), 0.12)
        solid.limb(
            (front - 0.25, side * half, high - 0.3),
            (front - 0.1, side * (half + 0.2), high - 0.55),
            (0.03, 0.09),
            TRIM,
            layer=2,
        )
    solid.quad(inset(pane, 0.06, 0.94, 0.08, 0.92), GLASS, layer=1, gloss=0.9)
    solid.quad(inset(chin, 0.22, 0.78, 0.35, 0.7), TRIM, layer=1)
    solid.quad(inset(chin, 0.0, 1.0, 0.0, 0.22), shaded(colour, 0.5), layer=1)
    solid.quad(inset(chin, 0.38, 0.62, 0.08, 0.25), PLATES[0], layer=2)
    del nose


def _truck_load(solid: Solid, kind: str, bay: tuple[float, float, float, float], colour: Colour) -> None:
    rear, fore, half, cab_high = bay
    floor = 0.85
    if kind in {"box", "tarp"}:
        high = cab_high * (1.28 if kind == "box" else 1.18)
        top = 1.0 if kind == "box" else 0.9
        solid.box((rear, -half, floor), (fore, half, high), colour, layer=0.5, gloss=0.05, top=top)
        ribs = max(int((fore - rear) / 0.7), 2)
        for side in (1, -1):
            for k in range(1, ribs):
                x = rear + (fore - rear) * k / ribs
                rib = [
                    (x, half * 1.003, floor),
                    (x + 0.05, half * 1.003, floor),
                    (x + 0.05, half * 1.003, high * 0.97),
                    (x, half * 1.003, high * 0.97),
                ]
                if kind == "box":
                    _side_quad(solid, rib, side, shaded(colour, 0.85), layer=1)
        doors = [(rear - 0.01, half * 0.94, floor + 0.08), (rear - 0.01, -half * 0.94, floor + 0.08),
                 (rear - 0.01, -half * 0.94, high * 0.96), (rear - 0.01, half * 0.94, high * 0.96)]  # fmt: skip
        solid.quad(inset(doors, 0.0, 0.48, 0.0, 1.0), shaded(colour, 0.82), layer=1)
        solid.quad(inset(doors, 0.52, 1.0, 0.0, 1.0), shaded(colour, 0.82), layer=1)
    else:
        wall = 1.3 if kind == "flat" else 1.75
        solid.box(
            (rear, -half, floor - 0.1), (fore, half, wall), colour, layer=0.4, top=1.0 if kind == "flat" else 1.05
        )
        heap: Colour = (70, 95, 120) if kind == "tipper" else (60, 62, 66)
        solid.box((rear + 0.1, -half * 0.92, wall - 0.02), (fore - 0.1, half * 0.92, wall + 0.03), heap, layer=1)
        if kind == "tipper":
            solid.box((rear + 0.5, -half * 0.8, wall), (fore - 0.5, half * 0.8, wall + 0.4), heap, layer=2, top=0.4)
    for side in (1, -1):
        y1, y2 = sorted((side * half * 0.55, side * half * 0.85))
        tail = [(rear - 0.02, y2, 0.62), (rear - 0.02, y1, 0.62), (rear - 0.02, y1, 0.8), (rear - 0.02, y2, 0.8)]
        solid.quad(tail, TAIL, layer=2, glow=0.9)
    plate = [
        (rear - 0.02, 0.25, 0.55),
        (rear - 0.02, -0.25, 0.55),
        (rear - 0.02, -0.25, 0.72),
        (rear - 0.02, 0.25, 0.72),
    ]
    solid.quad(plate, PLATES[0], layer=2)
    guard = [
        (rear - 0.01, half * 0.8, 0.5),
        (rear - 0.01, -half * 0.8, 0.5),
        (rear - 0.01, -half * 0.8, 0.8),
        (rear - 0.01, half * 0.8, 0.8),
    ]
    solid.quad(guard, TRIM, layer=1)
