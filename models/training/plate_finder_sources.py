"""The pictures that the plate detector learns from: where they lie, what they label, and their split.

Barrier cameras are split by the plates' texts, as the reader's crops are, so that what both do together can be measured
on plates that neither has seen. Street pictures are split by their number, since neighbours show one place. Traffic
scenes are split by camera, as the road detector's are; plates are pasted onto their vehicles.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ioc.errors import ModelError
from ioc.geometry import pairwise_iou
from models.training.plate_crops import Crop
from models.training.road_boxes import Rows, no_boxes, read_yolo
from models.training.road_found import Image
from models.training.road_labels import BUS, CAR, MOTORCYCLE, TRUCK
from models.training.road_sources import Picture, read_cctv, read_vietnam
from models.training.road_store import read_image, unsquash

PLATE = 0
"""The only label."""

VEHICLES = (MOTORCYCLE, CAR, BUS, TRUCK)

HELD_BACK_STREET = 25
"""Street pictures with a number below this are held back."""

SURE = 0.5
"""From this score on, a plate that the start weights find and nobody labelled is taken for a label."""

DOUBT = 0.04
"""From this score on, it is left out of the loss; below, it is no plate."""

Finder = Callable[[Image], Rows]
"""Returns rows `label x1 y1 x2 y2 score` in fractions of a BGR picture."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture with its plates, in frame fractions; inside `unsure` nothing is learned beyond the plates given."""

    source: str
    path: Path
    plates: Rows
    unsure: Rows
    vehicles: Rows
    held_back: bool
    aspect: float | None = None

    def read(self) -> Image:
        """Return the picture (H, W, 3) BGR in its true shape. Raises ModelError when it is none."""
        return unsquash(read_image(self.path), self.aspect)


def read_scenes(data: Path, crops: Sequence[Crop]) -> list[Scene]:
    """Return every picture under the data folder; `crops` are the reader's, whose split of texts is taken over."""
    scenes = read_barriers(data / "plates_gate", crops) + read_street(data / "plates_street")
    scenes += [_traffic(picture) for picture in read_vietnam(data / "traffic_vn")]
    scenes += [_traffic(picture) for picture in read_cctv(data / "traffic_cctv")]
    return scenes + read_stills(data / "road_stills")


def read_barriers(folder: Path, crops: Sequence[Crop]) -> list[Scene]:
    """Return the barrier cameras' whole pictures.

    One without a text goes with the picture before it, which most often shows the same vehicle; of a series without any
    text, ten successive pictures stay together.
    """
    by_name = {crop.path.name: crop.held_back for crop in crops if crop.path.parent.parent == folder}
    scenes = []
    before: dict[str, bool] = {}
    for path in sorted(_pictures(folder / "images"), key=_place):
        series, number = _place(path)
        held_back = by_name.get(path.name)
        if held_back is not None:
            before[series] = held_back
        else:
            held_back = before.get(series, _drawn_out(f"{series}{number // 10}"))
        scenes.append(_labelled("gate", path, held_back))
    return scenes


def read_street(folder: Path) -> list[Scene]:
    """Return road and parking scenes with plates of every colour."""
    return [
        _labelled("street", path, _place(path)[1] < HELD_BACK_STREET)
        for path in sorted(_pictures(folder / "images"), key=_place)
    ]


def read_stills(folder: Path) -> list[Scene]:
    """Return stills of street cameras, which burn captions into their pictures; a camera is held back as a whole."""
    return [
        Scene("stills", path, no_boxes(), no_boxes(), no_boxes(), _drawn_out(path.stem.split("_")[0]))
        for path in sorted(_pictures(folder))
    ]


def _traffic(picture: Picture) -> Scene:
    vehicles = picture.known.boxes[np.isin(picture.known.boxes[:, 0], VEHICLES)]
    return Scene("traffic", picture.path, no_boxes(), no_boxes(), vehicles, picture.held_back, picture.aspect)


def _labelled(source: str, path: Path, held_back: bool) -> Scene:
    boxes = read_yolo(path.parent.parent / "labels" / f"{path.stem}.txt", [PLATE])
    return Scene(source, path, boxes, no_boxes(), no_boxes(), held_back)


def _pictures(folder: Path) -> list[Path]:
    paths = [path for path in folder.glob("*") if path.suffix.lower() in {".jpg", ".jpeg", ".png"}]
    if not paths:
        raise ModelError(f"{folder} holds no pictures: give the data folder that has it")
    return paths


def _place(path: Path) -> tuple[str, int]:
    """Return a file's series and its number in it."""
    number = re.search(r"\d+", path.stem)
    return re.sub(r"\d+", "", path.stem), int(number[0]) if number else 0


def _drawn_out(name: str) -> bool:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) % 10 < 2


def teach(scenes: Sequence[Scene], found: Mapping[Path, Rows]) -> list[Scene]:
    """Return the scenes with what the start weights found and nobody labelled, as a label or as unsure.

    A person labelled the barriers' and streets' plates: what is found there beside the labels is unsure at best.
    """
    return [_taught(scene, found[scene.path]) for scene in scenes]


def _taught(scene: Scene, found: Rows) -> Scene:
    new = found[~touching(found, scene.plates)] if len(scene.plates) else found
    surest = SURE if scene.source in ("traffic", "stills") else np.inf
    sure, score = new[:, 5] >= surest, new[:, 5]
    return replace(
        scene,
        plates=np.concatenate([scene.plates, new[sure][:, :5]]),
        unsure=np.concatenate([scene.unsure, new[~sure & (score >= DOUBT)][:, :5]]),
    )


def touching(boxes: Rows, others: Rows, least: float = 0.1) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return (N,) whether each box overlaps any of the others."""
    if not len(boxes) or not len(others):
        return np.zeros(len(boxes), np.bool_)
    overlaps = pairwise_iou(boxes[:, 1:5].astype(np.float64), others[:, 1:5].astype(np.float64))
    return np.asarray((overlaps > least).any(axis=1), np.bool_)
