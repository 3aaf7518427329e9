"""Train the hazard detector, fire and smoke: one command from pictures to ONNX.

    python -m models.training.hazard --data DIR [--start FILE] --work DIR --out models/weights/hazard.onnx
        [--hours H] [--threads N] [--device auto|cpu|cuda]

Needs the extra `train`. `--data` holds `fire`, `road_stills`, `traffic_vn`, `traffic_cctv`, `traffic_dhaka`,
`garbage_street` and `flood/bus_depth`; `--start` is a YOLO11n with the labels smoke and fire, `.npz` of its arrays, by
default `weights/fire_smoke_yolo11n_state.npz` in the data. The start weights also teach: what they find in pictures
that are sorted only is a label where they are sure, and left out of the loss where they are not. A stopped run goes on
from `--work`; with `--hours 0` the start weights are written with their labels in our order.
"""

from __future__ import annotations

import argparse
import copy
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from ultralytics.nn.tasks import DetectionModel, yaml_model_load

from models.training import command
from models.training.box_task import BoxTask
from models.training.command import say
from models.training.hazard_evaluate import figures, table, worth
from models.training.hazard_mix import HazardMix
from models.training.hazard_sources import LABELS, Scene, read_scenes, teach
from models.training.plate_finder_evaluate import finder, open_finder
from models.training.road_loss import RoadLoss
from models.training.road_net import export, load_arrays, read_arrays
from models.training.run import Plan, Run

TEACHER_SIZE = 640
"""The start weights look at pictures enlarged to this: the sorted ones are small."""

CHECK_SIZE = 640
CHECK_EVERY = 2
"""Of the held-back pictures, streets aside, one in so many helps to choose the best weights."""

KEPT = 0.25
"""How much of the start weights the result keeps: it forgets less of what our pictures do not show."""

RATE = 3e-4
"""The start weights know fire and smoke already: a third of what a new task would take."""


def hazard_network(weights: Path) -> Any:
    """Return YOLO11n from weights with the labels smoke, fire, in our order and evaluation mode.

    Raises ModelError when the arrays do not fit.
    """
    network = DetectionModel(yaml_model_load("yolo11n.yaml"), ch=3, nc=len(LABELS), verbose=False)
    load_arrays(network, read_arrays(weights), weights)
    with torch.no_grad():
        for branch in network.model[-1].cv3:
            last = branch[-1]
            last.weight.copy_(last.weight.flip(0))
            last.bias.copy_(last.bias.flip(0))
    network.names = dict(enumerate(LABELS))
    return network.eval()


def train(chosen: argparse.Namespace) -> None:
    """Teach, train within the budget, and write the best weights to `--out`."""
    weights = chosen.start or chosen.data / "weights" / "fire_smoke_yolo11n_state.npz"
    network = hazard_network(weights)
    chosen.work.mkdir(parents=True, exist_ok=True)
    start = chosen.work / "start.onnx"
    export(copy.deepcopy(network), start)
    if chosen.hours <= 0:
        start.replace(chosen.out)
        return
    scenes = read_scenes(chosen.data)
    held_back = [scene for scene in scenes if scene.held_back]
    find = finder(open_finder(start, chosen.threads, LABELS), TEACHER_SIZE)
    learnt = [scene for scene in scenes if not scene.held_back]
    learnt = teach(learnt, {scene.path: find(scene.read(stored=True)) for scene in learnt if scene.shown})
    device = command.device(chosen.device)
    plan = Plan(chosen.hours, seed=chosen.seed, rate=RATE, warm_up=60, average=0.996, check_minutes=7)
    run = Run(network, plan, chosen.work, device)
    say(f"resumed at step {run.progress.step}" if run.resume() else "starting")
    task = BoxTask(HazardMix.of(learnt), RoadLoss(network.model[-1], device), device)
    judged = [scene for scene in held_back if scene.source != "streets"][::CHECK_EVERY]
    run.train(task, judge(judged, chosen.work, chosen.threads), say)
    export(blended(run.best(), hazard_network(weights), KEPT), chosen.out)


def blended(network: Any, start: Any, kept: float) -> Any:
    """Return the network with that part of its start in every weight (Wortsman et al., WiSE-FT, CVPR 2022)."""
    own, before = network.state_dict(), start.state_dict()
    mixed = {name: old.lerp(own[name].cpu(), 1 - kept) for name, old in before.items() if old.dtype.is_floating_point}
    start.load_state_dict({**before, **mixed})
    return start


def judge(held_back: Sequence[Scene], work: Path, threads: int) -> Callable[[Any], float]:
    """Return a check of weights on held-back pictures."""

    def check(network: Any) -> float:
        candidate = work / "candidate.onnx"
        export(network, candidate)
        own = figures(held_back, finder(open_finder(candidate, threads, LABELS), CHECK_SIZE))
        say("\n" + table(own))
        return worth(own)

    return check


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = command.parser("hazard", __doc__, out="models/weights/hazard.onnx", seed=7)
    options.add_argument("--data", type=Path, required=True, help="folder with fire, road_stills, traffic_vn, …")
    options.add_argument("--start", type=Path, help="YOLO11n with the labels smoke and fire, .npz")
    return command.main(options, train, arguments)


if __name__ == "__main__":
    sys.exit(main())
