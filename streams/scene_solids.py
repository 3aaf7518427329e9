"""Puts meshes together from boxes, lofts, discs, limbs and balls."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from streams.drawing import CORNERS, Colour, Faces, Floats, Limbs, Mesh
from streams.scene_plates import Blank

Vertex = tuple[float, float, float]
Section = tuple[float, Sequence[tuple[float, float]]]
"""A cross-section of a body: x, and its right-angled half outline as (half width, z) from the bottom up."""


class Solid:
    """A mesh under construction; x forward, y left, z up, metres. `build` returns it."""

    def __init__(self) -> None:
        self._vertices: list[Vertex] = []
        self._faces: dict[int, list[tuple[list[int], Colour, float, float, float]]] = {4: [], CORNERS: []}
        self._limbs: list[tuple[tuple[int, int], tuple[float, float], Colour, float, float]] = []
        self._lamps: list[tuple[int, float]] = []
        self._plates: list[tuple[tuple[int, int, int, int], Blank]] = []

    def quad(
        self, corners: Sequence[Vertex], colour: Colour, *, layer: float = 0, gloss: float = 0, glow: float = 0
    ) -> None:
        """Add a face; its corners run counter-clockwise as seen from outside."""
        self._faces[4].append((self._add(corners), colour, layer, gloss, glow))

    def plate(
        self, middle: Vertex, blank: Blank, colour: Colour, *, ahead: bool, layer: float, lean: float = 0
    ) -> None:
        """Add an upright plate across the body that looks ahead or back; its top leans forward by `lean` metres."""
        x, y, z = middle
        wide, high = (side / 2000 for side in blank.size)
        left, right = (y - wide, y + wide) if ahead else (y + wide, y - wide)
        corners = [(x, left, z - high), (x, right, z - high), (x + lean, right, z + high), (x + lean, left, z + high)]
        first = len(self._vertices)
        self.quad(corners, colour, layer=layer)
        self._plates.append(((first + 3, first + 2, first + 1, first), blank))

    def disc(
        self, centre: Vertex, radius: float, colour: Colour, *, side: int, layer: float = 0, squash: float = 1
    ) -> None:
        """Add a disc that faces +y (`side` 1) or -y (`side` -1)."""
        x, y, z = centre
        turns = [side * -k * 2 * np.pi / CORNERS for k in range(CORNERS)]
        rim = [(x + radius * float(np.cos(a)), y, z + radius * squash * float(np.sin(a))) for a in turns]
        self._faces[CORNERS].append((self._add(rim), colour, layer, 0.0, 0.0))

    def limb(
        self,
        start: Vertex,
        end: Vertex,
        radii: tuple[float, float],
        colour: Colour,
        *,
        layer: float = 0,
        glow: float = 0,
    ) -> None:
        """Add a round-ended bar."""
        first, last = self._add([start, end])
        self._limbs.append(((first, last), radii, colour, layer, glow))

    def ball(self, centre: Vertex, radius: float, colour: Colour, *, layer: float = 0, glow: float = 0) -> None:
        """Add a ball."""
        (at,) = self._add([centre])
        self._limbs.append(((at, at), (radius, radius), colour, layer, glow))

    def lamp(self, at: Vertex, radius: float) -> None:
        """Mark a place that glows when the lamps are on."""
        self._lamps.append((self._add([at])[0], radius))

    def box(
        self,
        low: Vertex,
        high: Vertex,
        colour: Colour,
        *,
        layer: float = 0,
        gloss: float = 0,
        top: float = 1.0,
    ) -> None:
        """Add a box between two corners; `top` narrows its upper face."""
        (x1, y1, z1), (x2, y2, z2) = low, high
        mid_x, mid_y, half_x, half_y = (x1 + x2) / 2, (y1 + y2) / 2, (x2 - x1) / 2 * top, (y2 - y1) / 2 * top
        base = [(x1, y1, z1), (x2, y1, z1), (x2, y2, z1), (x1, y2, z1)]
        roof = [
            (mid_x - half_x, mid_y - half_y, z2),
            (mid_x + half_x, mid_y - half_y, z2),
            (mid_x + half_x, mid_y + half_y, z2),
            (mid_x - half_x, mid_y + half_y, z2),
        ]
        self.quad(roof, colour, layer=layer, gloss=gloss)
        for k in range(4):
            n = (k + 1) % 4
            self.quad([base[k], base[n], roof[n], roof[k]], colour, layer=layer, gloss=gloss)

    def loft(self, sections: Sequence[Section], colour: Colour, *, layer: float = 0, gloss: float = 0) -> None:
        """Add a body through cross-sections of equal point count, rear to front, mirrored left and right."""
        for (x1, rear), (x2, front) in pairwise(sections):
            for k in range(len(rear) - 1):
                (w1, z1), (w2, z2), (w3, z3), (w4, z4) = rear[k], front[k], front[k + 1], rear[k + 1]
                left = [(x2, w2, z2), (x1, w1, z1), (x1, w4, z4), (x2, w3, z3)]
                right = [(x1, -w1, z1), (x2, -w2, z2), (x2, -w3, z3), (x1, -w4, z4)]
                self.quad(left, colour, layer=layer, gloss=gloss)
                self.quad(right, colour, layer=layer, gloss=gloss)
            (w1, z1), (w2, z2) = rear[-1], front[-1]
            roof = [(x1, -w1, z1), (x2, -w2, z2), (x2, w2, z2), (x1, w1, z1)]
            self.quad(roof, colour, layer=layer, gloss=gloss)
        for (x, outline), ahead in ((sections[-1], True), (sections[0], False)):
            for (w1, z1), (w2, z2) in pairwise(outline):
                cap = [(x, -w1, z1), (x, w1, z1), (x, w2, z2), (x, -w2, z2)]
                self.quad(cap if ahead else cap[::-1], colour, layer=layer, gloss=gloss)

    def build(self) -> Mesh:
        """Return the finished mesh."""
        vertices = np.array(self._vertices, dtype=np.float64)
        reach = np.abs(vertices[:, :2]).max(axis=0) * 2
        return Mesh(
            vertices=vertices,
            quads=self._built_faces(4),
            discs=self._built_faces(CORNERS),
            limbs=Limbs(
                index=np.array([limb[0] for limb in self._limbs], np.int32).reshape(-1, 2),
                radii=np.array([limb[1] for limb in self._limbs], np.float64).reshape(-1, 2),
                colour=np.array([limb[2] for limb in self._limbs], np.float64).reshape(-1, 3),
                layer=np.array([limb[3] for limb in self._limbs], np.float64),
                glow=np.array([limb[4] for limb in self._limbs], np.float64),
            ),
            lamps=tuple(self._lamps),
            footprint=(float(reach[0]), float(reach[1])),
            plates=tuple(self._plates),
        )

    def _built_faces(self, corners: int) -> Faces:
        rows = self._faces[corners]
        return Faces(
            index=np.array([row[0] for row in rows], np.int32).reshape(-1, corners),
            colour=np.array([row[1] for row in rows], np.float64).reshape(-1, 3),
            layer=np.array([row[2] for row in rows], np.float64),
            gloss=np.array([row[3] for row in rows], np.float64),
            glow=np.array([row[4] for row in rows], np.float64),
        )

    def _add(self, corners: Sequence[Vertex]) -> list[int]:
        first = len(self._vertices)
        self._vertices.extend((float(x), float(y), float(z)) for x, y, z in corners)
        return list(range(first, len(self._vertices)))


def between(a: Vertex, b: Vertex, share: float) -> Vertex:
    """Return the point `share` of the way from `a` to `b`."""
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share)


def inset(corners: Sequence[Vertex], left: float, right: float, low: float, high: float) -> list[Vertex]:
    """Return a part of a quad: shares `left` to `right` along its first edge, `low` to `high` along its last."""
    a, b, c, d = corners

    def at(u: float, v: float) -> Vertex:
        return between(between(a, b, u), between(d, c, u), v)

    return [at(left, low), at(right, low), at(right, high), at(left, high)]


def shaded(colour: Colour, gain: float) -> Colour:
    """Return the colour made darker or lighter."""
    return (min(colour[0] * gain, 255.0), min(colour[1] * gain, 255.0), min(colour[2] * gain, 255.0))


def as_colour(values: Floats) -> Colour:
    """Return three numbers as a colour."""
    return (float(values[0]), float(values[1]), float(values[2]))
