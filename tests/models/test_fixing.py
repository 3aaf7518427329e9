from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np
import pytest

from ioc.errors import ModelError, UsageError
from models.fixing import fix_input
from models.session import Session
from tests.models.drawn_model import Colours, write


def opened(path: Path) -> Session:
    return Session(path, hashlib.sha256(path.read_bytes()).hexdigest(), provider="cpu")


def test_a_fixed_copy_gives_the_same_and_takes_no_other_shape(tmp_path: Path) -> None:
    path, sha256 = write(tmp_path)
    out = tmp_path / "fixed.onnx"
    fix_input(path, sha256, out, (64, 96))
    free, fixed = opened(path), opened(out)
    assert (free.shape, fixed.shape) == (None, (64, 96))
    images = np.random.default_rng(1).random((2, 3, 64, 96), dtype=np.float32)
    assert np.array_equal(fixed.run(images), free.run(images))
    with pytest.raises(ModelError, match=r"failed on a batch of \(1, 3, 96, 96\)"):
        fixed.run(np.zeros((1, 3, 96, 96), np.float32))
    assert sorted(own.name for own in tmp_path.iterdir()) == ["colours.onnx", "fixed.onnx"]


def test_what_is_fixed_already_is_refused(tmp_path: Path) -> None:
    path, sha256 = write(tmp_path, Colours(shape=("batch", 3, 320, 320)))
    with pytest.raises(UsageError, match="their input is fixed already"):
        fix_input(path, sha256, tmp_path / "fixed.onnx", (64, 96))
    assert not (tmp_path / "fixed.onnx").exists()


def test_altered_weights_are_not_copied(tmp_path: Path) -> None:
    path, _ = write(tmp_path)
    with pytest.raises(ModelError, match="have been altered"):
        fix_input(path, "0" * 64, tmp_path / "fixed.onnx", (64, 96))


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    path, sha256 = write(tmp_path)
    with pytest.raises(ModelError, match=r"none/fixed\.onnx: cannot be written: No such file"):
        fix_input(path, sha256, tmp_path / "none" / "fixed.onnx", (64, 96))


def test_without_the_package_one_line_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    path, sha256 = write(tmp_path)
    with pytest.raises(ModelError, match=r"^export needs the package onnx: pip install 'city-ioc\[train\]'$"):
        fix_input(path, sha256, tmp_path / "fixed.onnx", (64, 96))
