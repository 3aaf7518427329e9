"""Pictures of streets with plates, and what is known of them, that tests draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from models.training.plate_finder_paste import (
    Patch,
)
from models.training.plate_finder_sources import (
    Scene,
)
from models.training.road_boxes import Rows, no_boxes
from models.training.road_labels import CAR, MOTORCYCLE

ONE_BOX = "0 0.5 0.6 0.2 0.1\n"


def picture(path: Path, label: str | None = None, shade: int = 90, size: tuple[int, int] = (240, 320)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((*size, 3), shade, np.uint8))
    if label is not None:
        labels = path.parent.parent / "labels"
        labels.mkdir(exist_ok=True)
        (labels / f"{path.stem}.txt").write_text(label)
    return path


def rows(*boxes: Sequence[float]) -> Rows:
    return np.array(boxes, np.float32).reshape(len(boxes), -1)


def scene(path: Path, source: str = "traffic", **changes: object) -> Scene:
    vehicles = rows((CAR, 0.1, 0.2, 0.5, 0.9), (MOTORCYCLE, 0.6, 0.2, 0.8, 0.9))
    known = Scene(source, path, no_boxes(), no_boxes(), vehicles, held_back=False)
    return replace(known, **changes)  # type: ignore[arg-type]


def white_patch(lines: int = 1) -> Patch:
    image = np.full((20, 94, 3), 250, np.uint8)
    return Patch(image, np.array([[0, 0], [94, 0], [94, 20], [0, 20]], np.float32), lines)
