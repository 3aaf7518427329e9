"""The pictures that the hazard detector learns from: what they show, and their split.

Frames of one video are almost the same picture, and so are copies of one photo: videos, cameras and groups of alike
pictures are held back as a whole.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from models.training.plate_finder_sources import touching
from models.training.road_boxes import Labelled, Rows, no_boxes, read_yolo
from models.training.road_found import Image
from models.training.road_sources import pictures_in, read_cctv, read_vietnam
from models.training.road_store import read_image, unsquash

LABELS = ("fire", "smoke")
"""The outputs of the network in order."""
FIRE, SMOKE = range(len(LABELS))

SQUASHED = 16 / 9
"""True shape of the boxed frames, which are stored as squares."""

HELD_BACK_VIDEOS = ("test1_mp4", "test2_mp4", "test3_mp4", "pexels", "smoke2_mp4", "smoke5_mp4")
"""How the names of frames begin that are held back: a night street, a bank, a shop, a town, a room, a plume."""

HELD_BACK_FRAMES = frozenset(
    {
        *(59, 63, 64, 66, 69, 70, 73, 76, 79, 80, 202, 503),  # the same room
        *range(103, 119),  # the street at night, a burnt room
        *range(225, 264),  # the bank
        362,  # the jeweller's
        *(400, 402, 404, 406, 408, 410, 412, 414, 416, 418, 420, 423, 424, 429),  # a street that burns, on the news
        *(433, 434, 435, 436, 438, 440, 442, 444, 446, 448, 450, 452, 454, 456, 500, 501, 506),
        *range(800, 829),  # the plume
    }
)
"""Numbers of the frames `img_…` that are held back; other numbers between them are of other cameras."""

HELD_BACK_SMOKE = frozenset(
    {
        *(69, 105, 123, 177, 183, 195, 213, 252, 258, 261, 369, 402, 462, 465, 480, 492, 495),  # a slope
        *(72, 126, 147, 234, 345, 366, 375, 429),  # a field
        *(87, 150, 354, 414, 537),  # a track
        *(300, 357, 528),  # a lawn
        *(264, 420, 423),  # a lane
    }
)
"""Numbers of smoke pictures that come from filmed tests and are held back."""

BURNING_BUS = "bus-305-"
"""How the name of the picture of a flood begins that shows a fire."""

SURE = 0.4
"""From this score on, what the start weights find and nobody labelled is taken for a label."""
DOUBT = 0.06
"""From this score on, it is left out of the loss."""

ALIKE = 0.9
"""Correlation of two pictures' grey thumbnails from which on they are one picture."""
THUMBNAIL = 16


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture with its fires and smoke in frame fractions; `shown` are the labels that it shows somewhere.

    Inside `known.unsure` nothing is learned beyond the boxes given. A scene of `classes` has no boxes of its own.
    """

    source: str
    path: Path
    known: Labelled
    shown: frozenset[int]
    held_back: bool
    aspect: float | None = None

    def read(self, *, stored: bool = False) -> Image:
        """Return the picture (H, W, 3) BGR in its true shape, or as it is stored. Raises ModelError when it is none."""
        return unsquash(read_image(self.path), None if stored else self.aspect)


def read_scenes(data: Path) -> list[Scene]:
    """Return every picture under the data folder. Raises ModelError when a set is missing."""
    scenes = read_boxed(data / "fire" / "cctv_boxes") + read_classes(data / "fire" / "classes")
    return scenes + read_stills(data / "road_stills") + read_streets(data)


def read_boxed(folder: Path) -> list[Scene]:
    """Return frames of street and indoor cameras with boxes; their class 1 stands for a frame that shows neither."""
    scenes = []
    for part in ("train", "valid", "test"):
        for path in pictures_in(folder / part / "images"):
            boxes = read_yolo(folder / part / "labels" / f"{path.stem}.txt", (FIRE, None, SMOKE))
            shown = frozenset(int(label) for label in boxes[:, 0])
            known = Labelled(boxes, no_boxes())
            scenes.append(Scene("boxed", path, known, shown, frame_held_back(path.stem), SQUASHED))
    return scenes


def frame_held_back(stem: str) -> bool:
    """Return whether a boxed frame is of a video that is held back."""
    number = re.match(r"img_(\d+)", stem)
    return int(number[1]) in HELD_BACK_FRAMES if number else stem.startswith(HELD_BACK_VIDEOS)


def read_classes(folder: Path) -> list[Scene]:
    """Return pictures that are sorted by what they show, one in four groups of alike pictures held back."""
    shown = {"fire": frozenset({FIRE}), "smoke": frozenset({SMOKE}), "normal": frozenset[int]()}
    paths = [path for name in shown for path in pictures_in(folder / name)]
    held_back: set[Path] = set()
    for group in alike([read_image(path) for path in paths]):
        members = [paths[index] for index in group]
        if _chosen(members[0].stem, 4) or any(_tested(path) for path in members):
            held_back.update(members)
    return [
        Scene(
            source="classes" if shown[path.parent.name] else "normal",
            path=path,
            known=nothing(),
            shown=shown[path.parent.name],
            held_back=path in held_back,
        )
        for path in paths
    ]


def _tested(path: Path) -> bool:
    return path.parent.name == "smoke" and int(path.stem.rsplit("_", 1)[-1]) in HELD_BACK_SMOKE


def alike(images: Sequence[Image]) -> list[list[int]]:
    """Return the pictures in groups, by index: a picture is in the group of each that it is almost the same as."""
    small = [cv2.resize(image, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA).mean(axis=2) for image in images]
    grey = np.array(small, np.float32).reshape(len(images), -1)
    grey -= grey.mean(axis=1, keepdims=True)
    grey /= np.maximum(np.linalg.norm(grey, axis=1, keepdims=True), 1e-6)
    group = list(range(len(images)))
    for first, second in zip(*np.nonzero(np.triu(grey @ grey.T > ALIKE, k=1)), strict=True):
        old, new = group[second], group[first]
        group = [new if own == old else own for own in group]
    return [[index for index, own in enumerate(group) if own == name] for name in dict.fromkeys(group)]


def read_stills(folder: Path) -> list[Scene]:
    """Return stills of street cameras without fire or smoke; one camera in three is held back."""
    return [negative("stills", path, _chosen(path.stem.split("_")[0], 3)) for path in pictures_in(folder)]


def read_streets(data: Path) -> list[Scene]:
    """Return streets, floods and rubbish without fire or smoke, cameras held back as by the road detector."""
    cameras = read_vietnam(data / "traffic_vn") + read_cctv(data / "traffic_cctv")
    streets = [negative("streets", picture.path, picture.held_back, picture.aspect) for picture in cameras]
    others = ("traffic_dhaka/images", "garbage_street/train/images", "flood/bus_depth/train/images")
    paths = [path for other in others for path in pictures_in(data / other)]
    return streets + [
        negative("streets", path, held_back=False) for path in paths if not path.stem.startswith(BURNING_BUS)
    ]


def negative(source: str, path: Path, held_back: bool, aspect: float | None = None) -> Scene:
    """Return a picture that shows neither fire nor smoke."""
    return Scene(source, path, nothing(), frozenset(), held_back, aspect)


def nothing() -> Labelled:
    """Return what is known of a picture without boxes."""
    return Labelled(no_boxes(), no_boxes())


def _chosen(name: str, one_in: int) -> bool:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) % one_in == 0


def teach(scenes: Sequence[Scene], found: Mapping[Path, Rows]) -> list[Scene]:
    """Return the scenes with what the start weights found in them and nobody labelled.

    Of pictures that are sorted only, what they are sure of is a label and the rest of what they half see is unsure.
    Where they are not sure of what the picture shows, the best that they half see is its label, or the whole picture:
    those of which they see nothing are filled by one flame or cloud. Beside boxes of a person, everything that they
    see is unsure: fire without its smoke is boxed there, and smoke without its fire. Pictures without either stay.
    """
    return [_taught(scene, found[scene.path]) if scene.shown else scene for scene in scenes]


def _taught(scene: Scene, found: Rows) -> Scene:
    new = found[(found[:, 5] >= DOUBT) & ~touching(found, scene.known.boxes, 0.3)]
    sure = (new[:, 5] >= SURE) & (scene.source == "classes")
    missing = scene.shown - {int(label) for label in np.concatenate([scene.known.boxes[:, 0], new[sure, 0]])}
    guessed = [_best(new, label) for label in sorted(missing)]
    boxes = np.concatenate([scene.known.boxes, new[sure, :5], *guessed])
    return replace(scene, known=Labelled(boxes, np.concatenate([scene.known.unsure, new[~sure, :5]])))


def _best(found: Rows, label: int) -> Rows:
    """Return the surest box of the label, or the whole picture where there is none."""
    own = found[found[:, 0] == label]
    if not len(own):
        return np.array([[label, 0, 0, 1, 1]], np.float32)
    return np.asarray(own[own[:, 5].argmax()][None, :5], np.float32)
