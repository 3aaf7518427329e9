"""Motorcycles and bicycles, with and without riders, as meshes."""

from __future__ import annotations

import numpy as np

from streams.drawing import Colour, Mesh
from streams.scene_people import Look, leaf_hat, random_look
from streams.scene_plates import SMALL
from streams.scene_solids import Solid, between, shaded

HELMETS: tuple[Colour, ...] = (
    (40, 40, 42), (228, 228, 230), (50, 44, 190), (170, 110, 40), (80, 160, 60), (60, 190, 230), (150, 120, 200),
    (130, 130, 130),
)  # fmt: skip
BIKES: tuple[Colour, ...] = (
    (40, 36, 180), (34, 32, 34), (44, 42, 44), (225, 226, 228), (160, 90, 34), (150, 150, 150), (60, 60, 110),
    (110, 140, 60),
)  # fmt: skip


def _wheel(solid: Solid, x: float, radius: float, tyre: float) -> None:
    solid.limb((x, 0, radius * 0.3), (x, 0, radius * 1.7), (tyre, tyre), (30, 29, 29), layer=0)
    for side in (1, -1):
        solid.disc((x, side * tyre * 0.8, radius), radius, (32, 31, 31), side=side, layer=0.1)
        solid.disc((x, side * tyre * 0.85, radius), radius * 0.66, (96, 94, 92), side=side, layer=0.2)
        solid.disc((x, side * tyre * 0.9, radius), radius * 0.2, (60, 60, 60), side=side, layer=0.3)


def motorcycle(rng: np.random.Generator, riders: int | None = None) -> Mesh:
    """Return a light motorcycle or scooter with 0, 1 or 2 people on it."""
    count = int(rng.choice([1, 2], p=[0.72, 0.28])) if riders is None else riders
    colour = BIKES[int(rng.integers(len(BIKES)))]
    solid = Solid()
    radius = float(rng.uniform(0.26, 0.31))
    scooter = bool(rng.random() < 0.45)
    _machine(solid, colour, radius, scooter=scooter, running=count > 0)
    if rng.random() < 0.15:
        crate: Colour = ((60, 150, 50), (50, 120, 230), (60, 60, 60), (90, 140, 170))[int(rng.integers(4))]
        solid.box((-1.0, -0.25, 0.82), (-0.52, 0.25, 1.3), crate, layer=1)
        count = min(count, 1)
    for k in range(count):
        _rider(solid, random_look(rng), HELMETS[int(rng.integers(len(HELMETS)))], seat=-0.14 - 0.42 * k, steers=k == 0)
    return solid.build()


def _machine(solid: Solid, colour: Colour, radius: float, *, scooter: bool, running: bool) -> None:
    _wheel(solid, 0.62, radius, 0.055)
    _wheel(solid, -0.62, radius, 0.065)
    dark: Colour = (38, 37, 38)
    solid.limb((-0.62, 0, radius), (0.1, 0, 0.34), (0.07, 0.1), (70, 70, 72), layer=0)
    solid.limb((-0.72, 0, 0.66), (-0.1, 0, 0.58), (0.11, 0.14), colour, layer=0.5)
    solid.limb(
        (-0.1, 0, 0.5), (0.3, 0, 0.42 if scooter else 0.55), (0.13, 0.09), colour if scooter else dark, layer=0.5
    )
    solid.limb((-0.66, 0, 0.76), (0.02, 0, 0.74), (0.1, 0.12), dark, layer=0.6)
    solid.limb((0.62, 0, radius), (0.42, 0, 0.95), (0.05, 0.06), (90, 90, 92), layer=0.4)
    solid.limb((0.5, 0, radius * 2 + 0.03), (0.76, 0, radius * 2 - 0.02), (0.07, 0.06), colour, layer=0.5)
    solid.box((0.33, -0.17, 0.36), (0.43, 0.17, 0.92), colour, layer=0.5, gloss=0.3, top=0.85)
    solid.limb((0.36, -0.33, 1.02), (0.36, 0.33, 1.02), (0.03, 0.03), dark, layer=0.7)
    solid.limb((0.38, 0, 0.96), (0.48, 0, 0.95), (0.12, 0.1), colour, layer=0.7)
    solid.ball((0.53, 0, 0.93), 0.085, (225, 236, 240), layer=0.8, glow=float(running))
    if running:
        solid.lamp((0.58, 0, 0.93), 0.1)
    for side in (1, -1):
        solid.limb((0.34, side * 0.26, 1.04), (0.3, side * 0.32, 1.2), (0.015, 0.05), dark, layer=0.7)
    solid.ball((-0.84, 0, 0.68), 0.065, (40, 30, 205), layer=0.8, glow=0.9 * running)
    solid.plate((-0.88, 0, 0.5), SMALL, (230, 232, 232), ahead=False, layer=0.9, lean=-0.02)
    solid.limb((-0.1, -0.13, 0.28), (-0.8, -0.14, 0.36), (0.04, 0.065), (120, 120, 122), layer=0.6)


def _rider(solid: Solid, look: Look, helmet: Colour, *, seat: float, steers: bool) -> None:
    g = look.girth * 0.98
    hip_z = 0.86
    for side in (1, -1):
        hip = (seat, side * 0.1, hip_z)
        knee = (seat + 0.38, side * 0.19, hip_z - 0.06)
        foot = (seat + 0.3, side * 0.17, 0.3)
        calf = look.skin if look.shorts else look.bottom
        solid.limb(hip, knee, (0.1 * g, 0.08 * g), look.bottom, layer=1)
        solid.limb(knee, foot, (0.068 * g, 0.052 * g), calf, layer=1)
        solid.limb(foot, (foot[0] + 0.14, foot[1], foot[2] - 0.03), (0.05, 0.04), (44, 42, 46), layer=1)
    lean = 0.14 if steers else 0.04
    for y in (-0.075, 0.075):
        solid.limb(
            (seat, y * g, hip_z), (seat + lean, y * 1.4 * g, hip_z + 0.44), (0.12 * g, 0.11 * g), look.top, layer=1.2
        )
    shoulder_z = hip_z + 0.47
    for side in (1, -1):
        shoulder = (seat + lean, side * 0.2 * g, shoulder_z)
        hand = (0.33, side * 0.3, 1.05) if steers else (seat + 0.38, side * 0.14, hip_z + 0.08)
        elbow = between(shoulder, hand, 0.5)
        elbow = (elbow[0] - 0.05, elbow[1] + side * 0.07, elbow[2] - 0.07)
        fore = look.skin if look.short_sleeves else look.top
        solid.limb(shoulder, elbow, (0.065, 0.05), shaded(look.top, 0.92), layer=1.3)
        solid.limb(elbow, hand, (0.048, 0.04), fore, layer=1.3)
        solid.ball(hand, 0.048, look.skin, layer=1.3)
    head = (seat + lean + 0.05, 0.0, shoulder_z + 0.22)
    solid.limb((seat + lean, 0, shoulder_z), head, (0.06, 0.06), look.skin, layer=1.4)
    solid.limb(
        (head[0] + 0.03, 0, head[2] - 0.04), (head[0] + 0.03, 0, head[2] + 0.02), (0.085, 0.09), look.skin, layer=1.5
    )
    solid.ball((head[0] - 0.015, 0, head[2] + 0.055), 0.128, helmet, layer=1.6)


def bicycle(rng: np.random.Generator, *, ridden: bool = True) -> Mesh:
    """Return a bicycle, with a rider unless told."""
    solid = Solid()
    colour = BIKES[int(rng.integers(len(BIKES)))]
    for x in (-0.52, 0.52):
        rim = [(x + 0.33 * np.cos(a), 0.0, 0.34 + 0.33 * np.sin(a)) for a in np.arange(12) * np.pi / 6]
        for k in range(12):
            solid.limb(rim[k], rim[(k + 1) % 12], (0.025, 0.025), (32, 31, 31))
        for k in (0, 2, 4):
            solid.limb(rim[k], rim[k + 6], (0.006, 0.006), (130, 130, 130))
    frame = [((-0.52, 0.34), (-0.15, 0.82)), ((-0.15, 0.82), (0.34, 0.8)), ((-0.02, 0.32), (0.36, 0.74)),
             ((-0.02, 0.32), (-0.17, 0.9)), ((-0.52, 0.34), (-0.02, 0.32)), ((0.52, 0.34), (0.32, 1.0))]  # fmt: skip
    for (x1, z1), (x2, z2) in frame:
        solid.limb((x1, 0, z1), (x2, 0, z2), (0.026, 0.026), colour, layer=0.3)
    solid.limb((0.3, -0.27, 1.02), (0.3, 0.27, 1.02), (0.022, 0.022), (60, 60, 60), layer=0.4)
    solid.limb((-0.28, 0, 0.93), (-0.1, 0, 0.94), (0.06, 0.035), (36, 36, 36), layer=0.4)
    solid.limb((-0.7, 0, 0.72), (-0.25, 0, 0.74), (0.03, 0.03), (90, 90, 90), layer=0.4)
    if ridden:
        _cyclist(solid, random_look(rng), float(rng.uniform(0, 2 * np.pi)))
    return solid.build()


def _cyclist(solid: Solid, look: Look, crank: float) -> None:
    g = look.girth
    for side in (1, -1):
        turn = crank + (0 if side > 0 else np.pi)
        pedal = (-0.02 + 0.15 * np.cos(turn), side * 0.12, 0.34 + 0.15 * np.sin(turn))
        hip = (-0.2, side * 0.09, 0.98)
        middle = between(hip, pedal, 0.48)
        knee = (middle[0] + 0.26, middle[1], middle[2] + 0.06)
        solid.limb(hip, knee, (0.09 * g, 0.07 * g), look.bottom, layer=1)
        solid.limb(knee, pedal, (0.062 * g, 0.048 * g), look.skin if look.shorts else look.bottom, layer=1)
        shoulder = (0.02, side * 0.18, 1.42)
        solid.limb(shoulder, (0.3, side * 0.25, 1.05), (0.055, 0.042), look.top, layer=1.3)
    for y in (-0.07, 0.07):
        solid.limb((-0.2, y, 1.0), (0.0, y * 1.5, 1.42), (0.11 * g, 0.1 * g), look.top, layer=1.2)
    at = (0.08, 0.0, 1.64)
    solid.limb((0.0, 0, 1.45), at, (0.055, 0.05), look.skin, layer=1.4)
    solid.limb((at[0], 0, at[2] - 0.03), (at[0], 0, at[2] + 0.04), (0.088, 0.095), look.skin, layer=1.5)
    if look.headgear == "cone":
        leaf_hat(solid, (at[0], 0, at[2] + 0.02), 0.24, 0.16)
    else:
        solid.ball((at[0] - 0.03, 0, at[2] + 0.05), 0.1, look.hair, layer=1.6)
