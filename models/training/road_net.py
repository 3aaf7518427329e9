"""The road detector's network: YOLO26n cut to our labels, loaded, saved and written as ONNX.

Needs the extra `train`. The network is the one that `ultralytics` describes in `yolo26n.yaml` (one-to-many head,
no distance distribution). Starting weights are COCO's; the head keeps its class features and only its last layer,
one row a class, is cut to the seven labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from ultralytics.nn.tasks import DetectionModel, yaml_model_load

from ioc.errors import ModelError
from models.training.road_labels import COCO_ROWS, LABELS

OPSET = 17
"""Old enough for every ONNX Runtime in use, new enough for every layer of the network."""

UNLEARNT = ("num_batches_tracked", "dfl.conv.weight")
"""How the names of arrays end that training does not learn: counters of batches, and the whole distances 0, 1, 2 …"""


def coco_network(weights: Path) -> Any:
    """Return YOLO26n with its 80 COCO classes, in evaluation mode.

    `weights` is either an `.npz` of named arrays or an Ultralytics `.pt` checkpoint.
    Raises ModelError when arrays are missing or have another shape.
    """
    settings = yaml_model_load("yolo26n.yaml")
    settings["end2end"] = False
    network = DetectionModel(settings, ch=3, nc=80, verbose=False)
    load_arrays(network, read_arrays(weights), weights)
    return network.eval()


def read_arrays(weights: Path) -> dict[str, torch.Tensor]:
    """Return a network's arrays by name. Raises ModelError when the file is missing or of another kind."""
    if not weights.is_file():
        msg = f"{weights} is missing: give the starting weights with --start"
        raise ModelError(msg)
    if weights.suffix == ".npz":
        with np.load(weights) as arrays:
            return {name: torch.from_numpy(arrays[name]) for name in arrays.files}
    if weights.suffix == ".pt":
        stored = torch.load(weights, map_location="cpu", weights_only=False)
        return dict(stored["model"].float().state_dict())
    msg = f"{weights} is neither .npz nor .pt: give starting weights of one of these kinds"
    raise ModelError(msg)


def load_arrays(network: Any, arrays: Mapping[str, torch.Tensor], origin: Path) -> None:
    """Put the arrays into the network; only what training never changes may be absent."""
    own = network.state_dict()
    wrong = [
        name
        for name, array in own.items()
        if not name.endswith(UNLEARNT) and (name not in arrays or arrays[name].shape != array.shape)
    ]
    if wrong:
        msg = f"{origin} is of another network: {wrong[0]} and {len(wrong) - 1} more differ; give weights of this one"
        raise ModelError(msg)
    network.load_state_dict({name: arrays[name].float() for name in own if name in arrays}, strict=False)


def cut_to_labels(network: Any) -> Any:
    """Replace the last class layer's 80 COCO rows by our seven, and return the same network.

    A label of several COCO classes starts with the mean of their rows.
    """
    head = network.model[-1]
    for branch in head.cv3:
        old = branch[-1]
        new = torch.nn.Conv2d(old.in_channels, len(LABELS), 1)
        with torch.no_grad():
            for label, rows in enumerate(COCO_ROWS):
                new.weight[label] = old.weight[list(rows)].mean(0)
                new.bias[label] = old.bias[list(rows)].mean(0)
        branch[-1] = new
    head.nc = len(LABELS)
    head.no = head.nc + 4 * head.reg_max
    network.yaml["nc"] = head.nc
    network.names = dict(enumerate(LABELS))
    return network


def road_network(weights: Path) -> Any:
    """Return the network to train: COCO's YOLO26n, cut to our labels."""
    return cut_to_labels(coco_network(weights))


def export(network: Any, path: Path) -> None:
    """Write the network as ONNX and check it against PyTorch.

    Input `images` (batch, 3, H, W) float32 RGB 0 to 1, H and W multiples of 32, all but the channels free. Output
    `output0` (batch, 4 + labels, places): box centre x, y, width, height in input pixels, then a score 0 to 1 a label.
    The network is fused in place: train on a copy. Raises ModelError when both runtimes disagree.
    """
    partial = path.with_suffix(".partial.onnx")
    compare(write_onnx(network, partial), partial)
    partial.replace(path)


def write_onnx(network: Any, path: Path, shape: tuple[int, int] | None = None) -> Any:
    """Write a network of Ultralytics' as ONNX, of an input of that height and width alone, or of any.

    Returns the network as it was written: fused in place, and giving nothing but its output.
    """
    network = network.cpu().float().eval().fuse(verbose=False)
    head = network.model[-1]
    head.export, head.dynamic, head.format = True, shape is None, "onnx"
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    sides = {2: "height", 3: "width"} if shape is None else {}
    torch.onnx.export(
        network,
        (torch.zeros(2, 3, *(shape or (256, 416))),),
        str(path),
        input_names=["images"],
        output_names=["output0"],
        opset_version=OPSET,
        dynamic_axes={"images": {0: "batch", **sides}, "output0": {0: "batch", **({2: "places"} if sides else {})}},
        dynamo=False,
    )
    onnx.checker.check_model(onnx.load(path))
    return network


def compare(network: Any, path: Path) -> float:
    """Return the largest difference between the ONNX file and PyTorch, boxes in pixels and scores alike.

    Tried at the three usual sizes and with a batch of three. Raises ModelError above 0.01.
    """
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    draw = torch.Generator().manual_seed(1)
    worst = 0.0
    for batch, height, width in ((1, 384, 640), (3, 256, 416), (2, 192, 320), (1, 736, 1280)):
        images = torch.rand(batch, 3, height, width, generator=draw)
        with torch.no_grad():
            expected = network(images).numpy()
        (found,) = session.run(["output0"], {"images": images.numpy()})
        worst = max(worst, float(np.abs(found - expected).max()))
    if worst > 0.01:
        msg = f"{path} differs from PyTorch by {worst:.3f}: export with other versions of torch or onnx"
        raise ModelError(msg)
    return worst
