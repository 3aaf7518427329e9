"""Measure a plate detector on held-back pictures: average precision at IoU 0.5, and how tightly its boxes fit.

    python -m models.training.plate_finder_evaluate --data DIR [--weights models/weights/plate.onnx]
        --start FILE.onnx [--size 640 --size 1280] [--read] [--json]

`--start` is the start weights as ONNX (`plate_finder --hours 0`): measured beside, and asked where pictures of streets
may show plates that nobody labelled, so that whoever finds them is not punished. Three sets: `gate`, barrier
cameras' plates that training has not seen; `street`, road scenes; `pasted`, far and near plates, held back too, on
vehicles of cameras that are held back, drawn anew from a fixed seed at 1280 × 720. With `--read` the bundled reader
reads what is found, as `ioc plates` does, on whole pictures and crops whose texts neither model has learnt.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from ioc.geometry import pairwise_iou
from models.detector import Detector
from models.manifest import ModelEntry
from models.plate_reader import PlateReader
from models.plates import PlateSight
from models.session import Session
from models.training.average_precision import average_precision
from models.training.ending import one_line
from models.training.plate_crops import Crop, read_crops
from models.training.plate_finder_mix import shown
from models.training.plate_finder_paste import Pool, real_patches
from models.training.plate_finder_sources import PLATE, Finder, Scene, read_scenes, teach, touching
from models.training.road_boxes import Rows, no_boxes
from models.training.road_found import Image

SEED = 20261125
PASTED_SIZE = (1280, 720)
PASTED_ZOOM = (1.0, 2.0)

LOWEST = 0.005


@dataclass(frozen=True, slots=True)
class Judged:
    """A picture to judge with: found boxes that touch `unsure` and no plate count neither way."""

    image: Image
    plates: Rows
    unsure: Rows


@dataclass(frozen=True, slots=True)
class Figures:
    """What a detector is worth on one set."""

    average: float
    """Average precision at IoU 0.5."""
    tightness: float
    """Mean IoU of the plates found with their best box; plates without any are left out."""
    plates: int
    pictures: int
    false: float
    """Boxes with a score of 0.5 and more that touch no plate, a picture."""


def open_finder(weights: Path, threads: int = 1, labels: tuple[str, ...] = ("plate",)) -> Detector:
    """Return an ONNX detector of those labels, whatever its digest."""
    sha256 = hashlib.sha256(weights.read_bytes()).hexdigest() if weights.is_file() else "0" * 64
    entry = ModelEntry(
        name="candidate",
        file=weights.name,
        sha256=sha256,
        layout="yolo",
        labels=labels,
        licence="AGPL-3.0-or-later",
        card="none.md",
    )
    return Detector(entry, Session(weights, sha256, provider="cpu", threads=threads))


def finder(detector: Detector, size: int, lowest: float = LOWEST) -> Finder:
    """Return the detector at a size as a function from a picture to rows `label x1 y1 x2 y2 score`."""
    labels = detector.entry.labels

    def find(image: Image) -> Rows:
        (found,) = detector.detect([image], threshold=lowest, size=size, one_label=False)
        rows = [[labels.index(seen.label), *seen.box.as_tuple(), seen.score] for seen in found]
        return np.array(rows, np.float32).reshape(-1, 6)

    return find


def judged_sets(scenes: Sequence[Scene], pool: Pool, pasted: int = 120) -> dict[str, list[Judged]]:
    """Return the held-back pictures by set; `scenes` are taught, so that unlabelled real plates do no harm."""
    held_back = [scene for scene in scenes if scene.held_back]
    sets = {
        source: [Judged(scene.read(), scene.plates, scene.unsure) for scene in held_back if scene.source == source]
        for source in ("gate", "street")
    }
    traffic = [scene for scene in held_back if scene.source == "traffic" and len(scene.vehicles)]
    rng = np.random.default_rng(SEED)
    chosen = [traffic[int(rng.integers(len(traffic)))] for _ in range(pasted)] if traffic else []
    return {**sets, "pasted": [_pasted(rng, scene, pool) for scene in chosen]}


def _pasted(rng: np.random.Generator, scene: Scene, pool: Pool) -> Judged:
    sample = shown(rng, scene, pool, PASTED_SIZE, PASTED_ZOOM)
    scale = np.array([1, *PASTED_SIZE, *PASTED_SIZE], np.float32)
    stored = cv2.imencode(".jpg", sample.image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(50, 92))])[1]
    image = np.asarray(cv2.imdecode(stored, cv2.IMREAD_COLOR), np.uint8)
    return Judged(image, sample.boxes / scale, sample.unsure / scale)


def figures(pictures: Sequence[Judged], find: Finder) -> Figures:
    """Return what a detector is worth on pictures."""
    found = [_counting(find(picture.image), picture) for picture in pictures]
    truth = [picture.plates for picture in pictures]
    average = average_precision(found, truth, PLATE)
    fits, false = [], 0
    for rows, plates in zip(found, truth, strict=True):
        sure = rows[rows[:, 5] >= 0.5]
        false += int((~touching(sure, plates)).sum())
        if len(rows) and len(plates):
            best = pairwise_iou(plates[:, 1:5].astype(np.float64), rows[:, 1:5].astype(np.float64)).max(axis=1)
            fits += best[best > 0.1].tolist()
    return Figures(
        average=average.average or 0.0,
        tightness=float(np.mean(fits)) if fits else 0.0,
        plates=average.boxes,
        pictures=len(pictures),
        false=false / max(len(pictures), 1),
    )


def _counting(found: Rows, picture: Judged) -> Rows:
    doubtful = touching(found, picture.unsure) & ~touching(found, picture.plates)
    return found[~doubtful]


def worth(sets: Mapping[str, Figures]) -> float:
    """Return one figure to choose weights by: mean average precision, and a fifth as much for tight boxes."""
    return float(np.mean([own.average + 0.2 * own.tightness for own in sets.values()]))


def held_back_sets(data: Path, start: Finder) -> dict[str, list[Judged]]:
    """Return the held-back sets under the data folder; the start weights tell where unlabelled plates may be."""
    crops = read_crops(data)
    scenes = [scene for scene in read_scenes(data, crops) if scene.held_back]
    scenes = teach(scenes, {scene.path: _asked(scene, start) for scene in scenes})
    return judged_sets(scenes, Pool(real_patches([crop for crop in crops if crop.held_back])))


def _asked(scene: Scene, start: Finder) -> Rows:
    """Return what the start weights find where plates may be unlabelled: barriers are labelled completely."""
    return no_boxes(6) if scene.source in ("gate", "stills") else start(scene.read())


def table(sets: Mapping[str, Figures]) -> str:
    """Return the figures for people."""
    lines = [f"{'':8}{'AP50':>8}{'tightness':>11}{'false':>8}{'plates':>8}{'pictures':>10}"]
    lines += [
        f"{name:8}{own.average:8.3f}{own.tightness:11.3f}{own.false:8.3f}{own.plates:8}{own.pictures:10}"
        for name, own in sets.items()
    ]
    return "\n".join(lines)


def read_exactly(crops: Sequence[Crop], sight: PlateSight) -> dict[str, tuple[int, int]]:
    """Return how many held-back plates are found and read exactly, of how many: by source and number of lines.

    Of each picture the surest plate counts, with its whole text.
    """
    right: dict[str, list[bool]] = {}
    for crop in crops:
        if crop.held_back:
            seen = sight.look(crop.read())
            hits = right.setdefault(f"{crop.source}, {crop.lines}-line", [])
            hits.append(bool(seen) and seen[0].plate.key == crop.text)
    return {name: (sum(hits), len(hits)) for name, hits in sorted(right.items())}


@one_line
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m models.training.plate_finder_evaluate", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with plates_gate, plates_street, traffic_vn …")
    parser.add_argument("--weights", type=Path, default=Path("models/weights/plate.onnx"))
    parser.add_argument("--start", type=Path, required=True, help="ONNX of the start weights: `plate_finder --hours 0`")
    parser.add_argument("--size", type=int, action="append", help="long side in pixels; may be given again")
    parser.add_argument("--read", action="store_true", help="read what is found with the bundled reader as well")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    start = open_finder(chosen.start, chosen.threads)
    sets = held_back_sets(chosen.data, finder(start, 960))
    for weights in dict.fromkeys((chosen.start, chosen.weights)):
        detector = open_finder(weights, chosen.threads)
        for size in chosen.size or [640, 1280]:
            own = {name: figures(pictures, finder(detector, size)) for name, pictures in sets.items()}
            if chosen.json:
                plain = {name: asdict(value) for name, value in own.items()}
                sys.stdout.write(json.dumps({"weights": str(weights), "size": size, **plain}) + "\n")
            else:
                sys.stdout.write(f"{weights} at {size} px\n{table(own)}\n")
        if chosen.read:
            exact = read_exactly(read_crops(chosen.data), PlateSight(detector, PlateReader.load()))
            lines = (f"{name}: {right} of {total} exact" for name, (right, total) in exact.items())
            sys.stdout.write(json.dumps({"exact": exact}) + "\n" if chosen.json else "\n".join((*lines, "")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
