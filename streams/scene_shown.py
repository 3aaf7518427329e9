"""What a scene shows beside its rules: fire, smoke, litter, water on the street, a camera that fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot

import numpy as np

from streams.scene_motion import Pose, Span
from streams.scene_play import Play, Stay
from streams.scene_script import SceneScript
from streams.scene_truth import STEP, spans_where

ALONE = 3.0
"""Metres that whoever brought something must be away from it, so that it is left behind."""
WET = 0.05
"""Metres of water over the gutter from which a street is flooded."""
OWNERS = {"leaving": "owner", "dumping": "vehicle"}
"""What whoever brought something is called."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Something of a kind, from when to when within the scene, and its name in the picture where it has one."""

    kind: str
    span: Span
    name: str = ""


def shown(script: SceneScript, play: Play) -> Iterator[Shown]:
    """Yield all that the scene shows, kind by kind."""
    spans: list[tuple[str, Span, str]] = [
        *(("fire", (fire.start, fire.end), f"fire-{index}") for index, fire in enumerate(script.fire)),
        *(("smoke", (smoke.start, smoke.end), f"smoke-{index}") for index, smoke in enumerate(script.smoke)),
        *(("littering", span, name) for span, name in _littered(script, play)),
        *(("flood", span, "") for span in _flooded(script)),
        *(("camera_health", (fault.start, fault.end), "") for fault in script.fault),
    ]
    for kind, span, name in spans:
        yield from (Shown(kind, part, name) for part in play.shown(span))


def _littered(script: SceneScript, play: Play) -> Iterator[tuple[Span, str]]:
    """Yield what lies about, from when whoever brought it has gone away from it."""
    actors = {actor.name: actor for actor in play.scene.actors}
    for stay in play.stays:
        kind, _, rest = stay.actor.name.partition("-")
        owner = actors.get(f"{kind}-{rest.partition('-')[0]}-{OWNERS.get(kind)}")
        if owner is not None:
            times = np.arange(stay.span[0], min(stay.span[1], script.seconds), STEP).tolist()
            gone = next((t for t in times if _away(owner.motion.at(t), stay)), None)
            if gone is not None:
                yield (gone, stay.span[1]), stay.actor.name


def _away(pose: Pose | None, stay: Stay) -> bool:
    return pose is None or hypot(pose.x - stay.x, pose.y - stay.y) > ALONE


def _flooded(script: SceneScript) -> list[Span]:
    if script.water is None:
        return []
    levels = np.array([script.water.level(t) for t in np.arange(0, script.seconds, STEP).tolist()])
    return spans_where(levels > WET, STEP)
