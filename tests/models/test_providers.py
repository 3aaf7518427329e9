"""Where a network runs: what is asked for, what is there, and what is said when it is not."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from ioc.errors import ModelError
from models.providers import BROKEN, EXECUTION, MISSING, TITLES, Place, Provider, choose_place, offered_places, why_cpu

EVERYWHERE: list[Place] = ["cpu", "openvino", "cuda", "tensorrt"]


@pytest.mark.parametrize("wanted", EVERYWHERE)
def test_what_is_asked_for_by_name_is_taken(wanted: Place) -> None:
    assert choose_place(wanted, EVERYWHERE) == wanted


def test_auto_takes_cuda_before_the_cpu_and_never_what_needs_a_measurement() -> None:
    assert choose_place("auto", EVERYWHERE) == "cuda"
    assert choose_place("auto", ["cpu", "tensorrt"]) == "cpu"
    assert choose_place("auto", ["cpu", "openvino"]) == "cpu"


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("cuda", r"does not offer CUDA; install onnxruntime-gpu in place of onnxruntime, or set provider = \"cpu\"$"),
        ("tensorrt", r"does not offer TensorRT; install onnxruntime-gpu .* NVIDIA TensorRT, or set provider = "),
        ("openvino", r"OpenVINO is not installed: pip install 'city-ioc\[openvino\]', or set provider = \"cpu\"$"),
    ],
)
def test_what_is_not_there_is_named_with_what_to_install(wanted: Provider, says: str) -> None:
    with pytest.raises(ModelError, match=says) as caught:
        choose_place(wanted, ["cpu"])
    assert "\n" not in str(caught.value)


def test_what_onnx_runtime_offers_is_translated_and_the_rest_left_out() -> None:
    offered = offered_places(["TensorrtExecutionProvider", "AzureExecutionProvider", "CPUExecutionProvider"])
    assert offered[:2] == ["tensorrt", "cpu"]
    assert offered[2:] == (["openvino"] if find_spec("openvino") else [])


def test_openvino_is_offered_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.providers.OPENVINO", "json")
    assert offered_places(["CPUExecutionProvider"]) == ["cpu", "openvino"]
    monkeypatch.setattr("models.providers.OPENVINO", "no_such_package")
    assert offered_places(["CPUExecutionProvider"]) == ["cpu"]


def test_auto_says_why_it_took_the_cpu() -> None:
    assert why_cpu(["cpu"]) == "this ONNX Runtime does not offer CUDA"
    assert why_cpu(["cuda", "cpu"]) == "no working driver, CUDA or cuDNN"


def test_every_place_has_a_title_and_every_one_but_the_cpu_a_way_out() -> None:
    assert set(TITLES) == set(EVERYWHERE)
    assert set(MISSING) == set(EVERYWHERE) - {"cpu"}
    assert set(BROKEN) == set(EXECUTION.values()) - {"cpu"}
    assert all("provider = " in text for text in (*MISSING.values(), *BROKEN.values()))
