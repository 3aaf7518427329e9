"""`ioc plates` as scripts and people meet it: the contract's lines, bad files, help."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from ioc.__main__ import run_command
from models.training.plate_designs import Design
from models.training.plate_drawing import draw_plate

FIELDS = {
    "text",
    "raw",
    "score",
    "box",
    "lines",
    "upper_len",
    "kind",
    "province",
    "colour",
    "valid",
    "alternatives",
}
CAR = Design(("98A-123.45",), (520, 110), "white")
MOTORBIKE = Design(("98-B1", "246.80"), (190, 140), "white")


def parked(path: Path, design: Design, seed: int = 5) -> Path:
    """Write a picture of 640 × 384: a grey yard, a dark car, and a clear plate on it."""
    rng = np.random.default_rng(seed)
    image = np.full((384, 640, 3), (150, 150, 150), np.uint8)
    cv2.rectangle(image, (150, 60), (490, 330), (60, 40, 35), -1)
    cv2.rectangle(image, (190, 70), (450, 150), (120, 110, 90), -1)
    plate = draw_plate(design, rng).image
    height = round(110 * plate.shape[0] / plate.shape[1]) if len(design.lines) == 1 else 80
    width = 110 if len(design.lines) == 1 else round(80 * plate.shape[1] / plate.shape[0])
    image[250 : 250 + height, 265 : 265 + width] = cv2.resize(plate, (width, height), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(path), image)
    return path


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_has_the_contracts_fields(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = parked(tmp_path / "xe.png", CAR)
    assert run_command(["plates", str(path), "--json"]) == 0
    (line,) = lines(capsys)
    assert line["image"] == str(path)
    plate = line["plates"][0]
    assert set(plate) == FIELDS
    assert all(0 <= value <= 1 for value in [*plate["box"], plate["score"]])
    assert plate["box"][0] < 350 / 640 < plate["box"][2]
    assert all(set(other) == {"text", "score"} for other in plate["alternatives"])
    scores = [other["score"] for other in plate["alternatives"]]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(("design", "text", "upper_len"), [(CAR, "98A12345", 8), (MOTORBIKE, "98B124680", 4)])
def test_clear_plates_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], design: Design, text: str, upper_len: int
) -> None:
    paths = [parked(tmp_path / f"{seed}.png", design, seed) for seed in range(6)]
    assert run_command(["plates", *map(str, paths), "--json"]) == 0
    best = [line["plates"][0] for line in lines(capsys) if line["plates"]]
    right = [plate for plate in best if (plate["text"], plate["upper_len"]) == (text, upper_len)]
    assert len(right) >= 4
    assert {(plate["lines"], plate["province"], plate["valid"]) for plate in right} == {(len(design.lines), "98", True)}


def test_a_crop_that_is_just_a_plate_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = []
    for seed in range(6):
        path = tmp_path / f"{seed}.png"
        cv2.imwrite(str(path), draw_plate(MOTORBIKE, np.random.default_rng(seed)).image)
        assert run_command(["plates", str(path), "--json"]) == 0
        texts += [line["plates"][0]["text"] for line in lines(capsys) if line["plates"]]
    assert texts.count("98B124680") >= 4


def test_a_bad_file_is_one_line_and_the_others_are_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = parked(tmp_path / "xe.png", CAR), tmp_path / "bad.jpg"
    bad.write_bytes(b"\xff\xd8\xff no picture")
    assert run_command(["plates", str(bad), str(tmp_path / "none.jpg"), str(good), "--json"]) == 1
    shown = capsys.readouterr()
    assert [json.loads(line)["image"] for line in shown.out.splitlines()] == [str(good)]
    complaints = [line for line in shown.err.splitlines() if line.startswith("ioc: ")]
    assert len(complaints) == 2
    assert "bad.jpg" in complaints[0]
    assert "none.jpg" in complaints[1]


def test_pictures_with_nothing_to_read_hold_no_plate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (5, 10, 3)).astype(np.uint8)
    small = cv2.resize(draw_plate(CAR, np.random.default_rng(1)).image, (10, 3), interpolation=cv2.INTER_AREA)
    pictures = {
        "pixel": np.full((1, 1, 3), 127, np.uint8),
        "row": np.full((1, 2000, 3), 127, np.uint8),
        "column": np.full((2000, 1, 3), 127, np.uint8),
        "ten": noise,
        "small": small,
        "grey": np.full((40, 160), 200, np.uint8),
        "clear": np.full((40, 160, 4), 200, np.uint8),
        "deep": np.full((40, 160, 3), 30_000, np.uint16),
    }
    paths = [str(tmp_path / f"{name}.png") for name in pictures]
    for path, picture in zip(paths, pictures.values(), strict=True):
        assert cv2.imwrite(path, picture)
    assert run_command(["plates", *paths, "--json"]) == 0
    read = {line["image"]: [plate["text"] for plate in line["plates"]] for line in lines(capsys)}
    assert {path: [text for text in texts if text] for path, texts in read.items()} == {path: [] for path in paths}


def test_a_plate_of_another_country_is_flagged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "foreign.png"
    picture = np.full((60, 200, 3), 240, np.uint8)
    cv2.putText(picture, "B-MW 8888", (5, 45), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (0, 0, 0), 3)
    cv2.imwrite(str(path), picture)
    assert run_command(["plates", str(path), "--json"]) == 0
    (line,) = lines(capsys)
    (plate,) = (plate for plate in line["plates"] if plate["text"])
    assert (plate["raw"], plate["valid"], plate["kind"], plate["province"]) == ("BMW8888", False, "unknown", None)


def test_people_get_the_plate_as_it_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty.png"
    cv2.imwrite(str(empty), np.full((384, 640, 3), 120, np.uint8))
    paths = [parked(tmp_path / f"{seed}.png", CAR, seed) for seed in range(4)]
    assert run_command(["plates", str(empty), *map(str, paths)]) == 0
    first, *others = capsys.readouterr().out.splitlines()
    assert first == f"{empty}: no plate"
    assert sum("98A-123.45" in line for line in others) >= 2


def test_plates_cannot_be_found_at_the_size_of_a_stamp(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["plates", "a.png", "--size", "20"]) == 2
    assert "--size" in capsys.readouterr().err


def test_help_teaches_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["plates", "--help"]) == 0
    text = capsys.readouterr().out
    assert "IMAGE..." in text
    assert "--json" in text
