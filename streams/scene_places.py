"""Street backgrounds: ground, house fronts, trees, poles and sky, ray-cast once per scene."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from ioc.types import Image
from streams.drawing import Colour, Floats, Light, View, Whole
from streams.scene_fronts import PIXELS_PER_METRE, house_row

Texture = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Wall:
    """A row of house fronts: upright on the line `axis` = `at` (metres), from `start` to `end` along the other axis."""

    axis: str
    at: float
    start: float
    end: float
    height: float = 12.0


@dataclass(frozen=True)
class Place:
    """A street along Y, `half_road` metres to each side of X = 0, between pavements; perhaps a crossing or a square.

    `lanes` are the X of dashed lines, `crossing` the (first, last) Y of a street that crosses,
    `zebras` the Y of pedestrian crossings, `square` the (x1, y1, x2, y2) of a paved square,
    `hatched` the (x1, y1, x2, y2) of a yellow no-parking strip.
    """

    half_road: float
    pavement: float
    walls: tuple[Wall, ...]
    lanes: tuple[float, ...] = (0.0,)
    crossing: tuple[float, float] | None = None
    zebras: tuple[float, ...] = ()
    square: tuple[float, float, float, float] | None = None
    hatched: tuple[float, float, float, float] | None = None
    trees: tuple[tuple[float, float], ...] = ()
    poles: tuple[tuple[float, float], ...] = ()
    asphalt: Colour = (104, 104, 106)
    paving: Colour = (128, 136, 146)
    worn: float = 0.5


def paint_place(place: Place, view: View, light: Light, seed: int) -> Image:
    """Return the empty place as the camera sees it, at the view's size."""
    rng = np.random.default_rng(seed)
    width, height = view.size[0] * 2, view.size[1] * 2
    rays = view.rays(width, height)
    eye = np.asarray(view.position)
    flat = rays.reshape(-1, 3)
    picture = np.empty_like(flat)
    reach = np.full(len(flat), np.inf)
    down = flat[:, 2] < -1e-4
    reach[down] = eye[2] / -flat[down, 2]
    ground = down.copy()
    for wall in place.walls:
        ground[_stand(picture, reach, wall, flat, eye, light, rng)] = False
    far = reach[ground]
    colours = _ground(place, eye[0] + flat[ground, 0] * far, eye[1] + flat[ground, 1] * far, rng)
    picture[ground] = colours * (light.sunshine * max(light.sun[2], 0.2) + light.skylight)
    solid = np.isfinite(reach)
    clear = np.exp(-reach[solid] / light.haze_distance)[:, None]
    picture[solid] = picture[solid] * np.asarray(light.tint) * clear + np.asarray(light.haze) * (1 - clear)
    picture[~solid] = _sky(flat[~solid], light, rng)
    hazed = picture.reshape(height, width, 3)
    fine = np.clip(hazed, 0, 255).astype(np.uint8)
    small = np.asarray(cv2.resize(fine, view.size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    for x, y in sorted(place.trees, key=lambda at: -at[1]):
        _tree(small, view, light, (x, y), rng)
    for x, y in sorted(place.poles, key=lambda at: -at[1]):
        _pole(small, view, light, (x, y))
    _wires(small, view, light, place.poles)
    return small


def cloud(rng: np.random.Generator, size: int = 256, octaves: int = 5) -> Texture:
    """Return a (size, size) field of tileable, many-scaled noise with mean 0 and deviation 1."""
    total = np.zeros((size, size), np.float32)
    for k in range(octaves):
        cells = min(4 << k, size)
        coarse = rng.standard_normal((cells, cells)).astype(np.float32)
        wrapped = np.pad(coarse, 2, mode="wrap")
        scale = size // cells
        fine = cv2.resize(wrapped, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        total += fine[2 * scale : 2 * scale + size, 2 * scale : 2 * scale + size] * (0.72**k)
    return np.asarray((total - total.mean()) / total.std(), dtype=np.float32)


def _sample(texture: Texture, u: Floats, v: Floats) -> Floats:
    """Look a tileable texture up at the nearest texel."""
    size = texture.shape[0]
    rows, columns = np.floor(v * size).astype(np.int64) % size, np.floor(u * size).astype(np.int64) % size
    return np.asarray(texture[rows, columns], dtype=np.float64)


def _sky(rays: Floats, light: Light, rng: np.random.Generator) -> Floats:
    up = np.clip(rays[:, 2] / np.sqrt((rays**2).sum(axis=1)), 0, 1)
    high = np.array([215.0, 185.0, 150.0]) * min(light.skylight + light.sunshine * 0.4, 1.15)
    low = np.asarray(light.haze)
    mix = np.clip(up * 2.2, 0, 1)[:, None]
    texture = cloud(rng)
    wisps = _sample(texture, rays[:, 0] * 0.3 / (up + 0.2), rays[:, 1] * 0.3 / (up + 0.2))
    return np.asarray(low * (1 - mix) + high * mix + (np.clip(wisps, 0, 2) * 14 * light.skylight)[:, None])


def _ground(place: Place, x: Floats, y: Floats, rng: np.random.Generator) -> Floats:
    """Return the ground's colours (N, 3) at N points, before light falls on them."""
    grain, blot = cloud(rng), cloud(rng, octaves=4)
    road = np.abs(x) < place.half_road
    if place.crossing is not None:
        road |= (y > place.crossing[0]) & (y < place.crossing[1])
    tone = _sample(grain, x / 3.1, y / 3.1) * 2.6 + _sample(blot, x / 17.0, y / 41.0) * 5 * place.worn
    tone += _sample(grain, x / 0.9, y / 0.9) * 2.6
    ruts = np.cos((x - place.half_road / 2) * 2 * np.pi / 1.75) * 3.0 * place.worn
    asphalt = np.asarray(place.asphalt) + (tone + ruts)[:, None]
    asphalt[_sample(blot, x / 29.0 + 0.4, y / 23.0) > 2.0 - 0.6 * place.worn] -= 16 * place.worn
    colours = np.where(road[:, None], asphalt, _paving(place, x, y, tone))
    yards = (np.abs(x) > place.half_road + place.pavement + 0.3) & ~road
    colours[yards] = np.array([96.0, 112.0, 106.0]) + tone[yards, None] * 2
    edge = np.abs(np.abs(x) - place.half_road)
    along = np.full(len(x), place.half_road > 0)
    if place.crossing is not None:
        along = (y < place.crossing[0] - 1) | (y > place.crossing[1] + 1)
    kerb = (edge < 0.16) & along & ~road
    colours[kerb] = 168 + tone[kerb, None]
    gutter = (edge < 0.22) & along & road
    colours[gutter] *= 0.75
    paint = _marked(place, x, y) & road & (_sample(grain, x / 1.3, y / 1.3) < 1.9 - place.worn)
    colours[paint] = colours[paint] * 0.25 + np.array([212.0, 214.0, 214.0]) * 0.75
    if place.hatched is not None:
        yellow = _hatching(place.hatched, x, y)
        colours[yellow] = colours[yellow] * 0.35 + np.array([60.0, 180.0, 215.0]) * 0.65
    return np.asarray(colours)


def _paving(place: Place, x: Floats, y: Floats, tone: Floats) -> Floats:
    tile = 0.6
    joint = (np.abs((x / tile) % 1 - 0.5) > 0.46) | (np.abs((y / tile) % 1 - 0.5) > 0.46)
    chequer = ((np.floor(x / tile) * 7 + np.floor(y / tile) * 13) % 5 - 2) * 3.5
    base = np.asarray(place.paving) + (tone * 0.8 + chequer)[:, None]
    near = (np.abs(x) + np.abs(y)) < 45
    base[joint & near] *= 0.86
    if place.square is not None:
        x1, y1, x2, y2 = place.square
        band = (x > x1) & (x < x2) & (y > y1) & (y < y2) & ((np.floor(x / 3.6) + np.floor(y / 3.6)) % 2 == 0)
        base[band] *= 0.9
    return np.asarray(base)


def _marked(place: Place, x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
    """Say where white paint lies: lane lines, edge lines, stop lines and zebras."""
    marked = np.zeros(len(x), bool)
    for lane in place.lanes:
        dashed = (y % 8.0) < (4.0 if lane else 5.0)
        marked |= (np.abs(x - lane) < 0.075) & dashed
    marked |= np.abs(np.abs(x) - place.half_road + 0.35) < 0.06
    if place.crossing is not None:
        near, far = place.crossing
        marked &= (y < near) | (y > far)
        marked |= (np.abs(y - near + 5.0) < 0.2) & (x > 0) | (np.abs(y - far - 5.0) < 0.2) & (x < 0)
    for zebra in place.zebras:
        inside = np.abs(y - zebra) < 1.6
        marked &= ~inside
        marked |= inside & ((x % 1.1) < 0.55) & (np.abs(x) < place.half_road - 0.3)
    return marked


def _hatching(strip: tuple[float, float, float, float], x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
    x1, y1, x2, y2 = strip
    inside = (x > x1) & (x < x2) & (y > y1) & (y < y2)
    border = (x < x1 + 0.14) | (x > x2 - 0.14) | (y < y1 + 0.14) | (y > y2 - 0.14)
    return np.asarray(inside & (border | (((x + y) % 1.6) < 0.2)))


def _stand(
    picture: Floats, reach: Floats, wall: Wall, rays: Floats, eye: Floats, light: Light, rng: np.random.Generator
) -> Whole:
    """Put a row of house fronts into the picture wherever it is nearer than what is there; return those pixels."""
    across, along = (0, 1) if wall.axis == "x" else (1, 0)
    front = house_row(rng, wall.end - wall.start, wall.height, lamps=light.lamps)
    offset = wall.at - eye[across]
    ahead = np.flatnonzero(rays[:, across] * offset > 1e-9)
    distance = offset / rays[ahead, across]
    place = eye[along] + rays[ahead, along] * distance
    high = eye[2] + rays[ahead, 2] * distance
    hit = (distance > 0.5) & (distance < reach[ahead]) & (place > wall.start) & (place < wall.end)
    hit &= (high >= 0) & (high < wall.height)
    rows, columns = front.solid.shape
    column = np.clip(((place[hit] - wall.start) * PIXELS_PER_METRE).astype(np.int64), 0, columns - 1)
    row = np.clip(rows - 1 - (high[hit] * PIXELS_PER_METRE).astype(np.int64), 0, rows - 1)
    solid = front.solid[row, column]
    where = ahead[hit][solid]
    row, column = row[solid], column[solid]
    facing = max(-light.sun[across] * float(np.sign(offset)), 0.0) * light.sunshine
    colours = front.colours[row, column].astype(np.float64)
    shade = np.full(len(where), facing + light.skylight * 0.85)
    if light.lamps:
        shade[front.lit[row, column]] = 1.0
    picture[where] = colours * shade[:, None]
    reach[where] = distance[hit][solid]
    return np.asarray(where)


def _lit(colour: Floats, gain: float, depth: float, light: Light) -> tuple[float, float, float]:
    clear = float(np.exp(-depth / light.haze_distance))
    shown = np.clip(colour * gain * np.asarray(light.tint), 0, 255) * clear + np.asarray(light.haze) * (1 - clear)
    return (float(shown[0]), float(shown[1]), float(shown[2]))


def _tree(image: Image, view: View, light: Light, at: tuple[float, float], rng: np.random.Generator) -> None:
    """Draw a street tree: a trunk and a crown of many leaves' clumps, lit from the sun's side."""
    crown = float(rng.uniform(5.0, 7.5))
    foot = np.array([[at[0], at[1], 0.0], [at[0], at[1], crown - 1.0]])
    pixels, depth = view.project(foot)
    if depth.min() < 2.0:
        return
    scale = view.focal / float(depth.mean())
    trunk = _lit(np.array([60.0, 74.0, 88.0]), light.skylight * 0.8, float(depth[0]), light)
    cv2.line(image, _whole(pixels[0]), _whole(pixels[1]), trunk, max(round(0.28 * scale), 1), cv2.LINE_AA)
    leaves = 420
    hue = np.array([46.0, 92.0, 62.0]) * rng.uniform(0.8, 1.15, 3)
    offsets = rng.normal(0, 1, (leaves, 3)) * np.array([1.15, 1.15, 0.75])
    offsets = offsets[np.argsort(offsets @ np.asarray(light.sun))]
    centres, depths = view.project(np.array([at[0], at[1], crown]) + offsets)
    for k, (pixel, far) in enumerate(zip(centres, depths, strict=True)):
        if far > 2.0:
            gain = (light.skylight + light.sunshine * 0.9) * (0.45 + 0.75 * k / leaves) * float(rng.uniform(0.8, 1.2))
            radius = max(round(float(rng.uniform(0.07, 0.24)) * view.focal / float(far)), 1)
            cv2.circle(image, _whole(pixel), radius, _lit(hue, gain, float(far), light), -1, cv2.LINE_AA)


def _pole(image: Image, view: View, light: Light, at: tuple[float, float]) -> None:
    pixels, depth = view.project(np.array([[at[0], at[1], 0.0], [at[0], at[1], 8.5]]))
    if depth.min() > 2.0:
        thick = max(round(0.22 * view.focal / float(depth[0])), 1)
        colour = _lit(np.array([140.0, 146.0, 150.0]), light.skylight, float(depth[0]), light)
        cv2.line(image, _whole(pixels[0]), _whole(pixels[1]), colour, thick, cv2.LINE_AA)


def _wires(image: Image, view: View, light: Light, poles: tuple[tuple[float, float], ...]) -> None:
    """Hang wires between poles of the same side of the street."""
    colour = _lit(np.array([52.0, 52.0, 54.0]), light.skylight + 0.2, 1.0, light)
    for (x1, y1), (x2, y2) in pairwise(poles):
        if x1 != x2:
            continue
        for high in (8.2, 7.7, 7.3):
            share = np.linspace(0, 1, 12)
            sag = high - 1.6 * share * (1 - share)
            line = np.stack([np.full(12, x1), y1 + (y2 - y1) * share, sag], axis=1)
            pixels, depth = view.project(line)
            if depth.min() > 1.5:
                cv2.polylines(
                    image, [pixels.round().astype(np.int32)], isClosed=False, color=colour, lineType=cv2.LINE_AA
                )


def _whole(pixel: Floats) -> tuple[int, int]:
    return (int(np.clip(pixel[0], -4000, 4000)), int(np.clip(pixel[1], -4000, 4000)))
