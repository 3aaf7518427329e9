"""The arrays of an exported reader are found by what the export makes of a network, here drawn node by node."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from ioc.errors import ModelError
from models.manifest import load_manifest
from models.training.plate_start import Array, read_exported

WIDTH = 4


def array(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng([seed, *shape]).normal(size=shape).astype(np.float32)


def exported(path: Path, *, places: int = 2, height: bool = True) -> dict[str, Array]:
    """Write a network with two folded convolutions, one that stands alone, and what is added to each line."""
    arrays = {
        "onnx::Conv_1": array(WIDTH, 3, 3, 3),
        "onnx::Conv_2": array(WIDTH),
        "network.attention.weight": array(2, WIDTH, 3, 3),
        "network.attention.bias": array(2),
        "onnx::Conv_3": array(WIDTH, WIDTH, 3, 3, seed=1),
        "onnx::Conv_4": array(WIDTH, seed=1),
        **{f"onnx::Add_{line}": array(1, WIDTH, 1, seed=line) for line in range(places)},
        **({"network.height": array(1, 2, 8, 1)} if height else {}),
    }
    nodes = [
        helper.make_node("Conv", ["images", "onnx::Conv_1", "onnx::Conv_2"], ["first"], pads=[1] * 4),
        helper.make_node("Conv", ["first", "onnx::Conv_3", "onnx::Conv_4"], ["second"], pads=[1] * 4),
        helper.make_node(
            "Conv", ["second", "network.attention.weight", "network.attention.bias"], ["seen"], pads=[1] * 4
        ),
        *(helper.make_node("Add", ["second", f"onnx::Add_{line}"], [f"line{line}"]) for line in range(places)),
        helper.make_node("Identity", ["onnx::Conv_3"], ["copy"]),
        helper.make_node("Conv", ["second", "copy", "onnx::Conv_4"], ["output0"], pads=[1] * 4),
    ]
    write(path, nodes, arrays)
    return arrays


def write(path: Path, nodes: Sequence[onnx.NodeProto], arrays: dict[str, Array]) -> None:
    door = helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, 64, 160])
    out = helper.make_tensor_value_info("output0", TensorProto.FLOAT, None)
    kept = [numpy_helper.from_array(value, name) for name, value in arrays.items()]
    onnx.save(helper.make_model(helper.make_graph(nodes, "drawn", [door], [out], kept)), str(path))


def test_folded_convolutions_come_in_the_order_of_computing_and_once(tmp_path: Path) -> None:
    arrays = exported(tmp_path / "r.onnx")
    found = read_exported(tmp_path / "r.onnx").convolutions
    assert len(found) == 2, "the copy for the lower line is the same convolution"
    for (weight, bias), (one, other) in zip(found, [(1, 2), (3, 4)], strict=True):
        assert np.array_equal(weight, arrays[f"onnx::Conv_{one}"])
        assert np.array_equal(bias, arrays[f"onnx::Conv_{other}"])


def test_what_is_added_to_the_lines_is_put_together(tmp_path: Path) -> None:
    arrays = exported(tmp_path / "r.onnx")
    places = read_exported(tmp_path / "r.onnx").places
    assert places.shape == (1, 2, WIDTH, 1)
    assert np.array_equal(places[:, 0], arrays["onnx::Add_0"])
    assert np.array_equal(places[:, 1], arrays["onnx::Add_1"])


def test_other_arrays_keep_their_names_in_the_network(tmp_path: Path) -> None:
    exported(tmp_path / "r.onnx")
    named = read_exported(tmp_path / "r.onnx").named
    assert set(named) == {"attention.weight", "attention.bias", "height"}
    assert all(value.dtype == np.float32 for value in named.values())


def test_the_bundled_reader_is_one_to_go_on_from() -> None:
    manifest = load_manifest()
    found = read_exported(manifest.weights(manifest.named("plate_reader")))
    assert len(found.convolutions) == 11
    assert found.places.shape == (1, 2, 96, 1)
    assert {"head.weight", "head.bias", "attention.weight", "height"} <= set(found.named)
    assert found.named["head.weight"].shape[0] == len(manifest.named("plate_reader").labels) + 1


@pytest.mark.parametrize(("places", "height"), [(1, True), (3, True), (2, False)])
def test_another_network_is_told_from_a_reader(tmp_path: Path, places: int, height: bool) -> None:
    exported(tmp_path / "r.onnx", places=places, height=height)
    with pytest.raises(ModelError, match="another network than this recipe exports: give --start"):
        read_exported(tmp_path / "r.onnx")


def test_a_file_that_is_missing_or_no_network_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.onnx is missing: give an exported plate reader"):
        read_exported(tmp_path / "none.onnx")
    (tmp_path / "text.onnx").write_text("no network")
    with pytest.raises(ModelError, match=r"text\.onnx is no ONNX file"):
        read_exported(tmp_path / "text.onnx")
