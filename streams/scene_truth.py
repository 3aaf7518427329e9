"""What is true of a scene by its script alone: who stands in a zone, how many are there, what a picture shows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from ioc.geometry import contains
from ioc.types import Box, Json, Point
from streams.drawing import Floats
from streams.scene import Actor
from streams.scene_cast import Cast
from streams.scene_motion import Pose, Span
from streams.scene_play import Play, Stay
from streams.scene_seen import Drawn, Seen

STEP = 0.2
"""Seconds between two counts of people."""
LEGIBLE = 15.0
"""Pixels that a line of a plate must be high, so that it can be read."""
Zone = Sequence[Point]
FRAME = (Point(0, 0), Point(1, 0), Point(1, 1), Point(0, 1))


def on_picture(play: Play, x: float, y: float) -> Point | None:
    """Return where a place on the ground lies in fractions of the frame; None behind the camera."""
    pixels, depth = play.scene.view.project(np.array([[x, y, 0.0]]))
    width, height = play.scene.size
    return Point(float(pixels[0, 0]) / width, float(pixels[0, 1]) / height) if depth[0] > 0 else None


def stays_in(play: Play, zone: Zone) -> Iterator[Stay]:
    """Yield who stands with its middle in a zone, as often as it does between the scene's beginning and its end."""
    for stay in play.stays:
        place = on_picture(play, stay.x, stay.y)
        if place is not None and contains(zone, place):
            for first, last in play.shown(stay.span):
                yield Stay(stay.actor, stay.x, stay.y, (first, last))


def box_of(play: Play, stay: Stay) -> Box | None:
    """Return the box of something that stands, whatever hides it; None outside the picture."""
    first, last = stay.span
    pose = stay.actor.motion.at((first + last) / 2)
    if pose is None:
        return None
    pixels, depth = play.scene.view.project(_vertices(stay, pose))
    if depth.min() <= 0:
        return None
    width, height = play.scene.size
    (x1, y1), (x2, y2) = (
        (pixels.min(axis=0) / (width, height)).tolist(),
        (pixels.max(axis=0) / (width, height)).tolist(),
    )
    return Box.clipped(x1, y1, x2, y2)


def _vertices(stay: Stay, pose: Pose) -> Floats:
    own = stay.actor.shape(pose).vertices
    cos, sin = math.cos(pose.heading), math.sin(pose.heading)
    x, y = own[:, 0] * cos - own[:, 1] * sin + pose.x, own[:, 0] * sin + own[:, 1] * cos + pose.y
    return np.stack([x, y, own[:, 2]], axis=1)


def people_in(play: Play, zone: Zone | None, moments: Sequence[float]) -> list[int]:
    """Return how many people stand or walk in a zone, or in the picture, at each moment in seconds."""
    people = [actor for actor in play.scene.actors if actor.label == "person"]
    cast = Cast(people, [actor.motion.span for actor in people])
    counts = []
    for t in moments:
        poses = [pose for actor in cast.at(t) if (pose := actor.motion.at(t)) is not None]
        places = (on_picture(play, pose.x, pose.y) for pose in poses)
        counts.append(sum(place is not None and contains(zone or FRAME, place) for place in places))
    return counts


def presence(play: Play, actor: Actor, zone: Zone | None) -> list[Span]:
    """Return from when to when an actor is in a zone, or in the picture, between the scene's beginning and its end."""
    first, last = max(actor.motion.span[0], 0.0), min(actor.motion.span[1], play.scene.duration.total_seconds())
    poses = [actor.motion.at(t) for t in np.arange(first, last, STEP).tolist()]
    places = [None if pose is None else on_picture(play, pose.x, pose.y) for pose in poses]
    inside = np.array([place is not None and contains(zone or FRAME, place) for place in places], dtype=bool)
    return [(first + begin, first + end) for begin, end in spans_where(inside, STEP)]


class PlateLog:
    """Notes which plates pass legibly, picture by picture; each vehicle's passes are as long as they can be read.

    A plate is legible while its lines are at least so many pixels high.
    """

    def __init__(self, legible: float = LEGIBLE) -> None:
        self._legible = legible
        self._passes: dict[str, tuple[str, float, float]] = {}

    def take(self, drawn: Drawn, seconds: float) -> None:
        """Look at the next picture."""
        for seen in drawn.seen:
            if seen.plate is not None and seen.plate.height / len(seen.plate.lines) >= self._legible:
                _, first, _ = self._passes.get(seen.actor, ("", seconds, seconds))
                self._passes[seen.actor] = (seen.plate.text, first, seconds)

    @property
    def passes(self) -> list[tuple[str, float, float]]:
        """Text, first and last second of each vehicle's plate, by time."""
        return sorted(self._passes.values(), key=lambda one: (one[1], one[0]))


def picture_truth(drawn: Drawn, seq: int, seconds: float) -> dict[str, Json]:
    """Return what one picture shows, as JSON: every object's label, name and box, and its plate where one shows."""
    return {
        "seq": seq,
        "media_s": round(seconds, 6),
        "fault": drawn.fault,
        "objects": [_object(seen) for seen in drawn.seen],
        "measures": [{"kind": one.kind, "place": one.place, "value": round(one.value, 4)} for one in drawn.measures],
    }


def _object(seen: Seen) -> dict[str, Json]:
    told: dict[str, Json] = {
        "label": seen.detection.label,
        "track": seen.actor,
        "box": [round(edge, 5) for edge in seen.detection.box.as_tuple()],
    }
    if seen.plate is not None:
        corners: list[Json] = [[round(corner.x, 5), round(corner.y, 5)] for corner in seen.plate.corners]
        told["plate"] = {
            "text": seen.plate.text,
            "lines": list(seen.plate.lines),
            "colour": seen.plate.colour,
            "corners": corners,
            "height_px": round(seen.plate.height, 1),
        }
    return told


def spans_where(holds: npt.NDArray[np.bool_], step: float) -> list[Span]:
    """Return from when to when something holds without a break, looked at every `step` seconds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], holds.astype(np.int8), [0]])))
    return [(float(a) * step, float(b) * step) for a, b in edges.reshape(-1, 2)]
