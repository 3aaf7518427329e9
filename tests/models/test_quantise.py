"""Eight-bit copies: what stays in floats, what calibration is shown, and the copy itself where `onnx` is installed."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from ioc.errors import ModelError, UsageError
from ioc.geometry import iou
from models.bench import noise, open_weights
from models.detector import Detector
from models.graph import NEEDS_EXTRA
from models.letterbox import Letterbox
from models.manifest import load_manifest
from models.pictures import PictureError
from models.quantise import float_part, inputs_of, quantise, spread, steps_of
from models.ranges import Step
from tests.models.test_road_weights import street


def step(name: str, inputs: str) -> Step:
    """Return a step whose kind is the start of its name and whose output is its name."""
    return Step(name, name.split("_", maxsplit=1)[0], tuple(inputs.split()), (name,))


NETWORK = [
    step("Conv_first", "images"),
    step("Mul_first", "Conv_first"),
    step("Conv_second", "Mul_first"),
    step("Mul_second", "Conv_second"),
    step("Conv_stem", "Mul_second"),
    step("Sigmoid_stem", "Conv_stem"),
    step("Mul_stem", "Conv_stem Sigmoid_stem"),
    step("Conv_box", "Mul_stem"),
    step("Sigmoid_box", "Conv_box"),
    step("Mul_box", "Conv_box Sigmoid_box"),
    step("Conv_lastbox", "Mul_box"),
    step("Conv_score", "Mul_stem"),
    step("Sigmoid_score", "Conv_score"),
    step("Mul_score", "Conv_score Sigmoid_score"),
    step("Conv_lastscore", "Mul_score"),
    step("Shape_places", "Mul_stem"),
    step("Mul_grid", "Shape_places two"),
    step("Add_corners", "Conv_lastbox Mul_grid"),
    step("Sigmoid_probability", "Conv_lastscore"),
    step("Concat_output", "Add_corners Sigmoid_probability"),
]


class TestFloatPart:
    def test_the_beginning_and_the_end_keep_their_floats_and_the_rest_does_not(self) -> None:
        kept = float_part(NETWORK, ["Concat_output"])
        assert kept == [
            "Conv_first",
            "Mul_first",
            "Conv_second",
            "Mul_second",
            "Sigmoid_box",
            "Mul_box",
            "Conv_lastbox",
            "Sigmoid_score",
            "Mul_score",
            "Conv_lastscore",
            "Mul_grid",
            "Add_corners",
            "Sigmoid_probability",
            "Concat_output",
        ]

    def test_more_of_the_beginning_can_be_kept(self) -> None:
        kept = float_part(NETWORK, ["Concat_output"], first=3)
        assert kept[4:7] == ["Conv_stem", "Sigmoid_stem", "Mul_stem"]

    def test_a_shape_does_not_drag_the_backbone_along(self) -> None:
        assert not {"Mul_stem", "Sigmoid_stem", "Shape_places"} & set(float_part(NETWORK, ["Concat_output"]))

    def test_a_network_without_convolutions_keeps_everything(self) -> None:
        steps = [step("Add_a", "images"), step("Mul_b", "Add_a")]
        assert float_part(steps, ["Mul_b"]) == ["Add_a", "Mul_b"]

    def test_a_network_of_two_convolutions_keeps_everything(self) -> None:
        steps = [step("Conv_a", "images"), step("Mul_b", "Conv_a"), step("Conv_c", "Mul_b")]
        assert float_part(steps, ["Conv_c"]) == ["Conv_a", "Mul_b", "Conv_c"]

    def test_a_circle_ends(self) -> None:
        assert float_part([step("Add_a", "Add_b"), step("Add_b", "Add_a")], ["Add_a"]) == ["Add_a", "Add_b"]


def test_nodes_are_taken_as_they_stand() -> None:
    node = SimpleNamespace(name="n", op_type="Conv", input=["x", "w"], output=["y"])
    assert steps_of([node]) == [Step("n", "Conv", ("x", "w"), ("y",))]


def test_calibration_is_shown_what_the_detector_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), street(1))
    (planes,) = inputs_of([path], 320)
    letterbox = Letterbox.around(360, 640, 320)
    expected = np.empty((3, *letterbox.shape), dtype=np.float32)
    letterbox.write(street(1), expected)
    np.testing.assert_array_equal(planes[0], expected)


def test_a_picture_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(PictureError, match=r"a\.png"):
        next(inputs_of([tmp_path / "a.png"], 320))


def test_pictures_are_spread_over_the_folder() -> None:
    paths = [Path(f"{number}.png") for number in range(10)]
    assert [path.stem for path in spread(paths, 4)] == ["0", "2", "5", "7"]
    assert spread(paths, 10) == spread(paths, 99) == paths


def test_only_detectors_can_be_quantised(tmp_path: Path) -> None:
    reader = load_manifest().named("road").model_copy(update={"layout": "ctc"})
    with pytest.raises(UsageError, match="only detectors can be quantised"):
        quantise(reader, tmp_path / "in.onnx", tmp_path / "out.onnx", [])


def test_without_the_extra_one_line_names_it(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['onnx'] = None\n"
        "from pathlib import Path; from ioc.__main__ import run_command\n"
        f"sys.exit(run_command(['models', 'quantise', 'road', '--data', {str(tmp_path)!r}, '--out', 'x.onnx']))"
    )
    cv2.imwrite(str(tmp_path / "a.png"), street(1))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, f"ioc: {NEEDS_EXTRA}\n")
    assert "pip install 'city-ioc[train]'" in done.stderr
    assert not (tmp_path / "x.onnx").exists()


def test_the_copy_is_small_and_sees_the_same_or_says_what_it_needs(tmp_path: Path) -> None:
    manifest = load_manifest()
    road = manifest.named("road")
    paths = []
    for number in range(3):
        paths.append(tmp_path / f"{number}.png")
        cv2.imwrite(str(paths[-1]), street(number))
    out = tmp_path / "int8.onnx"
    if find_spec("onnx") is None:
        with pytest.raises(ModelError, match="city-ioc"):
            quantise(road, manifest.weights(road), out, paths, size=320)
        return
    quantise(road, manifest.weights(road), out, paths, size=320)
    assert out.stat().st_size < 0.4 * manifest.weights(road).stat().st_size
    assert [path.name for path in tmp_path.glob("*.onnx*")] == ["int8.onnx"]
    whole, eight = Detector.load("road", provider="cpu"), Detector(road, open_weights(out, 1))
    (expected,), (found,) = (one.detect([street(1)], threshold=0.02, size=320) for one in (whole, eight))
    assert expected
    best = expected[0]
    assert max(iou(best.box, item.box) for item in found if item.label == best.label) > 0.7
    assert np.isfinite(open_weights(out, 1).run(noise(road, 320, 2))).all()
    first = out.read_bytes()
    quantise(road, manifest.weights(road), out, paths, size=320)
    assert out.read_bytes() == first
