"""What stands in a place for good and may hide who is behind it: market stalls and a river's railing, as solids."""

from __future__ import annotations

import numpy as np

from streams.drawing import Colour, Mesh, Posed
from streams.scene_places import Place
from streams.scene_solids import Solid, between, shaded

CANOPIES: tuple[Colour, ...] = (
    (60, 60, 190), (180, 110, 40), (70, 150, 70), (60, 180, 225), (190, 190, 195), (150, 90, 150),
)  # fmt: skip
GOODS: tuple[Colour, ...] = (
    (50, 60, 200), (60, 160, 70), (60, 190, 230), (70, 130, 220), (90, 170, 150), (140, 190, 220), (90, 60, 130),
)  # fmt: skip
RAIL = 6.0
"""Metres of one piece of railing."""
SEEN = 90.0
"""Metres along a river from one end of its railing to the other, half of it on each side of Y = 40."""


def fixtures(place: Place, seed: int) -> tuple[Posed, ...]:
    """Return the solids of a place, each stall a little different by the seed."""
    rng = np.random.default_rng([seed, 41])
    stalls = [Posed(stall(rng), x, y, np.pi / 2 + float(rng.normal(0, 0.06))) for x, y in place.stalls]
    return (*stalls, *(_railing(place.river) if place.river is not None and place.railing else ()))


def stall(rng: np.random.Generator) -> Mesh:
    """Return a market stall: a table with heaps of goods under a large parasol."""
    solid = Solid()
    table: Colour = shaded((80, 110, 140), float(rng.uniform(0.8, 1.2)))
    solid.box((-0.95, -0.5, 0.7), (0.95, 0.5, 0.78), table)
    for x in (-0.85, 0.85):
        for y in (-0.42, 0.42):
            solid.limb((x, y, 0.0), (x, y, 0.7), (0.03, 0.03), (70, 80, 90), layer=-1)
    for x in np.linspace(-0.75, 0.75, 5).tolist():
        tone = GOODS[int(rng.integers(len(GOODS)))]
        for y in (-0.28, 0.22):
            side = 0.13 + float(rng.uniform(0, 0.03))
            heap = (x + side, y + side, 0.82 + float(rng.uniform(0.05, 0.16)))
            own = shaded(tone, float(rng.uniform(0.8, 1.15)))
            solid.box((x - side, y - side, 0.78), heap, own, layer=1, top=0.45)
    solid.limb((0.0, 0.0, 0.7), (0.0, 0.0, 2.35), (0.03, 0.03), (150, 150, 150), layer=2)
    _parasol(solid, CANOPIES[int(rng.integers(len(CANOPIES)))])
    return solid.build()


def _parasol(solid: Solid, colour: Colour) -> None:
    tip = (0.0, 0.0, 2.55)
    rim = [(1.45 * float(np.cos(a)), 1.45 * float(np.sin(a)), 2.08) for a in np.arange(8) * np.pi / 4]
    for k in range(8):
        a, b = rim[k], rim[(k + 1) % 8]
        tone = colour if k % 2 else shaded(colour, 1.18)
        solid.quad([a, b, between(b, tip, 0.98), between(a, tip, 0.98)], tone, layer=4)
        solid.quad([b, a, (a[0], a[1], 1.96), (b[0], b[1], 1.96)][::-1], shaded(colour, 0.8), layer=4)


def _railing(river: tuple[float, float]) -> list[Posed]:
    """Return the railings on both banks."""
    solid = Solid()
    steel: Colour = (150, 152, 150)
    for z in (0.45, 1.0):
        solid.limb((-RAIL / 2, 0.0, z), (RAIL / 2, 0.0, z), (0.03, 0.03), steel)
    for x in np.arange(-RAIL / 2, RAIL / 2, 1.5).tolist():
        solid.limb((x, 0.0, 0.0), (x, 0.0, 1.0), (0.035, 0.035), shaded(steel, 0.9))
    piece = solid.build()
    banks = (river[0] - 0.25, river[1] + 0.25)
    middles = np.arange(40.0 - SEEN / 2, 40.0 + SEEN / 2, RAIL).tolist()
    return [Posed(piece, x, y, np.pi / 2) for x in banks for y in middles]
