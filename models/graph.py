"""Rewrites a network's graph into one that gives the same and costs less in eight bits. Needs the extra `train`.

Each rewriting keeps what the network computes, up to the order of its sums:

- whole numbers that depend on no input's size become constants;
- `x * sigmoid(x)` becomes one step, QuickGelu, which in floats between two conversions costs two thirds of an
  eight-bit sigmoid and an eight-bit product, and loses nothing;
- both halves of a tensor, cut and joined again, become the tensor;
- a 1 × 1 convolution over something enlarged beside something else becomes two, the one before the enlargement;
- an average over 2 × 2 becomes a convolution of each channel, which has a faster eight-bit kernel;
- a softmax over distances and its mean become exponentials and two sums (the "distribution focal loss" head of YOLO).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from ioc.errors import ModelError
from models.session import FAILURES

NEEDS_EXTRA = "quantising needs the package onnx: pip install 'city-ioc[train]'"

WHOLE = ("Shape", "Gather", "Add", "Sub", "Mul", "Div", "Concat", "Unsqueeze", "Squeeze", "Cast", "Slice")
"""Kinds of steps by which exporters compute sizes and bounds."""
PROBES = ((1, 3, 64, 96), (2, 3, 96, 160))
"""Inputs of which no two sizes are alike."""
LARGEST = 60.0
"""Exponents are cut here: the sum of some e^60 is still a float32."""

Array = npt.NDArray[Any]


def onnx_package() -> Any:
    """Return the package onnx. Raises ModelError when it is not installed."""
    try:
        import onnx  # noqa: PLC0415  (the default install has none)
    except ImportError:
        raise ModelError(NEEDS_EXTRA) from None
    return onnx


class Graph:
    """A network in ONNX that is being rewritten in place."""

    def __init__(self, network: Any) -> None:
        self._onnx = onnx_package()
        self.network = network
        self.nodes = network.graph.node
        for number, node in enumerate(self.nodes):
            node.name = node.name or f"{node.op_type}_{number}"
        types = [*network.graph.input, *network.graph.value_info, *network.graph.output]
        self._types = {value.name: value.type.tensor_type for value in types}
        self._constants = {tensor.name: tensor for tensor in network.graph.initializer}

    @property
    def makers(self) -> dict[str, Any]:
        """The node that makes each tensor."""
        return {tensor: node for node in self.nodes for tensor in node.output}

    def users(self, tensor: str) -> list[Any]:
        """Return the nodes that take the tensor."""
        return [node for node in self.nodes if tensor in node.input]

    def constant(self, tensor: str) -> Array | None:
        """Return the values of a constant, or None when the tensor is none."""
        found = self._constants.get(tensor)
        return None if found is None else np.asarray(self._onnx.numpy_helper.to_array(found))

    def channels(self, tensor: str) -> int:
        """Return how many channels a tensor has, 0 when that is not known."""
        dims: Sequence[Any] = self._types[tensor].shape.dim if tensor in self._types else ()
        return int(dims[1].dim_value) if len(dims) > 1 else 0

    def is_whole(self, tensor: str) -> bool:
        """Return whether a tensor is known to hold whole numbers."""
        known = self._types.get(tensor)
        return known is not None and known.elem_type == self._onnx.TensorProto.INT64

    def keep(self, name: str, values: Array) -> str:
        """Add a constant and return its name."""
        tensor = self._onnx.numpy_helper.from_array(np.ascontiguousarray(values), name)
        self.network.graph.initializer.append(tensor)
        self._constants[name] = tensor
        return name

    def node(self, kind: str, inputs: Iterable[str], output: str, **attributes: Any) -> Any:
        """Return a new node of floats that is named for its output; it is not in the graph yet."""
        floats = self._onnx.TensorProto.FLOAT
        self.network.graph.value_info.append(self._onnx.helper.make_tensor_value_info(output, floats, None))
        return self._onnx.helper.make_node(kind, list(inputs), [output], name=f"{output}_{kind}", **attributes)

    def replace(self, old: Any, new: Iterable[Any]) -> None:
        """Put new nodes in the place of one; what then leads nowhere goes with `prune`."""
        place = list(self.nodes).index(old)
        self.nodes.remove(old)
        for node in reversed(list(new)):
            self.nodes.insert(place, node)

    def prune(self) -> None:
        """Drop the nodes and constants that nobody takes."""
        wanted = {door.name for door in self.network.graph.output}
        while True:
            used = wanted.union(tensor for node in self.nodes for tensor in node.input)
            idle = [node for node in self.nodes if not used.intersection(node.output)]
            if not idle:
                break
            for node in idle:
                self.nodes.remove(node)
        kept = [tensor for tensor in self.network.graph.initializer if tensor.name in used]
        del self.network.graph.initializer[:]
        self.network.graph.initializer.extend(kept)


def simplified(weights: Path) -> Any:
    """Return the network of a file of weights, rewritten. Raises ModelError when file or extra cannot be used."""
    onnx = onnx_package()
    try:
        network = onnx.load_model_from_string(_folded(weights.read_bytes()))
    except OSError as error:
        raise ModelError(f"weights {weights}: {error.strerror}; reinstall or restore the file") from None
    except FAILURES as error:
        raise ModelError(f"weights {weights} are no model that ONNX Runtime can run: {error}") from None
    _freeze(onnx, network)
    graph = Graph(onnx.shape_inference.infer_shapes(network))
    for rewrite in (_activations, _halves, _enlargements, _averages, _distances):
        rewrite(graph)
        graph.prune()
    known = {opset.domain for opset in graph.network.opset_import}
    if "com.microsoft" not in known:
        graph.network.opset_import.append(onnx.helper.make_opsetid("com.microsoft", 1))
    return graph.network


def _folded(content: bytes) -> bytes:
    """Return the model with what ONNX Runtime computes beforehand, and nothing that fits only this machine."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 3
    with tempfile.TemporaryDirectory() as folder:
        options.optimized_model_filepath = str(Path(folder) / "folded.onnx")
        onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        return (Path(folder) / "folded.onnx").read_bytes()


def _freeze(onnx: Any, network: Any) -> None:
    """Make constants of the whole numbers that come out alike for inputs of different sizes."""
    graph = Graph(onnx.shape_inference.infer_shapes(network))
    asked = [node.output[0] for node in graph.nodes if node.op_type in WHOLE and graph.is_whole(node.output[0])]
    if not asked:
        return
    probe = onnx.ModelProto()
    probe.CopyFrom(network)
    whole = onnx.TensorProto.INT64
    probe.graph.output.extend(onnx.helper.make_tensor_value_info(name, whole, None) for name in asked)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(probe.SerializeToString(), options, providers=["CPUExecutionProvider"])
    door = session.get_inputs()[0]
    shapes = [
        [fixed if isinstance(fixed, int) else free for fixed, free in zip(door.shape, p, strict=True)] for p in PROBES
    ]
    seen = [session.run(asked, {door.name: np.zeros(shape, np.float32)}) for shape in shapes]
    makers = {tensor: node for node in network.graph.node for tensor in node.output}
    for name, first, second in zip(asked, *seen, strict=True):
        if np.array_equal(first, second):
            network.graph.node.remove(makers[name])
            network.graph.initializer.append(onnx.numpy_helper.from_array(first, name))


def _activations(graph: Graph) -> None:
    makers = graph.makers
    for node in [node for node in graph.nodes if node.op_type == "Mul"]:
        for value, gate in (tuple(node.input), tuple(reversed(node.input))):
            maker = makers.get(gate)
            if maker is not None and maker.op_type == "Sigmoid" and maker.input[0] == value:
                domain = "com.microsoft"
                graph.replace(node, [graph.node("QuickGelu", [value], node.output[0], domain=domain, alpha=1.0)])
                break


def _halves(graph: Graph) -> None:
    makers = graph.makers
    for node in [node for node in graph.nodes if node.op_type == "Concat" and len(node.input) > 2]:
        first, second = (_cut(graph, makers.get(tensor)) for tensor in node.input[:2])
        if first is None or second is None or first[0] != second[0] or first[2] != second[1]:
            continue
        whole = first[0]
        if first[1] == 0 and second[2] >= graph.channels(whole) > 0:
            rest = list(node.input)[2:]
            graph.replace(node, [graph.node("Concat", [whole, *rest], node.output[0], axis=1)])


def _cut(graph: Graph, node: Any) -> tuple[str, int, int] | None:
    """Return the tensor whose channels a node cuts, the first of them and the first after them."""
    if node is None or node.op_type != "Slice" or len(node.input) != 4:
        return None
    begin, end, axis = (graph.constant(tensor) for tensor in node.input[1:])
    if begin is None or end is None or axis is None or axis.tolist() != [1]:
        return None
    return node.input[0], int(begin[0]), int(end[0])


def _enlargements(graph: Graph) -> None:
    makers = graph.makers
    for node in [node for node in graph.nodes if node.op_type == "Conv" and len(node.input) == 3]:
        joined = makers.get(node.input[0])
        weights = graph.constant(node.input[1])
        if weights is None or weights.shape[2:] != (1, 1) or joined is None or joined.op_type != "Concat":
            continue
        larger = makers.get(joined.input[0])
        if (
            larger is None
            or larger.op_type != "Resize"
            or len(joined.input) != 2
            or len(graph.users(node.input[0])) > 1
        ):
            continue
        out, channels = node.output[0], graph.channels(larger.input[0])
        if not channels:
            continue
        low = graph.keep(f"{out}_low_weights", weights[:, :channels])
        beside = graph.keep(f"{out}_beside_weights", weights[:, channels:])
        enlarge = graph.node("Resize", [f"{out}_low", *larger.input[1:]], f"{out}_enlarged")
        enlarge.attribute.extend(larger.attribute)
        steps = [
            graph.node("Conv", [larger.input[0], low], f"{out}_low", kernel_shape=[1, 1]),
            enlarge,
            graph.node("Conv", [joined.input[1], beside, node.input[2]], f"{out}_beside", kernel_shape=[1, 1]),
            graph.node("Add", [f"{out}_enlarged", f"{out}_beside"], out),
        ]
        graph.replace(node, steps)


def _averages(graph: Graph) -> None:
    for node in [node for node in graph.nodes if node.op_type == "AveragePool"]:
        given = {attribute.name: attribute for attribute in node.attribute}
        shapes = {name: list(given[name].ints) for name in ("kernel_shape", "strides", "pads") if name in given}
        plain = shapes.pop("kernel_shape") == [2, 2] and shapes.pop("strides", [1, 1]) == [1, 1]
        channels = graph.channels(node.input[0])
        if plain and channels and not any(shapes.get("pads", ())):
            quarter = graph.keep(f"{node.output[0]}_quarter", np.full((channels, 1, 2, 2), 0.25, np.float32))
            shape = {"kernel_shape": [2, 2], "group": channels}
            graph.replace(node, [graph.node("Conv", [node.input[0], quarter], node.output[0], **shape)])


def _distances(graph: Graph) -> None:
    makers = graph.makers
    for node in [node for node in graph.nodes if node.op_type == "Conv" and len(node.input) == 2]:
        likely = makers.get(node.input[0])
        weights = graph.constant(node.input[1])
        if likely is None or likely.op_type != "Softmax" or weights is None or weights.shape[::2] != (1, 1):
            continue
        if [attribute.i for attribute in likely.attribute if attribute.name == "axis"] != [1]:
            continue
        out = node.output[0]
        bounds = [
            graph.keep(f"{out}_{name}", np.array(sign * LARGEST, np.float32))
            for name, sign in (("least", -1), ("most", 1))
        ]
        far = graph.keep(f"{out}_distances", weights)
        axis = graph.keep(f"{out}_axis", np.array([1], np.int64))
        steps = [
            graph.node("Clip", [likely.input[0], *bounds], f"{out}_bounded"),
            graph.node("Exp", [f"{out}_bounded"], f"{out}_powers"),
            graph.node("Mul", [f"{out}_powers", far], f"{out}_weighted"),
            graph.node("ReduceSum", [f"{out}_weighted", axis], f"{out}_above"),
            graph.node("ReduceSum", [f"{out}_powers", axis], f"{out}_below"),
            graph.node("Div", [f"{out}_above", f"{out}_below"], out),
        ]
        graph.replace(node, steps)
