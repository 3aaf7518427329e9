"""Finds vehicles that drive through one another."""

from __future__ import annotations

import numpy as np

from streams.drawing import Floats
from streams.scene import Scene
from tests.streams.small_scenes import rectangle


def _parted(a: Floats, b: Floats) -> bool:
    """Return whether a line parts two convex counter-clockwise polygons."""
    for own, other in ((a, b), (b, a)):
        edges = np.roll(own, -1, axis=0) - own
        outward = np.stack([edges[:, 1], -edges[:, 0]], axis=1)
        if (((other[None] - own[:, None]) * outward[:, None]).sum(axis=2).min(axis=1) >= 0).any():
            return True
    return False


def first_collision(scene: Scene, step: float = 0.25) -> str | None:
    """Return who first drives through whom, and when; None when nobody does."""
    vehicles = [actor for actor in scene.actors if actor.label not in {"person", "bag"}]
    for t in np.arange(0, scene.duration.total_seconds(), step).tolist():
        there = [(actor, pose) for actor in vehicles if (pose := actor.motion.at(t)) is not None]
        spots = []
        for actor, pose in there:
            length, width = actor.shape(pose).footprint
            spots.append((actor.name, rectangle(pose.x, pose.y, length * 0.98, width * 0.9, pose.heading)))
        for k, (name, own) in enumerate(spots):
            for other, its in spots[k + 1 :]:
                if not _parted(own, its):
                    return f"{name} meets {other} at {t:.2f} s"
    return None
