"""The network of dense maps: the first stages of YOLO26n and a light pyramid, one figure for each cell of the picture.

Needs the extra `train`. The stages are those of `yolo26n.yaml` up to the pooling of SPPF, with COCO's weights. The
pyramid (Lin et al., CVPR 2017) brings what the coarse stages know down to cells of 8 or 4 pixels.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn
from ultralytics.nn.modules import Conv

from ioc.errors import ModelError
from models.training.road_net import OPSET, coco_network

Kind = Literal["mask", "density"]

STAGES = ((2, 64), (4, 128), (6, 128), (9, 256))
"""Of YOLO26n: the last layer at cells of 4, 8, 16 and 32 pixels, and its channels."""

DEPTH = 64
"""Channels of the pyramid, half as many at cells of 4 pixels."""

START = {"mask": -2.0, "density": -4.0}
"""The figure that every cell starts from: little water, hardly anybody."""


class DenseNetwork(nn.Module):  # type: ignore[misc]
    """Gives (batch, 1, H / stride, W / stride): before `answer`, any numbers; `stride` is 4 or 8."""

    def __init__(self, coco: Any, kind: Kind, stride: int) -> None:
        super().__init__()
        self.kind = kind
        self.stages = nn.ModuleList(coco.model[: STAGES[-1][0] + 1])
        self._used = STAGES[0 if stride == 4 else 1 :]
        depths = [DEPTH // 2 if layer == STAGES[0][0] else DEPTH for layer, _ in self._used]
        self.sides = nn.ModuleList(Conv(own, depth) for (_, own), depth in zip(self._used, depths, strict=True))
        self.steps = nn.ModuleList(Conv(coarse, fine, 3) for fine, coarse in pairwise(depths))
        self.mix = Conv(depths[0], depths[0], 3)
        self.last = nn.Conv2d(depths[0], 1, 1)
        nn.init.constant_(self.last.bias, START[kind])

    def forward(self, planes: Any) -> Any:
        """Return the figures before `answer`."""
        seen = {}
        for number, stage in enumerate(self.stages):
            planes = stage(planes)
            seen[number] = planes
        fine = [side(seen[layer]) for side, (layer, _) in zip(self.sides, self._used, strict=True)]
        coarse = fine.pop()
        for step in reversed(self.steps):
            coarse = fine.pop() + nn.functional.interpolate(step(coarse), scale_factor=2.0, mode="nearest")
        return self.last(self.mix(coarse))

    def answer(self, figures: Any) -> Any:
        """Return probabilities, or heads a cell."""
        return figures.sigmoid() if self.kind == "mask" else nn.functional.softplus(figures)


class Answering(nn.Module):  # type: ignore[misc]
    """The network as it is written to a file: its output is the answer."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, planes: Any) -> Any:
        """Return (batch, 1, rows, columns)."""
        return self.network.answer(self.network(planes))


def dense_network(start: Path, kind: Kind, stride: int) -> Any:
    """Return a network to train; `start` are COCO's weights of YOLO26n. Raises ModelError when they do not fit."""
    return DenseNetwork(coco_network(start), kind, stride)


def export(network: Any, path: Path) -> None:
    """Write a network as ONNX and check it against PyTorch.

    Input `images` (batch, 3, H, W) float32 RGB 0 to 1, H and W multiples of 32; output `output0` (batch, 1, rows,
    columns); all but the channels free. Raises ModelError when both runtimes disagree.
    """
    answering = Answering(network.cpu().float()).eval()
    partial = path.with_suffix(".partial.onnx")
    free = {0: "batch", 2: "height", 3: "width"}
    torch.onnx.export(
        answering,
        (torch.zeros(2, 3, 256, 416),),
        str(partial),
        input_names=["images"],
        output_names=["output0"],
        opset_version=OPSET,
        dynamic_axes={"images": free, "output0": {0: "batch", 2: "rows", 3: "columns"}},
        dynamo=False,
    )
    onnx.checker.check_model(onnx.load(partial))
    _compare(answering, partial)
    partial.replace(path)


def _compare(answering: Any, path: Path) -> None:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    draw = torch.Generator().manual_seed(1)
    for batch, height, width in ((1, 384, 640), (3, 256, 416)):
        images = torch.rand(batch, 3, height, width, generator=draw)
        with torch.no_grad():
            expected = answering(images).numpy()
        (found,) = session.run(["output0"], {"images": images.numpy()})
        worst = float(np.abs(found - expected).max())
        if worst > 0.001:
            msg = f"{path} differs from PyTorch by {worst:.4f}: export with other versions of torch or onnx"
            raise ModelError(msg)
