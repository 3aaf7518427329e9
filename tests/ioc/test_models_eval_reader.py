"""`ioc models eval` of a plate reader: on drawn plates, and on a folder of crops that a user has labelled."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from ioc.__main__ import run_command
from ioc.plate_confusion import Confusions
from models.manifest import load_manifest
from models.training.plate_designs import MOTORBIKE, Design
from models.training.plate_drawing import draw_plate


def evaluate(*options: object) -> int:
    return run_command(["models", "eval", "plate_reader", *map(str, options)])


@pytest.fixture
def crops(tmp_path: Path) -> Path:
    """Return a folder of four drawn crops, one of them labelled wrong."""
    rows = ["file,upper,lower"]
    for number, (upper, lower) in enumerate([("98-B1", "123.45"), ("99-C2", "678.90"), ("29-D3", "246.80")]):
        image = draw_plate(Design((upper, lower), MOTORBIKE, "white"), np.random.default_rng(number)).image
        cv2.imwrite(str(tmp_path / f"{number}.png"), cv2.resize(image, (240, 180)))
        rows.append(f"{number}.png,{upper},{lower}")
    rows.append("0.png,98-B1,123.46")
    (tmp_path / "texts.csv").write_text("\ufeff" + "\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path


def test_crops_of_ones_own_are_measured_and_what_is_taken_for_what_is_written_down(
    crops: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = crops / "confusions.json"
    assert evaluate("--data", crops, "--confusions", out) == 0
    said = capsys.readouterr().out
    assert "two-line" in said
    assert "0.7500" in said, "three of four"
    assert "6 read as 5: 1" in said
    found = Confusions.from_json(out.read_text())
    assert found.counts["6", "5"] == 1
    assert sum(found.counts.values()) == 4 * 9
    assert (sum(found.sureness.right), sum(found.sureness.wrong)) == (35, 1)


def test_drawn_plates_need_no_folder_and_the_figures_come_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate("--drawn", 1, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["sha256"] == load_manifest().named("plate_reader").sha256
    assert found["groups"]["drawn, car_long"]["crops"] == 1
    assert found["confusions"]["1>1"] > 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "nothing to read: give --data, a folder of crops, or --drawn"),
        (("--drawn", 1, "--size", 320), "reads plates: leave out --size"),
        (("--drawn", 1, "--confusions", "no/where.json"), "its folder does not exist"),
    ],
)
def test_what_makes_no_sense_is_told_before_anything_is_read(
    options: tuple[object, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(*options) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "expected the columns file, upper, lower, got nothing"),
        ("file,text\n0.png,98B112345\n", "expected the columns file, upper, lower, got"),
        ("file,upper,lower\n", "names no crop"),
        ("file,upper,lower\n0.png,98-B1,123.45\n9.png,98-B1,123.45\n", "line 3: there is no picture '9.png'"),
        ("file,upper,lower\n0.png,,123.45\n", "line 2: ' 123.45' is no text that the reader knows"),
        ("file,upper,lower\n0.png,98-O1,123.45\n", "line 2: '98-O1 123.45' is no text that the reader knows"),
        ("file,upper,lower\n0.png\n", "line 2: ' ' is no text that the reader knows"),
    ],
)
def test_a_table_that_is_wrong_is_told_with_its_line(
    crops: Path, table: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (crops / "texts.csv").write_text(table)
    assert evaluate("--data", crops) == 1
    assert message in capsys.readouterr().err


def test_other_weights_are_measured(crops: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = load_manifest()
    own = manifest.weights(manifest.named("plate_reader"))
    assert evaluate("--data", crops, "--weights", own) == 0
    assert "0.7500" in capsys.readouterr().out
    assert evaluate("--data", crops, "--weights", crops / "none.onnx") == 1
    assert "none.onnx" in capsys.readouterr().err
