"""What solids do to the light of a picture: shadows on the ground, and lamps that glow in the dark."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from ioc.types import Image
from streams.drawing import Floats, Light
from streams.scene_furniture import add_glow
from streams.scene_silhouettes import SUBPIXEL_BITS, hull, subpixels
from streams.scene_stage import NEAREST, Stage

DIM = 85
"""What the mask of shadows holds, at night, for ground that is as bright as it was: three times as bright fits in."""
BEAM = ((0.3, 0.8, 15.0, 3.6, 26), (0.6, 0.9, 10.0, 2.4, 58), (1.0, 0.9, 6.5, 1.5, 96))
"""Where headlamps shine, outermost first: from and to how many metres ahead, how wide at each as a part of the
vehicle's width, and how bright as in the mask."""


def shade_ground(image: Image, stage: Stage, light: Light) -> None:
    """Darken the ground below every solid and in its shadow; at night, light up what lies before headlamps."""
    width, height = stage.view.size
    full = DIM if light.lamps else 255
    mask = np.full((height // 2, width // 2), full, np.uint8)
    if light.lamps:
        _light_ahead(mask, stage, min(max(1.1 - 1.3 * (light.skylight + light.sunshine), 0.1), 1.0))
    if light.sunshine > 0.15:
        sun = np.asarray(light.sun)
        cast = stage.world - stage.world[:, 2:] * (sun / max(sun[2], 0.2))
        pixels, depth = stage.view.project(cast)
        for k in range(len(stage.bodies)):
            part = stage.part(k)
            if depth[part].min() > NEAREST:
                _fill(mask, pixels[part], full * (1 - light.shadow * min(light.sunshine, 1.0)))
    corners = np.zeros((len(stage.bodies) * 4, 3))
    corners[:, :2] = np.concatenate(stage.footprints)
    under, depth = stage.view.project(corners)
    for k in range(0, len(under), 4):
        if depth[k : k + 4].min() > NEAREST:
            _fill(mask, under[k : k + 4], full * (1 - light.shadow * 1.1))
    soft = cv2.resize(cv2.blur(mask, (3, 3)), (width, height), interpolation=cv2.INTER_LINEAR)
    cv2.multiply(image, cv2.merge([soft, soft, soft]), dst=image, scale=1 / full)


def _fill(mask: npt.NDArray[np.uint8], pixels: Floats, level: float) -> None:
    cv2.fillConvexPoly(mask, subpixels(hull(pixels / 2)), int(level), cv2.LINE_8, SUBPIXEL_BITS)


def _light_ahead(mask: npt.NDArray[np.uint8], stage: Stage, strength: float) -> None:
    """Add what all headlamps throw onto the ground to the mask; by daylight it hardly tells."""
    shining = [body for body in stage.bodies if body.mesh.lamps]
    beams = np.zeros_like(mask)
    for near, near_wide, far, far_wide, bright in BEAM:
        for body in shining:
            front, wide = body.mesh.footprint[0] / 2, max(body.mesh.footprint[1], 1.2) / 2
            a, b = (front + near, near_wide * wide), (front + far, far_wide * wide)
            own = np.array([(a[0], -a[1]), (a[0], a[1]), (b[0], b[1]), (b[0] * 1.04, 0.0), (b[0], -b[1])])
            cos, sin = np.cos(body.heading), np.sin(body.heading)
            ground = np.zeros((len(own), 3))
            ground[:, :2] = own @ np.array([[cos, sin], [-sin, cos]]) + (body.x, body.y)
            pixels, depth = stage.view.project(ground)
            if depth.min() > NEAREST:
                _fill(beams, pixels, bright * strength)
    cv2.add(mask, cv2.blur(beams, (11, 5)), dst=mask)


def shine(image: Image, stage: Stage, k: int, wet: float) -> None:
    """Let the lamps glow, and the street mirror them where it is wet; they shine ahead, so none is seen from behind."""
    body, start = stage.bodies[k], int(stage.starts[k])
    ahead = (np.cos(body.heading), np.sin(body.heading))
    for vertex, radius in body.mesh.lamps:
        away = np.asarray(stage.view.position) - stage.world[start + vertex]
        if away[0] * ahead[0] + away[1] * ahead[1] <= 0:
            continue
        size = radius * stage.view.focal / float(stage.depth[start + vertex])
        add_glow(image, stage.pixels[start + vertex], size)
        if wet > 0:
            below = stage.world[start + vertex] * (1, 1, -1)
            pixels, _ = stage.view.project(below[None])
            add_glow(image, pixels[0], size * 1.3 * wet, long=2.5)
