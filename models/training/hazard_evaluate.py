"""Measure a hazard detector on what is held back: pictures that are noticed, false alarms, average precision.

    python -m models.training.hazard_evaluate --data DIR [--weights FILE.onnx]... [--size 640] [--clips DIR] [--json]

Without `--weights` the bundled model. A picture is noticed when anything, fire or smoke, is found in it with at least
the threshold's score. Recall counts pictures that show fire or smoke, false alarms those that show neither, on still
pictures and streets of cameras that training has not seen. Average precision is at IoU 0.5, on the boxed frames. With
`--clips` the folder's films are looked at twice a second: which part of the frames is noticed during events of fire or
smoke, and outside of them; frames of stretches to ignore count neither way.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from ioc.errors import ModelError
from models.manifest import load_manifest
from models.training.average_precision import average_precision
from models.training.ending import one_line
from models.training.hazard_sources import LABELS, Scene, read_scenes
from models.training.plate_finder_evaluate import finder, open_finder
from models.training.plate_finder_sources import Finder
from models.training.road_boxes import Rows
from models.training.road_found import Image

THRESHOLDS = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5)
EVERY_S = 0.5
"""Seconds between two frames of a film that are looked at."""

Rates = dict[float, float]
"""For each threshold the part of the pictures in which something is found."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a detector is worth on the held-back pictures."""

    precision: dict[str, float | None]
    """Average precision at IoU 0.5 of each label on the boxed frames."""
    noticed: dict[str, Rates]
    """By what is shown: the boxed frames' and sorted pictures' fire and smoke, and three kinds of negatives."""
    pictures: dict[str, int]

    def recall(self, threshold: float) -> float:
        """Return the part of all pictures of fire or smoke that is noticed."""
        return self._over(("boxed", "fire", "smoke"), threshold)

    def false(self, threshold: float) -> float:
        """Return the part of the stills and normal pictures that are false alarms."""
        return self._over(("stills", "normal"), threshold)

    def _over(self, names: Sequence[str], threshold: float) -> float:
        total = sum(self.pictures.get(name, 0) for name in names)
        hits = sum(self.noticed[name][threshold] * self.pictures[name] for name in names if name in self.noticed)
        return hits / max(total, 1)


def kind(scene: Scene) -> str:
    """Return the set that a picture is judged in."""
    if scene.source == "classes":
        return LABELS[min(scene.shown)]
    return "clear" if scene.source == "boxed" and not scene.shown else scene.source


def figures(scenes: Sequence[Scene], find: Finder) -> Figures:
    """Return what a detector is worth on pictures, each looked at as it is stored."""
    found = [find(scene.read(stored=True)) for scene in scenes]
    boxed = [index for index, scene in enumerate(scenes) if scene.source == "boxed"]
    here, truth = [found[index] for index in boxed], [scenes[index].known.boxes for index in boxed]
    precision = {name: average_precision(here, truth, label).average for label, name in enumerate(LABELS)}
    best: dict[str, list[float]] = {}
    for scene, rows in zip(scenes, found, strict=True):
        best.setdefault(kind(scene), []).append(surest(rows))
    return Figures(
        precision, {name: rates(own) for name, own in best.items()}, {name: len(own) for name, own in best.items()}
    )


def surest(rows: Rows) -> float:
    """Return the best score of what is found, 0 for nothing."""
    return float(rows[:, 5].max(initial=0))


def rates(scores: Sequence[float]) -> Rates:
    """Return for each threshold which part of the scores reach it, 0 of none."""
    return {limit: sum(score >= limit for score in scores) / max(len(scores), 1) for limit in THRESHOLDS}


def worth(own: Figures) -> float:
    """Return one figure to choose weights by: mean precision, and recall less false alarms at the best threshold."""
    known = [value for value in own.precision.values() if value is not None]
    noticed = max(own.recall(limit) - own.false(limit) for limit in THRESHOLDS)
    return noticed + (float(np.mean(known)) if known else 0.0)


def table(own: Figures) -> str:
    """Return the figures for people."""
    precision = ", ".join(f"{name} {'–' if value is None else f'{value:.3f}'}" for name, value in own.precision.items())
    lines = [f"AP50 {precision}", f"{'noticed from':14}" + "".join(f"{limit:8}" for limit in THRESHOLDS)]
    shown = {"all recall": {limit: own.recall(limit) for limit in THRESHOLDS}}
    shown["hard false"] = {limit: own.false(limit) for limit in THRESHOLDS}
    for name, parts in {**own.noticed, **shown}.items():
        count = f" ({own.pictures[name]})" if name in own.pictures else ""
        lines.append(f"{name + count:14}" + "".join(f"{parts[limit]:8.3f}" for limit in THRESHOLDS))
    return "\n".join(lines)


def film_rates(clip: Path, find: Finder) -> dict[str, Rates]:
    """Return for a film which part of its frames is noticed, during events of fire and smoke and outside of them.

    `clip` is its JSON file. Raises ModelError when the film cannot be read.
    """
    described = json.loads(clip.read_text())
    scores: dict[str, list[float]] = {}
    for seconds, image in frames(clip.with_name(described["clip"])):
        during = _within(described["events"], seconds)
        if during or not _within(described["ignore"], seconds):
            scores.setdefault("during" if during else "outside", []).append(surest(find(image)))
    return {name: rates(own) for name, own in scores.items()}


def _within(stretches: Sequence[Mapping[str, object]], seconds: float) -> bool:
    return any(
        own["kind"] in LABELS and float(str(own["start_s"])) <= seconds <= float(str(own["end_s"])) for own in stretches
    )


def frames(film: Path) -> Iterator[tuple[float, Image]]:
    """Yield a film's frames at EVERY_S with their times in seconds. Raises ModelError when it cannot be read."""
    video = cv2.VideoCapture(str(film))
    rate, number = video.get(cv2.CAP_PROP_FPS), 0
    if not video.isOpened() or rate <= 0:
        raise ModelError(f"{film} cannot be read as a film: give the folder that holds the clips beside their JSON")
    every = max(round(rate * EVERY_S), 1)
    while video.grab():
        if number % every == 0:
            yield number / rate, np.asarray(video.retrieve()[1], np.uint8)
        number += 1
    video.release()


@one_line
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m models.training.hazard_evaluate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with fire, road_stills, traffic_vn …")
    parser.add_argument("--weights", type=Path, action="append", help="ONNX file; may be given again")
    parser.add_argument("--size", type=int, default=640, help="long side in pixels (%(default)s)")
    parser.add_argument("--clips", type=Path, help="folder of films with a JSON file each")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    _measure(chosen)
    return 0


def _measure(chosen: argparse.Namespace) -> None:
    manifest = load_manifest()
    scenes = [scene for scene in read_scenes(chosen.data) if scene.held_back]
    for weights in chosen.weights or [manifest.weights(manifest.named("hazard"))]:
        find = finder(open_finder(weights, chosen.threads, LABELS), chosen.size)
        own = figures(scenes, find)
        clips = sorted(chosen.clips.glob("*.json")) if chosen.clips else []
        films = {clip.stem: film_rates(clip, find) for clip in clips}
        if chosen.json:
            sys.stdout.write(json.dumps({"weights": str(weights), **asdict(own), "films": films}) + "\n")
            continue
        sys.stdout.write(f"{weights} at {chosen.size} px\n{table(own)}\n")
        for name, parts in films.items():
            shown = "; ".join(f"{when} {part[0.25]:.2f}" for when, part in parts.items())
            sys.stdout.write(f"{name}: noticed from 0.25: {shown}\n")


if __name__ == "__main__":
    sys.exit(main())
