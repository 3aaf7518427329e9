"""What the command counts that measures how hard plates may be to see: drawn plates stand in for held-back ones."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.plate_reader import PlateReader
from models.training.plate_crops import Crop
from models.training.plate_hardship import Trial, limits_table, main, rotation, tried, turned, turned_table, worn
from tests.models.drawn_plates import LONG, SMALL, bodywork, paint


@pytest.fixture(scope="module")
def reader() -> PlateReader:
    return PlateReader.load(provider="cpu")


@pytest.fixture
def crops(tmp_path: Path) -> list[Crop]:
    made = []
    for name, text, blank, parts in (
        ("a", "98-B1 123.45", SMALL, ("98B1", "12345")),
        ("b", "29C-678.90", LONG, ("29C67890", "")),
    ):
        image = bodywork()
        box = paint(image, text, blank, centre=(200, 120), width=110)
        cv2.imwrite(str(tmp_path / f"{name}.png"), image)
        made.append(Crop("gate_whole", tmp_path / f"{name}.png", *parts, box=box.as_tuple()))
    return made


def test_a_plate_is_turned_where_it_is() -> None:
    image = bodywork()
    box = paint(image, "98-B1 123.45", SMALL, centre=(200, 120), width=110)
    same, around = turned(image, box.as_tuple(), rotation(0))
    assert np.array_equal(same, image)
    assert around.as_tuple() == pytest.approx(box.as_tuple())
    picture, wider = turned(image, box.as_tuple(), rotation(30))
    assert (wider.centre.x, wider.centre.y) == pytest.approx((box.centre.x, box.centre.y), abs=0.01)
    assert wider.area > 1.5 * box.area
    assert not np.array_equal(picture, image)


def test_plates_are_counted_as_they_are_and_upright(reader: PlateReader, crops: list[Crop]) -> None:
    table = turned_table(reader, crops, (0, 30))
    counts = [tuple(map(int, found)) for found in re.findall(r"(\d+) → (\d+) of (\d+)", table)]
    straight, askew = counts[::2], counts[1::2]
    assert straight == [(1, 1, 1)] * 6
    assert {upright for _, upright, _ in askew} == {1}
    assert sum(as_it_is for as_it_is, _, _ in askew) < 6


def test_worn_crops_are_the_same_each_time_and_differ(reader: PlateReader, crops: list[Crop]) -> None:
    image = crops[0].read()
    assert np.array_equal(worn(image, np.random.default_rng(3)), worn(image, np.random.default_rng(3)))
    rng = np.random.default_rng(3)
    assert len({worn(image, rng).shape for _ in range(12)}) > 3
    assert tried(reader, crops) == tried(reader, crops)


def test_reads_are_counted_below_the_limits_and_above_by_score() -> None:
    trials = [
        Trial("small", 0.9, True, 0.9, True),
        Trial("blurred", 0.9, False, 0.9, False),
        Trial(None, 0.01, False, 0.02, True),
        Trial(None, 0.5, False, 0.5, True),
        Trial(None, 0.97, True, 0.9, True),
        Trial(None, 0.5, True, 0.85, False),
    ]
    counts = [line[40:].strip() for line in limits_table(trials).splitlines()]
    assert counts == ["1 of 1", "0 of 1", "1 of 1", "1 of 1", "1 of 2", "1 of 1"]


def test_a_folder_without_plates_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "texts.csv is missing" in line
