"""What drawn scenes are made of: a pinhole camera over a ground plane, light, and meshes.

World: metres, X to the right along the street's width, Y along the street, Z up, the ground at Z = 0.
A mesh has its own frame: x forward, y to its left, z up, its origin on the ground below its middle.
`streams.scene_painter` draws them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from streams.scene_plates import Blank, Plate

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Whole = npt.NDArray[np.int64]
Colour = tuple[float, float, float]
"""Blue, green, red, 0 to 255."""
Spots = tuple[tuple[float, float], ...]
"""Places on the ground in metres."""

CORNERS = 12
"""Corners of a drawn disc or limb."""


@dataclass(frozen=True)
class View:
    """A camera: where it stands (metres), where it looks (radians), its focal length (pixels), its picture size.

    `yaw` turns from +Y towards +X, `pitch` is downwards from the horizon.
    """

    position: tuple[float, float, float]
    yaw: float
    pitch: float
    focal: float
    size: tuple[int, int] = (640, 360)

    @cached_property
    def axes(self) -> Floats:
        """(3, 3): the picture's right, its down and the direction of sight, as rows in world coordinates."""
        cos_pitch = np.cos(self.pitch)
        sight = np.array([np.sin(self.yaw) * cos_pitch, np.cos(self.yaw) * cos_pitch, -np.sin(self.pitch)])
        right = np.array([np.cos(self.yaw), -np.sin(self.yaw), 0.0])
        return np.stack([right, np.cross(sight, right), sight])

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Return the pixels (N, 2) and the depths (N,) in metres of world points (N, 3)."""
        seen = (points - np.asarray(self.position)) @ self.axes.T
        depth = seen[:, 2]
        scale = self.focal / np.maximum(depth, 1e-3)
        centre = np.array([self.size[0] / 2, self.size[1] / 2])
        return seen[:, :2] * scale[:, None] + centre, depth

    def rays(self, width: int, height: int) -> Floats:
        """Return the direction (height, width, 3) in which each pixel of a grid over the picture looks."""
        us = ((np.arange(width) + 0.5) / width - 0.5) * self.size[0] / self.focal
        vs = ((np.arange(height) + 0.5) / height - 0.5) * self.size[1] / self.focal
        grid = np.empty((height, width, 3))
        grid[..., 0], grid[..., 1], grid[..., 2] = us[None, :], vs[:, None], 1.0
        return np.asarray(grid @ self.axes)


@dataclass(frozen=True)
class Light:
    """What shines: the direction to the sun (unit vector), strengths (1 = noon), colours and the air's haze.

    `lamps` says whether lamps are on, `wet` how wet the street is, 0 to 1.
    """

    sun: tuple[float, float, float]
    sunshine: float
    skylight: float
    tint: Colour = (1.0, 1.0, 1.0)
    haze: Colour = (200.0, 195.0, 190.0)
    haze_distance: float = 250.0
    shadow: float = 0.45
    lamps: bool = False
    wet: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Flat convex polygons of one corner count: index (F, n), colour (F, 3); layer, gloss and glow (F,)."""

    index: Ints
    colour: Floats
    layer: Floats
    gloss: Floats
    glow: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Limbs:
    """Round-ended bars, always facing the camera: ends (L, 2) vertices, radii (L, 2) metres; a ball has equal ends."""

    index: Ints
    radii: Floats
    colour: Floats
    layer: Floats
    glow: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """A solid to be drawn: vertices (V, 3) in metres, its faces, the lamps that glow at dusk, and its plates.

    Layers are drawn in rising order, so a decal stands in a higher layer than what it sticks to.
    `footprint` is (length, width) of the upright box that holds it. A plate is named by the four vertices of its
    corners, from the upper left clockwise as seen from before it.
    """

    vertices: Floats
    quads: Faces
    discs: Faces
    limbs: Limbs
    lamps: tuple[tuple[int, float], ...]
    footprint: tuple[float, float]
    plates: tuple[tuple[tuple[int, int, int, int], Blank], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Posed:
    """A mesh at a place, heading counted from +X towards +Y in radians, `z` metres above the ground."""

    mesh: Mesh
    x: float
    y: float
    heading: float
    z: float = 0.0
    plate: Plate | None = None
