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

from models.training import command
from models.training.box_task import BoxTask
from models.training.command import say
from models.training.evaluate_road import mean, measure, table
from models.training.road_boxes import Labelled, Rows, join_riders, no_boxes
from models.training.road_found import Image, find, open_network
from models.training.road_loss import RoadLoss
from models.training.road_mix import Mix
from models.training.road_net import coco_network, export, road_network
from models.training.road_sources import Picture, count_labels, read_all
from models.training.road_store import Ready, Teacher, Teachers, prepare, read_image, unsquash
from models.training.run import Plan, Run

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
    options = command.parser("road", __doc__, out="models/weights/road.onnx", seed=7)
    options.add_argument("--data", type=Path, required=True, help="folder with traffic_vn and traffic_cctv")
    options.add_argument("--drawn", type=Path, help="folder of drawn scenes: images, labels, classes.txt")
    options.add_argument("--unlabelled", type=Path, help="folder of street pictures that only the teachers label")
    options.add_argument(
        "--general",
        type=Path,
        action="append",
        default=[],
        help="folder of pictures of other places that COCO's network labels; may be given again",
    )
    options.add_argument("--start", type=Path, help="COCO weights of YOLO26n, .npz or .pt")
    return command.main(options, train, arguments)


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
    device = command.device(chosen.device)
    loss = RoadLoss(network.model[-1], device)
    run = Run(network, Plan(chosen.hours, seed=chosen.seed), work, device)
    say(f"resumed at step {run.progress.step}" if run.resume() else "starting")
    large, near = teacher(coco, COCO_WIDTH, threads), teacher(coco, CHECK_SIZE, threads)
    check = judge([as_coco_says(picture, near) for picture in pictures if picture.held_back], work, threads)
    if not own.is_file():
        labelled = [picture for picture in pictures if picture.source != "unlabelled"]
        ready = teach(labelled, work / "pictures", Teachers(large, near))
        run.train(BoxTask(Mix.of(ready), loss, device), check, say, until=OWN_TEACHER_FROM)
        export(run.best(), own)
    teachers = Teachers(large, near, teacher(own, OWN_WIDTH, threads))
    ready = teach(pictures, work / "pictures", teachers)
    run.train(BoxTask(Mix.of(ready), loss, device), check, say)
    export(run.best(), chosen.out)


def teach(pictures: Sequence[Picture], folder: Path, teachers: Teachers) -> list[Ready]:
    """Return the pictures to train on, resized and with what the teachers add."""
    ready = prepare([picture for picture in pictures if not picture.held_back], folder, teachers)
    say(f"{len(ready)} pictures to train on: {count_labels([item.labelled.boxes for item in ready])}")
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
        say("\n" + table(figures))
        real = [mean(own) for source, own in figures.items() if source != "drawn"]
        return sum(real) / len(real)

    return check


if __name__ == "__main__":
    sys.exit(main())
