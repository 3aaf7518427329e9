"""In which order solids on a ground plane are drawn so that the near ones cover the far ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
SLIM = 1.3
"""Metres of a footprint, at most, of something so slim that its distance tells its place: people, bags."""


def far_to_near(corners: Sequence[Floats], eye: Sequence[float], spans: Floats) -> list[int]:
    """Return the drawing order of solids with footprints `corners` ((4, 2) metres, counter-clockwise) seen from `eye`.

    Distance alone mistakes a motorcycle beside a long bus. Two convex footprints that do not meet are parted
    by a line along an edge of one of them; whatever lies on the eye's side of it cannot be covered by the other
    (the separating axis theorem). Only pairs whose `spans` (x1, y1, x2, y2 in pixels) meet need the test.
    """
    count = len(corners)
    if count == 0:
        return []
    stacked = np.stack(corners)
    distance = np.hypot(*(stacked.mean(axis=1) - np.asarray(eye)).T).tolist()
    slim = (np.ptp(stacked, axis=1).max(axis=1) < SLIM).tolist()
    behind: list[set[int]] = [set() for _ in range(count)]  # behind[i]: to be drawn before i
    for i, j in _meeting(spans):
        nearer = None if slim[i] and slim[j] else _nearer(corners[i], corners[j], np.asarray(eye))
        if nearer is None:
            nearer = distance[i] <= distance[j]
        near, far = (i, j) if nearer else (j, i)
        behind[near].add(far)
    left = sorted(range(count), key=lambda i: -distance[i])
    waiting = set(left)
    order: list[int] = []
    while left:
        # A ring of three that cover one another cannot be drawn right by any order: the farthest goes first.
        chosen = next((i for i in left if behind[i].isdisjoint(waiting)), left[0])
        left.remove(chosen)
        waiting.remove(chosen)
        order.append(chosen)
    return order


def _meeting(spans: Floats) -> list[tuple[int, int]]:
    low = np.maximum(spans[:, None, :2], spans[None, :, :2])
    high = np.minimum(spans[:, None, 2:], spans[None, :, 2:])
    first, second = np.nonzero(np.triu((low < high).all(axis=2), k=1))
    return list(zip(first.tolist(), second.tolist(), strict=True))


def _nearer(a: Floats, b: Floats, eye: Floats) -> bool | None:
    """Return whether `a` lies before `b`; None when the footprints meet and nothing can be said."""
    for own, other, sign in ((a, b, True), (b, a, False)):
        edge = np.roll(own, -1, axis=0) - own
        outward = np.stack([edge[:, 1], -edge[:, 0]], axis=1)
        beyond = ((other[None] - own[:, None]) * outward[:, None]).sum(axis=2).min(axis=1)
        for k in np.flatnonzero(beyond >= -1e-6).tolist():
            return bool((((eye - own[k]) * outward[k]).sum() < 0) == sign)
    return None
