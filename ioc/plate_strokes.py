"""Characters of plates as pen strokes, drawn by ourselves, for training and for scenes: no font file, any face.

A character is a few lines of points in a box from (0, 0) top left to (1, 1) bottom right. A `Face` says how round the
bowls are and which of two usual forms an ambiguous character takes, so that random faces lie around the condensed face
of Vietnamese plates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
Rng = np.random.Generator

ARC_POINTS = 13


@dataclass(frozen=True, slots=True)
class Face:
    """What tells one face from another, besides width, height and thickness."""

    bowl: float
    """Height of a round end as a part of the character's height: 0.2 is nearly square, 0.5 an oval."""
    square: float
    """Exponent of the round ends: 2 is an ellipse, 4 nearly a rectangle."""
    dip: float
    """How far down the middle of an M reaches."""
    flag: float
    """How far left of its stem a 1 begins, 0 for a bare stem."""
    straight: bool
    """Whether 6 and 9 have straight necks."""
    flat: bool
    """Whether a 3 has a flat top."""
    open_four: bool
    """Whether the stem of a 4 begins half-way down."""
    tail: float = 0.3
    """How far into its bowl the tail of a Q reaches."""

    @classmethod
    def random(cls, rng: Rng) -> Face:
        """Return a face near that of Vietnamese plates."""
        return cls(
            bowl=float(rng.uniform(0.2, 0.42)),
            square=float(rng.uniform(2.0, 3.0)),
            dip=float(rng.uniform(0.4, 0.95)),
            flag=float(rng.choice([0.0, 0.35, 0.5, 0.6], p=[0.05, 0.3, 0.4, 0.25])),
            straight=bool(rng.random() < 0.3),
            flat=bool(rng.random() < 0.15),
            open_four=bool(rng.random() < 0.5),
            tail=float(rng.uniform(0.12, 0.45)),
        )


def strokes(character: str, face: Face) -> list[Points]:
    """Return a character's strokes, each (points, 2) of x and y; raises KeyError for one that no plate bears."""
    return [np.concatenate([np.atleast_2d(part) for part in line]) for line in _GLYPHS[character](face)]


Line = Sequence[Points | tuple[float, float]]


def _arc(face: Face, box: tuple[float, float, float, float], start: float, stop: float) -> Points:
    """Return part of the round shape in a box x1 y1 x2 y2; degrees grow clockwise from the right."""
    x1, y1, x2, y2 = box
    angles = np.radians(np.linspace(start, stop, ARC_POINTS))
    cos, sin = np.cos(angles), np.sin(angles)
    power = 2 / face.square
    x = (x1 + x2) / 2 + (x2 - x1) / 2 * np.sign(cos) * np.abs(cos) ** power
    y = (y1 + y2) / 2 + (y2 - y1) / 2 * np.sign(sin) * np.abs(sin) ** power
    return np.stack([x, y], axis=1)


def _top(face: Face, start: float, stop: float) -> Points:
    return _arc(face, (0, 0, 1, 2 * face.bowl), start, stop)


def _bottom(face: Face, start: float, stop: float) -> Points:
    return _arc(face, (0, 1 - 2 * face.bowl, 1, 1), start, stop)


def _lobe(face: Face, top: float, bottom: float, right: float = 1.0) -> list[Points | tuple[float, float]]:
    depth = min(0.48, face.bowl * 1.4)
    return [(0, top), _arc(face, (right - 2 * depth, top, right, bottom), -90, 90), (0, bottom)]


def _zero(face: Face) -> list[Line]:
    return [[_top(face, 180, 360), _bottom(face, 0, 180), (0, face.bowl)]]


def _one(face: Face) -> list[Line]:
    stem: Line = [(0.62, 0), (0.62, 1)]
    return [stem] if face.flag == 0 else [[(0.62 - face.flag, 0.2), *stem]]


def _two(face: Face) -> list[Line]:
    return [[_top(face, 190, 375), (0, 1), (1, 1)]]


def _three(face: Face) -> list[Line]:
    if face.flat:
        return [[(0.04, 0), (0.96, 0), (0.42, 0.42), _arc(face, (-0.02, 0.42, 1, 1), -80, 160)]]
    return [[_arc(face, (0, 0, 0.96, 0.5), 195, 445), _arc(face, (0, 0.48, 1, 1), -85, 165)]]


def _four(face: Face) -> list[Line]:
    return [[(0.66, 0), (0, 0.74), (1, 0.74)], [(0.74, 0.42 if face.open_four else 0.0), (0.74, 1)]]


def _five(face: Face) -> list[Line]:
    return [[(0.94, 0), (0.1, 0), (0.04, 0.48), _arc(face, (0, 0.38, 1, 1), 215, 520)]]


def _six(face: Face) -> list[Line]:
    bowl = _arc(face, (0, 0.4, 1, 1), 180, -180)
    if face.straight:
        return [[(0.68, 0), (0.06, 0.58), bowl]]
    return [[_top(face, 345, 180), (0, 0.7), bowl]]


def _nine(face: Face) -> list[Line]:
    return [[1 - np.atleast_2d(part) for part in line] for line in _six(face)]


def _eight(face: Face) -> list[Line]:
    return [[_arc(face, (0.05, 0, 0.95, 0.49), 90, 450)], [_arc(face, (0, 0.49, 1, 1), -90, 270)]]


def _a(_face: Face) -> list[Line]:
    return [[(0, 1), (0.46, 0), (0.54, 0), (1, 1)], [(0.16, 0.69), (0.84, 0.69)]]


def _b(face: Face) -> list[Line]:
    return [[(0, 0), (0, 1)], _lobe(face, 0, 0.48, 0.94), _lobe(face, 0.48, 1)]


def _c(face: Face) -> list[Line]:
    return [[_top(face, 350, 180), _bottom(face, 180, 10)]]


def _d(face: Face) -> list[Line]:
    return [[(0, 0), (0, 1)], _lobe(face, 0, 1)]


def _barred_d(face: Face) -> list[Line]:
    return [*_d(face), [(-0.2, 0.5), (0.45, 0.5)]]


def _g(face: Face) -> list[Line]:
    return [[_top(face, 350, 180), _bottom(face, 180, 0), (1, 0.55), (0.56, 0.55)]]


def _j(face: Face) -> list[Line]:
    return [[(0.9, 0), _arc(face, (0, 1 - 2 * face.bowl, 0.9, 1), 0, 170)]]


def _p(face: Face) -> list[Line]:
    return [[(0, 0), (0, 1)], _lobe(face, 0, 0.54)]


def _q(face: Face) -> list[Line]:
    return [*_zero(face), [(1.02 - face.tail, 1.02 - 0.7 * face.tail), (1.02, 1.02)]]


def _r(face: Face) -> list[Line]:
    return [*_p(face), [(0.48, 0.54), (1, 1)]]


def _s(face: Face) -> list[Line]:
    return [[_arc(face, (0.02, 0, 0.98, 0.51), -15, -265), _arc(face, (0, 0.49, 1, 1), -85, 165)]]


def _u(face: Face) -> list[Line]:
    return [[(0, 0), _bottom(face, 180, 0), (1, 0)]]


def _straight(*lines: Line) -> Callable[[Face], list[Line]]:
    return lambda _face: list(lines)


_GLYPHS: dict[str, Callable[[Face], list[Line]]] = {
    "0": _zero,
    "1": _one,
    "2": _two,
    "3": _three,
    "4": _four,
    "5": _five,
    "6": _six,
    "7": _straight([(0, 0), (1, 0), (0.36, 1)]),
    "8": _eight,
    "9": _nine,
    "A": _a,
    "B": _b,
    "C": _c,
    "D": _d,
    "Đ": _barred_d,
    "E": _straight([(1, 0), (0, 0), (0, 1), (1, 1)], [(0, 0.5), (0.86, 0.5)]),
    "F": _straight([(1, 0), (0, 0), (0, 1)], [(0, 0.5), (0.84, 0.5)]),
    "G": _g,
    "H": _straight([(0, 0), (0, 1)], [(1, 0), (1, 1)], [(0, 0.5), (1, 0.5)]),
    "J": _j,
    "K": _straight([(0, 0), (0, 1)], [(0.98, 0), (0, 0.6)], [(0.32, 0.4), (1, 1)]),
    "L": _straight([(0, 0), (0, 1), (1, 1)]),
    "M": lambda face: [[(0, 1), (0, 0), (0.5, face.dip), (1, 0), (1, 1)]],
    "N": _straight([(0, 1), (0, 0), (1, 1), (1, 0)]),
    "P": _p,
    "Q": _q,
    "R": _r,
    "S": _s,
    "T": _straight([(0, 0), (1, 0)], [(0.5, 0), (0.5, 1)]),
    "U": _u,
    "V": _straight([(0, 0), (0.5, 1), (1, 0)]),
    "W": _straight([(0, 0), (0.25, 1), (0.5, 0.3), (0.75, 1), (1, 0)]),
    "X": _straight([(0, 0), (1, 1)], [(1, 0), (0, 1)]),
    "Y": _straight([(0, 0), (0.5, 0.52), (1, 0)], [(0.5, 0.52), (0.5, 1)]),
    "Z": _straight([(0, 0), (1, 0), (0, 1), (1, 1)]),
}

DRAWABLE = frozenset(_GLYPHS)
"""Every character that can be drawn."""
