"""`ioc models export` as a person meets it; a stand-in opens the checkpoint, since tests have no torch."""

from __future__ import annotations

import importlib.util
import sys
import types
from dataclasses import dataclass
from pathlib import Path

import cv2
import pytest

from ioc.__main__ import run_command
from ioc.commands.models_export import plain_name, sides, usable
from ioc.errors import ModelError, UsageError
from models.detector import load_detectors
from models.manifest import load_manifest
from tests.models.drawn_model import Colours
from tests.models.drawn_set import draw_manifest, picture


@dataclass(frozen=True)
class Made:
    layout: str = "yolo-end2end"
    labels: tuple[str, ...] = ("person", "Green thing", "car")
    licence: str | None = "AGPL-3.0"
    shape: tuple[int, int] | None = (320, 320)


@pytest.fixture
def checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file, and have the exporter take it for the colour network."""

    def export_checkpoint(source: Path, out: Path, shape: tuple[int, int] | None) -> Made:
        if source.read_bytes() != b"colours":
            raise ModelError(f"{source} is no checkpoint that Ultralytics opens")
        sides = ("height", "width") if shape is None else shape
        out.write_bytes(Colours(layout="yolo-end2end", shape=("batch", 3, *sides)).onnx())
        return Made(shape=shape)

    stand_in = types.ModuleType("models.training.checkpoint")
    stand_in.export_checkpoint = export_checkpoint  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "models.training.checkpoint", stand_in)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    path = tmp_path / "Đường best-1.pt"
    path.write_bytes(b"colours")
    return path


def export(source: object, out: Path, *more: object) -> int:
    return run_command(["models", "export", *map(str, (source, "--out", out, *more))])


def said(capsys: pytest.CaptureFixture[str]) -> str:
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_a_checkpoint_and_the_table_it_prints_detect(
    tmp_path: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "weights").mkdir()
    out = tmp_path / "weights" / "best.onnx"
    assert export(checkpoint, out, "--trust", "--input", "320x320") == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"# {out}: 0.0 MB. For the manifest beside the folder weights/:\n[[model]]\n")
    manifest = tmp_path / "ours.toml"
    manifest.write_text(printed, encoding="utf-8")
    entry = load_manifest(manifest).named("ng_best_1")
    assert (entry.layout, entry.size, entry.licence) == ("yolo-end2end", 320, "AGPL-3.0")
    assert (entry.labels, entry.finds) == (("person", "Green thing", "car"), ("person", "car"))
    (detector,) = load_detectors(manifest=load_manifest(manifest))
    (found,) = detector.detect([picture(("red", 1, 1), ("green", 3, 3), ("blue", 5, 5))], threshold=0.5)
    assert sorted(seen.label for seen in found) == ["car", "person"]


def test_a_checkpoint_is_not_opened_without_trust(
    tmp_path: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(checkpoint, tmp_path / "best.onnx") == 2
    assert "opening a checkpoint runs whatever code its author put into it; give --trust if" in said(capsys)
    assert not (tmp_path / "best.onnx").exists()


def test_what_is_no_checkpoint_is_one_line(
    tmp_path: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint.write_bytes(b"something else")
    assert export(checkpoint, tmp_path / "best.onnx", "--trust") == 1
    assert "is no checkpoint that Ultralytics opens" in said(capsys)


@pytest.mark.parametrize("package", ["torch", "ultralytics", "onnx"])
def test_without_the_extra_one_line_names_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == package else name)
    assert export(tmp_path / "best.pt", tmp_path / "best.onnx", "--trust") == 1
    assert said(capsys) == "ioc: a checkpoint needs torch, ultralytics and onnx: pip install 'city-ioc[train]'"


def test_a_model_of_ours_with_a_fixed_input_finds_what_it_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = draw_manifest(tmp_path)
    out = tmp_path / "weights" / "Fixed.onnx"
    assert export("colours", out, "--input", "320x320", "--manifest", manifest) == 0
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text + capsys.readouterr().out, encoding="utf-8")
    assert [entry.name for entry in load_manifest(manifest).model] == ["colours", "fixed"]
    cv2.imwrite(str(tmp_path / "a.png"), picture(("red", 2, 2)))
    lines = []
    for name in ("colours", "fixed"):
        assert run_command(["detect", str(tmp_path / "a.png"), "--manifest", str(manifest), "--model", name]) == 0
        lines.append(capsys.readouterr().out)
    assert lines == [f"{tmp_path / 'a.png'}: red 1.00\n"] * 2


def test_the_input_of_a_reader_cannot_be_fixed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export("plate_reader", tmp_path / "reader.onnx", "--input", "160x64") == 2
    assert "model 'plate_reader' is no detector; the input of the others cannot be fixed" in said(capsys)


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["colours", "--out", "weights/x.onnx"], 2, "is 'colours' as ONNX; give --input, such as 640x384"),
        (["colours", "--out", "weights/x.onnx", "--input", "640"], 2, "--input 640: expected width x height"),
        (["colours", "--out", "x.pt", "--input", "64x64"], 2, "expected the name of a file that ends in .onnx"),
        (["colours", "--out", "none/x.onnx", "--input", "64x64"], 2, "no folder none; make it first"),
        (["flowers", "--out", "weights/x.onnx", "--input", "64x64"], 1, "no model 'flowers'; there are: colours"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    line: str,
) -> None:
    manifest = draw_manifest(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run_command(["models", "export", *arguments, "--manifest", str(manifest)]) == code
    assert line in said(capsys)


def test_sides() -> None:
    assert sides("640x384") == (384, 640)
    for bad in ("640", "640x", "x384", "640x380", "-64x64", "8192x64", "64x64x64", "²x64"):
        with pytest.raises(UsageError, match="expected width x height"):
            sides(bad)


def test_names_and_labels_that_a_manifest_takes() -> None:
    assert [plain_name(stem) for stem in ("best", "YOLO v8-n", "_x", "a" * 99)] == ["best", "yolo_v8_n", "x", "a" * 64]
    assert usable(("person", "Xe máy")) == {"person": "person"}
    assert usable(("dog", "cat")) == {}
    assert usable(("Xe máy", "dog")) == {"Xe máy": "label 0", "dog": "dog"}
