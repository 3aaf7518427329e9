"""The crowd model's figures, on drawn squares whose colour is the heads."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from ioc.types import Box, Detection, Image
from models.head_count import FOUND
from models.training.crowd_evaluate import (
    ROAD_SIZE,
    Counted,
    boxed_persons,
    count_figures,
    count_heads,
)
from models.training.crowd_sources import CrowdPicture
from tests.models.drawn_map import CELL, model

HEIGHT, WIDTH = 96, 160


def crowd_of(folder: Path, source: str, heads: int, *, held_back: bool = True) -> CrowdPicture:
    """A grey picture with a blue cell for each head."""
    image = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for number in range(heads):
        left, top = 2 * CELL * (number % 8), 2 * CELL * (number // 8)
        image[top : top + CELL, left : left + CELL] = (255, 0, 0)
    path = folder / f"{source}_{heads}.png"
    cv2.imwrite(str(path), image)
    return CrowdPicture(source, path, held_back, np.full((heads, 2), 0.5))


def test_heads_and_boxes_are_counted_on_the_same_picture(tmp_path: Path) -> None:
    seen: list[tuple[int, ...]] = []

    def persons(image: Image) -> list[Box]:
        seen.append(image.shape)
        return [Box(0, 0.6, 0.1, 0.9), Box(0.5, 0.6, 0.6, 0.9)]

    pictures = [crowd_of(tmp_path, "mall", 3), crowd_of(tmp_path, "photos", 12)]
    three, twelve = count_heads(model(tmp_path, layout="density"), pictures, WIDTH, persons)
    assert (three.group, three.true, three.boxes) == ("mall", 3, 2)
    assert three.heads == pytest.approx(3, abs=0.01)
    assert three.together == pytest.approx(5, abs=0.01)
    assert (twelve.group, twelve.true) == ("photos", 12)
    assert twelve.heads == pytest.approx(12, abs=0.01)
    assert seen == [(HEIGHT, WIDTH, 3)] * 2


def test_a_squashed_picture_is_stretched_before_it_is_counted(tmp_path: Path) -> None:
    plain = crowd_of(tmp_path, "cameras", 3)
    squashed = CrowdPicture("cameras", plain.path, held_back=True, heads=plain.heads, aspect=16 / 9)
    shapes: list[tuple[int, ...]] = []

    def persons(image: Image) -> list[Box]:
        shapes.append(image.shape)
        return []

    count_heads(model(tmp_path), [squashed], WIDTH, persons)
    assert shapes[0][1] / shapes[0][0] == pytest.approx(16 / 9, abs=0.02)


def test_errors_that_cancel_out_show_in_the_absolute_error_alone() -> None:
    counted = [Counted("mall", 20, 24.5, 10, 26), Counted("mall", 30, 25.5, 40, 42)]
    (mall,) = count_figures(counted).values()
    assert (mall["true"], mall["mae"], mall["error"], mall["road_mae"], mall["road_error"]) == (25, 4.5, 0, 10, 0)


def test_what_both_make_together_is_judged_as_a_third() -> None:
    (mall,) = count_figures([Counted("mall", 20, 24.5, 10, 26.5), Counted("mall", 30, 25.5, 36, 26)]).values()
    assert (mall["together_mae"], mall["together_error"]) == (5.25, 1.25)


def test_groups_are_told_apart() -> None:
    found = count_figures([Counted("photos", 10, 8, 4, 9), Counted("cameras", 0, 1.25, 0, 1)])
    assert list(found) == ["cameras", "photos"]
    assert (found["cameras"]["pictures"], found["cameras"]["mae"], found["cameras"]["road_mae"]) == (1, 1.25, 0)
    assert (found["photos"]["error"], found["photos"]["road_error"]) == (-2, -6)


def test_pictures_without_people_are_a_group_of_their_own(tmp_path: Path) -> None:
    pictures = [crowd_of(tmp_path, "cameras", 0), crowd_of(tmp_path, "cameras", 1)]
    counted = count_heads(model(tmp_path), pictures, WIDTH, lambda _: [])
    assert [one.group for one in counted] == ["cameras without people", "cameras"]


def test_of_what_a_detector_finds_persons_count() -> None:
    class Detector:
        def detect(self, images: list[Image], *, threshold: float, size: int) -> list[tuple[Detection, ...]]:
            assert (threshold, size) == (FOUND, ROAD_SIZE)
            box = Box(0.1, 0.1, 0.2, 0.2)
            return [tuple(Detection(label, 0.5, box) for label in ("person", "car", "person")) for _ in images]

    assert len(boxed_persons(Detector())(np.zeros((HEIGHT, WIDTH, 3), np.uint8))) == 2  # type: ignore[arg-type]
