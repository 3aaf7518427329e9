"""Train the road detector: one command from pictures to ONNX.

    python -m models.training.road --data DIR [--drawn DIR] [--unlabelled DIR] [--general DIR]... [--start FILE]
        --work DIR --out models/weights/road.onnx [--hours H] [--threads N] [--device auto|cpu|cuda]

Needs the extra `train`. `--data` holds `traffic_vn` and `traffic_cctv`; `--start` is COCO's YOLO26n (`.npz` of its
arrays, or Ultralytics' `.pt`), by default `weights/yolo26n_coco_state.npz` in the data. The start weights, run large,
also teach: they add persons, bags and far vehicles where a set leaves them unlabelled; later the network itself does. A
stopped run goes on from `--work`; with `--hours 0` the start weights are written, cut to our labels.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import torch

from ioc.clock import now
from ioc.errors import IocError
from models.training.evaluate_road import mean, measure, table
from models.training.road_boxes import Labelled, Rows, join_riders, no_boxes
from models.training.road_found import Image, find, open_network
from models.training.road_mix import Mix
from models.training.road_net import coco_network, export, road_network
from models.training.road_sources import Picture, count_labels, read_all
from models.training.road_store import Ready, Teacher, Teachers, prepare, read_image, unsquash
from models.training.road_train import Plan, Run

COCO_WIDTH = 1280
"""COCO's network looks at pictures enlarged to this: small persons are most of what it adds."""

OWN_WIDTH = 960
"""The network in training looks at its own pictures enlarged to this."""

SURE = 0.4
"""From this score on, what COCO's network finds in general pictures is what the trained one should find as well."""

OWN_TEACHER_FROM = 0.4
"""From this part of the budget on, the network completes the labels of waiting crowds, which COCO's cannot see."""

CHECK_SIZE = 640
"""The width at which held-back pictures choose the best weights."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    chosen = _parse(arguments)
    torch.set_num_threads(chosen.threads)
    cv2.setNumThreads(1)
    torch.manual_seed(chosen.seed)
    try:
        train(chosen)
    except IocError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.training.road", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with traffic_vn and traffic_cctv")
    parser.add_argument("--drawn", type=Path, help="folder of drawn scenes: images, labels, classes.txt")
    parser.add_argument("--unlabelled", type=Path, help="folder of street pictures that only the teachers label")
    parser.add_argument(
        "--general",
        type=Path,
        action="append",
        default=[],
        help="folder of pictures of other places that COCO's network labels; may be given again",
    )
    parser.add_argument("--start", type=Path, help="COCO weights of YOLO26n, .npz or .pt")
    parser.add_argument("--work", type=Path, required=True, help="checkpoints and prepared pictures; resumed from")
    parser.add_argument("--out", type=Path, default=Path("models/weights/road.onnx"))
    parser.add_argument("--hours", type=float, default=1.0, help="training time in all, resumed runs included")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args(arguments)


def train(chosen: argparse.Namespace) -> None:
    """Prepare the pictures, train within the budget, and write the best weights to `--out`."""
    start = chosen.start or chosen.data / "weights" / "yolo26n_coco_state.npz"
    work, threads = chosen.work, chosen.threads
    work.mkdir(parents=True, exist_ok=True)
    network = road_network(start)
    if chosen.hours <= 0:
        export(network, chosen.out)
        return
    pictures = read_all(chosen.data, chosen.drawn, chosen.unlabelled, chosen.general)
    coco, own = work / "coco.onnx", work / "own.onnx"
    if not coco.is_file():
        export(coco_network(start), coco)
    run = Run(network, Plan(chosen.hours, seed=chosen.seed), work, _device(chosen.device))
    _say(f"resumed at step {run.progress.step}" if run.resume() else "starting")
    _say(run.choose_precision())
    large, near = teacher(coco, COCO_WIDTH, threads), teacher(coco, CHECK_SIZE, threads)
    check = judge([as_coco_says(picture, near) for picture in pictures if picture.held_back], work, threads)
    if not own.is_file():
        labelled = [picture for picture in pictures if picture.source != "unlabelled"]
        ready = teach(labelled, work / "pictures", Teachers(large, near))
        run.train(Mix.of(ready), check, _say, until=OWN_TEACHER_FROM)
        export(run.best(), own)
    teachers = Teachers(large, near, teacher(own, OWN_WIDTH, threads))
    run.train(Mix.of(teach(pictures, work / "pictures", teachers)), check, _say)
    export(run.best(), chosen.out)


def teach(pictures: Sequence[Picture], folder: Path, teachers: Teachers) -> list[Ready]:
    """Return the pictures to train on, resized and with what the teachers add."""
    ready = prepare([picture for picture in pictures if not picture.held_back], folder, teachers)
    _say(f"{len(ready)} pictures to train on: {count_labels([item.labelled.boxes for item in ready])}")
    return ready


def teacher(weights: Path, width: int, threads: int) -> Teacher:
    """Return an ONNX detector, run at that width, as a teacher."""
    session = open_network(weights, threads)

    def look(image: Image) -> Rows:
        return find(session, image, width, lowest=0.05)

    return look


def as_coco_says(picture: Picture, coco: Teacher) -> Picture:
    """Return a held-back picture; a general one, which nobody labelled, with what COCO's network is sure of."""
    if picture.source != "general":
        return picture
    found = join_riders(coco(unsquash(read_image(picture.path), picture.aspect)))
    return replace(picture, known=Labelled(found[found[:, 5] >= SURE][:, :5], no_boxes()))


def judge(held_back: Sequence[Picture], work: Path, threads: int) -> Callable[[Any], float]:
    """Return a check of weights: mean AP50 over labels, then over sources; drawn scenes are shown, not counted."""

    def check(network: Any) -> float:
        candidate = work / "candidate.onnx"
        export(network, candidate)
        figures = measure(candidate, held_back, CHECK_SIZE, joined=False, threads=threads)
        _say("\n" + table(figures))
        real = [mean(own) for source, own in figures.items() if source != "drawn"]
        return sum(real) / len(real)

    return check


def _device(name: str) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def _say(text: str) -> None:
    sys.stdout.write(f"{now():%H:%M:%S} {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
