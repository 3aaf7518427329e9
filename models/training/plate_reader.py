"""Train the plate reader: one command from drawn and real plates to ONNX.

    python -m models.training.plate_reader --data DIR --work DIR [--out models/weights/plate_reader.onnx]
        [--start FILE.onnx] [--hours H] [--threads N] [--device auto|cpu|cuda] [--seed N]

Needs the extra `train`. `--data` holds `plates_gate` and `plate_chars`; with `--drawn-only` none is needed and the
reader learns from drawn plates alone. `--start` goes on from a reader that was exported before, at half the rate. A
stopped run goes on from `--work`. The last averaged weights are the result, so that what is held back chooses nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ioc.errors import UsageError
from ioc.plate_grammar import CHARACTERS
from ioc.plate_strokes import Rng
from models.plate_reader import as_input
from models.training import command
from models.training.command import say
from models.training.plate_crops import Crop, read_crops
from models.training.plate_net import BLANK, PlateNet, export, reading_loss, started
from models.training.plate_samples import SIZE, Plates, Texts, learn
from models.training.run import Plan, Run

Batch = tuple[npt.NDArray[np.float32], list[Texts]]

PLAN = Plan(hours=1.0, seed=11, rate=1.5e-3, last_rate=0.005, decay=1e-2, check_minutes=6.0)

GENTLE = 2000
"""Steps until crops are worn in earnest; a reader that was trained before is spared nothing."""

CALIBRATION = 256
"""Crops that say how large an exported reader's features are."""


class ReadingTask:
    """Trains the reader on plates that are worn more from step to step."""

    terms = ("reading",)

    def __init__(self, plates: Plates, size: int, device: torch.device, gentle: int = GENTLE) -> None:
        self._plates, self._size, self._device, self._gentle = plates, size, device, gentle

    def draw(self, rng: Rng, step: int, spent: float) -> Batch:  # noqa: ARG002
        """Return crops and their texts."""
        return self._plates.batch(rng, self._size, strength=min(1.0, 0.2 + (step + 1) / self._gentle))

    def planes(self, batch: Batch) -> Any:
        """Return the crops as the network takes them."""
        return torch.from_numpy(batch[0]).to(self._device).contiguous(memory_format=torch.channels_last)

    def loss(self, output: Any, batch: Batch) -> Any:
        """Return the loss of reading."""
        return reading_loss(output, batch[1])[None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = command.parser("plate_reader", __doc__, out="models/weights/plate_reader.onnx", seed=11)
    options.add_argument("--data", type=Path, help="folder with plates_gate and plate_chars")
    options.add_argument("--drawn-only", action="store_true", help="learn from drawn plates alone")
    options.add_argument("--start", type=Path, help="exported reader to go on from; from random numbers unless given")
    options.add_argument("--batch", type=int, default=32, help="crops a step (%(default)s)")
    return command.main(options, train, arguments)


def train(chosen: argparse.Namespace) -> None:
    """Read the real plates, train within the budget, and write the last averaged weights to `--out`."""
    if chosen.data is None and not chosen.drawn_only:
        raise UsageError("no plates to learn from: give --data DIR, or --drawn-only")
    crops = [] if chosen.drawn_only else read_crops(chosen.data)
    real = learn(crops)
    held_back = [crop for crop in crops if crop.held_back and crop.box is None]
    say(f"{len(real)} real plates to learn from, {len(held_back)} crops held back")
    device = command.device(chosen.device)
    plates = Plates(real)
    plan, network, gentle = replace(PLAN, hours=chosen.hours, seed=chosen.seed), PlateNet(), GENTLE
    if chosen.start is not None:
        crops_seen, _ = plates.batch(np.random.default_rng(chosen.seed), CALIBRATION)
        network, gentle = started(chosen.start, torch.from_numpy(crops_seen)), 1
        plan = replace(plan, rate=plan.rate / 2)
    run = Run(network, plan, chosen.work, device)
    say(f"resumed at step {run.progress.step}" if run.resume() else "starting")
    run.train(ReadingTask(plates, chosen.batch, device, gentle), judge(held_back), say)
    export(run.averaged, chosen.out)


def judge(held_back: Sequence[Crop]) -> Callable[[Any], float]:
    """Return a check of weights that says how many held-back crops are read exactly, one-line and two-line apart."""
    inputs = [as_input(crop.read(), SIZE) for crop in held_back]

    def check(network: Any) -> float:
        device = next(network.parameters()).device
        right: dict[int, list[bool]] = {1: [], 2: []}
        for start in range(0, len(inputs), 64):
            images = torch.from_numpy(np.stack(inputs[start : start + 64])).to(device)
            with torch.no_grad():
                classes = network(images).argmax(3).cpu().numpy()
            for crop, lines in zip(held_back[start:], classes, strict=False):
                right[crop.lines].append([_collapse(line) for line in lines] == [crop.upper, crop.lower])
        if not held_back:
            return 0.0
        say(", ".join(f"{lines}-line {np.mean(hits):.4f} of {len(hits)}" for lines, hits in right.items() if hits))
        return float(np.mean(right[1] + right[2]))

    return check


def _collapse(classes: Sequence[int]) -> str:
    """Return a line's text by the likeliest class of every column: repeats are one character, blanks none."""
    return "".join(
        CHARACTERS[own]
        for own, before in zip(classes, [BLANK, *classes[:-1]], strict=True)
        if own not in (before, BLANK)
    )


if __name__ == "__main__":
    sys.exit(main())
