"""OpenVINO gives what ONNX Runtime gives; these tests need the extra `openvino`."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from ioc.errors import ModelError
from models.session import Session
from tests.models.drawn_model import Colours, write

pytest.importorskip("openvino", reason="the extra `openvino` is not installed")


def pictures(batch: int, height: int, width: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.random.default_rng(batch).random((batch, 3, height, width), dtype=np.float32)


def test_it_gives_what_the_cpu_gives_for_every_shape(tmp_path: Path) -> None:
    path, sha256 = write(tmp_path)
    here, there = (Session(path, sha256, provider=provider) for provider in ("cpu", "openvino"))
    assert (there.provider, there.shape) == ("openvino", None)
    for shape in ((1, 64, 96), (3, 32, 160), (2, 96, 64)):
        images = pictures(*shape)
        np.testing.assert_allclose(there.run(images), here.run(images), atol=1e-4)


def test_outputs_are_the_caller_s_own(tmp_path: Path) -> None:
    session = Session(*write(tmp_path), provider="openvino")
    first = session.run(pictures(1, 64, 64))
    kept = first.copy()
    session.run(pictures(2, 64, 64))
    np.testing.assert_array_equal(first, kept)


def test_the_same_picture_gives_the_same_numbers(tmp_path: Path) -> None:
    session = Session(*write(tmp_path), provider="openvino", threads=2)
    images = pictures(2, 96, 96)
    np.testing.assert_array_equal(session.run(images), session.run(images))


def test_fixed_sides_are_known(tmp_path: Path) -> None:
    session = Session(*write(tmp_path, Colours(shape=(1, 3, 64, 96))), provider="openvino")
    assert session.shape == (64, 96)
    assert session.run(pictures(2, 64, 96)).shape == (2, 7, 6)


def test_what_is_no_model_is_said_in_one_line(tmp_path: Path) -> None:
    path, _ = write(tmp_path)
    path.write_bytes(b"not a model at all")

    with pytest.raises(ModelError, match="are no model that OpenVINO can run") as caught:
        Session(path, hashlib.sha256(path.read_bytes()).hexdigest(), provider="openvino")
    assert "\n" not in str(caught.value)
