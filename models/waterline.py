"""Finds where the water ends on a ruler: a strip of the picture, read from its foot to its top.

Above the waterline the strip is as bright as when it is dry, but for the light of the hour; below it, it is something
else. Of all places where it may change from one to the other, the one that leaves least unexplained is the waterline
(least squares on both sides of a change point, after Bai and Perron, 1998).
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from ioc.rulers import Ruler
from ioc.types import Image
from models.still_ground import Floats

SAMPLES = 96
"""Places from foot to top."""
ACROSS = 12
"""Pixels across the strip of which the median is one place's brightness."""
LEAST = 3
"""Places that there must be on both sides of a waterline."""
HIGHEST = 0.95
"""So much of the strip can be told to be under water."""
EXPLAINED = 0.4
"""A waterline must explain so much of what is unlike the dry strip ..."""
NOISE = 5.0
"""... and that must be more grey levels than noise is, on the mean."""

VISIBLE = 0.5
"""The strip's marks must explain all but this part of what is above the water ..."""
SHADOW = 0.25
"""... and what is the dry strip, brighter or dimmer, but for this part, is no water: light or shadow lies across it."""

RIDGE = 1e-6
"""Keeps causes that are alike, as on a strip of one grey, from having no solution."""


def strip_profile(image: Image, ruler: Ruler) -> Floats:
    """Return how bright the strip is from foot to top, (SAMPLES,), 0 to 255, of a picture (H, W, 3) BGR."""
    height, width = image.shape[:2]
    size = np.array([width, height], np.float64)
    foot, top = np.array([ruler.foot.x, ruler.foot.y]) * size, np.array([ruler.top.x, ruler.top.y]) * size
    along = top - foot
    aside = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-6) * ruler.width * width / 2
    shown = np.stack([foot - aside, foot + aside, top - aside]).astype(np.float32)
    drawn = np.array([(-0.5, -0.5), (ACROSS - 0.5, -0.5), (-0.5, SAMPLES - 0.5)], np.float32)
    strip = cv2.warpAffine(
        image, cv2.getAffineTransform(shown, drawn), (ACROSS, SAMPLES), borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(np.median(cv2.cvtColor(strip, cv2.COLOR_BGR2GRAY), axis=1), np.float32)


def waterline(profile: Floats, dry: Sequence[float] = ()) -> float | None:
    """Return which part of a strip, 0 to 1 from its foot, is under water; 0 when it is dry.

    `dry` is what the profile is without water, at any number of places. Without it the strip is taken for a plain one.
    None when the strip's marks are not to be seen: all is under water, it is dark, or something stands before it.
    """
    places = len(profile)
    way = np.linspace(0.0, 1.0, places)
    level = np.stack([np.ones(places), way], axis=1)
    known = np.interp(way, np.linspace(0.0, 1.0, len(dry)), dry) / 255 if dry else np.zeros(places)
    marked = np.column_stack([level, known])
    lit = profile.astype(np.float64) / 255
    values = lit - lit.mean()
    below = _unexplained(values, level)
    above, unmarked, marks = (
        _unexplained(one[::-1], causes[::-1])[::-1]
        for one, causes in ((values, marked), (values, level), (known, level))
    )
    left = below[LEAST - 1 : places - LEAST] + above[LEAST : places - LEAST + 1]
    cut = int(np.argmin(left)) + LEAST
    noise = (NOISE / 255) ** 2
    if above[0] < noise * places or left[cut - LEAST] > (1 - EXPLAINED) * above[0]:
        cut = 0
    hidden = marks[cut] >= noise * (places - cut) and above[cut] >= VISIBLE * unmarked[cut]
    if hidden or cut > HIGHEST * places:
        return None
    dimmer = _unexplained(lit[:cut], known[:cut, None])
    shadow = cut > 0 and dimmer[-1] < SHADOW * below[cut - 1]
    return 0.0 if shadow else cut / places


def _unexplained(values: npt.NDArray[np.float64], causes: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the sum of squares that no sum of the causes, (N, causes), explains of the first n values, for n to N."""
    products = np.cumsum(causes[:, :, None] * causes[:, None, :], axis=0) + RIDGE * np.eye(causes.shape[1])
    moments = np.cumsum(causes * values[:, None], axis=0)
    weights = np.linalg.solve(products, moments[..., None])[..., 0]
    return np.asarray(np.maximum(np.cumsum(values**2) - (moments * weights).sum(axis=1), 0.0))
