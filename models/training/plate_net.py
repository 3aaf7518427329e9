"""The plate reader's network, its loss and its export.

A small residual network looks at the whole crop, resized to one size whatever its shape. Then, column by column, an
attention over the height picks the upper and the lower line of characters apart, so that a tilted plate needs no
straightening. Each line is read by connectionist temporal classification (Graves et al., 2006): a one-line plate is an
upper line alone. So one pass gives the characters, the number of lines and the length of each.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

from ioc.errors import ModelError
from ioc.plate_grammar import CHARACTERS
from models.training.plate_samples import HEIGHT, WIDTH
from models.training.plate_start import Exported, read_exported

BLANK = len(CHARACTERS)
"""The last class stands for "no character here"."""

OPSET = 17
LINES = 2


def _conv(into: int, out: int, stride: int | tuple[int, int] = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(into, out, 3, stride, 1, bias=False),
        nn.BatchNorm2d(out),
        nn.ReLU(inplace=True),
    )


class _Residual(nn.Module):  # type: ignore[misc]  # torch carries no types here
    """Two convolutions beside a short cut, weighted by what the whole crop looks like (Hu et al., 2018)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _conv(width, width)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))
        self.gate = nn.Sequential(nn.Linear(width, width // 4), nn.ReLU(), nn.Linear(width // 4, width), nn.Sigmoid())

    def forward(self, features: Any) -> Any:
        changed = self.second(self.first(features))
        weight = self.gate(changed.mean((2, 3)))
        return torch.relu(features + changed * weight[:, :, None, None])


class PlateNet(nn.Module):  # type: ignore[misc]
    """Maps crops (N, 3, H, W) RGB 0 to 1 to logarithms of probabilities (N, 2, W / 4, characters + 1)."""

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        narrow, middle, wide = width, width * 2, width * 4
        self.body = nn.Sequential(
            _conv(3, narrow, 2),
            _Residual(narrow),
            _conv(narrow, middle, 2),
            _Residual(middle),
            _conv(middle, wide, (2, 1)),
            _Residual(wide),
            nn.Dropout2d(0.05),
        )
        self.attention = nn.Conv2d(wide, LINES, 3, padding=1)
        # The upper line starts out by looking up, the lower one down: without, both take long to part.
        down = torch.linspace(-1.5, 1.5, HEIGHT // 8).view(1, 1, -1, 1)
        self.height = nn.Parameter(torch.cat([-down, down], 1))
        self.context = nn.ModuleList(
            nn.Sequential(nn.Conv1d(wide, wide, 5, padding=2, bias=False), nn.BatchNorm1d(wide), nn.ReLU(inplace=True))
            for _ in range(2)
        )
        self.place = nn.Parameter(torch.zeros(1, LINES, wide, 1))
        self.head = nn.Conv1d(wide, BLANK + 1, 1)

    def forward(self, images: Any) -> Any:
        """Return the logarithms of probabilities for a batch of crops."""
        features = self.body((images - 0.5) * 4)
        attention = (self.attention(features) + self.height).softmax(2)
        lines = []
        for line in range(LINES):
            row = (features * attention[:, line : line + 1]).sum(2) + self.place[:, line]
            for layer in self.context:
                row = row + layer(row)
            lines.append(self.head(row).transpose(1, 2))
        return torch.stack(lines, 1).log_softmax(3)


def reading_loss(output: Any, texts: list[tuple[str, str]]) -> Any:
    """Return the mean negative log-likelihood of the upper and lower texts, a scalar tensor."""
    lines = [line for text in texts for line in text]
    targets = torch.tensor([CHARACTERS.index(character) for line in lines for character in line], dtype=torch.long)
    lengths = torch.tensor([len(line) for line in lines], dtype=torch.long)
    places = output.shape[2]
    rows = output.float().reshape(-1, places, BLANK + 1).transpose(0, 1)
    widths = torch.full((len(lines),), places, dtype=torch.long)
    device = output.device
    loss = nn.functional.ctc_loss(
        rows, targets.to(device), widths, lengths, blank=BLANK, reduction="none", zero_infinity=True
    )
    return loss.sum() / len(texts)


def export(network: Any, path: Path) -> None:
    """Write the network as ONNX and check it against PyTorch.

    Input `images` (batch, 3, H, W) float32 RGB 0 to 1; output `output0` (batch, 2, places, characters + 1),
    probabilities. H and W are named as free, but the network takes its own size alone. Raises ModelError when both
    runtimes disagree.
    """
    network = _Probabilities(network.cpu().float()).eval()
    partial = path.with_suffix(".partial.onnx")
    partial.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        network,
        (torch.rand(2, 3, HEIGHT, WIDTH),),
        str(partial),
        input_names=["images"],
        output_names=["output0"],
        dynamic_axes={"images": {0: "batch", 2: "height", 3: "width"}, "output0": {0: "batch", 2: "places"}},
        opset_version=OPSET,
        dynamo=False,
    )
    onnx.checker.check_model(onnx.load(str(partial)))
    _compare(network, partial)
    partial.replace(path)


class _Probabilities(nn.Module):  # type: ignore[misc]
    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Any) -> Any:
        return self.network(images).exp()


def _compare(network: Any, path: Path) -> None:
    images = np.random.default_rng(1).uniform(0, 1, (3, 3, HEIGHT, WIDTH)).astype(np.float32)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (own,) = session.run(["output0"], {"images": images})
    with torch.no_grad():
        theirs = network(torch.from_numpy(images)).numpy()
    difference = float(np.abs(own - theirs).max())
    if difference > 1e-3:
        raise ModelError(f"{path}: ONNX Runtime and PyTorch differ by {difference:.2g}; try another version of PyTorch")


def started(path: Path, crops: Any) -> Any:
    """Return a network that reads as an exported reader does and can go on learning.

    `crops` (N, 3, H, W) RGB 0 to 1 say how large the features are. Raises ModelError when the file is none of this
    recipe's, or when the network reads differently.
    """
    exported = read_exported(path)
    network = PlateNet().eval()
    with torch.no_grad():
        _take(network, exported)
        _unfold(network, crops)
    _compare(_Probabilities(network), path)
    return network


def _normalised(network: Any) -> list[tuple[Any, Any]]:
    """Return every convolution with the normalisation behind it, in the order of computing."""
    layers = list(network.modules())
    return [(one, norm) for one, norm in pairwise(layers) if isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d)]


def _take(network: Any, exported: Exported) -> None:
    """Put the arrays in, each normalisation doing nothing but add its bias."""
    state = network.state_dict()
    for name, array in {**exported.named, "place": exported.places}.items():
        state[name].copy_(torch.from_numpy(array))
    for (convolution, norm), (weight, bias) in zip(_normalised(network), exported.convolutions, strict=True):
        convolution.weight.copy_(torch.from_numpy(weight))
        norm.bias.copy_(torch.from_numpy(bias))
        norm.running_var.fill_(1 - norm.eps)


def _unfold(network: Any, crops: Any) -> None:
    """Give every normalisation the mean and variance that it meets, and the scale and shift that undo them."""
    met: dict[Any, list[Any]] = {}

    def look(norm: Any, inputs: tuple[Any, ...], _output: Any) -> None:
        values = inputs[0].transpose(0, 1).flatten(1)
        met.setdefault(norm, []).append(torch.stack([values.mean(1), values.square().mean(1)]))

    norms = [norm for _, norm in _normalised(network)]
    hooks = [norm.register_forward_hook(look) for norm in norms]
    network(crops)
    for hook, norm in zip(hooks, norms, strict=True):
        hook.remove()
        mean, square = torch.stack(met[norm]).mean(0)
        variance = (square - mean.square()).clamp(min=0)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.bias.add_(mean)
        norm.weight.copy_((variance + norm.eps).sqrt())
