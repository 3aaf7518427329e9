from __future__ import annotations

import hashlib
import logging
import re
from pathlib import Path

import numpy as np
import pytest

from ioc.errors import ModelError
from models.session import CPU, CUDA, Session, choose_provider, read_verified, runtime
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


def test_provider_follows_the_preference_and_what_is_offered() -> None:
    assert choose_provider("cpu", [CUDA, CPU]) == CPU
    assert choose_provider("auto", [CUDA, CPU]) == CUDA
    assert choose_provider("cuda", [CUDA, CPU]) == CUDA
    assert choose_provider("auto", ["AzureExecutionProvider", CPU]) == CPU


def test_cuda_that_is_not_offered_is_refused_with_the_way_out() -> None:
    with pytest.raises(
        ModelError, match=r"CUDA is not offered .* install onnxruntime-gpu .* provider = \"cpu\""
    ) as caught:
        choose_provider("cuda", ["AzureExecutionProvider", CPU])
    assert "\n" not in str(caught.value)


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
