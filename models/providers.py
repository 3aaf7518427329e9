"""Where a network can run: what is asked for, what is there, and what to install for what is missing.

`cpu`, `cuda` and `tensorrt` are ONNX Runtime's, `openvino` is a runtime of its own. `auto` takes CUDA where it is
offered and the CPU otherwise. It never takes TensorRT, which builds an engine for minutes, nor OpenVINO: which of the
two runtimes is cheaper on a CPU is measured (`models.variants`).
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Literal

from ioc.errors import ModelError

Provider = Literal["auto", "cpu", "openvino", "cuda", "tensorrt"]
Place = Literal["cpu", "openvino", "cuda", "tensorrt"]

EXECUTION: dict[str, Place] = {
    "CPUExecutionProvider": "cpu",
    "CUDAExecutionProvider": "cuda",
    "TensorrtExecutionProvider": "tensorrt",
}
"""ONNX Runtime's own words for the places where it runs."""

TITLES: dict[Place, str] = {"cpu": "the CPU", "openvino": "OpenVINO", "cuda": "CUDA", "tensorrt": "TensorRT"}

OPENVINO = "openvino"

MISSING: dict[Place, str] = {
    "cuda": "this ONNX Runtime does not offer CUDA; install onnxruntime-gpu in place of onnxruntime, or set "
    'provider = "cpu"',
    "tensorrt": "this ONNX Runtime does not offer TensorRT; install onnxruntime-gpu in place of onnxruntime, and "
    'NVIDIA TensorRT, or set provider = "cuda" or "cpu"',
    "openvino": "OpenVINO is not installed: pip install 'city-ioc[openvino]', or set provider = \"cpu\"",
}

BROKEN: dict[Place, str] = {
    "cuda": "CUDA cannot be used: ONNX Runtime found no working driver, CUDA or cuDNN; install those that its "
    'release notes name, or set provider = "cpu"',
    "tensorrt": "TensorRT cannot be used: ONNX Runtime found no working driver, CUDA or TensorRT; install those that "
    'its release notes name, or set provider = "cuda" or "cpu"',
}
"""What is said when a place is offered and does not work."""


def offered_places(execution: Sequence[str]) -> list[Place]:
    """Return where a network could run here, given what ONNX Runtime offers."""
    places = [EXECUTION[name] for name in execution if name in EXECUTION]
    return [*places, "openvino"] if find_spec(OPENVINO) is not None else places


def choose_place(wanted: Provider, offered: Sequence[Place]) -> Place:
    """Return where to run. Raises ModelError, one line with the way out, when what is wanted by name is not there."""
    if wanted == "auto":
        return "cuda" if "cuda" in offered else "cpu"
    if wanted not in offered:
        raise ModelError(MISSING[wanted])
    return wanted


def why_cpu(offered: Sequence[Place]) -> str:
    """Return why "auto" took the CPU."""
    return "no working driver, CUDA or cuDNN" if "cuda" in offered else "this ONNX Runtime does not offer CUDA"
