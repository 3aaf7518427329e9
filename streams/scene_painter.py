"""Draws solids on a ground plane, with shadows, haze and lamps, and says exactly what can be seen of each.

The painter's algorithm: far to near, each solid as flat convex polygons. All solids of a picture go through
numpy together, for the calls cost more than the arithmetic; OpenCV then fills one polygon after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ioc.types import Image
from streams.drawing import CORNERS, Faces, Floats, Ints, Light, Limbs, Posed, View
from streams.scene_order import far_to_near
from streams.scene_silhouettes import SUBPIXEL_BITS, Owners, Silhouette, owners, subpixels, visible

NEAREST = 0.8
"""Metres before the lens within which nothing is drawn: the projection breaks down there."""
_HALVES = np.repeat([0, 1], CORNERS // 2)
"""Which end of a limb each of its corners goes around."""
_AROUND = np.pi / 2 + (np.arange(CORNERS) + 0.5) * (2 * np.pi / CORNERS)


@dataclass(frozen=True, slots=True, eq=False)
class _Polygons:
    """What is to be filled: corners (P, n, 2) pixels, colours (P, 3), layers, depths and owning solids (P,)."""

    corners: Floats
    colour: Floats
    layer: Floats
    depth: Floats
    owner: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """What was drawn: a silhouette of each solid, None where nothing shows, and which solid each pixel shows.

    `owner` (H, W) counts the solids in the order of drawing, from 1; `distance` (solids + 1,) is how far from the
    camera each of them stands, in metres over the ground, without end for no solid.
    """

    silhouettes: tuple[Silhouette | None, ...]
    owner: Owners
    distance: Floats

    def nearer_than(self, metres: float) -> npt.NDArray[np.bool_]:
        """Return which pixels (H, W) show a solid that stands nearer than that."""
        return np.asarray((self.distance < metres)[self.owner])


def paint(image: Image, posed: Sequence[Posed], view: View, light: Light) -> Painted:
    """Draw the solids and their shadows into `image`, and say what shows of each."""
    found: list[Silhouette | None] = [None] * len(posed)
    stage = _Stage(posed, view)
    if not stage.shown:
        return Painted(tuple(found), np.zeros(image.shape[:2], np.int16), np.array([np.inf]))
    _shade_ground(image, stage, light)
    rank = stage.drawing_order()
    whole, lit = stage.limbs(light)
    solid = [*stage.faces(light), whole]
    outlines = _outlines(solid, len(stage.shown))
    _fill(image, [*solid, lit], rank, stage, light)
    order = np.argsort(rank).tolist()
    owner = owners([outlines[k] for k in order], view.size)
    for number, k in enumerate(order, start=1):
        found[stage.shown[k]] = visible(owner, number, outlines[k])
    return Painted(tuple(found), owner, np.concatenate([[np.inf], stage.distances()[order]]))


class _Stage:
    """All solids of one picture whose every part lies before the lens and some part within the picture."""

    def __init__(self, posed: Sequence[Posed], view: View) -> None:
        self.view = view
        vertices, counts = _placed(posed)
        pixels, depth = view.project(vertices)
        starts = np.concatenate([[0], np.cumsum(counts)])
        self.shown: list[int] = []
        kept = np.zeros(len(vertices), bool)
        spans = []
        for i in range(len(posed)):
            part = slice(starts[i], starts[i + 1])
            low, high = pixels[part].min(axis=0), pixels[part].max(axis=0)
            if depth[part].min() > NEAREST and (high > 0).all() and low[0] < view.size[0] and low[1] < view.size[1]:
                self.shown.append(i)
                kept[part] = True
                spans.append((low[0] - 2, low[1] - 2, high[0] + 2, high[1] + 2))
        self.spans = np.array(spans, np.float64).reshape(-1, 4)
        self.bodies = [posed[i] for i in self.shown]
        self.world, self.pixels, self.depth = vertices[kept], pixels[kept], depth[kept]
        self.starts = np.concatenate([[0], np.cumsum([counts[i] for i in self.shown])]).astype(np.int32)
        self.footprints = [_footprint(body) for body in self.bodies]

    def part(self, k: int) -> slice:
        """Return where the vertices of the k-th solid lie."""
        return slice(int(self.starts[k]), int(self.starts[k + 1]))

    def drawing_order(self) -> Ints:
        """Return when each solid is drawn, from 0 for the first."""
        order = far_to_near(self.footprints, self.view.position[:2], self.spans)
        rank = np.empty(len(order), np.int32)
        rank[order] = np.arange(len(order))
        return rank

    def distances(self) -> Floats:
        """Return how far from the camera each solid stands, in metres over the ground."""
        places = np.array([(body.x, body.y) for body in self.bodies])
        return np.asarray(np.hypot(*(places - np.asarray(self.view.position[:2])).T))

    def faces(self, light: Light) -> list[_Polygons]:
        """Return the faces that look at the camera, by their count of corners."""
        meshes = [body.mesh for body in self.bodies]
        return [self._facing([m.quads for m in meshes], light), self._facing([m.discs for m in meshes], light)]

    def _facing(self, groups: Sequence[Faces], light: Light) -> _Polygons:
        index, owner = self._joined([g.index for g in groups])
        points = self.world[index[:, [0, 1, -1]]]
        normal = _cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
        sight = points[:, 0] - np.asarray(self.view.position)
        facing = np.flatnonzero((normal * sight).sum(axis=1) < 0)
        index, owner, normal = index[facing], owner[facing], normal[facing]
        own = np.concatenate([g.colour for g in groups])[facing]
        gloss = np.concatenate([g.gloss for g in groups])[facing]
        glow = np.concatenate([g.glow for g in groups])[facing]
        normal /= np.maximum(np.sqrt((normal * normal).sum(axis=1)), 1e-9)[:, None]
        depth = self.depth[index].mean(axis=1)
        skyward = 0.5 + 0.5 * normal[:, 2]
        shade = np.maximum(normal @ np.asarray(light.sun), 0.0) * light.sunshine + light.skylight * (
            0.45 + 0.55 * skyward
        )
        colour = own * shade[:, None] + 90.0 * (gloss * skyward**3)[:, None]
        layer = np.concatenate([g.layer for g in groups])[facing]
        return _Polygons(self.pixels[index], _in_air(colour, own, glow, depth, light), layer, depth, owner)

    def limbs(self, light: Light) -> tuple[_Polygons, _Polygons]:
        """Return the limbs, and the lit side that lies upon each."""
        groups: list[Limbs] = [body.mesh.limbs for body in self.bodies]
        index, owner = self._joined([g.index for g in groups])
        ends, depths = self.pixels[index], self.depth[index]
        radii = np.concatenate([g.radii for g in groups]) * self.view.focal / depths
        own = np.concatenate([g.colour for g in groups])
        glow = np.concatenate([g.glow for g in groups])
        layer = np.concatenate([g.layer for g in groups])
        along = ends[:, 1] - ends[:, 0]
        around = np.arctan2(along[:, 1], along[:, 0])[:, None] + _AROUND
        ring = np.stack([np.cos(around), np.sin(around)], axis=2)
        sunward = self.view.axes[:2] @ np.asarray(light.sun)
        sunward = sunward / max(float(np.hypot(sunward[0], sunward[1])), 1e-9)
        centres, reach = ends[:, _HALVES], radii[:, _HALVES, None]
        depth = depths.mean(axis=1)
        shaded, bright = light.skylight * 0.72 + light.sunshine * 0.22, light.skylight * 0.85 + light.sunshine * 0.55
        return (
            _Polygons(centres + ring * reach, _in_air(own * shaded, own, glow, depth, light), layer, depth, owner),
            _Polygons(
                centres + (ring * 0.62 + sunward * 0.3) * reach,
                _in_air(own * bright, own, glow, depth, light),
                layer,
                depth - 1e-4,
                owner,
            ),
        )

    def _joined(self, indices: Sequence[Ints]) -> tuple[Ints, Ints]:
        """Return the solids' vertex numbers as numbers within the stage, and whose each row is."""
        index = np.concatenate([rows + start for rows, start in zip(indices, self.starts[:-1], strict=True)])
        owner = np.repeat(np.arange(len(indices), dtype=np.int32), [len(rows) for rows in indices])
        return index, owner


def _placed(posed: Sequence[Posed]) -> tuple[Floats, list[int]]:
    """Return all vertices in the world, and how many each solid has."""
    counts = [len(p.mesh.vertices) for p in posed]
    if not posed:
        return np.empty((0, 3)), counts
    own = np.concatenate([p.mesh.vertices for p in posed])
    turns = np.array([(np.cos(p.heading), np.sin(p.heading), p.x, p.y) for p in posed])
    cos, sin, x, y = np.repeat(turns, counts, axis=0).T
    world = np.stack([own[:, 0] * cos - own[:, 1] * sin + x, own[:, 0] * sin + own[:, 1] * cos + y, own[:, 2]], axis=1)
    return world, counts


def _footprint(posed: Posed) -> Floats:
    """Return the corners (4, 2) of the upright box around the solid, counter-clockwise."""
    length, width = posed.mesh.footprint
    cos, sin = np.cos(posed.heading), np.sin(posed.heading)
    ahead, aside = np.array([cos, sin]) * length / 2, np.array([-sin, cos]) * width / 2
    corners = np.array([ahead + aside, aside - ahead, -ahead - aside, ahead - aside])
    return np.asarray(corners + np.array([posed.x, posed.y]))


def _cross(a: Floats, b: Floats) -> Floats:
    """Return the cross products of rows; numpy's own spends longer on its arguments than on the sums."""
    return np.stack(
        [
            a[:, 1] * b[:, 2] - a[:, 2] * b[:, 1],
            a[:, 2] * b[:, 0] - a[:, 0] * b[:, 2],
            a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0],
        ],
        axis=1,
    )


def _in_air(colour: Floats, own: Floats, glow: Floats, depth: Floats, light: Light) -> Floats:
    """Return the colours tinted by the light, with glowing faces at their own colour, faded into the haze."""
    tinted = colour * np.asarray(light.tint)
    if light.lamps:
        tinted += (own * 1.1 - tinted) * glow[:, None]
    clear = np.exp(-depth / light.haze_distance)[:, None]
    return np.asarray(np.clip(tinted * clear + np.asarray(light.haze) * (1 - clear), 0, 255))


def _fill(image: Image, parts: Sequence[_Polygons], rank: Ints, stage: _Stage, light: Light) -> None:
    """Fill the polygons solid by solid, layer by layer, far to near, and let the lamps of each shine."""
    owner = np.concatenate([p.owner for p in parts])
    depth = np.concatenate([p.depth for p in parts])
    order = np.lexsort((-depth, np.concatenate([p.layer for p in parts]), rank[owner]))
    polygons: list[npt.NDArray[np.int32]] = []
    for part in parts:
        polygons.extend(subpixels(part.corners))
    colours = np.concatenate([p.colour for p in parts]).tolist()
    ends = np.cumsum(np.bincount(rank[owner], minlength=len(rank)))
    first = 0
    for k, end in zip(np.argsort(rank).tolist(), ends.tolist(), strict=True):
        for n in order[first:end].tolist():
            cv2.fillConvexPoly(image, polygons[n], colours[n], cv2.LINE_AA, SUBPIXEL_BITS)
        first = end
        if light.lamps:
            _shine(image, stage, k)


def _shine(image: Image, stage: _Stage, k: int) -> None:
    """Let the lamps glow; they shine ahead, so none is seen from behind."""
    body, start = stage.bodies[k], int(stage.starts[k])
    ahead = (np.cos(body.heading), np.sin(body.heading))
    for vertex, radius in body.mesh.lamps:
        away = np.asarray(stage.view.position) - stage.world[start + vertex]
        if away[0] * ahead[0] + away[1] * ahead[1] <= 0:
            continue
        size = radius * stage.view.focal / float(stage.depth[start + vertex])
        _add_glow(image, stage.pixels[start + vertex], size)


def _add_glow(image: Image, at: Floats, radius: float) -> None:
    """Add a soft spot of light, as a lens makes of a lamp in the dark."""
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


def _shade_ground(image: Image, stage: _Stage, light: Light) -> None:
    """Darken the ground below every solid, and where a solid stands between it and the sun."""
    width, height = stage.view.size
    mask = np.full((height // 2, width // 2), 255, np.uint8)
    if light.sunshine > 0.15:
        sun = np.asarray(light.sun)
        cast = stage.world - stage.world[:, 2:] * (sun / max(sun[2], 0.2))
        pixels, depth = stage.view.project(cast)
        for k in range(len(stage.bodies)):
            part = stage.part(k)
            if depth[part].min() > NEAREST:
                _darken(mask, pixels[part], 1 - light.shadow * min(light.sunshine, 1.0))
    corners = np.zeros((len(stage.bodies) * 4, 3))
    corners[:, :2] = np.concatenate(stage.footprints)
    under, depth = stage.view.project(corners)
    for k in range(0, len(under), 4):
        if depth[k : k + 4].min() > NEAREST:
            _darken(mask, under[k : k + 4], 1 - light.shadow * 1.1)
    soft = cv2.resize(cv2.blur(mask, (3, 3)), (width, height), interpolation=cv2.INTER_LINEAR)
    cv2.multiply(image, cv2.merge([soft, soft, soft]), dst=image, scale=1 / 255)


def _darken(mask: npt.NDArray[np.uint8], pixels: Floats, keep: float) -> None:
    hull = _hull(pixels / 2)
    cv2.fillConvexPoly(mask, subpixels(hull), int(keep * 255), cv2.LINE_8, SUBPIXEL_BITS)


def _outlines(parts: Sequence[_Polygons], count: int) -> list[Floats]:
    """Return the convex outline (N, 2) in pixels of everything drawn of each solid; empty where nothing is."""
    points: list[list[Floats]] = [[] for _ in range(count)]
    for part in parts:
        edges = np.searchsorted(part.owner, np.arange(count + 1))
        for k in range(count):
            if edges[k] < edges[k + 1]:
                points[k].append(part.corners[edges[k] : edges[k + 1]].reshape(-1, 2))
    return [_hull(np.concatenate(own)) if own else np.empty((0, 2)) for own in points]


def _hull(points: Floats) -> Floats:
    return np.asarray(cv2.convexHull(points.astype(np.float32)).reshape(-1, 2), dtype=np.float64)
