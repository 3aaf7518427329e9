"""Train the plate detector: one command from pictures to ONNX.

    python -m models.training.plate_finder --data DIR [--start FILE] --work DIR --out models/weights/plate.onnx
        [--hours H] [--threads N] [--device auto|cpu|cuda]

Needs the extra `train`. `--data` holds `plates_gate`, `plate_chars`, `plates_street`, `traffic_vn`, `traffic_cctv` and
`road_stills`; `--start` is a YOLOv9-t with one label, `.npz` of its arrays, by default
`weights/plate_yolov9t_state.npz` in the data. The start weights also teach, and later the network itself: what they
find in traffic that nobody labelled is a plate where they are sure, and left out of the loss where they are not. A
stopped run goes on from `--work`; with `--hours 0` the start weights are written as they are.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ultralytics.nn.tasks import DetectionModel, yaml_model_load

from models.training import command
from models.training.box_task import BoxTask
from models.training.command import say
from models.training.plate_crops import read_crops
from models.training.plate_finder_evaluate import Judged, figures, finder, judged_sets, open_finder, table, worth
from models.training.plate_finder_mix import FinderMix
from models.training.plate_finder_paste import Pool, real_patches
from models.training.plate_finder_sources import Scene, read_scenes, teach
from models.training.road_boxes import Rows
from models.training.road_loss import RoadLoss
from models.training.road_net import export, load_arrays, read_arrays
from models.training.run import Plan, Run

TEACHER_SIZE = 960
"""The start weights look at pictures enlarged to this for plates that nobody labelled."""

OWN_TEACHER_FROM = 0.37
"""From this part of the budget on, the network completes the labels of traffic: it sees smaller plates by then."""

OWN_SIZE = 832
"""It looks at pictures enlarged to this."""

CHECK_SIZE = 640
CHECK_PASTED = 50
"""Pasted pictures that choose the best weights; the evaluation draws more."""

CHECK_EVERY = 3
"""Of the barriers' pictures, which look alike, one in so many helps to choose."""

RATE = 6e-4
"""The start weights know plates already: half of what a new task would take."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = command.parser("plate_finder", __doc__, out="models/weights/plate.onnx", seed=7)
    options.add_argument("--data", type=Path, required=True, help="folder with plates_gate, traffic_vn, …")
    options.add_argument("--start", type=Path, help="YOLOv9-t with one label, .npz")
    return command.main(options, train, arguments)


def finder_network(weights: Path) -> Any:
    """Return YOLOv9-t with its one label, in evaluation mode. Raises ModelError when the arrays do not fit."""
    network = DetectionModel(yaml_model_load("yolov9t.yaml"), ch=3, nc=1, verbose=False)
    load_arrays(network, read_arrays(weights), weights)
    network.names = {0: "plate"}
    return network.eval()


def train(chosen: argparse.Namespace) -> None:
    """Teach, train within the budget, and write the best weights to `--out`."""
    network = finder_network(chosen.start or chosen.data / "weights" / "plate_yolov9t_state.npz")
    chosen.work.mkdir(parents=True, exist_ok=True)
    if chosen.hours <= 0:
        export(network, chosen.out)
        return
    start = chosen.work / "start.onnx"
    if not start.is_file():
        export(copy.deepcopy(network), start)
    crops = read_crops(chosen.data)
    scenes = read_scenes(chosen.data, crops)
    scenes = teach(scenes, ask(scenes, start, TEACHER_SIZE, chosen.threads))
    learnt, held_back = (Pool(real_patches([c for c in crops if c.held_back is kept])) for kept in (False, True))
    plan = Plan(chosen.hours, seed=chosen.seed, rate=RATE, warm_up=60, average=0.996, check_minutes=9)
    device = command.device(chosen.device)
    loss = RoadLoss(network.model[-1], device)
    run = Run(network, plan, chosen.work, device)
    say(f"resumed at step {run.progress.step}" if run.resume() else "starting")
    sets = judged_sets(scenes, held_back, CHECK_PASTED)
    sets["gate"] = sets["gate"][::CHECK_EVERY]
    check = judge(sets, chosen.work, chosen.threads)
    own = chosen.work / "own.onnx"
    if not own.is_file():
        run.train(BoxTask(FinderMix.of(scenes, learnt), loss, device), check, say, until=OWN_TEACHER_FROM)
        export(run.best(), own)
    traffic = [scene for scene in scenes if scene.source == "traffic" and not scene.held_back]
    others = [scene for scene in scenes if scene.source != "traffic"]
    traffic = teach(traffic, ask(traffic, own, OWN_SIZE, chosen.threads))
    run.train(BoxTask(FinderMix.of(traffic + others, learnt), loss, device), check, say)
    export(run.best(), chosen.out)


def ask(scenes: Sequence[Scene], teacher: Path, size: int, threads: int) -> dict[Path, Rows]:
    """Return what a teacher's ONNX file finds in each scene; its answers are kept beside it and used again."""
    kept = teacher.with_suffix(".json")
    if not kept.is_file():
        find = finder(open_finder(teacher, threads), size)
        partial = kept.with_suffix(".partial")
        partial.write_text(json.dumps({_key(scene): find(scene.read()).tolist() for scene in scenes}))
        partial.replace(kept)
    stored = json.loads(kept.read_text())
    return {scene.path: np.array(stored[_key(scene)], np.float32).reshape(-1, 6) for scene in scenes}


def _key(scene: Scene) -> str:
    return f"{scene.source}-{scene.path.stem}"


def judge(sets: dict[str, list[Judged]], work: Path, threads: int) -> Callable[[Any], float]:
    """Return a check of weights on the held-back sets."""

    def check(network: Any) -> float:
        candidate = work / "candidate.onnx"
        export(network, candidate)
        find = finder(open_finder(candidate, threads), CHECK_SIZE)
        found = {name: figures(pictures, find) for name, pictures in sets.items()}
        say("\n" + table(found))
        return worth(found)

    return check


if __name__ == "__main__":
    sys.exit(main())
