"""Opens a file of weights: proves that it is the one the manifest names, and runs it on the CPU or on CUDA."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as failures

from ioc.errors import ModelError

log = logging.getLogger(__name__)

Provider = Literal["auto", "cpu", "cuda"]
Floats = npt.NDArray[np.float32]

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
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

NO_DRIVER = (
    "CUDA cannot be used: ONNX Runtime found no working driver, CUDA or cuDNN; install those that its release notes "
    'name, or set provider = "cpu"'
)


class Session:
    """One model, ready to run: input `images`, output `output0`, both float32.

    `provider` says where it runs. Asked for "auto", it takes CUDA where ONNX Runtime offers it and it works, and the
    CPU otherwise, and logs one line that says which. Raises ModelError when the file is missing, has another digest, is
    no model that ONNX Runtime can run or has other inputs and outputs, or when CUDA is asked for and cannot be had.
    """

    def __init__(self, weights: Path, sha256: str, *, provider: Provider = "auto", threads: int = 1) -> None:
        content = read_verified(weights, sha256)
        wanted = choose_provider(provider, onnxruntime.get_available_providers())
        reason = "this ONNX Runtime does not offer CUDA" if wanted == CPU else "no working driver, CUDA or cuDNN"
        try:
            session = _open(content, weights, wanted, threads)
        except ModelError as error:
            if provider != "auto" or wanted == CPU:
                raise
            reason = str(error)
            session = _open(content, weights, CPU, threads)
        # Without a working driver ONNX Runtime may take the CPU and say nothing.
        runs_on = session.get_providers()[0]
        if provider == "cuda" and runs_on != CUDA:
            raise ModelError(NO_DRIVER)
        if provider == "auto":
            log.info("%s runs on %s", weights.name, "CUDA" if runs_on == CUDA else f"the CPU: {reason}")
        _check_doors(session, weights)
        self.weights = weights
        self.sha256 = sha256
        self.provider: Literal["cpu", "cuda"] = "cuda" if runs_on == CUDA else "cpu"
        self._session = session

    def run(self, images: Floats) -> Floats:
        """Return `output0` for a batch of images, (N, 3, H, W). Raises ModelError when the model fails on it."""
        try:
            (output,) = self._session.run(["output0"], {"images": images})
        except FAILURES as error:
            raise ModelError(
                f"weights {self.weights}: failed on a batch of {images.shape}: {_one_line(error)}; restore the file, "
                "or ask for another size"
            ) from None
        return np.asarray(output, dtype=np.float32)


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


def choose_provider(preference: Provider, offered: Sequence[str]) -> str:
    """Return the provider to ask ONNX Runtime for. Raises ModelError when CUDA is wanted and not offered."""
    if preference == "cpu":
        return CPU
    if CUDA in offered:
        return CUDA
    if preference == "cuda":
        raise ModelError(
            f"CUDA is not offered by this ONNX Runtime (it offers {', '.join(offered)}); install onnxruntime-gpu in "
            'place of onnxruntime, or set provider = "cpu"'
        )
    return CPU


def _open(content: bytes, weights: Path, provider: str, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # A thread that spins while it waits takes a core from the cameras' decoders.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.use_deterministic_compute = True
    options.log_severity_level = ERRORS_ONLY
    providers = [(CUDA, CUDA_OPTIONS), CPU] if provider == CUDA else [CPU]
    try:
        # Its own fallback prints to standard output and hides the reason.
        return onnxruntime.InferenceSession(content, options, providers=providers, enable_fallback=0)
    except FAILURES as error:
        raise ModelError(f"weights {weights} are no model that ONNX Runtime can run: {_one_line(error)}") from None


def _check_doors(session: Any, weights: Path) -> None:
    inputs = {door.name: door.shape for door in session.get_inputs()}
    outputs = {door.name for door in session.get_outputs()}
    if set(inputs) != {"images"} or "output0" not in outputs:
        raise ModelError(
            f"weights {weights}: expected input `images` and output `output0`, found {', '.join(inputs)} and "
            f"{', '.join(sorted(outputs))}; export the model in the layout that the manifest names"
        )
    shape = inputs["images"]
    free = len(shape) == 4 and not any(isinstance(shape[axis], int) for axis in (0, 2, 3))
    if not free or shape[1] != 3:
        raise ModelError(
            f"weights {weights}: expected input `images` of (batch, 3, height, width) with all but 3 free, found "
            f"{shape}; export the model with dynamic axes"
        )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
