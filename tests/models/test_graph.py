"""Rewriting a network changes its steps and not what it gives. Needs the package onnx, as development has it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest

from ioc.errors import ModelError
from models.graph import simplified

onnx = pytest.importorskip("onnx")

Floats = npt.NDArray[np.float32]
CHANNELS = 8


class Drawing:
    """A network that is being drawn: `images` goes in, the last step's result comes out."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._draw = np.random.default_rng(3)
        self.first = self.conv("images", 3, CHANNELS)

    def constant(self, values: object, kind: type[np.generic] = np.int64) -> str:
        name = f"constant{len(self.constants)}"
        self.constants.append(onnx.numpy_helper.from_array(np.array(values, kind), name))
        return name

    def step(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"step{len(self.nodes)}"
        self.nodes.append(onnx.helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def conv(self, tensor: str, given: int, made: int) -> str:
        weights = self.constant(self._draw.normal(0, 0.3, (made, given, 1, 1)), np.float32)
        return self.step("Conv", tensor, weights, self.constant(self._draw.normal(0, 0.3, made), np.float32))

    def save(self, path: Path, out: str) -> Path:
        floats = onnx.TensorProto.FLOAT
        self.nodes.append(onnx.helper.make_node("Identity", [out], ["output0"]))
        inputs = [onnx.helper.make_tensor_value_info("images", floats, ["batch", 3, "height", "width"])]
        outputs = [onnx.helper.make_tensor_value_info("output0", floats, None)]
        graph = onnx.helper.make_graph(self.nodes, "drawn", inputs, outputs, self.constants)
        opsets = [onnx.helper.make_opsetid("", 17)]
        onnx.save(onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
        return path


def result(model: str | bytes, images: Floats) -> Floats:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"images": images})[0], np.float32)


def rewritten(drawing: Drawing, out: str, folder: Path) -> Counter[str]:
    """Return the kinds of steps after rewriting, once it is proven that the results stay at two sizes."""
    path = drawing.save(folder / "drawn.onnx", out)
    network = simplified(path)
    for shape in ((1, 3, 32, 64), (2, 3, 64, 32)):
        images = np.random.default_rng(5).normal(0, 1, shape).astype(np.float32)
        expected = result(str(path), images)
        assert np.abs(expected).max() > 0.1
        np.testing.assert_allclose(result(network.SerializeToString(), images), expected, atol=1e-5)
    return Counter(node.op_type for node in network.graph.node)


@pytest.mark.parametrize("gate_first", [True, False])
def test_a_silu_becomes_one_step(tmp_path: Path, gate_first: bool) -> None:
    drawing = Drawing()
    gate = drawing.step("Sigmoid", drawing.first)
    out = drawing.step("Mul", *((gate, drawing.first) if gate_first else (drawing.first, gate)))
    steps = rewritten(drawing, out, tmp_path)
    assert (steps["QuickGelu"], steps["Sigmoid"], steps["Mul"]) == (1, 0, 0)


def test_a_gate_of_something_else_stays(tmp_path: Path) -> None:
    drawing = Drawing()
    other = drawing.conv("images", 3, CHANNELS)
    out = drawing.step("Mul", drawing.first, drawing.step("Sigmoid", other))
    assert rewritten(drawing, out, tmp_path)["QuickGelu"] == 0


def test_a_sigmoid_that_is_needed_elsewhere_is_kept_for_that(tmp_path: Path) -> None:
    drawing = Drawing()
    gate = drawing.step("Sigmoid", drawing.first)
    out = drawing.step("Add", drawing.step("Mul", drawing.first, gate), gate)
    steps = rewritten(drawing, out, tmp_path)
    assert (steps["QuickGelu"], steps["Sigmoid"]) == (1, 1)


def half(drawing: Drawing, begin: str, end: str) -> str:
    return drawing.step("Slice", drawing.first, begin, end, drawing.constant([1]))


def test_halves_that_are_joined_again_are_the_whole_though_their_bounds_were_computed(tmp_path: Path) -> None:
    drawing = Drawing()
    channels = drawing.step("Gather", drawing.step("Shape", drawing.first), drawing.constant([1]))
    middle = drawing.step("Div", channels, drawing.constant([2]))
    upper = half(drawing, drawing.constant([0]), middle)
    lower = half(drawing, middle, drawing.step("Mul", middle, drawing.constant([2])))
    out = drawing.step("Concat", upper, lower, drawing.step("Relu", lower), axis=1)
    steps = rewritten(drawing, out, tmp_path)
    assert (steps["Slice"], steps["Concat"]) == (1, 1)
    assert not {"Shape", "Gather", "Div"} & set(steps)


@pytest.mark.parametrize("bounds", [(0, 4, 5, 8), (0, 4, 4, 7), (1, 4, 4, 8), (4, 8, 0, 4)])
def test_other_parts_are_joined_as_they_are(tmp_path: Path, bounds: tuple[int, int, int, int]) -> None:
    drawing = Drawing()
    edges = [drawing.constant([bound]) for bound in bounds]
    parts = half(drawing, *edges[:2]), half(drawing, *edges[2:])
    steps = rewritten(drawing, drawing.step("Concat", *parts, drawing.first, axis=1), tmp_path)
    assert steps["Slice"] == 2


def enlarged(drawing: Drawing) -> str:
    small = drawing.step("MaxPool", drawing.first, kernel_shape=[2, 2], strides=[2, 2])
    scales = drawing.constant([1, 1, 2, 2], np.float32)
    how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return drawing.step("Resize", small, "", scales, **how)


def test_a_convolution_goes_before_the_enlargement(tmp_path: Path) -> None:
    drawing = Drawing()
    joined = drawing.step("Concat", enlarged(drawing), drawing.first, axis=1)
    steps = rewritten(drawing, drawing.conv(joined, 2 * CHANNELS, 4), tmp_path)
    assert (steps["Conv"], steps["Concat"], steps["Add"], steps["Resize"]) == (3, 0, 1, 1)


def test_an_enlargement_whose_join_is_needed_elsewhere_stays(tmp_path: Path) -> None:
    drawing = Drawing()
    joined = drawing.step("Concat", enlarged(drawing), drawing.first, axis=1)
    out = drawing.step("Concat", drawing.conv(joined, 2 * CHANNELS, 4), joined, axis=1)
    assert rewritten(drawing, out, tmp_path)["Conv"] == 2


def test_an_average_becomes_a_convolution(tmp_path: Path) -> None:
    drawing = Drawing()
    out = drawing.step("AveragePool", drawing.first, kernel_shape=[2, 2], count_include_pad=1)
    steps = rewritten(drawing, out, tmp_path)
    assert (steps["AveragePool"], steps["Conv"]) == (0, 2)


@pytest.mark.parametrize("shape", [{"kernel_shape": [3, 3]}, {"kernel_shape": [2, 2], "strides": [2, 2]}])
def test_another_average_stays(tmp_path: Path, shape: dict[str, list[int]]) -> None:
    drawing = Drawing()
    assert rewritten(drawing, drawing.step("AveragePool", drawing.first, **shape), tmp_path)["AveragePool"] == 1


def test_mean_distances_need_no_softmax_however_large_the_numbers(tmp_path: Path) -> None:
    drawing = Drawing()
    large = drawing.step("Mul", drawing.first, drawing.constant(10.0, np.float32))
    likely = drawing.step("Softmax", large, axis=1)
    distances = drawing.constant(np.arange(CHANNELS).reshape(1, CHANNELS, 1, 1), np.float32)
    steps = rewritten(drawing, drawing.step("Conv", likely, distances), tmp_path)
    assert (steps["Softmax"], steps["Exp"], steps["ReduceSum"]) == (0, 1, 2)


def test_a_file_that_is_missing_or_no_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.onnx: No such file or directory"):
        simplified(tmp_path / "none.onnx")
    (tmp_path / "text.onnx").write_text("not a model")
    with pytest.raises(ModelError, match=r"text\.onnx are no model"):
        simplified(tmp_path / "text.onnx")
