"""Drawn street scenes: for training a detector, for `ioc demo`, and for tests, with exact truth.

`python -m streams.scenes FOLDER --pictures N --seed S` writes a training set in the layout of YOLO.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np

from ioc.errors import StreamError
from ioc.types import Detection, Image
from streams.scene import LABELS, Scene
from streams.scene_demo import DemoCamera, demo_cameras
from streams.scene_random import random_scene
from streams.scene_seen import Drawn

__all__ = ["LABELS", "DemoCamera", "Drawn", "Scene", "demo_cameras", "main", "random_scene", "write_training_set"]

DEMO_SHARE = 0.18
"""Part of a training set that shows the demo's own cameras."""
PER_SCENE = 3
"""Pictures taken of one random scene: its background costs a hundred times a picture."""


def write_training_set(folder: Path, pictures: int, seed: int) -> None:
    """Write `images/*.jpg`, `labels/*.txt` (class, then the box's centre and size as fractions) and `classes.txt`.

    Raises StreamError when the folder cannot be written.
    """
    rng = np.random.default_rng(seed)
    try:
        (folder / "images").mkdir(parents=True, exist_ok=True)
        (folder / "labels").mkdir(exist_ok=True)
        (folder / "classes.txt").write_text("\n".join(LABELS) + "\n")
        for name, drawn in _training_pictures(pictures, seed):
            quality = int(rng.integers(38, 96))
            _, encoded = cv2.imencode(".jpg", drawn.image, [cv2.IMWRITE_JPEG_QUALITY, quality])
            (folder / "images" / f"{name}.jpg").write_bytes(encoded.tobytes())
            (folder / "labels" / f"{name}.txt").write_text(label_lines(drawn))
    except OSError as error:
        raise StreamError(f"cannot write the training set: {error}; choose a folder that can be written") from None


def _training_pictures(pictures: int, seed: int) -> Iterator[tuple[str, Drawn]]:
    """Yield (name, picture): the demo's cameras at times spread over their scripts, then random scenes."""
    from_demo = round(pictures * DEMO_SHARE)
    cameras = demo_cameras()
    for k in range(from_demo):
        scene = cameras[k % len(cameras)].scene
        at = timedelta(seconds=round(scene.duration.total_seconds() * (k + 0.5) / from_demo, 3))
        yield f"{scene.name}-{k:05d}", scene.picture(at)
    for k in range(pictures - from_demo):
        if k % PER_SCENE == 0:
            scene = random_scene(seed * 1_000_003 + k)
        yield f"{scene.name}-{k % PER_SCENE}", scene.picture(timedelta(seconds=3.0 + 11.0 * (k % PER_SCENE)))


def label_lines(drawn: Drawn) -> str:
    """Return a line for each object that the set's classes name: fire and smoke have a set of their own."""
    return "".join(_label_line(seen) for seen in drawn.objects if seen.label in LABELS)


def _label_line(seen: Detection) -> str:
    centre, box = seen.box.centre, seen.box
    return f"{LABELS.index(seen.label)} {centre.x:.6f} {centre.y:.6f} {box.width:.6f} {box.height:.6f}\n"


def contact_sheet(pictures: Sequence[Drawn], columns: int) -> Image:
    """Return the pictures side by side with their boxes drawn, to be looked at."""
    shown = []
    for drawn in pictures:
        image = drawn.image.copy()
        height, width = image.shape[:2]
        for seen in drawn.objects:
            x1, y1, x2, y2 = (round(v * s) for v, s in zip(seen.box.as_tuple(), (width, height) * 2, strict=True))
            cv2.rectangle(image, (x1, y1), (x2, y2), (0, 255, 255), 1)
            cv2.putText(image, seen.label, (x1, y1 - 2), cv2.FONT_HERSHEY_SIMPLEX, 0.3, (0, 255, 0), 1)
        shown.append(image)
    blank = np.zeros_like(shown[0])
    shown += [blank] * (-len(shown) % columns)
    rows = [np.hstack(shown[k : k + columns]) for k in range(0, len(shown), columns)]
    return np.asarray(np.vstack(rows), dtype=np.uint8)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write a training set from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m streams.scenes", description="Write a training set of drawn streets."
    )
    parser.add_argument("folder", type=Path, help="where images/, labels/ and classes.txt go")
    parser.add_argument("--pictures", type=int, default=800, help="how many")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other streets")
    given = parser.parse_args(arguments)
    write_training_set(given.folder, given.pictures, given.seed)


if __name__ == "__main__":
    main()
