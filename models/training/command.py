"""What the recipes' command lines share. Needs the extra `train`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import torch

from ioc.clock import now
from models.training.ending import one_line


def parser(module: str, doc: str | None, *, out: str, seed: int) -> argparse.ArgumentParser:
    """Return a parser with the options of every recipe; `module` is its name in `models.training`."""
    options = argparse.ArgumentParser(
        prog=f"python -m models.training.{module}",
        description=doc,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_argument("--work", type=Path, required=True, help="folder of checkpoints; resumed from")
    options.add_argument("--out", type=Path, default=Path(out), help="ONNX file to write (%(default)s)")
    options.add_argument("--hours", type=float, default=1.0, help="training time in all, resumed runs included")
    options.add_argument("--threads", type=int, default=1, help="threads of the network (%(default)s)")
    options.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    options.add_argument("--seed", type=int, default=seed, help="of all that is drawn by chance (%(default)s)")
    return options


def main(
    options: argparse.ArgumentParser,
    train: Callable[[argparse.Namespace], None],
    arguments: Sequence[str] | None = None,
) -> int:
    """Train as the arguments say and return the command's exit code."""
    chosen = options.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    cv2.setNumThreads(1)
    torch.manual_seed(chosen.seed)

    @one_line
    def ended(_: Sequence[str] | None) -> int:
        train(chosen)
        return 0

    return ended()


def device(name: str) -> torch.device:
    """Return the device of that name; "auto" takes CUDA where PyTorch can use it."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def say(text: str) -> None:
    """Write one line with the time."""
    sys.stdout.write(f"{now():%H:%M:%S} {text}\n")
    sys.stdout.flush()
