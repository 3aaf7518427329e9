"""`ioc models pull` as a person meets it; the network is a stand-in that gives the colour network or fails."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

import models.pull
from ioc.__main__ import run_command
from ioc.errors import ModelError
from models.manifest import load_manifest
from tests.models.drawn_model import Colours
from tests.models.drawn_set import picture

CONTENT = Colours(layout="yolov5", input="pixels", half=True).onnx()


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def give(url: str, into: Path, *, sha256: str, size: int, each: Callable[[int], None]) -> bool:
        if "broken" in url:
            raise ModelError(f"{url}: cannot be fetched: no route; this needs a network")
        fresh = not into.exists()
        into.parent.mkdir(parents=True, exist_ok=True)
        into.write_bytes(CONTENT)
        each(size)
        return fresh

    monkeypatch.setattr(models.pull, "pull", give)
    digest = hashlib.sha256(CONTENT).hexdigest()
    text = '[words.colours]\nlabels = ["Red", "green", "blue"]\nuse = { Red = "car" }\n'
    for name in ("colours", "again", "broken"):
        text += (
            f'[[model]]\nname = "{name}"\npublisher = "Us"\nurl = "https://models.example/{name}.onnx"\n'
            f'sha256 = "{digest}"\nbytes = {len(CONTENT)}\nlayout = "yolov5"\nwords = "colours"\nlicence = "MIT"\n'
        )
    path = tmp_path / "catalogue.toml"
    path.write_text(text, encoding="utf-8")
    return path


def pull(catalogue: Path, *arguments: object) -> int:
    return run_command(["models", "pull", *map(str, arguments), "--catalogue", str(catalogue)])


def test_without_a_name_it_lists_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["models", "pull"]) == 0
    shown = capsys.readouterr().out
    assert "yolo26n: 9.9 MB, layout yolo-end2end, AGPL-3.0-only, Ultralytics\n  https://github.com/" in shown


def test_what_was_pulled_detects(tmp_path: Path, catalogue: Path, capsys: pytest.CaptureFixture[str]) -> None:
    into = tmp_path / "models"
    assert pull(catalogue, "colours", "again", "--into", into) == 0
    assert pull(catalogue, "colours", "--into", into) == 0
    first, second, hint, third, _ = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{into / 'weights' / 'colours.onnx'}: fetched, sha256 ")
    assert second.startswith(f"{into / 'weights' / 'again.onnx'}: fetched")
    assert third.startswith(f"{into / 'weights' / 'colours.onnx'}: already there")
    assert hint == f"Try: ioc detect IMAGE --manifest {into / 'manifest.toml'}"
    assert [entry.name for entry in load_manifest(into / "manifest.toml").model] == ["colours", "again"]
    cv2.imwrite(str(tmp_path / "a.png"), picture(("red", 2, 2)))
    arguments = [
        str(tmp_path / "a.png"),
        "--manifest",
        str(into / "manifest.toml"),
        "--model",
        "again",
        "--size",
        "320",
    ]
    assert run_command(["detect", *arguments]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'a.png'}: car 1.00\n"


def test_a_fetch_that_fails_is_one_line_and_enters_nothing(
    tmp_path: Path, catalogue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert pull(catalogue, "broken", "--into", tmp_path / "models") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line == "ioc: https://models.example/broken.onnx: cannot be fetched: no route; this needs a network"
    assert not (tmp_path / "models" / "manifest.toml").exists()


def test_another_model_of_the_same_name_stays(
    tmp_path: Path, catalogue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert pull(catalogue, "colours", "--into", tmp_path / "models") == 0
    manifest = tmp_path / "models" / "manifest.toml"
    manifest.write_text(manifest.read_text().replace('"car"', '"bus"'))
    before = manifest.read_text()
    assert pull(catalogue, "colours", "--into", tmp_path / "models") == 2
    assert "has another model 'colours'; take it out, or name another --into" in capsys.readouterr().err
    assert manifest.read_text() == before


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["colours"], 2, "--into is missing: name a folder for the models"),
        (["flowers", "--into", "x"], 1, "no model 'flowers'; there are: colours, again, broken"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    catalogue: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, line: str
) -> None:
    assert pull(catalogue, *arguments) == code
    (said,) = capsys.readouterr().err.splitlines()
    assert line in said
