"""Plates pasted into scenes: where they lie, how they shine, and what is cut off."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.training.plate_crops import Crop
from models.training.plate_finder_paste import (
    PART_OF_VEHICLE,
    Pool,
    add_caption,
    add_sign,
    bounds,
    drawn_patch,
    on_vehicle,
    paste,
    quad,
    real_patches,
)
from models.training.plate_finder_sources import (
    VEHICLES,
)
from models.training.road_labels import MOTORCYCLE
from tests.models.drawn_scenes import white_patch


class TestPasting:
    def test_a_pasted_plate_fills_its_corners_and_nothing_else(self) -> None:
        rng = np.random.default_rng(3)
        canvas = np.full((200, 300, 3), 200, np.uint8)
        corners = np.array([[100, 80], [180, 80], [180, 100], [100, 100]], np.float32)
        before = canvas.copy()
        patch = replace(white_patch(), image=np.zeros((20, 94, 3), np.uint8))
        paste(rng, canvas, patch, corners)
        changed = (canvas != before).any(axis=2)
        assert canvas[84:96, 104:176].max() < 60
        assert not changed[:70].any()
        assert not changed[:, :65].any()

    @pytest.mark.parametrize("seed", range(6))
    def test_a_plate_shines_in_the_light_of_its_place(self, seed: int) -> None:
        levels = []
        for shade in (30, 220):
            canvas = np.full((200, 300, 3), shade, np.uint8)
            corners = np.array([[100, 80], [180, 80], [180, 100], [100, 100]], np.float32)
            paste(np.random.default_rng(seed), canvas, white_patch(), corners)
            levels.append(int(canvas[90, 140].mean()))
        assert levels[0] < levels[1]

    def test_a_plate_partly_outside_is_cut_off(self) -> None:
        canvas = np.full((60, 80, 3), 10, np.uint8)
        corners = np.array([[-20, -5], [40, -5], [40, 15], [-20, 15]], np.float32)
        paste(np.random.default_rng(0), canvas, white_patch(), corners)
        assert canvas[5, 5].mean() > 20
        paste(np.random.default_rng(0), canvas, white_patch(), corners + 500)

    def test_a_quad_lies_around_its_centre_and_keeps_its_order(self) -> None:
        for seed in range(50):
            corners = quad(np.random.default_rng(seed), (100.0, 50.0), 60.0, 3.0)
            assert corners.mean(0) == pytest.approx((100, 50), abs=2)
            assert corners[0, 0] < corners[1, 0]
            assert corners[0, 1] < corners[3, 1]
            assert bounds(corners)[3] - bounds(corners)[1] < 70

    @pytest.mark.parametrize("label", VEHICLES)
    def test_a_plate_lies_on_its_vehicle_in_proportion(self, label: int) -> None:
        vehicle = np.array([label, 100, 100, 300, 400], np.float32)
        for seed in range(20):
            patch, corners = on_vehicle(np.random.default_rng(seed), vehicle, Pool([white_patch(), white_patch(2)], 0))
            row = bounds(corners)
            assert 80 < row[1:4:2].mean() < 320
            assert 200 < row[2:5:2].mean() < 400
            assert row[3] - row[1] < 200 * PART_OF_VEHICLE[label][1] * 1.3
            assert patch.lines == 2 or label != MOTORCYCLE

    def test_drawn_plates_have_the_lines_that_were_asked_for(self) -> None:
        rng = np.random.default_rng(1)
        for lines in (1, 2):
            patch = drawn_patch(rng, lines)
            assert patch.lines == lines
            assert (patch.corners[:, 0] > -0.2 * patch.image.shape[1]).all()
        aspects = [[drawn_patch(rng, lines).aspect for _ in range(12)] for lines in (1, 2)]
        assert np.median(aspects[0]) > np.median(aspects[1]) + 1

    def test_real_plates_are_cut_to_their_box(self, tmp_path: Path) -> None:
        path = tmp_path / "a.png"
        image = np.zeros((100, 200, 3), np.uint8)
        image[40:60, 50:150] = 255
        cv2.imwrite(str(path), image)
        whole, own = Crop("gate_whole", path, "98A", "1", box=(0.25, 0.4, 0.75, 0.6)), Crop("characters", path, "9", "")
        loose = Crop("gate", path, "98A", "1")
        patches = real_patches([whole, own, loose])
        assert [patch.image.shape[:2] for patch in patches] == [(20, 100), (100, 200)]
        assert patches[0].image.min() == 255
        assert (patches[0].aspect, patches[0].lines) == pytest.approx((5, 2))

    def test_captions_and_signs_leave_most_of_the_picture_as_it_was(self) -> None:
        for seed in range(20):
            canvas = np.full((256, 416, 3), 100, np.uint8)
            add_caption(np.random.default_rng(seed), canvas)
            add_sign(np.random.default_rng(seed), canvas)
            changed = (canvas != 100).any(axis=2)
            assert 0 < changed.mean() < 0.4
            assert not changed[130:200].any()
