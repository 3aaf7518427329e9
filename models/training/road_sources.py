"""The sets of pictures that the road detector learns from: where they lie, what they label, and their split.

A picture's camera decides whether it is held back, never chance: neighbouring frames of one camera are almost the same
picture, and a random split would report a memory test.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ioc.errors import ModelError
from models.training.road_boxes import Labelled, Rows, join_riders, no_boxes, read_yolo
from models.training.road_labels import EVERY_LABEL, LABELS, MOTORCYCLE, OTHER_NAMES, PERSON

HELD_BACK_SCENES = frozenset({"junc", "nightrain", "dnC"})
"""Fixed cameras in Vietnam: one dense junction by day and in a rainy night, and one street."""

MISNAMED = {"vn_0151_dnB": "dnC", "vn_0392_junc": "duskrain"}
"""Pictures whose file name gives another scene than they show, as far as it matters to the split."""

HELD_BACK_RECORDINGS = frozenset({2, 6, 12, 20})
"""Street cameras: the pictures are every 149th frame, numbered through, so the remainder tells the recording."""

HELD_BACK_IMAGES = frozenset({*range(20, 35), *range(48, 52)})
"""The same for a city's square that the recordings 20 show too, under other names."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a set: `aspect` is the true width over height where the file is squashed, else None."""

    source: str
    path: Path
    known: Labelled
    held_back: bool
    weight: float
    aspect: float | None = None
    teach: bool = True
    grow_wheelers: bool = False
    mixed_buses: bool = False


def read_vietnam(folder: Path) -> list[Picture]:
    """Return the pictures of fixed cameras in Vietnam; pedestrians and bags are unlabelled, a few box no riders."""
    names = _names(folder / "classes.txt", lambda text: text.split())
    pictures = []
    for path in pictures_in(folder / "images"):
        scene = vietnam_scene(path)
        boxes = read_yolo(folder / "labels" / f"{path.stem}.txt", names)
        pictures.append(
            Picture(
                source="vietnam",
                path=path,
                known=Labelled(boxes, no_boxes()),
                held_back=scene in HELD_BACK_SCENES,
                weight=1.0,
                grow_wheelers=scene in {"dnD", "overpass"},
            )
        )
    return pictures


def vietnam_scene(path: Path) -> str:
    """Return the fixed camera in Vietnam that took a picture."""
    return MISNAMED.get(path.stem, path.stem.rsplit("_", 1)[-1])


def read_cctv(folder: Path) -> list[Picture]:
    """Return the pictures of street cameras that were squashed to squares, with riders joined.

    One camera's two-wheelers and persons are mixed up (`ant_sales`): there both are left out of the loss. Portraits of
    lorries weigh little: a street camera never sees one fill the frame.
    """
    names = _names(folder / "data.yaml", _yaml_names)
    pictures = []
    for path in pictures_in(folder / "images"):
        boxes = join_riders(read_yolo(folder / "labels" / f"{path.stem}.txt", names))
        unsure = no_boxes()
        if path.stem.startswith("ant_sales"):
            mixed = np.isin(boxes[:, 0], (PERSON, MOTORCYCLE))
            unsure, boxes = boxes[mixed].copy(), boxes[~mixed]
            unsure[:, 0] = EVERY_LABEL
        street = re.match(r"screenshot_|ant_sales|image\d|tdkkec", path.stem) is not None
        pictures.append(
            Picture(
                source="cctv",
                path=path,
                known=Labelled(boxes, unsure),
                held_back=cctv_held_back(path.stem),
                weight=(0.4 if path.stem.startswith("ant_sales") else 1.0) if street else 0.2,
                aspect=16 / 9 if street else 4 / 3,
                mixed_buses=True,
            )
        )
    return pictures


def cctv_held_back(stem: str) -> bool:
    """Return whether a street camera's picture belongs to a camera that is held back."""
    recording = re.fullmatch(r"screenshot_(\d+)", stem)
    if recording:
        return int(recording[1]) % 149 in HELD_BACK_RECORDINGS
    image = re.fullmatch(r"image(\d+)", stem)
    return image is not None and int(image[1]) in HELD_BACK_IMAGES


def read_drawn(folder: Path) -> list[Picture]:
    """Return drawn scenes, labelled completely and with riders joined; every eighth scene is held back.

    A scene is what a picture's name says before its last hyphen.
    """
    names = _names(folder / "classes.txt", lambda text: text.split())
    paths = pictures_in(folder / "images")
    scenes = {scene: number for number, scene in enumerate(dict.fromkeys(_scene(path) for path in paths))}
    return [
        Picture(
            source="drawn",
            path=path,
            known=Labelled(read_yolo(folder / "labels" / f"{path.stem}.txt", names), no_boxes()),
            held_back=scenes[_scene(path)] % 8 == 7,
            weight=1.0,
            teach=False,
        )
        for path in paths
    ]


def _scene(path: Path) -> str:
    return path.stem.rsplit("-", 1)[0]


def read_unlabelled(folder: Path) -> list[Picture]:
    """Return pictures that only the teachers label, for example stills of one's own cameras; none is held back."""
    return [
        Picture(source="unlabelled", path=path, known=Labelled(no_boxes(), no_boxes()), held_back=False, weight=1.0)
        for path in pictures_in(folder)
    ]


def read_general(folder: Path) -> list[Picture]:
    """Return pictures of other places (rooms, crowds, rubbish, fires), so that the network does not forget them.

    Without them, a network that sees only streets finds vehicles everywhere and riders under everybody. COCO's network
    alone labels them. Of several folders, each is drawn from equally often, so that a few crowds count. Every eighth is
    held back: whether the network still agrees with COCO's there belongs to the choice of the best weights.
    """
    paths, nothing = pictures_in(folder), Labelled(no_boxes(), no_boxes())
    return [
        Picture(source="general", path=path, known=nothing, held_back=number % 8 == 7, weight=1 / len(paths))
        for number, path in enumerate(paths)
    ]


def read_all(
    data: Path, drawn: Path | None = None, unlabelled: Path | None = None, general: Sequence[Path] = ()
) -> list[Picture]:
    """Return every picture: `traffic_vn` and `traffic_cctv` under `data`, and the other folders where given."""
    pictures = read_vietnam(data / "traffic_vn") + read_cctv(data / "traffic_cctv")
    if drawn is not None:
        pictures += read_drawn(drawn)
    if unlabelled is not None:
        pictures += read_unlabelled(unlabelled)
    return pictures + [picture for folder in general for picture in read_general(folder)]


def pictures_in(folder: Path) -> list[Path]:
    """Return the folder's pictures by name. Raises ModelError when there is none."""
    paths = sorted(path for path in folder.glob("*") if path.suffix.lower() in {".jpg", ".jpeg", ".png"})
    if not paths:
        msg = f"{folder} holds no pictures: give the folder of sets that the help of this command describes"
        raise ModelError(msg)
    return paths


def _names(path: Path, parse: Callable[[str], Sequence[str]]) -> list[int | None]:
    if not path.is_file():
        msg = f"{path} is missing: it names the classes of the pictures beside it"
        raise ModelError(msg)
    return [OTHER_NAMES.get(name) for name in parse(path.read_text())]


def _yaml_names(text: str) -> list[str]:
    listed = re.search(r"names:\s*\[(.*?)\]", text, re.DOTALL)
    return [name.strip().strip("'\"") for name in listed[1].split(",")] if listed else []


def count_labels(sets: Sequence[Rows]) -> dict[str, int]:
    """Return how many boxes of each label there are."""
    labels = np.concatenate([boxes[:, 0] for boxes in sets]) if sets else np.zeros(0)
    return {name: int((labels == index).sum()) for index, name in enumerate(LABELS)}
