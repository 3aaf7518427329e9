"""The empty picture of a place, ray-cast once per scene: ground, house fronts and sky, and what water mirrors."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from ioc.types import Image
from streams.drawing import Floats, Light, View
from streams.scene_fronts import PIXELS_PER_METRE, house_row
from streams.scene_furniture import WARM, furnish, lamplight, mirror_lamps, raise_furniture
from streams.scene_ground import ground_colours, ground_heights, river_wall
from streams.scene_places import Place, Wall
from streams.scene_texture import cloud, sample

FINE = 2
"""How much finer than the picture a place is cast, so that edges come out smooth."""
Plane = npt.NDArray[np.float32]


def paint_place(place: Place, view: View, light: Light, seed: int) -> Image:
    """Return the empty place as the camera sees it, at the view's size."""
    rng = np.random.default_rng(seed)
    cast = _Cast(place, view, light, rng)
    image = cast.picture(rng)
    if light.wet > 0:
        image = cast.wetted(image, mirrored(place, view, light, seed))
    furnish(image, place, view, light, rng)
    return image


def mirrored(place: Place, view: View, light: Light, seed: int) -> Image:
    """Return what water at the height of the street would mirror, at the view's size, drawn long by small waves."""
    rng = np.random.default_rng(seed)
    image = _Cast(place, view, light, rng, up=True).picture(rng)
    if light.lamps:
        mirror_lamps(image, place, view)
    return np.asarray(cv2.blur(image, (3, max(view.size[1] // 24, 3))), dtype=np.uint8)


def surface_heights(place: Place, view: View, light: Light, seed: int) -> Plane:
    """Return how high (H, W), in metres, what each pixel of the empty place shows lies; without end for the sky."""
    cast = _Cast(place, view, light, np.random.default_rng(seed))
    heights = np.where(np.isfinite(cast.reach), cast.met[:, 2], np.inf)
    x, y, _ = cast.met[cast.ground].T
    heights[cast.ground] += ground_heights(place, x, y, seed)
    small = heights.reshape(cast.shape)[::FINE, ::FINE].astype(np.float32)
    raise_furniture(small, place, view, light, seed)
    return small


def fresnel(view: View) -> Plane:
    """Return how much (H, W) water mirrors where each pixel looks at it.

    Schlick's approximation (1994), a little more for the waves' slopes, which mirror where still water would not.
    """
    rays = view.rays(*view.size)
    steep = np.clip(-rays[..., 2] / np.sqrt((rays * rays).sum(axis=2)), 0, 1)
    return np.asarray(0.08 + 0.92 * (1 - steep) ** 4, dtype=np.float32)


class _Cast:
    """What the rays (N, 3) of a grid over the picture meet; `up` turns them at the ground, as water all over would.

    `met` (N, 3) are the places, `reach` (N,) how far along its ray each lies, without end for the sky, `colours`
    (N, 3) theirs before haze, `ground` (N,) where the street shows.
    """

    def __init__(self, place: Place, view: View, light: Light, rng: np.random.Generator, *, up: bool = False) -> None:
        self._view, self._light, self._place = view, light, place
        width, height = view.size[0] * FINE, view.size[1] * FINE
        turn = np.array([1.0, 1.0, -1.0 if up else 1.0])
        self.shape = (height, width)
        self.rays, self._eye = view.rays(width, height).reshape(-1, 3) * turn, np.asarray(view.position) * turn
        self.colours = np.empty_like(self.rays)
        self.reach = np.full(len(self.rays), np.inf)
        self.ground = (self.rays[:, 2] < -1e-4) & (not up)
        self.reach[self.ground] = self._eye[2] / -self.rays[self.ground, 2]
        for wall in place.walls:
            self._stand(wall, rng)
        if place.river is not None and not up:
            self._dig(place.river)
        self.met = self._eye + self.rays * np.where(np.isfinite(self.reach), self.reach, 0.0)[:, None]
        spots = self.met[self.ground]
        shine = np.full(len(spots), light.sunshine * max(light.sun[2], 0.2) + light.skylight)
        own = ground_colours(place, spots[:, 0], spots[:, 1], rng)
        self.colours[self.ground] = own * self._lit(shine, spots)

    def picture(self, rng: np.random.Generator) -> Image:
        """Return the cast in the light's air, under its sky."""
        light = self._light
        shown = np.empty_like(self.colours)
        solid = np.isfinite(self.reach)
        clear = np.exp(-self.reach[solid] / light.haze_distance)[:, None]
        shown[solid] = self.colours[solid] * np.asarray(light.tint) * clear + np.asarray(light.haze) * (1 - clear)
        shown[~solid] = _sky(self.rays[~solid], light, rng)
        fine = np.clip(shown.reshape(*self.shape, 3), 0, 255).astype(np.uint8)
        return np.asarray(cv2.resize(fine, self._view.size, interpolation=cv2.INTER_AREA), dtype=np.uint8)

    def wetted(self, image: Image, mirror: Image) -> Image:
        """Return the picture with a wet street: darker, and mirroring where one looks along it, puddles most of all."""
        wet = self._light.wet
        street = self.ground.reshape(self.shape)[::FINE, ::FINE]
        spots = self.met.reshape(*self.shape, 3)[::FINE, ::FINE, :2].reshape(-1, 2) / 13.0
        blots = sample(cloud(np.random.default_rng(11), octaves=4), spots[:, 0], spots[:, 1]).reshape(street.shape)
        far = self.reach.reshape(self.shape)[::FINE, ::FINE] / 60
        puddle = np.clip((blots - 0.9) * 2.5, 0, 1) * np.clip(1.2 - far, 0, 1)
        share = np.clip(fresnel(self._view) * (0.55 + 0.45 * puddle) + 0.1 * puddle, 0, 1) * wet * street
        kept = (1 - (0.32 + 0.12 * puddle) * wet * street) * (1 - share)
        return np.asarray(np.clip(image * kept[..., None] + mirror * share[..., None], 0, 255), dtype=np.uint8)

    def _lit(self, shine: Floats, spots: Floats) -> Floats:
        """Return the light (N, 3) at places (N, 3): what shines on them anyway, and the street lamps."""
        if not self._light.lamps or not self._place.lamps:
            return shine[:, None]
        return np.asarray(shine[:, None] + lamplight(self._place.lamps, spots)[:, None] * WARM)

    def _stand(self, wall: Wall, rng: np.random.Generator) -> None:
        """Put a row of house fronts wherever it is nearer than what is there."""
        light = self._light
        across, along = (0, 1) if wall.axis == "x" else (1, 0)
        front = house_row(rng, wall.end - wall.start, wall.height, lamps=light.lamps)
        offset = wall.at - self._eye[across]
        ahead = np.flatnonzero(self.rays[:, across] * offset > 1e-9)
        distance = offset / self.rays[ahead, across]
        place = self._eye[along] + self.rays[ahead, along] * distance
        high = self._eye[2] + self.rays[ahead, 2] * distance
        hit = (distance > 0.5) & (distance < self.reach[ahead]) & (place > wall.start) & (place < wall.end)
        hit &= (high >= 0) & (high < wall.height)
        rows, columns = front.solid.shape
        column = np.clip(((place[hit] - wall.start) * PIXELS_PER_METRE).astype(np.int64), 0, columns - 1)
        row = np.clip(rows - 1 - (high[hit] * PIXELS_PER_METRE).astype(np.int64), 0, rows - 1)
        solid = front.solid[row, column]
        where = ahead[hit][solid]
        row, column = row[solid], column[solid]
        facing = max(-light.sun[across] * float(np.sign(offset)), 0.0) * light.sunshine
        self.reach[where] = distance[hit][solid]
        self.ground[where] = False
        shade = self._lit(
            np.full(len(where), facing + light.skylight * 0.85),
            self._eye + self.rays[where] * self.reach[where, None],
        )
        if light.lamps:
            shade = np.where(front.lit[row, column][:, None], 1.0, shade)
        self.colours[where] = front.colours[row, column] * shade

    def _dig(self, river: tuple[float, float]) -> None:
        """Let the river's channel into the ground: its far wall and its bed, before there is water."""
        light, eye = self._light, self._eye
        street = np.flatnonzero(self.ground)
        x = eye[0] + self.rays[street, 0] * self.reach[street]
        where = street[(x > river[0]) & (x < river[1])]
        rays = self.rays[where]
        sideways = np.where(np.abs(rays[:, 0]) < 1e-9, 1e-9, rays[:, 0])
        to_bed = (eye[2] + self._place.river_depth) / -rays[:, 2]
        to_wall = (np.where(sideways > 0, river[1], river[0]) - eye[0]) / sideways
        on_wall = to_wall < to_bed
        self.reach[where] = np.where(on_wall, to_wall, to_bed)
        self.ground[where] = False
        met = eye + rays * self.reach[where, None]
        self.colours[where] = river_wall(met, on_wall) * (light.skylight * 0.85 + light.sunshine * 0.3)


def _sky(rays: Floats, light: Light, rng: np.random.Generator) -> Floats:
    up = np.clip(rays[:, 2] / np.sqrt((rays**2).sum(axis=1)), 0, 1)
    high = np.array([215.0, 185.0, 150.0]) * min(light.skylight + light.sunshine * 0.4, 1.15)
    low = np.asarray(light.haze)
    mix = np.clip(up * 2.2, 0, 1)[:, None]
    texture = cloud(rng)
    wisps = sample(texture, rays[:, 0] * 0.3 / (up + 0.2), rays[:, 1] * 0.3 / (up + 0.2))
    return np.asarray(low * (1 - mix) + high * mix + (np.clip(wisps, 0, 2) * 14 * light.skylight)[:, None])
