"""What a simulated camera does wrong, by spans of time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from ioc.types import Image


class FaultKind(StrEnum):
    """The words for it; `offline` gives no pictures at all."""

    FROZEN = "frozen"
    BLACK = "black"
    BLURRED = "blurred"
    COVERED = "covered"
    MOVED = "moved"
    INFRARED = "infrared"
    OFFLINE = "offline"


BLIND = frozenset({FaultKind.BLACK, FaultKind.COVERED, FaultKind.OFFLINE})
"""Faults in which nothing can be seen."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault from `start` until before `end`, in seconds after the scene began.

    `shift` is how far a moved camera has turned, as a part of the picture's width.
    """

    kind: FaultKind
    start: float
    end: float
    shift: float = 0.1

    def at(self, seconds: float) -> bool:
        """Say whether the camera suffers from it at that time."""
        return self.start <= seconds < self.end


def spoil(image: Image, kind: FaultKind, seed: int) -> Image:
    """Return what a camera with that fault makes of a picture; a frozen or moved one shows another picture instead."""
    match kind:
        case FaultKind.BLACK | FaultKind.OFFLINE:
            return np.zeros_like(image)
        case FaultKind.BLURRED:
            return np.asarray(cv2.GaussianBlur(image, (0, 0), image.shape[1] / 110), dtype=np.uint8)
        case FaultKind.COVERED:
            return _covered(image, seed)
        case FaultKind.INFRARED:
            return _infrared(image)
        case FaultKind.FROZEN | FaultKind.MOVED:
            return image


def _covered(image: Image, seed: int) -> Image:
    """Return a hand or a cloth right before the lens: a soft dark surface, brighter towards a leak at one edge."""
    height, width = image.shape[:2]
    folds = np.random.default_rng([seed, 91]).uniform(14, 40, (3, 4)).astype(np.float32)
    cloth = cv2.resize(folds, (width, height), interpolation=cv2.INTER_CUBIC)
    leak = np.linspace(0, 1, width, dtype=np.float32)[None, :] ** 12 * float(image.mean()) * 0.5
    surface = (cloth + leak)[..., None] * np.array([0.85, 0.9, 1.15], np.float32)
    return np.asarray(np.clip(surface, 0, 255), dtype=np.uint8)


def _infrared(image: Image) -> Image:
    """Return a picture without the filter against infrared: grey, leaves and cloth pale, a bright middle."""
    height, width = image.shape[:2]
    grey = image.astype(np.float32) @ np.array([0.1, 0.45, 0.45], np.float32)
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    lit = np.clip(1.25 - 0.45 * (across**2 + down**2), 0.4, 1.25)
    level = np.clip((grey * 0.85 + 26) * lit, 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(level, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
