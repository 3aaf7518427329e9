"""Makes an eight-bit copy of a detector's weights, with ranges learned from pictures. Needs the extra `train`.

Static quantisation in the form QDQ: weights in eight bits with a scale a channel, activations in eight bits with a
range that the pictures showed. Convolutions alone would leave a conversion at either side of each, so what stands
between them (Mul and Sigmoid of the activation functions, Concat, Add, MaxPool, Resize, Split) is quantised too. Not so
the end: after the last convolutions, boxes in hundreds of pixels are joined with scores of 0 to 1, and on one scale of
256 steps every score would become 0. Those convolutions and what feeds them stay in floats as well: in eight bits they
cost the road detector seven points AP50 on cars, in floats some hundredths of its time. The first two convolutions look
at the most places with the fewest channels; there the eight-bit sigmoid costs more than the convolution saves.

An activation's range is the mean over the pictures of its least and its largest value: a range that the oddest picture
stretched would leave the others too few steps.

A processor without VNNI multiplies eight-bit numbers in pairs whose sum may overflow sixteen bits; with `reduced_range`
weights take seven bits, so that none does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ioc.errors import ModelError, UsageError
from models.letterbox import Letterbox
from models.manifest import ModelEntry
from models.pictures import read_picture
from models.session import Floats

QUANTISED = ("Conv", "Mul", "Sigmoid", "Concat", "Add", "MaxPool", "Resize", "Split")
"""Kinds of steps that have eight-bit kernels; matrix products of the attention keep their floats."""

FIRST = 2
"""So many convolutions from the input on keep their floats."""

NEEDS_EXTRA = "quantising needs the package onnx: pip install 'city-ioc[train]'"


class Step(NamedTuple):
    """One node of a network's graph."""

    name: str
    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def quantise(
    entry: ModelEntry,
    weights: Path,
    out: Path,
    pictures: Sequence[Path],
    *,
    size: int | None = None,
    reduced_range: bool = False,
    each: Callable[[], None] = lambda: None,
) -> None:
    """Write an eight-bit copy of a detector's weights to `out`, whole or not at all.

    The pictures' activations give the ranges, at `size` pixels of the long side (the manifest's unless given); they
    should be such as the cameras deliver, a hundred or so, and none that the result is measured by. `each` is called
    after each. Raises UsageError for a model that is no detector, PictureError for a picture that cannot be read, and
    ModelError when the extra is missing or the weights cannot be used.
    """
    if entry.layout != "yolo":
        raise UsageError(f"model {entry.name!r} has the layout {entry.layout!r}; only detectors can be quantised")
    try:
        import onnx  # noqa: PLC0415  (the default install has none)
        from onnxruntime import quantization  # noqa: PLC0415
        from onnxruntime.quantization.quant_utils import add_pre_process_metadata  # noqa: PLC0415
    except ImportError:
        raise ModelError(NEEDS_EXTRA) from None
    network = _with_shapes(onnx, weights)
    add_pre_process_metadata(network)  # or it would advise what has been done
    partial = out.with_name(f".{out.name}.part")
    try:
        quantization.quantize_static(
            network,
            str(partial),
            _Pictures(pictures, size or entry.size, each),
            quant_format=quantization.QuantFormat.QDQ,
            op_types_to_quantize=list(QUANTISED),
            nodes_to_exclude=float_part(steps_of(network.graph.node), [door.name for door in network.graph.output]),
            per_channel=True,
            reduce_range=reduced_range,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            calibrate_method=quantization.CalibrationMethod.MinMax,
            extra_options={"CalibMovingAverage": True},
        )
        partial.replace(out)
    except OSError as error:
        raise ModelError(f"{out}: cannot be written: {error.strerror}; choose another by --out") from None
    finally:
        partial.unlink(missing_ok=True)


def float_part(steps: Sequence[Step], outputs: Iterable[str]) -> list[str]:
    """Return the names of the steps that keep their floats, in the graph's order.

    They are the FIRST convolutions and what follows them, what lies between the last convolutions and the outputs,
    those convolutions, and the activation functions that they are fed by. Steps are given in the order they run in.
    """
    decoding, last = _back_to_convolutions(steps, outputs)
    activations, _ = _back_to_convolutions(steps, [name for step in last for name in step.inputs])
    convolutions = [number for number, step in enumerate(steps) if step.kind == "Conv"]
    first = steps[: convolutions[FIRST]] if len(convolutions) > FIRST else steps
    kept = {step.name for step in (*first, *decoding, *last, *activations)}
    return [step.name for step in steps if step.name in kept]


def _back_to_convolutions(steps: Sequence[Step], tensors: Iterable[str]) -> tuple[list[Step], list[Step]]:
    """Walk back from the tensors to the nearest convolutions; return the steps on the way and the convolutions.

    Where only a shape is asked for, the way ends too: it carries no numbers.
    """
    maker = {output: step for step in steps for output in step.outputs}
    reached: dict[str, Step] = {}
    waiting = list(tensors)
    while waiting:
        step = maker.get(waiting.pop())
        if step is None or step.kind == "Shape" or step.name in reached:
            continue
        reached[step.name] = step
        if step.kind != "Conv":
            waiting += step.inputs
    on_the_way = [step for step in reached.values() if step.kind != "Conv"]
    return on_the_way, [step for step in reached.values() if step.kind == "Conv"]


def steps_of(nodes: Iterable[Any]) -> list[Step]:
    """Return the nodes of an ONNX graph in plain words."""
    return [Step(node.name, node.op_type, tuple(node.input), tuple(node.output)) for node in nodes]


def inputs_of(pictures: Iterable[Path], size: int) -> Iterator[Floats]:
    """Yield each picture as the network is given it, (1, 3, H, W) float32 RGB 0 to 1."""
    for path in pictures:
        image = read_picture(path)
        letterbox = Letterbox.around(image.shape[0], image.shape[1], size)
        planes = np.empty((1, 3, *letterbox.shape), dtype=np.float32)
        letterbox.write(image, planes[0])
        yield planes


def spread(pictures: Sequence[Path], at_most: int) -> list[Path]:
    """Return that many of the pictures, evenly spread, so that every camera of a sorted folder has its share."""
    if len(pictures) <= at_most:
        return list(pictures)
    return [pictures[number * len(pictures) // at_most] for number in range(at_most)]


class _Pictures:
    """The pictures one by one, as ONNX Runtime's calibration asks for them."""

    def __init__(self, pictures: Sequence[Path], size: int, each: Callable[[], None]) -> None:
        self._inputs = inputs_of(pictures, size)
        self._each = each

    def get_next(self) -> dict[str, Floats] | None:
        planes = next(self._inputs, None)
        if planes is None:
            return None
        self._each()
        return {"images": planes}


def _with_shapes(onnx: Any, weights: Path) -> Any:
    """Return the network with its tensors' types and shapes, and a name for every node."""
    try:
        network = onnx.shape_inference.infer_shapes(onnx.load(str(weights)))
    except OSError as error:
        raise ModelError(f"weights {weights}: {error.strerror}; reinstall or restore the file") from None
    for number, node in enumerate(network.graph.node):
        node.name = node.name or f"{node.op_type}_{number}"
    return network
