"""What stands along a street and never moves: trees, poles, wires and street lamps, drawn into its empty picture."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from ioc.types import Image
from streams.drawing import Floats, Light, View
from streams.scene_places import Place

LAMP_HEIGHT = 7.0
LAMP_ARM = 1.6
"""Metres of a street lamp's pole, and of the arm over the road that bears the lamp."""
WARM = np.array([0.62, 0.86, 1.0])
"""Blue, green and red of a street lamp."""


def furnish(image: Image, place: Place, view: View, light: Light, rng: np.random.Generator) -> None:
    """Draw the furniture of a place into its empty picture, far to near."""
    for x, y in sorted(place.trees, key=lambda at: -at[1]):
        _tree(image, view, light, (x, y), rng)
    for x, y in sorted(place.poles, key=lambda at: -at[1]):
        _pole(image, view, light, (x, y))
    _wires(image, view, light, place.poles)
    for x, y in sorted(place.lamps, key=lambda at: -at[1]):
        _lamp(image, view, light, (x, y))


def mirror_lamps(image: Image, place: Place, view: View) -> None:
    """Draw into what water mirrors, (H, W, 3), the street lamps that shine above it."""
    for at in place.lamps:
        x, y, z = lamp_head(at)
        pixels, depth = view.project(np.array([(x, y, -z)]))
        if depth[0] > 2.0:
            add_glow(image, pixels[0], 0.5 * view.focal / float(depth[0]), long=3.0)


def raise_furniture(heights: npt.NDArray[np.float32], place: Place, view: View, light: Light, seed: int) -> None:
    """Write the heights in metres of poles and trunks into those (H, W) of the empty place; crowns have no end."""
    drawn = np.zeros((*heights.shape, 3), np.uint8)
    furnish(drawn, place, view, light, np.random.default_rng(seed))
    shown = _within(drawn.max(axis=2))
    heights[shown] = np.inf
    tops = ((place.trees, 5.0), (place.poles, 8.5), (place.lamps, LAMP_HEIGHT))
    for (x, y), top in ((at, top) for places, top in tops for at in places):
        pixels, depth = view.project(np.array([(x, y, 0.0), (x, y, top)]))
        if depth.min() < 2.0:
            continue
        trunk = np.zeros(heights.shape, np.uint8)
        thick = max(round(0.4 * view.focal / float(depth[0])), 3)
        cv2.line(trunk, _whole(pixels[0]), _whole(pixels[1]), 1, thick)
        rows, columns = np.nonzero((trunk > 0) & shown)
        heights[rows, columns] = (pixels[0, 1] - rows) / (pixels[0, 1] - pixels[1, 1]) * top


def _within(drawn: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Return what is drawn without its smooth edges, through which the street can be seen; thin lines stay."""
    mask, line = (drawn > 0).astype(np.uint8), np.ones((1, 3), np.uint8)
    inner = cv2.erode(mask, line)
    return np.asarray((mask > 0) & ((inner > 0) | (cv2.dilate(inner, line) == 0)))


def lamp_head(at: tuple[float, float]) -> tuple[float, float, float]:
    """Return where the lamp of a pole hangs: over the road, which lies at X = 0."""
    x, y = at
    return (x - float(np.sign(x)) * LAMP_ARM, y, LAMP_HEIGHT - 0.2)


def lamplight(lamps: tuple[tuple[float, float], ...], places: Floats) -> Floats:
    """Return how much light (N,) street lamps give to places (N, 3), as a part of a noon's."""
    total = np.zeros(len(places))
    for at in lamps:
        away = places - np.asarray(lamp_head(at))
        total += 58.0 / (22.0 + (away * away).sum(axis=1)) ** 1.12
    return total


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
    offsets *= np.minimum(2.0 / np.sqrt((offsets**2).sum(axis=1)), 1.0)[:, None]
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


def _lamp(image: Image, view: View, light: Light, at: tuple[float, float]) -> None:
    head = lamp_head(at)
    line = np.array([(*at, 0.0), (*at, LAMP_HEIGHT), head])
    pixels, depth = view.project(line)
    if depth.min() < 2.0:
        return
    thick = max(round(0.15 * view.focal / float(depth[0])), 1)
    colour = _lit(np.array([118.0, 122.0, 124.0]), light.skylight, float(depth[0]), light)
    for k, wide in ((0, thick), (1, max(thick * 2 // 3, 1))):
        cv2.line(image, _whole(pixels[k]), _whole(pixels[k + 1]), colour, wide, cv2.LINE_AA)
    radius = max(round(0.24 * view.focal / float(depth[2])), 1)
    if light.lamps:
        add_glow(image, pixels[2], radius * 1.4)
    shade = (190.0, 235.0, 255.0) if light.lamps else colour
    cv2.ellipse(image, _whole(pixels[2]), (radius, max(radius // 2, 1)), 0, 0, 360, shade, -1, cv2.LINE_AA)


def add_glow(image: Image, at: Floats, radius: float, long: float = 1.0) -> None:
    """Add a soft spot of light, as a lens makes of a lamp in the dark; `at` and `radius` are pixels.

    It is `long` times as high as wide: small waves draw what water mirrors long.
    """
    reach = int(max(radius * 5, 3))
    high = round(reach * long)
    x, y = round(float(at[0])), round(float(at[1]))
    x1, y1, x2, y2 = (
        max(x - reach, 0),
        max(y - high, 0),
        min(x + reach, image.shape[1]),
        min(y + high, image.shape[0]),
    )
    if x1 >= x2 or y1 >= y2:
        return
    ys, xs = np.ogrid[y1:y2, x1:x2]
    falloff = np.clip(1 - np.sqrt((xs - x) ** 2 + ((ys - y) / long) ** 2) / reach, 0, 1) ** 2
    spot = (falloff[..., None] * np.array([110.0, 150.0, 170.0])).astype(np.uint8)
    patch = image[y1:y2, x1:x2]
    patch[:] = cv2.add(patch, spot)
