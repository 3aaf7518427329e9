"""Turns a checkpoint of Ultralytics' (`.pt`) into ONNX that the product runs. Needs the extra `train`.

A checkpoint is a pickle: opening it runs whatever its author put into it. Nothing here asks whether that is wanted.
"""

from __future__ import annotations

import os
import pickle
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("YOLO_AUTOINSTALL", "false")  # it would install what a checkpoint names
os.environ.setdefault("YOLO_OFFLINE", "true")

import numpy as np
import onnxruntime
import torch
from ultralytics.nn.tasks import load_checkpoint

from ioc.errors import ModelError
from models import layouts
from models.manifest import Layout
from models.training.road_net import write_onnx

TRIED = (256, 416)
ONE_SHAPE = "RTDETRDecoder"
"""Networks with this head count places for one input when they are written, and take no other afterwards."""
USUAL = (640, 640)
CLOSE = 0.01

FAILURES = (AttributeError, EOFError, ImportError, KeyError, pickle.UnpicklingError, RuntimeError, TypeError)
"""What opening a file that is no checkpoint, or one of another program, comes to."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What a checkpoint's ONNX file is."""

    layout: Layout
    labels: tuple[str, ...]
    licence: str | None
    shape: tuple[int, int] | None
    """Height and width of its input where they are fixed."""


def export_checkpoint(checkpoint: Path, out: Path, shape: tuple[int, int] | None = None) -> Exported:
    """Write a checkpoint's network as ONNX, whole or not at all, after proving that it gives the same there.

    `shape` fixes the input's height and width. Raises ModelError when the file is no detector's checkpoint or both
    runtimes disagree.
    """
    network, licence = _opened(checkpoint)
    if type(network.model[-1]).__name__ == ONE_SHAPE:
        shape = shape or USUAL
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        partial = Path(folder) / "model.onnx"
        written = write_onnx(network, partial, shape)
        labels = tuple(str(name) for name in written.names.values())
        layout = _proven(written, partial, shape or TRIED, labels)
        partial.replace(out)
    return Exported(layout, labels, licence, shape)


def _opened(checkpoint: Path) -> tuple[Any, str | None]:
    if not checkpoint.is_file():
        raise ModelError(f"{checkpoint}: No such file; give a checkpoint of Ultralytics'")
    try:
        with tempfile.TemporaryDirectory() as folder:
            # A file by the name of a published one would be looked for elsewhere.
            alias = Path(folder) / "checkpoint.pt"
            alias.symlink_to(checkpoint.resolve())
            network, stored = load_checkpoint(alias)
    except FAILURES as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(f"{checkpoint} is no checkpoint that Ultralytics opens: {reason}") from None
    if network.task != "detect":
        raise ModelError(f"{checkpoint} is a network for {network.task!r}; give one for 'detect'")
    licence = stored.get("license")
    return network, licence.split()[0] if licence else None


def _proven(network: Any, path: Path, shape: tuple[int, int], labels: tuple[str, ...]) -> Layout:
    """Return the layout of what the file gives, once PyTorch gives the same."""
    images = torch.rand(1, 3, *shape, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        wanted = network(images).numpy()
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (found,) = session.run(["output0"], {"images": images.numpy()})
    layout = next((form for form in layouts.FORMS if layouts.problem(form, found, len(labels)) is None), None)
    if layout is None:
        raise ModelError(f"{path}: gives {found.shape} for {len(labels)} labels, which is no layout known here")
    far = _difference(layout, wanted, found)
    if far > CLOSE:
        raise ModelError(
            f"the ONNX file differs from PyTorch by {far:.3f}; export with other versions of torch or onnx"
        )
    return layout


def _difference(layout: Layout, wanted: Any, found: Any) -> float:
    """Return the largest difference; where places are ordered by score, of scores alone: equals may change places."""
    if layout in layouts.LABEL_BY_NUMBER:
        wanted, found = np.sort(wanted[:, :, 4]), np.sort(found[:, :, 4])
    return float(np.abs(wanted - found).max())
