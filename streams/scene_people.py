"""People as meshes."""

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
    (44, 40, 38), (36, 34, 34), (96, 70, 46), (118, 86, 58), (70, 54, 42), (110, 108, 104), (84, 100, 116),
    (150, 160, 168),
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
        leaf_hat(solid, (x - 0.01, y, z + 0.02 * s), 0.25 * s, 0.17 * s)
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


def leaf_hat(solid: Solid, at: Vertex, radius: float, high: float) -> None:
    """Add a leaf hat."""
    x, y, z = at
    tip = (x, y, z + high)
    straw: Colour = (160, 205, 225)
    rim = [(x + radius * np.cos(a), y + radius * np.sin(a), z) for a in np.arange(8) * np.pi / 4]
    for k in range(8):
        a, b = rim[k], rim[(k + 1) % 8]
        solid.quad([a, b, between(b, tip, 0.99), between(a, tip, 0.99)], straw, layer=3)
