"""People, two-wheelers with and without a rider, and bags, as meshes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streams.drawing import Colour, Mesh
from streams.scene_solids import Solid, Vertex, between, shaded

SKINS: tuple[Colour, ...] = ((120, 160, 205), (105, 145, 190), (95, 130, 175), (130, 170, 215))
HAIRS: tuple[Colour, ...] = ((26, 26, 28), (34, 32, 34), (40, 50, 62), (30, 30, 34))
CLOTHES: tuple[Colour, ...] = (
    (230, 230, 232), (212, 208, 204), (180, 178, 176), (56, 54, 56), (38, 36, 38), (44, 40, 170), (58, 50, 200),
    (160, 100, 46), (190, 140, 70), (110, 60, 34), (70, 130, 60), (50, 100, 50), (60, 180, 225), (60, 130, 220),
    (150, 110, 190), (120, 80, 140), (140, 160, 170), (90, 110, 130), (160, 190, 210), (200, 170, 130),
)  # fmt: skip
TROUSERS: tuple[Colour, ...] = (
    (44, 40, 38), (36, 34, 34), (96, 70, 46), (118, 86, 58), (70, 54, 42), (110, 108, 104), (84, 100, 116), (150, 160, 168),
)  # fmt: skip
HELMETS: tuple[Colour, ...] = (
    (40, 40, 42), (228, 228, 230), (50, 44, 190), (170, 110, 40), (80, 160, 60), (60, 190, 230), (150, 120, 200), (130, 130, 130),
)  # fmt: skip
BIKES: tuple[Colour, ...] = (
    (40, 36, 180), (34, 32, 34), (44, 42, 44), (225, 226, 228), (160, 90, 34), (150, 150, 150), (60, 60, 110), (110, 140, 60),
)  # fmt: skip


@dataclass(frozen=True)
class Look:
    """How one person is built and dressed; `height` in metres."""

    height: float
    girth: float
    skin: Colour
    hair: Colour
    top: Colour
    bottom: Colour
    short_sleeves: bool
    shorts: bool
    headgear: str
    pack: Colour | None


def random_look(rng: np.random.Generator) -> Look:
    """Return one of many people."""

    def pick(colours: tuple[Colour, ...]) -> Colour:
        gain = float(rng.uniform(0.85, 1.1))
        return shaded(colours[int(rng.integers(len(colours)))], gain)

    child = rng.random() < 0.06
    return Look(
        height=float(rng.uniform(1.1, 1.35) if child else rng.uniform(1.5, 1.8)),
        girth=float(rng.uniform(0.9, 1.15)),
        skin=pick(SKINS),
        hair=pick(HAIRS),
        top=pick(CLOTHES),
        bottom=pick(TROUSERS),
        short_sleeves=bool(rng.random() < 0.5),
        shorts=bool(rng.random() < 0.2),
        headgear=str(rng.choice(["none", "long", "cap", "cone"], p=[0.5, 0.24, 0.14, 0.12])),
        pack=pick(CLOTHES) if rng.random() < 0.2 else None,
    )


def person(look: Look, gait: float, stride: float) -> Mesh:
    """Return someone at a moment of walking: `gait` 0 to 1 is the phase of two steps, `stride` 0 stands still."""
    solid = Solid()
    s = look.height / 1.7
    swing = 0.5 * stride * float(np.sin(gait * 2 * np.pi))
    lift = float(np.cos(gait * 2 * np.pi))
    hip = 0.88 * s
    for side in (1, -1):
        thigh = swing * side
        bend = 0.75 * stride * max(0.0, lift * side)
        _leg(solid, look, (0.0, side * 0.09 * s * look.girth, hip), thigh, thigh - bend, s)
    _torso(solid, look, s, hip)
    for side in (1, -1):
        _arm(solid, look, side, -swing * side * 0.9, s)
    _head(solid, look, (0.03 * s, 0.0, 1.57 * s), s)
    return solid.build()


def _leg(solid: Solid, look: Look, hip: Vertex, thigh: float, shin: float, s: float) -> None:
    knee = (hip[0] + 0.43 * s * np.sin(thigh), hip[1], hip[2] - 0.43 * s * np.cos(thigh))
    foot = (knee[0] + 0.4 * s * np.sin(shin), hip[1], knee[2] - 0.4 * s * np.cos(shin))
    rise = max(0.05 - float(foot[2]), 0.0)
    foot = (foot[0], foot[1], float(foot[2]) + rise)
    calf = look.skin if look.shorts else look.bottom
    g = s * look.girth
    solid.limb(hip, knee, (0.095 * g, 0.07 * g), look.bottom)
    solid.limb(knee, foot, (0.066 * g, 0.05 * g), calf)
    solid.limb(foot, (foot[0] + 0.14 * s, foot[1], foot[2] - 0.015), (0.05 * s, 0.04 * s), (40, 38, 42))


def _torso(solid: Solid, look: Look, s: float, hip: float) -> None:
    g = s * look.girth
    for y in (-0.085, 0.085):
        solid.limb((0.0, y * g, hip + 0.02 * s), (0.0, y * 1.25 * g, 1.34 * s), (0.105 * g, 0.1 * g), look.top, layer=1)
    solid.limb((0.0, 0.0, hip + 0.05 * s), (0.01, 0.0, 1.34 * s), (0.15 * g, 0.15 * g), look.top, layer=1)
    if look.pack is not None:
        solid.limb((-0.17 * s, 0.0, 1.05 * s), (-0.16 * s, 0.0, 1.28 * s), (0.15 * s, 0.13 * s), look.pack, layer=1)


def _arm(solid: Solid, look: Look, side: int, swing: float, s: float) -> None:
    shoulder = (0.0, side * 0.19 * s * look.girth, 1.36 * s)
    elbow = (
        shoulder[0] + 0.28 * s * np.sin(swing),
        shoulder[1] + side * 0.04 * s,
        shoulder[2] - 0.28 * s * np.cos(swing),
    )
    bend = swing + 0.3
    hand = (elbow[0] + 0.25 * s * np.sin(bend), elbow[1], elbow[2] - 0.25 * s * np.cos(bend))
    fore = look.skin if look.short_sleeves else look.top
    solid.limb(shoulder, elbow, (0.06 * s, 0.048 * s), shaded(look.top, 0.92), layer=1)
    solid.limb(elbow, hand, (0.045 * s, 0.036 * s), fore, layer=1)
    solid.ball(hand, 0.045 * s, look.skin, layer=1)


def _head(solid: Solid, look: Look, at: Vertex, s: float) -> None:
    x, y, z = at
    solid.limb((x - 0.02 * s, y, 1.38 * s), at, (0.055 * s, 0.05 * s), look.skin, layer=1.5)
    solid.limb((x, y, z - 0.03 * s), (x, y, z + 0.04 * s), (0.088 * s, 0.095 * s), look.skin, layer=2)
    if look.headgear == "cone":
        _cone(solid, (x - 0.01, y, z + 0.02 * s), 0.25 * s, 0.17 * s)
        return
    crown = look.top if look.headgear == "cap" else look.hair
    solid.limb(
        (x - 0.035 * s, y, z + 0.03 * s), (x - 0.01 * s, y, z + 0.075 * s), (0.095 * s, 0.085 * s), crown, layer=2
    )
    if look.headgear == "long":
        solid.limb((x - 0.07 * s, y, z), (x - 0.1 * s, y, z - 0.22 * s), (0.08 * s, 0.07 * s), look.hair, layer=1)
    if look.headgear == "cap":
        solid.limb(
            (x + 0.05 * s, y, z + 0.05 * s), (x + 0.15 * s, y, z + 0.03 * s), (0.05 * s, 0.035 * s), crown, layer=2.5
        )


def _cone(solid: Solid, at: Vertex, radius: float, high: float) -> None:
    """Add a leaf hat."""
    x, y, z = at
    tip = (x, y, z + high)
    straw: Colour = (160, 205, 225)
    rim = [(x + radius * np.cos(a), y + radius * np.sin(a), z) for a in np.arange(8) * np.pi / 4]
    for k in range(8):
        a, b = rim[k], rim[(k + 1) % 8]
        solid.quad([a, b, between(b, tip, 0.99), between(a, tip, 0.99)], straw, layer=3)


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
    plate = [(-0.88, 0.1, 0.42), (-0.88, -0.1, 0.42), (-0.9, -0.1, 0.57), (-0.9, 0.1, 0.57)]
    solid.quad(plate, (230, 232, 232), layer=0.9)
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
        _cone(solid, (at[0], 0, at[2] + 0.02), 0.24, 0.16)
    else:
        solid.ball((at[0] - 0.03, 0, at[2] + 0.05), 0.1, look.hair, layer=1.6)


def bag(rng: np.random.Generator) -> Mesh:
    """Return a bag left on the ground: a refuse sack, a shopping bag, a suitcase or a rucksack."""
    solid = Solid()
    kind = str(rng.choice(["sack", "carrier", "case", "rucksack"], p=[0.5, 0.2, 0.15, 0.15]))
    size = float(rng.uniform(0.75, 1.25))
    if kind == "sack":
        colour: Colour = ((34, 32, 32), (44, 42, 42), (190, 120, 50), (215, 215, 212), (70, 120, 60), (60, 60, 160))[
            int(rng.integers(6))
        ]
        for _ in range(int(rng.integers(4, 7))):
            x, y = rng.uniform(-0.12, 0.12, 2) * size
            tone = shaded(colour, float(rng.uniform(0.85, 1.2)))
            solid.ball((x, y, float(rng.uniform(0.17, 0.24)) * size), float(rng.uniform(0.14, 0.2)) * size, tone)
        solid.limb((0, 0, 0.36 * size), (0.02, 0, 0.5 * size), (0.07 * size, 0.05 * size), shaded(colour, 1.1), layer=1)
    elif kind == "carrier":
        colour = CLOTHES[int(rng.integers(len(CLOTHES)))]
        solid.box((-0.2 * size, -0.1, 0), (0.2 * size, 0.1, 0.36 * size), colour, top=1.1)
        solid.limb(
            (-0.1 * size, 0, 0.36 * size), (0.1 * size, 0, 0.36 * size), (0.05, 0.05), shaded(colour, 0.7), layer=-1
        )
    elif kind == "case":
        colour = CLOTHES[int(rng.integers(len(CLOTHES)))]
        solid.box((-0.24 * size, -0.13, 0.04), (0.24 * size, 0.13, 0.66 * size), colour, gloss=0.1)
        solid.limb((-0.09, 0, 0.72 * size), (0.09, 0, 0.72 * size), (0.02, 0.02), (40, 40, 40), layer=1)
        for x in (-0.2, 0.2):
            solid.ball((x * size, 0.13, 0.04), 0.04, (30, 30, 30), layer=1)
    else:
        colour = CLOTHES[int(rng.integers(len(CLOTHES)))]
        solid.limb((0, 0, 0.19 * size), (0, 0, 0.36 * size), (0.19 * size, 0.15 * size), colour)
        solid.limb(
            (0.08, 0, 0.15 * size), (0.08, 0, 0.22 * size), (0.13 * size, 0.12 * size), shaded(colour, 0.75), layer=1
        )
    return solid.build()
