"""Streets drawn as boxes, and the figures that say how well a tracker followed them.

Shared by the tests and by `compare_tracker.py`, which runs a published tracker over the same sequences in an
environment of its own: numpy and the standard library only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Boxes = npt.NDArray[np.float64]
"""(N, 4): x1 y1 x2 y2 in frame fractions."""


@dataclass(frozen=True)
class Scene:
    """What a sequence is drawn from; speeds are in frame widths a second."""

    name: str
    rate: float
    objects: int = 50
    seconds: float = 40.0
    misses: float = 0.10
    jitter: float = 0.04
    false_boxes: float = 1.5
    stops: bool = False
    dropped_pictures: float = 0.0
    seed: int = 7


@dataclass(frozen=True)
class Picture:
    """One picture: what is there and what a detector says of it."""

    seconds: float
    truth: tuple[int, ...]
    truth_boxes: Boxes
    boxes: Boxes
    scores: npt.NDArray[np.float64]


SCENES = (
    Scene("crossing, 5 Hz", 5),
    Scene("crossing, 10 Hz", 10),
    Scene("crossing, 25 Hz", 25, seconds=20),
    Scene("crossing, 5 Hz, a fifth of the pictures lost", 5, dropped_pictures=0.2),
    Scene("stop and go, 5 Hz", 5, stops=True),
)


class _Object:
    """A box on its way through the frame, with its own size, heading and stops."""

    def __init__(self, rng: np.random.Generator, number: int, *, anywhere: bool) -> None:
        self.number = number
        height = rng.uniform(0.05, 0.16)
        self.size = np.array([height * rng.uniform(0.35, 1.3), height])
        side = rng.integers(0, 4)
        along = rng.uniform(0.1, 0.9)
        starts = [(-0.02, along), (1.02, along), (along, -0.02), (along, 1.02)]
        self.place = rng.uniform(0.05, 0.95, 2) if anywhere else np.array(starts[side])
        aim = rng.uniform(0.2, 0.8, 2) - self.place
        self.velocity = aim / np.linalg.norm(aim) * rng.uniform(0.03, 0.2)
        self.stop_at, self.stop_for = rng.uniform(1, 8), rng.uniform(2, 10)
        self.age = 0.0

    def move(self, rng: np.random.Generator, seconds: float, *, stops: bool) -> None:
        self.age += seconds
        standing = stops and self.stop_at < self.age < self.stop_at + self.stop_for
        if not standing:
            self.velocity = self.velocity + rng.normal(0, 0.02, 2) * np.sqrt(seconds)
            self.place = self.place + self.velocity * seconds

    @property
    def box(self) -> tuple[float, float, float, float]:
        (x, y), (w, h) = self.place, self.size
        return (max(x - w / 2, 0.0), max(y - h / 2, 0.0), min(x + w / 2, 1.0), min(y + h / 2, 1.0))

    @property
    def inside(self) -> bool:
        x1, y1, x2, y2 = self.box
        return bool(x2 - x1 > 0.3 * self.size[0] and y2 - y1 > 0.3 * self.size[1])

    @property
    def gone(self) -> bool:
        return not self.inside and self.age > 2


def pictures(scene: Scene) -> Iterator[Picture]:
    """Draw a sequence: as many objects as the scene says, replaced as they leave."""
    rng = np.random.default_rng(scene.seed)
    objects = [_Object(rng, n, anywhere=True) for n in range(scene.objects)]
    given = scene.objects
    for step in range(round(scene.seconds * scene.rate)):
        for at, thing in enumerate(objects):
            thing.move(rng, 1 / scene.rate, stops=scene.stops)
            if thing.gone:
                objects[at] = _Object(rng, given, anywhere=False)
                given += 1
        if rng.uniform() >= scene.dropped_pictures:
            yield _seen(rng, scene, step / scene.rate, [thing for thing in objects if thing.inside])


def _seen(rng: np.random.Generator, scene: Scene, seconds: float, objects: list[_Object]) -> Picture:
    """Let a detector see them: what nearer things hide is missed or doubted, boxes jitter, some are invented."""
    objects = sorted(objects, key=lambda thing: -thing.box[3])
    truth = np.array([thing.box for thing in objects]).reshape(-1, 4)
    boxes, scores = [], []
    for index, box in enumerate(truth):
        hidden = max((_share(box, nearer) for nearer in truth[:index]), default=0.0)
        score = rng.normal(0.75, 0.1) - 0.6 * max(hidden - 0.2, 0)
        noise = rng.normal(0, scene.jitter, 4) * np.tile(box[2:] - box[:2], 2)
        if rng.uniform() >= max(scene.misses, 1.5 * hidden - 0.6):
            boxes.append(_ordered(box + noise))
            scores.append(score)
    for _ in range(rng.poisson(scene.false_boxes)):
        centre, size = rng.uniform(0.1, 0.9, 2), rng.uniform(0.03, 0.15, 2)
        boxes.append(_ordered(np.concatenate([centre - size / 2, centre + size / 2])))
        scores.append(rng.uniform(0.1, 0.65))
    return Picture(
        round(seconds, 6),
        tuple(thing.number for thing in objects),
        truth,
        np.array(boxes).reshape(-1, 4).round(6),
        np.clip(scores, 0.05, 0.99).round(4),
    )


def _share(box: Boxes, other: Boxes) -> float:
    width, height = np.minimum(box[2:], other[2:]) - np.maximum(box[:2], other[:2])
    return float(max(width, 0) * max(height, 0) / ((box[2] - box[0]) * (box[3] - box[1])))


def _ordered(box: Boxes) -> Boxes:
    low, high = np.minimum(box[:2], box[2:]), np.maximum(box[:2], box[2:])
    low = np.clip(low, 0, 0.995)
    return np.concatenate([low, np.clip(high, low + 0.005, 1)])


def digest(sequence: Sequence[Picture]) -> str:
    """Name a sequence, so that figures are compared only over the same one."""
    sha = hashlib.sha256()
    for picture in sequence:
        sha.update(np.round(picture.boxes * 1e4).astype("<i8").tobytes())
        sha.update(np.round(picture.scores * 1e3).astype("<i8").tobytes())
    return sha.hexdigest()[:16]


@dataclass
class Figures:
    """CLEAR MOT counts (Bernardin and Stiefelhagen, 2008) at an overlap of one half."""

    truths: int = 0
    misses: int = 0
    false_boxes: int = 0
    switches: int = 0
    false_tracks: int = 0

    @property
    def mota(self) -> float:
        return 1 - (self.misses + self.false_boxes + self.switches) / self.truths


def judge(sequence: Sequence[Picture], followed: Sequence[tuple[Sequence[str], Boxes]]) -> Figures:
    """Compare what a tracker returned, ids and boxes for each picture, with what was there."""
    figures = Figures()
    last: dict[int, str] = {}
    known: set[str] = set()
    every: set[str] = set()
    for picture, (ids, boxes) in zip(sequence, followed, strict=True):
        every |= set(ids)
        overlap = _overlaps(picture.truth_boxes, boxes)
        # What was followed before goes on being matched with the same track while they overlap.
        for row, number in enumerate(picture.truth):
            if number in last and last[number] in ids:
                column = list(ids).index(last[number])
                overlap[row, column] += 1 if overlap[row, column] >= 0.5 else 0
        matched = 0
        while overlap.size and overlap.max() >= 0.5:
            row, column = divmod(int(overlap.argmax()), overlap.shape[1])
            number, track = picture.truth[row], ids[column]
            figures.switches += number in last and last[number] != track
            last[number] = track
            known.add(track)
            matched += 1
            overlap[row, :], overlap[:, column] = 0, 0
        figures.truths += len(picture.truth)
        figures.misses += len(picture.truth) - matched
        figures.false_boxes += len(ids) - matched
    figures.false_tracks = len(every - known)
    return figures


def _overlaps(a: Boxes, b: Boxes) -> Boxes:
    shared = np.minimum(a[:, None, 2:], b[None, :, 2:]) - np.maximum(a[:, None, :2], b[None, :, :2])
    area = np.clip(shared, 0, None).prod(axis=2)
    of_a, of_b = (a[:, 2:] - a[:, :2]).prod(axis=1), (b[:, 2:] - b[:, :2]).prod(axis=1)
    return np.asarray(area / (of_a[:, None] + of_b[None, :] - area))
