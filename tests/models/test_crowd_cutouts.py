"""People cut out of pictures that the test draws, and put into others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from ioc.types import Box, Detection, Image
from models.training.crowd_cutouts import HEADS_TALL, SIZE, SURE, Cutout, cut_out, figure
from models.training.crowd_paste import crowd
from models.training.crowd_sources import HEAD, CrowdPicture

GREEN = (40, 200, 60)


class Found:
    """Stands in for the detector: says the same of every picture."""

    def __init__(self, *found: tuple[str, Box]) -> None:
        self.found = [Detection(label, 0.9, box) for label, box in found]
        self.asked: list[tuple[float, int]] = []

    def detect(self, images: Sequence[Image], *, threshold: float, size: int) -> list[list[Detection]]:
        self.asked.append((threshold, size))
        return [self.found] * len(images)


def picture(folder: Path, *, held_back: bool = False) -> CrowdPicture:
    path = folder / f"{held_back}.png"
    cv2.imwrite(str(path), np.full((400, 400, 3), GREEN, np.uint8))
    return CrowdPicture("photos", path, held_back, np.zeros((0, 2)))


def standing(x: float, y: float, tall: float = 0.5, slim: float = 0.4) -> tuple[str, Box]:
    return "person", Box(x, y, x + tall * slim, y + tall)


def cut(folder: Path, *found: tuple[str, Box]) -> list[Cutout]:
    detector: Any = Found(*found)
    return cut_out([picture(folder), picture(folder, held_back=True)], detector)


class TestCuttingOut:
    def test_a_person_who_stands_alone_is_cut_out_of_training_pictures_only(self, tmp_path: Path) -> None:
        detector: Any = Found(standing(0.2, 0.2), ("car", Box(0.6, 0.6, 0.9, 0.8)))
        (person,) = cut_out([picture(tmp_path), picture(tmp_path, held_back=True)], detector)
        assert person.image.shape == (200, 80, 3)
        assert person.cover.shape == (200, 80)
        assert detector.asked == [(SURE, SIZE)]

    @pytest.mark.parametrize(
        "found",
        [
            [standing(0.2, 0.0)],  # cut off by the picture's upper edge
            [standing(0.2, 0.5)],  # and by its lower one
            [standing(0.2, 0.2, tall=0.1)],
            [standing(0.2, 0.2, slim=0.9)],  # sits, or two
            [standing(0.2, 0.2), standing(0.26, 0.22)],
            [("bicycle", Box(0.2, 0.2, 0.4, 0.7))],
        ],
    )
    def test_who_is_cut_off_small_wide_hidden_or_nobody_is_left(
        self, tmp_path: Path, found: list[tuple[str, Box]]
    ) -> None:
        assert cut(tmp_path, *found) == []

    def test_nobody_found_is_nobody_cut_out(self, tmp_path: Path) -> None:
        assert cut(tmp_path) == []


class TestFigure:
    def test_a_person_fills_head_and_trunk_but_not_the_corners(self) -> None:
        cover = figure(80, 200)
        assert cover.dtype == np.float32
        for x, y in ((40, round(HEAD * 200)), (40, 80), (40, 180)):
            assert cover[y, x] > 0.95
        for x, y in ((2, 2), (77, 2), (2, 190), (77, 190)):
            assert cover[y, x] < 0.05

    def test_it_has_soft_edges(self) -> None:
        cover = figure(80, 200)
        assert ((cover > 0.1) & (cover < 0.9)).mean() > 0.01


class TestPutting:
    def person(self) -> Cutout:
        return Cutout(np.full((150, 60, 3), GREEN, np.uint8), figure(60, 150))

    def test_the_head_comes_where_it_is_said_and_the_body_below(self) -> None:
        canvas = np.zeros((300, 300, 3), np.uint8)
        self.person().put(np.random.default_rng(1), canvas, np.array([150.0, 60.0]), 16.0)
        rows, columns = np.nonzero(canvas[:, :, 1] > 60)
        tall = HEADS_TALL * 16
        assert canvas[60, 150, 1] > 100
        assert rows.min() == pytest.approx(60 - HEAD * tall, abs=4)
        assert rows.max() == pytest.approx(60 + (1 - HEAD) * tall, abs=4)
        assert columns.mean() == pytest.approx(150, abs=2)

    @pytest.mark.parametrize("point", [(-4.0, 20.0), (298.0, 290.0), (150.0, -300.0), (900.0, 20.0)])
    def test_what_lies_outside_the_picture_is_cut_off(self, point: tuple[float, float]) -> None:
        canvas = np.zeros((300, 300, 3), np.uint8)
        self.person().put(np.random.default_rng(1), canvas, np.array(point), 20.0)
        assert canvas.shape == (300, 300, 3)
        assert (canvas.any(axis=2).mean() > 0) == (abs(point[1]) < 300 > point[0])

    def test_crowds_are_of_people_cut_out_where_there_are_any(self) -> None:
        street = np.full((256, 416, 3), 128, np.uint8)
        people, greens = [self.person()], []
        for seed in range(30):
            shown, heads = crowd(np.random.default_rng(seed), street, people)
            if len(heads):
                blue, green, red = (shown[heads[:, 1].astype(int), heads[:, 0].astype(int)].astype(int)).T
                greens.append(float(((green > red + 40) & (green > blue + 40)).mean()))
        assert sum(share > 0.8 for share in greens) > 8
        assert sum(share < 0.2 for share in greens) > 4
