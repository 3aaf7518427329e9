"""Train the water model: one command from pictures to ONNX.

    python -m models.training.water --data DIR [--start FILE] --work DIR --out models/weights/water.onnx [--hours H]

Needs the extra `train`. `--data` holds `flood/ground_masks`, `flood/bus_depth`, `traffic_vn`, `traffic_cctv`,
`traffic_dhaka`, `road_stills`, `fire/cctv_boxes` and `fire/classes`; `--start` is COCO's YOLO26n, by default
`weights/yolo26n_coco_state.npz` in the data. Buses in deep water come with boxes only: at first a strip below each is
known to be water; later the network in training says what lies around. The last averaged weights are written, so
nothing is chosen by the pictures that are held back. A stopped run goes on from `--work`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from ioc.types import Image
from models.letterbox import Letterbox
from models.training import command
from models.training.dense_net import dense_network, export
from models.training.dense_task import DenseTask, mask_loss
from models.training.road_augment import Plane
from models.training.run import Plan, Run
from models.training.water_mix import STRIDE, WaterMix
from models.training.water_sources import read_water

OWN_TEACHER_FROM = 0.4
"""From this part of the budget on, the network labels the pictures of buses itself."""

TAUGHT_SIZE = 512
"""Long side at which it looks at them, in pixels."""


def train(chosen: argparse.Namespace) -> None:
    """Train within the budget and write the weights to `--out`."""
    start = chosen.start or chosen.data / "weights" / "yolo26n_coco_state.npz"
    device = command.device(chosen.device)
    mix = WaterMix(read_water(chosen.data), chosen.work / "pictures")
    run = Run(dense_network(start, "mask", STRIDE), Plan(chosen.hours, chosen.seed), chosen.work, device)
    command.say(f"resumed at step {run.progress.step}" if run.resume() else "starting")
    task = DenseTask(("entropy", "overlap"), mix.draw, mask_loss, device)

    if run.spent < OWN_TEACHER_FROM:
        run.train(task, None, command.say, until=OWN_TEACHER_FROM)
    mix.teach(teacher(run.averaged, device))
    run.train(task, None, command.say)
    export(run.averaged, chosen.out)


def teacher(network: Any, device: torch.device) -> Any:
    """Return a function that says for each pixel of a picture how probable water is."""

    def look(image: Image) -> Plane:
        box = Letterbox.around(image.shape[0], image.shape[1], TAUGHT_SIZE)
        planes = np.empty((1, 3, *box.shape), np.float32)
        box.write(image, planes[0])
        with torch.no_grad():
            figures = network.answer(network(torch.from_numpy(planes).to(device)))
        whole = cv2.resize(figures[0, 0].cpu().numpy(), (box.width, box.height), interpolation=cv2.INTER_LINEAR)
        inner = whole[box.top : box.top + box.inner_height, box.left : box.left + box.inner_width]
        return np.asarray(cv2.resize(inner, (image.shape[1], image.shape[0])), np.float32)

    return look


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = command.parser("water", __doc__, out="models/weights/water.onnx", seed=11)
    options.add_argument("--data", type=Path, required=True, help="folder of the sets named above")
    options.add_argument("--start", type=Path, help="COCO weights of YOLO26n, .npz or .pt")
    return command.main(options, train, arguments)


if __name__ == "__main__":
    sys.exit(main())
