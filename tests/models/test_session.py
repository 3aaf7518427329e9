from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import onnxruntime
import pytest

from ioc.errors import ModelError
from models.processor import Processor
from models.providers import Provider
from models.session import CPU, CUDA, TENSORRT, Session, read_verified, runtime
from tests.models.drawn_model import Colours, write

SHA = "0" * 64


def native_threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


def opened(folder: Path, network: Colours | None = None, threads: int = 1) -> Session:
    path, sha256 = write(folder, network)
    return Session(path, sha256, provider="cpu", threads=threads)


def test_runs_a_batch_and_gives_one_output_a_picture(tmp_path: Path) -> None:
    images = np.zeros((3, 3, 64, 96), dtype=np.float32)
    images[1, 0, 32:64, 64:96] = 1.0
    output = opened(tmp_path).run(images)
    assert output.shape == (3, 7, 6)
    assert output.dtype == np.float32
    assert output[1, :, 5].tolist() == [80, 48, 32, 32, 1, 0, 0]
    assert output[[0, 2], 4:].max() == 0


def test_takes_another_shape_on_every_run(tmp_path: Path) -> None:
    session = opened(tmp_path)
    for batch, height, width in ((1, 32, 32), (4, 64, 320), (2, 192, 96)):
        assert session.run(np.zeros((batch, 3, height, width), np.float32)).shape == (
            batch,
            7,
            height * width // 1024,
        )


def test_altered_weights_are_refused_with_both_digests_and_the_way_out(tmp_path: Path) -> None:
    path, sha256 = write(tmp_path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        Session(path, sha256)
    message = str(caught.value)
    assert message.startswith(f"weights {path} have been altered or are incomplete: expected sha256 {sha256}, found ")
    assert message.endswith("; reinstall or restore the file")
    assert "\n" not in message


def test_incomplete_weights_are_refused_by_their_digest(tmp_path: Path) -> None:
    path, sha256 = write(tmp_path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelError, match="altered or are incomplete"):
        read_verified(path, sha256)


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.onnx: No such file or directory; reinstall or restore the file"):
        Session(tmp_path / "none.onnx", SHA)


@pytest.mark.parametrize("content", [b"", b"not a model at all", Colours().onnx()[:-100], Colours().onnx()[:40]])
def test_a_file_of_the_right_digest_that_is_no_model_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        Session(path, hashlib.sha256(content).hexdigest(), provider="cpu")
    assert str(caught.value).startswith(f"weights {path} are no model that ONNX Runtime can run: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "network",
    [
        Colours(input="pixels", output="boxes"),
        Colours(more_outputs=("features", "masks")),
        Colours(half=True),
        Colours(shape=(1, 3, "height", "width")),
        Colours(shape=("batch", 3, 64, 96)),
        Colours(shape=(1, 3, 64, 96), half=True),
    ],
)
def test_names_halves_and_fixed_sides_make_no_difference(tmp_path: Path, network: Colours) -> None:
    images = np.zeros((3, 3, 64, 96), dtype=np.float32)
    images[1, 0, 32:64, 64:96] = 1.0
    session = opened(tmp_path, network)
    output = session.run(images)
    assert output.shape == (3, 7, 6)
    assert output.dtype == np.float32
    assert output[1, :, 5].tolist() == [80, 48, 32, 32, 1, 0, 0]
    assert session.run(images[1:2]).tolist() == output[1:2].tolist()
    assert session.shape == (None if "height" in network.shape else (64, 96))


@pytest.mark.parametrize(
    ("network", "says"),
    [
        (Colours(output="boxes", more_outputs=("features",)), "expected one input and one output, or among several"),
        (Colours(shape=(2, 3, "height", "width")), r"batch free or 1, .* found \[2, 3, 'height', 'width'\] of tensor"),
        (Colours(shape=("batch", 3, 64, "width")), "height and width both free or both fixed"),
        (Colours(shape=("batch", "channels", "height", "width")), r"expected an input of \(batch, 3, height, width\)"),
        (Colours(shape=("batch", 4, "height", "width")), r"expected an input of \(batch, 3, height, width\)"),
    ],
)
def test_a_model_of_another_layout_is_refused(tmp_path: Path, network: Colours, says: str) -> None:
    with pytest.raises(ModelError, match=says) as caught:
        opened(tmp_path, network)
    assert "\n" not in str(caught.value)


def test_pictures_of_another_size_than_the_fixed_one_fail(tmp_path: Path) -> None:
    session = opened(tmp_path, Colours(shape=("batch", 3, 64, 96)))
    with pytest.raises(ModelError, match=r"failed on a batch of \(1, 3, 96, 96\)"):
        session.run(np.zeros((1, 3, 96, 96), np.float32))


def test_a_failing_run_is_an_error_and_the_session_lives_on(tmp_path: Path) -> None:
    session = opened(tmp_path)
    with pytest.raises(ModelError, match=r"failed on a batch of \(1, 4, 32, 32\)") as caught:
        session.run(np.zeros((1, 4, 32, 32), np.float32))
    assert "\n" not in str(caught.value)
    assert session.run(np.zeros((1, 3, 32, 32), np.float32)).shape == (1, 7, 1)


class StandIn:
    """ONNX Runtime's session as it is on a machine whose `works` are the places that really work."""

    works: tuple[str, ...] = (CPU,)
    asked: ClassVar[list[Any]] = []

    def __init__(self, content: bytes, options: Any, *, providers: list[Any], enable_fallback: int) -> None:
        assert enable_fallback == 0
        StandIn.asked = providers
        self._names = [name if isinstance(name, str) else name[0] for name in providers]
        self._real = ONNX_RUNTIME(content, options, providers=[CPU])

    def get_providers(self) -> list[str]:
        return [name for name in self._names if name in self.works]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


ONNX_RUNTIME = onnxruntime.InferenceSession


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str], list[str]], None]:
    """Return what makes this machine one where ONNX Runtime offers some places and others work."""

    def make(offers: list[str], works: list[str]) -> None:
        monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: offers)
        monkeypatch.setattr(onnxruntime, "InferenceSession", StandIn)
        monkeypatch.setattr(StandIn, "works", tuple(works))

    return make


Machine = Callable[[list[str], list[str]], None]


class TestProviders:
    def test_auto_takes_cuda_where_it_works(
        self, tmp_path: Path, machine: Machine, caplog: pytest.LogCaptureFixture
    ) -> None:
        machine([TENSORRT, CUDA, CPU], [CUDA, CPU])
        with caplog.at_level(logging.INFO, logger="models.session"):
            session = Session(*write(tmp_path))
        assert session.provider == "cuda"
        assert [name if isinstance(name, str) else name[0] for name in StandIn.asked] == [CUDA, CPU]
        assert caplog.messages == ["colours.onnx runs on CUDA"]

    def test_auto_falls_back_and_says_why(
        self, tmp_path: Path, machine: Machine, caplog: pytest.LogCaptureFixture
    ) -> None:
        machine([CUDA, CPU], [CPU])
        with caplog.at_level(logging.INFO, logger="models.session"):
            assert Session(*write(tmp_path)).provider == "cpu"
        assert caplog.messages == ["colours.onnx runs on the CPU: no working driver, CUDA or cuDNN"]

    @pytest.mark.parametrize(("wanted", "title"), [("cuda", "CUDA"), ("tensorrt", "TensorRT")])
    def test_what_is_asked_for_by_name_and_does_not_work_is_refused(
        self, tmp_path: Path, machine: Machine, wanted: Provider, title: str
    ) -> None:
        machine([TENSORRT, CUDA, CPU], [CPU])
        with pytest.raises(ModelError, match=rf"^{title} cannot be used: .* install .* set provider = ") as caught:
            Session(*write(tmp_path), provider=wanted)
        assert "\n" not in str(caught.value)

    def test_tensorrt_hands_to_cuda_what_it_cannot_do(self, tmp_path: Path, machine: Machine) -> None:
        machine([TENSORRT, CUDA, CPU], [TENSORRT, CUDA, CPU])
        assert Session(*write(tmp_path), provider="tensorrt").provider == "tensorrt"
        assert [name if isinstance(name, str) else name[0] for name in StandIn.asked] == [TENSORRT, CUDA, CPU]

    def test_tensorrt_that_comes_out_as_cuda_is_no_tensorrt(self, tmp_path: Path, machine: Machine) -> None:
        machine([TENSORRT, CUDA, CPU], [CUDA, CPU])
        with pytest.raises(ModelError, match="TensorRT cannot be used"):
            Session(*write(tmp_path), provider="tensorrt")

    @pytest.mark.parametrize("wanted", ["cuda", "tensorrt"])
    def test_what_is_not_offered_is_refused_before_anything_is_opened(
        self, tmp_path: Path, machine: Machine, wanted: Provider
    ) -> None:
        machine([CPU], [CPU])
        StandIn.asked = []
        with pytest.raises(ModelError, match="does not offer"):
            Session(*write(tmp_path), provider=wanted)
        assert StandIn.asked == []


@pytest.mark.parametrize("features", [(), ("AVX2", "VNNI")])
def test_eight_bit_products_are_exact_with_and_without_vnni(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, features: tuple[str, ...]
) -> None:
    """The largest products of unsigned and signed bytes overflow sixteen bits in pairs; none may be cut off."""
    monkeypatch.setattr("models.session.processor", lambda: Processor("this", features))
    path = tmp_path / "extremes.onnx"
    path.write_bytes(extremes().SerializeToString())
    session = Session(path, hashlib.sha256(path.read_bytes()).hexdigest(), provider="cpu")
    images = np.ones((1, 3, 8, 8), np.float32)
    assert session.run(images).tolist() == [[[[3 * 16 * 255.0 * 127 / 255] * 5] * 5]]


def extremes() -> Any:
    """Return a convolution of 48 products of 255 and 127 in eight bits, whose sum is exact in floats."""
    onnx = pytest.importorskip("onnx")
    make, tensor = onnx.helper.make_node, onnx.numpy_helper.from_array
    door = onnx.helper.make_tensor_value_info
    scales = {"fine": np.float32(1 / 255), "one": np.float32(1), "coarse": np.float32(3 * 16 * 127 / 255)}
    constants = [tensor(np.array(value), name) for name, value in scales.items()]
    constants += [tensor(np.array(0, np.uint8), "zero"), tensor(np.array(0, np.int8), "middle")]
    constants.append(tensor(np.full((1, 3, 4, 4), 127, np.int8), "weights"))
    nodes = [
        make("QuantizeLinear", ["images", "fine", "zero"], ["bytes"]),
        make("DequantizeLinear", ["bytes", "fine", "zero"], ["pictures"]),
        make("DequantizeLinear", ["weights", "one", "middle"], ["kernel"]),
        make("Conv", ["pictures", "kernel"], ["sums"]),
        make("QuantizeLinear", ["sums", "coarse", "zero"], ["small"]),
        make("DequantizeLinear", ["small", "coarse", "zero"], ["output0"]),
    ]
    inputs = [door("images", onnx.TensorProto.FLOAT, ["batch", 3, "height", "width"])]
    outputs = [door("output0", onnx.TensorProto.FLOAT, None)]
    graph = onnx.helper.make_graph(nodes, "extremes", inputs, outputs, constants)
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)


def test_the_runtime_is_named_with_what_it_offers() -> None:
    assert re.fullmatch(r"ONNX Runtime \d+\.\d+\.\d+: (\w+, )*CPU(, \w+)*", runtime())


def test_auto_says_once_where_it_runs(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path, sha256 = write(tmp_path)
    with caplog.at_level(logging.INFO, logger="models.session"):
        session = Session(path, sha256, provider="auto")
    where = "CUDA" if session.provider == "cuda" else "the CPU"
    (record,) = caplog.records
    assert record.getMessage().startswith(f"colours.onnx runs on {where}")


def test_a_chosen_provider_is_not_talked_about(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="models.session"):
        assert opened(tmp_path).provider == "cpu"
    assert not caplog.records


def test_loading_and_running_print_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    opened(tmp_path).run(np.zeros((1, 3, 32, 32), np.float32))
    assert capfd.readouterr() == ("", "")


def test_compute_threads_are_as_many_as_asked_for(tmp_path: Path) -> None:
    before = native_threads()
    one = opened(tmp_path)
    assert native_threads() == before
    three = opened(tmp_path, threads=3)
    # The calling thread is one of the three.
    assert native_threads() == before + 2
    images = np.random.default_rng(1).random((2, 3, 96, 96), dtype=np.float32)
    assert np.array_equal(one.run(images), three.run(images))
