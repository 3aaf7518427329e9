"""A small painter of solids on a ground plane: a pinhole camera, meshes, light, and exact silhouettes.

World: metres, X to the right along the street's width, Y along the street, Z up, the ground at Z = 0.
A mesh has its own frame: x forward, y to its left, z up, its origin on the ground below its middle.
Everything is drawn far to near as flat convex polygons (the painter's algorithm), which is quick enough
for video on one core and needs nothing but numpy and OpenCV.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from ioc.types import Image
from streams.drawing_order import far_to_near

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Colour = tuple[float, float, float]
"""Blue, green, red, 0 to 255."""

NEAREST = 0.8
"""Metres before the lens within which nothing is drawn: the projection breaks down there."""
SUBPIXEL_BITS = 4
CORNERS = 12
"""Corners of a drawn disc or limb."""
_TURN = np.arange(CORNERS) * (2 * np.pi / CORNERS)


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
    """What shines: the direction to the sun (unit vector), strengths (1 = noon), colours and the air's haze."""

    sun: tuple[float, float, float]
    sunshine: float
    skylight: float
    tint: Colour = (1.0, 1.0, 1.0)
    haze: Colour = (200.0, 195.0, 190.0)
    haze_distance: float = 250.0
    shadow: float = 0.45
    lamps: bool = False


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
    """A solid to be drawn: vertices (V, 3) in metres, its faces, and the lamps that glow at dusk.

    Layers are drawn in rising order, so a decal stands in a higher layer than what it sticks to.
    `footprint` is (length, width) of the upright box that holds it.
    """

    vertices: Floats
    quads: Faces
    discs: Faces
    limbs: Limbs
    lamps: tuple[tuple[int, float], ...]
    footprint: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Posed:
    """A mesh at a place on the ground, heading counted from +X towards +Y in radians."""

    mesh: Mesh
    x: float
    y: float
    heading: float


@dataclass(frozen=True, slots=True, eq=False)
class Silhouette:
    """Where a posed mesh was drawn: its convex outline (N, 2) in pixels and how much of that stayed visible, 0 to 1.

    `extent` is (x1, y1, x2, y2) in pixels of the visible part.
    """

    outline: Floats
    visible: float
    extent: tuple[float, float, float, float]


def paint(image: Image, posed: Sequence[Posed], view: View, light: Light) -> list[Silhouette | None]:
    """Draw the solids and their shadows into `image`; return a silhouette for each, None where nothing shows."""
    if not posed:
        return []
    bodies = [_Body(p, view) for p in posed]
    shown = [i for i, body in enumerate(bodies) if body.in_front and body.on_screen(view.size)]
    _shade_ground(image, [bodies[i] for i in shown], view, light)
    order = far_to_near([bodies[i].corners for i in shown], view.position[:2], [bodies[i].span for i in shown])
    found: list[Silhouette | None] = [None] * len(posed)
    outlines: list[tuple[int, Floats]] = []
    for rank in order:
        i = shown[rank]
        bodies[i].draw(image, view, light)
        outlines.append((i, bodies[i].outline))
    for i, silhouette in _silhouettes(outlines, view.size):
        found[i] = silhouette
    return found


class _Body:
    """One posed mesh in the world and in the picture."""

    def __init__(self, posed: Posed, view: View) -> None:
        self.mesh = posed.mesh
        cos, sin = np.cos(posed.heading), np.sin(posed.heading)
        turn = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
        here = np.array([posed.x, posed.y, 0.0])
        self.world: Floats = self.mesh.vertices @ turn + here
        length, width = self.mesh.footprint
        rim = np.array([[1, 1, 0], [-1, 1, 0], [-1, -1, 0], [1, -1, 0]]) * np.array([length / 2, width / 2, 0.0])
        self.corners: Floats = (rim @ turn + here)[:, :2]
        self.pixels, self.depth = view.project(self.world)
        self.in_front = bool(self.depth.min() > NEAREST)
        low, high = self.pixels.min(axis=0), self.pixels.max(axis=0)
        self.span = (float(low[0]) - 2, float(low[1]) - 2, float(high[0]) + 2, float(high[1]) + 2)
        self.outline: Floats = np.empty((0, 2))

    def on_screen(self, size: tuple[int, int]) -> bool:
        return self.span[0] < size[0] and self.span[1] < size[1] and self.span[2] > 0 and self.span[3] > 0

    def draw(self, image: Image, view: View, light: Light) -> None:
        """Draw every face turned to the camera, layer by layer and far to near, then the lamps' glow."""
        mesh = self.mesh
        parts = [self._faces(mesh.quads, view, light), self._faces(mesh.discs, view, light), self._limbs(view, light)]
        order = np.lexsort((-np.concatenate([p[3] for p in parts]), np.concatenate([p[2] for p in parts])))
        polygons: list[Ints] = []
        for part in parts:
            polygons.extend((part[0] * (1 << SUBPIXEL_BITS)).round().astype(np.int32))
        colours = np.concatenate([p[1] for p in parts]).tolist()
        for k in order.tolist():
            cv2.fillConvexPoly(image, polygons[k], colours[k], cv2.LINE_AA, SUBPIXEL_BITS)
        drawn = np.concatenate([p[0].reshape(-1, 2) for p in parts])
        self.outline = cv2.convexHull(drawn.astype(np.float32)).reshape(-1, 2).astype(np.float64)
        if light.lamps:
            for vertex, radius in mesh.lamps:
                _add_glow(image, self.pixels[vertex], radius * view.focal / self.depth[vertex])

    def _faces(self, faces: Faces, view: View, light: Light) -> tuple[Floats, Floats, Floats, Floats]:
        """Return (pixels, colours, layers, depths) of the faces that look at the camera."""
        corners = self.world[faces.index]
        normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, -1] - corners[:, 0])
        middle = corners.mean(axis=1)
        sight = middle - np.asarray(view.position)
        facing = np.flatnonzero((normal * sight).sum(axis=1) < 0)
        normal = normal[facing]
        normal /= np.maximum(np.sqrt((normal * normal).sum(axis=1)), 1e-9)[:, None]
        depth = self.depth[faces.index[facing]].mean(axis=1)
        lit = np.maximum(normal @ np.asarray(light.sun), 0.0) * light.sunshine
        skyward = 0.5 + 0.5 * normal[:, 2]
        shade = lit + light.skylight * (0.45 + 0.55 * skyward)
        colour = faces.colour[facing] * shade[:, None] + 90.0 * (faces.gloss[facing] * skyward**3)[:, None]
        colour = _in_air(colour, faces.colour[facing], faces.glow[facing], depth, light)
        return self.pixels[faces.index[facing]], colour, faces.layer[facing], depth

    def _limbs(self, view: View, light: Light) -> tuple[Floats, Floats, Floats, Floats]:
        """Return (pixels, colours, layers, depths) of the limbs and, above each, of its lit side."""
        limbs = self.mesh.limbs
        ends = self.pixels[limbs.index]
        depths = self.depth[limbs.index]
        radii = limbs.radii * view.focal / np.maximum(depths, 1e-3)
        along = ends[:, 1] - ends[:, 0]
        angle = np.arctan2(along[:, 1], along[:, 0])
        around = angle[:, None] + np.pi / 2 + _TURN[None, :] + np.pi / CORNERS
        half = np.repeat([0, 1], CORNERS // 2)
        ring = np.stack([np.cos(around), np.sin(around)], axis=2)
        whole = ends[:, half] + ring * radii[:, half, None]
        towards = view.axes[:2] @ np.asarray(light.sun)
        towards = towards / max(float(np.hypot(*towards)), 1e-9)
        lit = ends[:, half] + (ring * 0.62 + towards * 0.3) * radii[:, half, None]
        depth = depths.mean(axis=1)
        base = light.skylight * 0.72 + light.sunshine * 0.22
        colours = [
            _in_air(limbs.colour * gain, limbs.colour, limbs.glow, depth, light)
            for gain in (base, light.skylight * 0.85 + light.sunshine * 0.55)
        ]
        return (
            np.concatenate([whole, lit]),
            np.concatenate(colours),
            np.concatenate([limbs.layer, limbs.layer]),
            np.concatenate([depth, depth - 1e-4]),
        )


def _in_air(colour: Floats, own: Floats, glow: Floats, depth: Floats, light: Light) -> Floats:
    """Return the colours tinted by the light, with glowing faces at their own colour, faded into the haze."""
    tinted = colour * np.asarray(light.tint)
    if light.lamps:
        tinted = tinted + (own * 1.1 - tinted) * glow[:, None]
    clear = np.exp(-depth / light.haze_distance)[:, None]
    return np.clip(tinted * clear + np.asarray(light.haze) * (1 - clear), 0, 255)


def _shade_ground(image: Image, bodies: Sequence[_Body], view: View, light: Light) -> None:
    """Darken the ground below every body, and where the body stands between it and the sun."""
    width, height = view.size
    mask = np.full((height // 2, width // 2), 255, np.uint8)
    sun = np.asarray(light.sun)
    for body in bodies:
        if light.sunshine > 0.15:
            cast = body.world - body.world[:, 2:] * (sun / max(sun[2], 0.2))
            _darken(mask, cast, view, 1 - light.shadow * min(light.sunshine, 1.0))
        middle = body.corners.mean(axis=0)
        under = np.zeros((4, 3))
        under[:, :2] = middle + (body.corners - middle) * 1.04
        _darken(mask, under, view, 1 - light.shadow * 1.1)
    soft = cv2.resize(cv2.blur(mask, (3, 3)), (width, height), interpolation=cv2.INTER_LINEAR)
    cv2.multiply(image, cv2.merge([soft, soft, soft]), dst=image, scale=1 / 255)


def _darken(mask: npt.NDArray[np.uint8], points: Floats, view: View, keep: float) -> None:
    ground = points.copy()
    ground[:, 2] = 0.0
    pixels, depth = view.project(ground)
    if depth.min() > NEAREST:
        hull = cv2.convexHull((pixels / 2).astype(np.float32))
        cv2.fillConvexPoly(mask, (hull * 16).round().astype(np.int32), int(keep * 255), cv2.LINE_8, SUBPIXEL_BITS)


def _add_glow(image: Image, at: Floats, radius: float) -> None:
    """Add a soft spot of light, as a lens and a wet night make of a lamp."""
    reach = int(max(radius * 5, 3))
    x, y = round(float(at[0])), round(float(at[1]))
    x1, y1, x2, y2 = (
        max(x - reach, 0),
        max(y - reach, 0),
        min(x + reach, image.shape[1]),
        min(y + reach, image.shape[0]),
    )
    if x1 >= x2 or y1 >= y2:
        return
    ys, xs = np.ogrid[y1:y2, x1:x2]
    falloff = np.clip(1 - np.sqrt((xs - x) ** 2 + (ys - y) ** 2) / reach, 0, 1) ** 2
    spot = (falloff[..., None] * np.array([110.0, 150.0, 170.0])).astype(np.uint8)
    patch = image[y1:y2, x1:x2]
    patch[:] = cv2.add(patch, spot)


def _silhouettes(outlines: Sequence[tuple[int, Floats]], size: tuple[int, int]) -> list[tuple[int, Silhouette]]:
    """Return what stayed visible of each outline when those after it were drawn over it."""
    width, height = size
    owner = np.zeros((height, width), np.uint8)
    for rank, (_, outline) in enumerate(outlines, start=1):
        points = (outline * (1 << SUBPIXEL_BITS)).round().astype(np.int32)
        cv2.fillConvexPoly(owner, points, rank, cv2.LINE_8, SUBPIXEL_BITS)
    found = []
    for rank, (i, outline) in enumerate(outlines, start=1):
        low, high = outline.min(axis=0), outline.max(axis=0)
        x1, y1 = max(int(low[0]), 0), max(int(low[1]), 0)
        x2, y2 = min(int(high[0]) + 2, width), min(int(high[1]) + 2, height)
        mine = owner[y1:y2, x1:x2] == rank
        count = int(np.count_nonzero(mine)) if mine.size else 0
        if count == 0:
            continue
        columns, rows = np.flatnonzero(mine.any(axis=0)), np.flatnonzero(mine.any(axis=1))
        extent = (
            max(float(low[0]), float(x1 + columns[0])),
            max(float(low[1]), float(y1 + rows[0])),
            min(float(high[0]), float(x1 + columns[-1] + 1)),
            min(float(high[1]), float(y1 + rows[-1] + 1)),
        )
        if extent[0] < extent[2] and extent[1] < extent[3]:
            area = max(cv2.contourArea(outline.astype(np.float32)), 1.0)
            found.append((i, Silhouette(outline, min(count / area, 1.0), extent)))
    return found
