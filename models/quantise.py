"""Makes an eight-bit copy of a detector's weights, with ranges learned from pictures. Needs the extra `train`.

Static quantisation in the form QDQ: weights in eight bits with a scale a channel, activations in eight bits with a
range that the pictures showed (see `models.ranges`), after the graph has been rewritten for it (see `models.graph`).
Convolutions alone would leave a conversion at either side of each, so what stands between them (Concat, Add, MaxPool,
Resize, Slice, Split) is quantised too; the activation functions stay in floats, where they cost less. So does the end:
after the last convolutions, boxes in hundreds of pixels are joined with scores of 0 to 1, and on one scale of 256 steps
every score would become 0. Those convolutions and what feeds them stay in floats as well: in eight bits they cost the
road detector seven points AP50 on cars, in floats some hundredths of its time. The first two convolutions look at the
most places with the fewest channels; there eight bits save nothing and cost half a point.

An activation's range is the mean over the pictures of its least and its largest value: a range that the oddest picture
stretched would leave the others too few steps.

Weights use all eight bits. A processor without VNNI multiplies signed by unsigned numbers in pairs whose sum may
overflow sixteen bits; `models.session` has ONNX Runtime use its exact kernels there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ioc.errors import ModelError, UsageError
from models.graph import simplified
from models.layouts import FORMS
from models.letterbox import Letterbox
from models.manifest import ModelEntry
from models.pictures import read_picture
from models.ranges import Range, Step, mended
from models.session import Floats

QUANTISED = ("Conv", "Concat", "Add", "MaxPool", "Resize", "Slice", "Split")
"""Kinds of steps that have eight-bit kernels worth their conversions."""

FIRST = 2
"""So many convolutions from the input on keep their floats, unless a model needs more."""


def quantise(
    entry: ModelEntry,
    weights: Path,
    out: Path,
    pictures: Sequence[Path],
    *,
    size: int | None = None,
    first: int = FIRST,
    each: Callable[[], None] = lambda: None,
) -> None:
    """Write an eight-bit copy of a detector's weights to `out`, whole or not at all.

    The pictures' activations give the ranges, at `size` pixels of the long side (the manifest's unless given); they
    should be such as the cameras deliver, a hundred or so, and none that the result is measured by. The `first` so many
    convolutions keep their floats. `each` is called after each picture. Raises UsageError for a model that is no
    detector, PictureError for a picture that cannot be read, and ModelError when the extra is missing or the weights
    cannot be used.
    """
    if entry.layout not in FORMS:
        raise UsageError(f"model {entry.name!r} has the layout {entry.layout!r}; only detectors can be quantised")
    network = simplified(weights)
    steps = steps_of(network.graph.node)
    floats = float_part(steps, [door.name for door in network.graph.output], first)
    shown = _Pictures(network.graph.input[0].name, pictures, size or entry.size, each)
    ranges = mended(_seen(network, shown), steps, floats)
    partial = out.with_name(f".{out.name}.part")
    try:
        partial.write_bytes(_converted(network, ranges, floats).SerializeToString())
        partial.replace(out)
    except OSError as error:
        raise ModelError(f"{out}: cannot be written: {error.strerror}; choose another by --out") from None
    finally:
        partial.unlink(missing_ok=True)


def _seen(network: Any, pictures: _Pictures) -> dict[str, Range]:
    """Return the range of each activation, the mean over the pictures."""
    from onnxruntime.quantization import calibrate  # noqa: PLC0415  (needs onnx)

    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        plain.write_bytes(network.SerializeToString())
        calibrator = calibrate.create_calibrator(
            plain,
            list(QUANTISED),
            augmented_model_path=str(Path(folder) / "augmented.onnx"),
            extra_options={"moving_average": True},
        )
        calibrator.collect_data(pictures)
        found = calibrator.compute_data().data
    return {name: Range(*(float(np.ravel(end)[0]) for end in data.range_value)) for name, data in found.items()}


def _converted(network: Any, ranges: Mapping[str, Range], floats: Sequence[str]) -> Any:
    """Return the network with conversions to eight bits and back where its kernels for eight bits stand."""
    from onnxruntime.quantization import QuantType, calibrate  # noqa: PLC0415  (needs onnx)
    from onnxruntime.quantization.qdq_quantizer import QDQQuantizer  # noqa: PLC0415

    data = {
        name: calibrate.TensorData(lowest=np.array(span.least, np.float32), highest=np.array(span.most, np.float32))
        for name, span in ranges.items()
    }
    quantizer = QDQQuantizer(
        network,
        per_channel=True,
        reduce_range=False,
        weight_qType=QuantType.QInt8,
        activation_qType=QuantType.QUInt8,
        tensors_range=calibrate.TensorsData(calibrate.CalibrationMethod.MinMax, data),
        nodes_to_quantize=[],
        nodes_to_exclude=list(floats),
        op_types_to_quantize=list(QUANTISED),
        extra_options={},
    )
    return quantizer.quantize_model()


def float_part(steps: Sequence[Step], outputs: Iterable[str], first: int = FIRST) -> list[str]:
    """Return the names of the steps that keep their floats, in the graph's order.

    They are the `first` convolutions and what follows them, what lies between the last convolutions and the outputs,
    those convolutions, and the activation functions that they are fed by. Steps are given in the order they run in.
    """
    decoding, last = _back_to_convolutions(steps, outputs)
    activations, _ = _back_to_convolutions(steps, [name for step in last for name in step.inputs])
    convolutions = [number for number, step in enumerate(steps) if step.kind == "Conv"]
    beginning = steps[: convolutions[first]] if len(convolutions) > first else steps
    kept = {step.name for step in (*beginning, *decoding, *last, *activations)}
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

    def __init__(self, door: str, pictures: Sequence[Path], size: int, each: Callable[[], None]) -> None:
        self._door = door
        self._inputs = inputs_of(pictures, size)
        self._each = each

    def get_next(self) -> dict[str, Floats] | None:
        planes = next(self._inputs, None)
        if planes is None:
            return None
        self._each()
        return {self._door: planes}
