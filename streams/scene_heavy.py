"""Buses and trucks as meshes, each a little different by the random generator it is given."""

from __future__ import annotations

import numpy as np

from streams.drawing import Colour, Mesh
from streams.scene_plates import LONG, SHORT
from streams.scene_solids import Solid, Vertex, inset, shaded
from streams.scene_vehicle_parts import GLASS, LAMP, PLATES, TAIL, TRIM, across, side_quad, wheels

LOADS = ("box", "tarp", "flat", "tipper")
"""What a truck may carry."""


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
        wheels(solid, x, half, 0.48)
    return solid.build()


def _bus_ends(solid: Solid, rear: float, front: float, half: float, high: float, base: Colour) -> None:
    def nose(wide: float, low: float, top: float) -> list[Vertex]:
        return across(front + 0.01, -wide, wide, low, top, ahead=True)

    def tail(wide: float, low: float, top: float) -> list[Vertex]:
        return across(rear - 0.01, -wide, wide, low, top, ahead=False)

    solid.quad(nose(half * 0.88, 1.15, high - 0.5), GLASS, layer=2, gloss=0.8)
    solid.quad(nose(half * 0.7, high - 0.45, high - 0.15), (30, 30, 30), layer=2)
    solid.quad(nose(half * 0.5, high - 0.4, high - 0.2), (50, 150, 230), layer=3, glow=1)
    solid.quad(nose(half * 0.9, 0.4, 0.62), TRIM, layer=2)
    solid.plate((front + 0.012, 0, 0.51), LONG, PLATES[0], ahead=True, layer=3)
    solid.quad(tail(half * 0.8, 1.6, high - 0.45), GLASS, layer=2, gloss=0.6)
    solid.quad(tail(half * 0.7, 0.75, 1.35), shaded(base, 0.6), layer=2)
    solid.plate((rear - 0.012, 0, 0.58), SHORT, PLATES[0], ahead=False, layer=3)
    for side in (1, -1):
        y1, y2 = sorted((side * half * 0.58, side * half * 0.86))
        solid.quad(across(front + 0.01, y1, y2, 0.68, 0.9, ahead=True), LAMP, layer=3, glow=1)
        solid.quad(across(rear - 0.01, y1, y2, 0.75, 1.2, ahead=False), TAIL, layer=3, glow=0.9)
        solid.lamp((front + 0.05, (y1 + y2) / 2, 0.8), 0.14)
        solid.limb((front - 0.1, side * half, 2.3), (front + 0.2, side * (half + 0.2), 2.1), (0.05, 0.09), TRIM)


def truck(rng: np.random.Generator, cargo: str | None = None) -> Mesh:
    """Return a light or middle truck; `cargo` is one of LOADS."""
    kind = cargo or str(rng.choice(LOADS, p=[0.4, 0.25, 0.2, 0.15]))
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
        wheels(solid, x, half, wheel)
    if long > 6.3:
        wheels(solid, rear + long * 0.2 + wheel * 2.1, half, wheel)
    return solid.build()


def _truck_cab(solid: Solid, back: float, front: float, half: float, high: float, colour: Colour) -> None:
    low, belt, hinge = 0.42, high * 0.56, front - 0.45
    outline = [(half, low), (half, belt), (half * 0.93, high - 0.08), (half * 0.84, high)]
    solid.loft([(back, outline), (hinge, outline)], colour, gloss=0.4)
    chin = across(front, -half * 0.95, half * 0.95, low, belt, ahead=True)
    brim = (front - 0.3, half * 0.88, high - 0.05)
    pane = [chin[3], chin[2], brim, (brim[0], -brim[1], brim[2])]
    solid.quad(chin, colour, gloss=0.3)
    solid.quad(pane, colour, gloss=0.4)
    solid.quad([(hinge, -half * 0.84, high), pane[3], pane[2], (hinge, half * 0.84, high)], colour)
    for side in (1, -1):
        cheek = [(hinge, half, low), chin[1], chin[2], (hinge, half, belt)]
        for part in (cheek, [cheek[3], cheek[2], brim, (hinge, half * 0.88, high - 0.04)]):
            side_quad(solid, part, side, colour, layer=0, gloss=0.3)
        window = [(back + 0.3, half, belt), (front - 0.28, half, belt),
                  (front - 0.42, half * 0.955, high - 0.16), (back + 0.3, half * 0.955, high - 0.16)]  # fmt: skip
        side_quad(solid, window, side, GLASS, layer=1, gloss=0.5)
        y1, y2 = sorted((side * half * 0.58, side * half * 0.9))
        solid.quad(across(front + 0.01, y1, y2, 0.66, 0.84, ahead=True), LAMP, layer=1, glow=1)
        solid.lamp((front + 0.05, (y1 + y2) / 2, 0.75), 0.12)
        mirror = (front - 0.1, side * (half + 0.2), high - 0.55)
        solid.limb((front - 0.25, side * half, high - 0.3), mirror, (0.03, 0.09), TRIM)
    solid.quad(inset(pane, 0.06, 0.94, 0.08, 0.92), GLASS, layer=1, gloss=0.9)
    solid.quad(inset(chin, 0.22, 0.78, 0.35, 0.7), TRIM, layer=1)
    solid.quad(inset(chin, 0.0, 1.0, 0.0, 0.22), shaded(colour, 0.5), layer=1)
    solid.plate((front + 0.01, 0, low + 0.13), LONG, PLATES[0], ahead=True, layer=2)


def _truck_load(solid: Solid, kind: str, bay: tuple[float, float, float, float], colour: Colour) -> None:
    """Add what lies behind the cab; `bay` is the load's rear and front, its half width and the cab's height."""
    rear, fore, half, _ = bay
    if kind in {"box", "tarp"}:
        _covered_load(solid, bay, colour, ribbed=kind == "box")
    else:
        wall, lean = (1.3, 1.0) if kind == "flat" else (1.75, 1.05)
        solid.box((rear, -half, 0.75), (fore, half, wall), colour, layer=0.4, top=lean)
        heap: Colour = (70, 95, 120) if kind == "tipper" else (60, 62, 66)
        solid.box((rear + 0.1, -half * 0.92, wall - 0.02), (fore - 0.1, half * 0.92, wall + 0.03), heap, layer=1)
        if kind == "tipper":
            solid.box((rear + 0.5, -half * 0.8, wall), (fore - 0.5, half * 0.8, wall + 0.4), heap, layer=2, top=0.4)
    for side in (1, -1):
        y1, y2 = sorted((side * half * 0.55, side * half * 0.85))
        solid.quad(across(rear - 0.02, y1, y2, 0.62, 0.8, ahead=False), TAIL, layer=2, glow=0.9)
    solid.plate((rear - 0.02, 0, 0.64), SHORT, PLATES[0], ahead=False, layer=2)
    solid.quad(across(rear - 0.01, -half * 0.8, half * 0.8, 0.5, 0.8, ahead=False), TRIM, layer=1)


def _covered_load(solid: Solid, bay: tuple[float, float, float, float], colour: Colour, *, ribbed: bool) -> None:
    rear, fore, half, cab_high = bay
    floor, high = 0.85, cab_high * (1.28 if ribbed else 1.18)
    solid.box((rear, -half, floor), (fore, half, high), colour, layer=0.5, gloss=0.05, top=1.0 if ribbed else 0.9)
    out = half * 1.003
    for x in np.linspace(rear, fore, max(int((fore - rear) / 0.7), 2) + 1)[1:-1].tolist() if ribbed else ():
        rib = [(x, out, floor), (x + 0.05, out, floor), (x + 0.05, out, high * 0.97), (x, out, high * 0.97)]
        for side in (1, -1):
            side_quad(solid, rib, side, shaded(colour, 0.85), layer=1)
    for left, right in ((-0.94, -0.03), (0.03, 0.94)):
        door = across(rear - 0.01, half * left, half * right, floor + 0.08, high * 0.96, ahead=False)
        solid.quad(door, shaded(colour, 0.82), layer=1)
