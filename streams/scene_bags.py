"""Bags that people leave, and what is dumped: each a little different by the random generator it is given."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from streams.drawing import Colour, Mesh
from streams.scene_people import CLOTHES
from streams.scene_solids import Solid, shaded

SACKS: tuple[Colour, ...] = (
    (34, 32, 32), (44, 42, 42), (190, 120, 50), (215, 215, 212), (70, 120, 60), (60, 60, 160),
)  # fmt: skip
CARDBOARD: Colour = (92, 138, 172)


def bag(rng: np.random.Generator, kind: str | None = None) -> Mesh:
    """Return a bag left on the ground: of a kind of BAGS, or else a sack, a carrier, a case or a rucksack."""
    chosen = kind or str(rng.choice(["sack", "carrier", "case", "rucksack"], p=[0.5, 0.2, 0.15, 0.15]))
    size = float(rng.uniform(0.75, 1.25))
    solid = Solid()
    BAGS[chosen](solid, rng, size)
    return solid.build()


def _clothes(rng: np.random.Generator) -> Colour:
    return CLOTHES[int(rng.integers(len(CLOTHES)))]


def _sack(solid: Solid, rng: np.random.Generator, size: float, at: tuple[float, float] = (0.0, 0.0)) -> None:
    """Add a refuse sack, tied at its top."""
    colour = SACKS[int(rng.integers(6))]
    for _ in range(int(rng.integers(4, 7))):
        x, y = rng.uniform(-0.12, 0.12, 2) * size
        tone = shaded(colour, float(rng.uniform(0.85, 1.2)))
        middle = (at[0] + x, at[1] + y, float(rng.uniform(0.17, 0.24)) * size)
        solid.ball(middle, float(rng.uniform(0.14, 0.2)) * size, tone)
    neck, tip = (at[0], at[1], 0.36 * size), (at[0] + 0.02, at[1], 0.5 * size)
    solid.limb(neck, tip, (0.07 * size, 0.05 * size), shaded(colour, 1.1), layer=1)


def _heap(solid: Solid, rng: np.random.Generator, size: float) -> None:
    """Add several sacks, as a vehicle dumps them."""
    for x, y in ((-0.4, -0.2), (0.35, -0.3), (0.0, 0.3), (-0.45, 0.4), (0.5, 0.25)):
        _sack(solid, rng, size * float(rng.uniform(0.85, 1.15)), (x * size, y * size))


def _box(solid: Solid, rng: np.random.Generator, size: float) -> None:
    """Add a box of cardboard with a strip of tape over it."""
    colour = shaded(CARDBOARD, float(rng.uniform(0.8, 1.1)))
    x, y, high = 0.32 * size, 0.24 * size, 0.42 * size
    solid.box((-x, -y, 0), (x, y, high), colour)
    tape = [(-x, -0.03, high + 0.003), (x, -0.03, high + 0.003), (x, 0.03, high + 0.003), (-x, 0.03, high + 0.003)]
    solid.quad(tape, shaded(colour, 0.75), layer=1)


def _carrier(solid: Solid, rng: np.random.Generator, size: float) -> None:
    """Add a shopping bag with a handle."""
    colour = _clothes(rng)
    solid.box((-0.2 * size, -0.1, 0), (0.2 * size, 0.1, 0.36 * size), colour, top=1.1)
    left, right = (-0.1 * size, 0, 0.36 * size), (0.1 * size, 0, 0.36 * size)
    solid.limb(left, right, (0.05, 0.05), shaded(colour, 0.7), layer=-1)


def _case(solid: Solid, rng: np.random.Generator, size: float) -> None:
    """Add a suitcase on wheels."""
    solid.box((-0.24 * size, -0.13, 0.04), (0.24 * size, 0.13, 0.66 * size), _clothes(rng), gloss=0.1)
    solid.limb((-0.09, 0, 0.72 * size), (0.09, 0, 0.72 * size), (0.02, 0.02), (40, 40, 40), layer=1)
    for x in (-0.2, 0.2):
        solid.ball((x * size, 0.13, 0.04), 0.04, (30, 30, 30), layer=1)


def _rucksack(solid: Solid, rng: np.random.Generator, size: float) -> None:
    """Add a rucksack with a pocket."""
    colour = _clothes(rng)
    solid.limb((0, 0, 0.19 * size), (0, 0, 0.36 * size), (0.19 * size, 0.15 * size), colour)
    low, high = (0.08, 0, 0.15 * size), (0.08, 0, 0.22 * size)
    solid.limb(low, high, (0.13 * size, 0.12 * size), shaded(colour, 0.75), layer=1)


BAGS: dict[str, Callable[[Solid, np.random.Generator, float], None]] = {
    "sack": _sack,
    "carrier": _carrier,
    "case": _case,
    "rucksack": _rucksack,
    "box": _box,
    "heap": _heap,
}
"""Every kind of bag there is, and what is dumped."""
