"""Opens a file of weights: proves that it is the one the manifest names, and runs it where that is asked for."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as failures

from ioc.errors import ModelError
from models.manifest import Variant
from models.openvino_session import OpenVinoSession
from models.processor import processor
from models.providers import BROKEN, EXECUTION, TITLES, Place, Provider, choose_place, offered_places, why_cpu

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float32]

CPU, CUDA, TENSORRT = (
    next(name for name, place in EXECUTION.items() if place == wanted) for wanted in ("cpu", "cuda", "tensorrt")
)
CUDA_OPTIONS = {"cudnn_conv_algo_search": "HEURISTIC", "use_tf32": "0"}
"""No search for the fastest kernel and no shortened floats: two runs are to give the same numbers."""

FAILURES = (
    failures.EPFail,
    failures.EngineError,
    failures.Fail,
    failures.InvalidArgument,
    failures.InvalidGraph,
    failures.InvalidProtobuf,
    failures.NoModel,
    failures.NotImplemented,
    failures.RuntimeException,
    RuntimeError,
    ValueError,
)
"""ONNX Runtime's exceptions share no class of their own."""

ERRORS_ONLY = 3

PRECISIONS: dict[str, type[np.floating[Any]]] = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
"""What ONNX Runtime calls the numbers that pictures may be given in."""


@dataclass(frozen=True, slots=True)
class Doors:
    """What a file of weights calls its input and its output, and what it fixes of the input."""

    images: str
    output: str
    precision: type[np.floating[Any]]
    one_by_one: bool
    """Its batch is fixed at one picture."""
    shape: tuple[int, int] | None
    """Height and width where the file fixes them; None where both are free."""


class Session:
    """One model, ready to run: pictures in, float32 out, whatever the file calls its input and output.

    The file has one input (batch, 3, H, W), with a free batch or one of 1, and H and W both free or both fixed. Of
    several outputs the one named `output0` counts.

    `provider` says where it runs (see `models.providers`). Asked for "auto", it takes CUDA where ONNX Runtime offers it
    and it works, and the CPU otherwise, and logs one line that says which. Raises ModelError when the file is missing,
    has another digest, is no model that the runtime can run or has other inputs and outputs, or when what is asked for
    by name cannot be had. `variant` says what kind of file it is; it changes nothing here.
    """

    def __init__(
        self, weights: Path, sha256: str, *, provider: Provider = "auto", threads: int = 1, variant: Variant = "float32"
    ) -> None:
        content = read_verified(weights, sha256)
        offered = places()
        place = choose_place(provider, offered)
        try:
            session = _open(content, weights, place, threads)
        except ModelError:
            if provider != "auto" or place == "cpu":
                raise
            place = "cpu"
            session = _open(content, weights, place, threads)
        if provider == "auto":
            reason = f": {why_cpu(offered)}" if place == "cpu" else ""
            log.info("%s runs on %s%s", weights.name, TITLES[place], reason)
        self._doors = _doors_of(session, weights)
        self.weights = weights
        self.sha256 = sha256
        self.variant = variant
        self.provider: Place = place
        self._session = session

    @property
    def shape(self) -> tuple[int, int] | None:
        """Height and width of the only input that the file takes; None when it takes any."""
        return self._doors.shape

    def describe(self, name: str) -> dict[str, str]:
        """Return which file runs where, for the model of that name: `name`, `sha256`, `provider` and `variant`."""
        return {"name": name, "sha256": self.sha256, "provider": self.provider, "variant": self.variant}

    def run(self, images: Floats) -> Floats:
        """Return the output for a batch of images, (N, 3, H, W). Raises ModelError when the model fails on it."""
        doors = self._doors
        given = images.astype(doors.precision, copy=False)
        batches = np.split(given, len(given)) if doors.one_by_one else [given]
        try:
            outputs = [self._session.run([doors.output], {doors.images: batch})[0] for batch in batches]
        except FAILURES as error:
            raise ModelError(
                f"weights {self.weights}: failed on a batch of {images.shape}: {_one_line(error)}; restore the file, "
                "or ask for another size"
            ) from None
        return np.asarray(outputs[0] if len(outputs) == 1 else np.concatenate(outputs), dtype=np.float32)


def read_verified(weights: Path, sha256: str) -> bytes:
    """Return the file's content once its digest is proven. Raises ModelError when it is missing or another's."""
    try:
        content = weights.read_bytes()
    except OSError as error:
        raise ModelError(f"weights {weights}: {error.strerror}; reinstall or restore the file") from None
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ModelError(
            f"weights {weights} have been altered or are incomplete: expected sha256 {sha256}, found {found}; "
            "reinstall or restore the file"
        )
    return content


def runtime() -> str:
    """Return which ONNX Runtime is installed and what it offers, in a line for people."""
    offered = (name.removesuffix("ExecutionProvider") for name in onnxruntime.get_available_providers())
    return f"ONNX Runtime {onnxruntime.__version__}: {', '.join(offered)}"


def places() -> list[Place]:
    """Return where a network can run here, as far as what is installed says."""
    return offered_places(onnxruntime.get_available_providers())


def _open(content: bytes, weights: Path, place: Place, threads: int) -> Any:
    try:
        if place == "openvino":
            return OpenVinoSession(content, threads)
        return _open_onnx_runtime(content, place, threads)
    except FAILURES as error:
        name = "OpenVINO" if place == "openvino" else "ONNX Runtime"
        raise ModelError(f"weights {weights} are no model that {name} can run: {_one_line(error)}") from None


def _open_onnx_runtime(content: bytes, place: Place, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # A thread that spins while it waits takes a core from the cameras' decoders.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Without VNNI, products of unsigned and signed bytes overflow in pairs; the slower kernels give what VNNI gives.
    options.add_session_config_entry("session.x64quantprecision", "0" if "VNNI" in processor().features else "1")
    options.use_deterministic_compute = True
    options.log_severity_level = ERRORS_ONLY
    graphics: list[Any] = [(CUDA, CUDA_OPTIONS)] if place in {"cuda", "tensorrt"} else []
    wanted = [*([TENSORRT] if place == "tensorrt" else []), *graphics, CPU]
    # Its own fallback prints to standard output and hides the reason.
    session = onnxruntime.InferenceSession(content, options, providers=wanted, enable_fallback=0)
    # Without a working driver ONNX Runtime may take the CPU and say nothing.
    if EXECUTION[session.get_providers()[0]] != place:
        raise ModelError(BROKEN[place])
    return session


def _doors_of(session: Any, weights: Path) -> Doors:
    inputs = session.get_inputs()
    outputs = [door.name for door in session.get_outputs()]
    if len(inputs) != 1 or (len(outputs) > 1 and "output0" not in outputs):
        raise ModelError(
            f"weights {weights}: expected one input and one output, or among several `output0`, found "
            f"{', '.join(door.name for door in inputs)} and {', '.join(outputs)}; export the model for inference alone"
        )
    door = inputs[0]
    shape = [size if isinstance(size, int) else None for size in door.shape]
    whole = len(shape) == 4 and shape[0] in {None, 1} and shape[1] == 3 and (shape[2] is None) == (shape[3] is None)
    if not whole or door.type not in PRECISIONS:
        raise ModelError(
            f"weights {weights}: expected an input of (batch, 3, height, width) in floats, batch free or 1, height and "
            f"width both free or both fixed, found {door.shape} of {door.type}; export the model anew"
        )
    return Doors(
        images=door.name,
        output="output0" if "output0" in outputs else outputs[0],
        precision=PRECISIONS[door.type],
        one_by_one=shape[0] == 1,
        shape=None if shape[2] is None or shape[3] is None else (shape[2], shape[3]),
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
