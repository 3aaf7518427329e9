"""Train the crowd model: one command from pictures to ONNX.

    python -m models.training.crowd --data DIR [--start FILE] --work DIR --out models/weights/crowd.onnx [--hours H]

Needs the extra `train`. `--data` holds `crowd/mall`, `crowd/street_points`, `traffic_cctv` and `road_stills`; `--start`
is COCO's YOLO26n, by default `weights/yolo26n_coco_state.npz` in the data. People whom the bundled `road` finds are cut
out and put together to crowds. The last averaged weights are written, so
nothing is chosen by the pictures that are held back. A stopped run goes on from `--work`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from models.detector import Detector
from models.training import command
from models.training.crowd_cutouts import cut_out
from models.training.crowd_mix import STRIDE, CrowdMix
from models.training.crowd_sources import read_crowds
from models.training.dense_net import dense_network, export
from models.training.dense_task import DenseTask, density_loss
from models.training.road_sources import pictures_in
from models.training.run import Plan, Run


def train(chosen: argparse.Namespace) -> None:
    """Train within the budget and write the weights to `--out`."""
    start = chosen.start or chosen.data / "weights" / "yolo26n_coco_state.npz"
    device = command.device(chosen.device)
    pictures = read_crowds(chosen.data)
    people = cut_out(pictures, Detector.load("road", threads=chosen.threads, variant="float32"))
    command.say(f"{len(people)} people cut out")
    mix = CrowdMix(pictures, pictures_in(chosen.data / "road_stills"), people)
    run = Run(dense_network(start, "density", STRIDE), Plan(chosen.hours, chosen.seed), chosen.work, device)
    command.say(f"resumed at step {run.progress.step}" if run.resume() else "starting")

    run.train(DenseTask(("cells", "patches"), mix.draw, density_loss, device), None, command.say)
    export(run.averaged, chosen.out)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = command.parser("crowd", __doc__, out="models/weights/crowd.onnx", seed=12)
    options.add_argument("--data", type=Path, required=True, help="folder of the sets named above")
    options.add_argument("--start", type=Path, help="COCO weights of YOLO26n, .npz or .pt")
    return command.main(options, train, arguments)


if __name__ == "__main__":
    sys.exit(main())
