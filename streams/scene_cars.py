"""Cars as meshes, each a little different by the random generator it is given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streams.drawing import Colour, Mesh
from streams.scene_plates import LONG, SHORT
from streams.scene_solids import Section, Solid, inset, shaded
from streams.scene_vehicle_parts import GLASS, LAMP, PLATES, TAIL, TRIM, across, side_quad, wheels

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
        wheels(solid, x, form.width / 2, form.wheel, tuned=rng.random() < 0.5)
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
        side_quad(solid, [*sill, *up], side, shaded(colour, 0.45), layer=1)
        for x in (-0.55, 0.5):
            line = [(x, half * 1.004, low + 0.14), (x + 0.025, half * 1.004, low + 0.14)]
            top = [(x + 0.025, half * 1.004, form.belt - 0.2), (x, half * 1.004, form.belt - 0.2)]
            side_quad(solid, [*line, *top], side, shaded(colour, 0.5), layer=1)


def _car_ends(solid: Solid, form: CarShape, colour: Colour, plate: Colour) -> None:
    half, rear, front = form.width / 2, -form.length / 2 - 0.006, form.length / 2 + 0.006
    nose = form.bonnet - 0.22

    solid.quad(across(front, -half * 0.5, half * 0.5, nose - 0.2, nose - 0.04, ahead=True), TRIM, layer=1)
    solid.quad(across(front, -half * 0.72, half * 0.72, 0.3, 0.4, ahead=True), shaded(colour, 0.4), layer=1)
    solid.plate((front + 0.004, 0, 0.46), LONG, plate, ahead=True, layer=2)
    solid.quad(across(rear, -half * 0.8, half * 0.8, 0.32, 0.46, ahead=False), shaded(colour, 0.45), layer=1)
    solid.plate((rear - 0.004, 0, 0.6), SHORT, plate, ahead=False, layer=2)
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
