"""Train the plate reader: one command from drawn and real plates to ONNX.

    python -m models.training.plate_reader --data DIR --work DIR [--out models/weights/plate_reader.onnx]
        [--hours H] [--threads N] [--device auto|cpu|cuda] [--seed N]

Needs the extra `train`. `--data` holds `plates_gate` and `plate_chars`; with `--drawn-only` none is needed and the
reader learns from drawn plates alone. A stopped run goes on from `--work`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from ioc.clock import now
from ioc.errors import IocError, UsageError
from models.plate_grammar import CHARACTERS
from models.plate_reader import as_input
from models.training.plate_crops import Crop, read_crops
from models.training.plate_net import BLANK, PlateNet, export
from models.training.plate_samples import SIZE, Plates, learn
from models.training.plate_train import Plan, Run


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
    parser = argparse.ArgumentParser(prog="python -m models.training.plate_reader", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with plates_gate and plate_chars")
    parser.add_argument("--drawn-only", action="store_true", help="learn from drawn plates alone")
    parser.add_argument("--work", type=Path, required=True, help="checkpoints; resumed from")
    parser.add_argument("--out", type=Path, default=Path("models/weights/plate_reader.onnx"))
    parser.add_argument("--hours", type=float, default=1.0, help="training time in all, resumed runs included")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--seed", type=int, default=11)
    return parser.parse_args(arguments)


def train(chosen: argparse.Namespace) -> None:
    """Read the real plates, train within the budget, and write the last averaged weights to `--out`."""
    if chosen.data is None and not chosen.drawn_only:
        raise UsageError("no plates to learn from: give --data DIR, or --drawn-only")
    crops = [] if chosen.drawn_only else read_crops(chosen.data)
    real = learn(crops)
    held_back = [crop for crop in crops if crop.held_back and crop.box is None]
    say(f"{len(real)} real plates to learn from, {len(held_back)} crops held back")
    plan = Plan(chosen.hours, seed=chosen.seed, batch=chosen.batch)
    run = Run(PlateNet(), plan, chosen.work, _device(chosen.device))
    say(f"resumed at step {run.progress.step}" if run.resume() else "starting")
    say(run.choose_precision())
    run.train(Plates(real), judge(held_back), say)
    export(run.averaged, chosen.out)


def judge(held_back: Sequence[Crop]) -> Callable[[Any], str]:
    """Return a check of weights that says how many held-back crops are read exactly, one-line and two-line apart."""
    inputs = [as_input(crop.read(), SIZE) for crop in held_back]

    def check(network: Any) -> str:
        device = next(network.parameters()).device
        right: dict[int, list[bool]] = {1: [], 2: []}
        for start in range(0, len(inputs), 64):
            images = torch.from_numpy(np.stack(inputs[start : start + 64])).to(device)
            with torch.no_grad():
                classes = network(images).argmax(3).cpu().numpy()
            for crop, lines in zip(held_back[start:], classes, strict=False):
                right[crop.lines].append([_collapse(line) for line in lines] == [crop.upper, crop.lower])
        return ", ".join(f"{lines}-line {np.mean(hits):.4f} of {len(hits)}" for lines, hits in right.items() if hits)

    return check


def _collapse(classes: Sequence[int]) -> str:
    """Return a line's text by the likeliest class of every column: repeats are one character, blanks none."""
    return "".join(
        CHARACTERS[own]
        for own, before in zip(classes, [BLANK, *classes[:-1]], strict=True)
        if own not in (before, BLANK)
    )


def _device(name: str) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def say(text: str) -> None:
    """Write one line with the time."""
    sys.stdout.write(f"{now():%H:%M:%S} {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
