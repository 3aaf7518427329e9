"""The ground of a place: its colours, its marks, and how high it lies."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from streams.drawing import Floats
from streams.scene_places import Place
from streams.scene_texture import cloud, sample

BAY = 2.5
"""Metres from one parking bay to the next."""


def ground_colours(place: Place, x: Floats, y: Floats, rng: np.random.Generator) -> Floats:
    """Return the ground's colours (N, 3) at N points, before light falls on them."""
    grain, blot = cloud(rng), cloud(rng, octaves=4)
    road = np.abs(x) < place.half_road
    if place.crossing is not None:
        road |= (y > place.crossing[0]) & (y < place.crossing[1])
    tone = sample(grain, x / 3.1, y / 3.1) * 2.6 + sample(blot, x / 17.0, y / 41.0) * 5 * place.worn
    tone += sample(grain, x / 0.9, y / 0.9) * 2.6
    ruts = np.cos((x - place.half_road / 2) * 2 * np.pi / 1.75) * 3.0 * place.worn
    asphalt = np.asarray(place.asphalt) + (tone + ruts)[:, None]
    asphalt[sample(blot, x / 29.0 + 0.4, y / 23.0) > 2.0 - 0.6 * place.worn] -= 16 * place.worn
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
    paint = _marked(place, x, y) & road & (sample(grain, x / 1.3, y / 1.3) < 1.9 - place.worn)
    colours[paint] = colours[paint] * 0.25 + np.array([212.0, 214.0, 214.0]) * 0.75
    for bays in place.bays:
        marks = _bay_marks(bays, x, y)
        colours[marks] = colours[marks] * 0.3 + np.array([212.0, 214.0, 214.0]) * 0.7
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


def _bay_marks(bays: tuple[float, float, float, float], x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
    """Say where the lines of a row of parking bays lie."""
    x1, y1, x2, y2 = bays
    inside = (x > x1) & (x < x2) & (y > y1) & (y < y2)
    along = y - y1 if y2 - y1 > x2 - x1 else x - x1
    edge = np.minimum(np.minimum(x - x1, x2 - x), np.minimum(y - y1, y2 - y)) < 0.1
    return np.asarray(inside & (edge | ((along + 0.05) % BAY < 0.1)))


def ground_heights(place: Place, x: Floats, y: Floats, seed: int) -> Floats:
    """Return how high (N,) the ground lies in metres: the gutter is nought, the middle of the road a little higher.

    The picture is drawn as if all were flat; only what water covers first depends on it.
    """
    dips = sample(cloud(np.random.default_rng([seed, 5]), octaves=4), x / 38.0, y / 38.0) * 0.022
    if place.half_road == 0:
        return np.asarray(0.05 + dips)
    across = np.abs(x) / place.half_road
    camber = min(0.025 * place.half_road, 0.15) * (1 - np.minimum(across, 1.0) ** 2)
    beyond = np.abs(x) - place.half_road
    road = beyond < 0
    if place.crossing is not None:
        road |= (y > place.crossing[0]) & (y < place.crossing[1])
    return np.asarray(np.where(road, camber, 0.15 + 0.015 * np.clip(beyond, 0, 8)) + dips)


def river_wall(met: Floats, wall: npt.NDArray[np.bool_]) -> Floats:
    """Return the colours (N, 3) of a river's upright stone walls, where `wall` is set, and of its muddy bed."""
    tone = sample(cloud(np.random.default_rng(7)), met[:, 1] / 5.0, met[:, 2] / 2.0)
    high = met[:, 2]
    stone = 128 + tone * 7 + 14 * (high > -0.35) - 26 * (high < -1.6) - 10 * (met[:, 1] % 4.0 < 0.12)
    return np.asarray(np.where(wall, stone, 84 + tone * 5)[:, None] * np.array([0.93, 1.0, 1.02]))
