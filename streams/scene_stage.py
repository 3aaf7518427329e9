"""The solids of one picture as polygons in pixels, shaded; all go through numpy together, which makes it fast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from streams.drawing import CORNERS, Faces, Floats, Ints, Light, Limbs, Posed, Spots, View
from streams.scene_furniture import WARM, lamplight
from streams.scene_order import far_to_near
from streams.scene_plate_painter import ShownPlate
from streams.scene_plates import Plate

NEAREST = 0.8
"""Metres before the lens within which nothing is drawn: the projection breaks down there."""
REFLECTED = 0.8
"""How bright plates are at night at least: their paper throws the light of lamps back."""
_HALVES = np.repeat([0, 1], CORNERS // 2)
"""Which end of a limb each of its corners goes around."""
_AROUND = np.pi / 2 + (np.arange(CORNERS) + 0.5) * (2 * np.pi / CORNERS)


@dataclass(frozen=True, slots=True, eq=False)
class Polygons:
    """What is to be filled: corners (P, n, 2) pixels, colours (P, 3), layers, depths and owning solids (P,)."""

    corners: Floats
    colour: Floats
    layer: Floats
    depth: Floats
    owner: Ints


class Stage:
    """All solids of one picture whose every part lies before the lens and some part within the picture."""

    def __init__(self, posed: Sequence[Posed], view: View, floor: float = -np.inf, lamps: Spots = ()) -> None:
        self.view = view
        vertices, counts = _placed(posed)
        np.maximum(vertices[:, 2], floor, out=vertices[:, 2])
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
        self._lamplight = lamplight(lamps, np.array([(b.x, b.y, 1.2) for b in self.bodies]).reshape(-1, 3))
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

    def faces(self, light: Light) -> list[Polygons]:
        """Return the faces that look at the camera, by their count of corners."""
        meshes = [body.mesh for body in self.bodies]
        return [self._facing([m.quads for m in meshes], light), self._facing([m.discs for m in meshes], light)]

    def _facing(self, groups: Sequence[Faces], light: Light) -> Polygons:
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
        sheen = 90.0 * gloss * (0.5 + 0.5 * normal[:, 2]) ** 3
        colour = own * (_shade(normal, light)[:, None] + self._lamps_on(owner)) + sheen[:, None]
        layer = np.concatenate([g.layer for g in groups])[facing]
        return Polygons(self.pixels[index], _in_air(colour, own, glow, depth, light), layer, depth, owner)

    def limbs(self, light: Light) -> tuple[Polygons, Polygons]:
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
        depth, lamps = depths.mean(axis=1), self._lamps_on(owner)
        shaded, bright = light.skylight * 0.72 + light.sunshine * 0.22, light.skylight * 0.85 + light.sunshine * 0.55
        return (
            Polygons(
                centres + ring * reach,
                _in_air(own * (shaded + lamps * 0.8), own, glow, depth, light),
                layer,
                depth,
                owner,
            ),
            Polygons(
                centres + (ring * 0.62 + sunward * 0.3) * reach,
                _in_air(own * (bright + lamps), own, glow, depth, light),
                layer,
                depth - 1e-4,
                owner,
            ),
        )

    def _lamps_on(self, owner: Ints) -> Floats:
        """Return what the street lamps add (N, 3) to the light on parts of these solids."""
        return np.asarray(self._lamplight[owner, None] * WARM)

    def _joined(self, indices: Sequence[Ints]) -> tuple[Ints, Ints]:
        """Return the solids' vertex numbers as numbers within the stage, and whose each row is."""
        index = np.concatenate([rows + start for rows, start in zip(indices, self.starts[:-1], strict=True)])
        owner = np.repeat(np.arange(len(indices), dtype=np.int32), [len(rows) for rows in indices])
        return index, owner

    def plates(self, light: Light) -> list[list[ShownPlate]]:
        """Return the plates of each solid that face the camera."""
        return [self._plates(k, body.plate, light) for k, body in enumerate(self.bodies)]

    def _plates(self, k: int, plate: Plate | None, light: Light) -> list[ShownPlate]:
        if plate is None:
            return []
        found = []
        for vertices, blank in self.bodies[k].mesh.plates:
            rows = np.asarray(vertices) + self.starts[k]
            world = self.world[rows]
            normal = _cross(world[3:] - world[:1], world[1:2] - world[:1])
            normal /= np.sqrt((normal * normal).sum())
            clear = float(np.exp(-self.depth[rows].mean() / light.haze_distance))
            bright = max(float(_shade(normal, light)[0]), REFLECTED if light.lamps else 0.0)
            gain, veil = bright * clear * np.asarray(light.tint), np.asarray(light.haze) * (1 - clear)
            shown = ShownPlate(plate, blank, self.pixels[rows], gain, veil)
            if shown.faces():
                found.append(shown)
        return found


def _placed(posed: Sequence[Posed]) -> tuple[Floats, list[int]]:
    """Return all vertices in the world, and how many each solid has."""
    counts = [len(p.mesh.vertices) for p in posed]
    if not posed:
        return np.empty((0, 3)), counts
    own = np.concatenate([p.mesh.vertices for p in posed])
    turns = np.array([(np.cos(p.heading), np.sin(p.heading), p.x, p.y, p.z) for p in posed])
    cos, sin, x, y, z = np.repeat(turns, counts, axis=0).T
    world = np.stack(
        [own[:, 0] * cos - own[:, 1] * sin + x, own[:, 0] * sin + own[:, 1] * cos + y, own[:, 2] + z], axis=1
    )
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


def _shade(normal: Floats, light: Light) -> Floats:
    """Return how bright faces with these normals (N, 3) are: what the sun and the sky give them."""
    sun = np.maximum(normal @ np.asarray(light.sun), 0.0) * light.sunshine
    return np.asarray(sun + light.skylight * (0.725 + 0.275 * normal[:, 2]))


def _in_air(colour: Floats, own: Floats, glow: Floats, depth: Floats, light: Light) -> Floats:
    """Return the colours tinted by the light, with glowing faces at their own colour, faded into the haze."""
    tinted = colour * np.asarray(light.tint)
    if light.lamps:
        tinted += (own * 1.1 - tinted) * glow[:, None]
    clear = np.exp(-depth / light.haze_distance)[:, None]
    return np.asarray(np.clip(tinted * clear + np.asarray(light.haze) * (1 - clear), 0, 255))
