"""What solids do to the light of a picture: shadows on the ground, and lamps that glow in the dark."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from ioc.types import Image
from streams.drawing import Floats, Light
from streams.scene_silhouettes import SUBPIXEL_BITS, hull, subpixels
from streams.scene_stage import NEAREST, Stage


def shade_ground(image: Image, stage: Stage, light: Light) -> None:
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
    cv2.fillConvexPoly(mask, subpixels(hull(pixels / 2)), int(keep * 255), cv2.LINE_8, SUBPIXEL_BITS)


def shine(image: Image, stage: Stage, k: int) -> None:
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
