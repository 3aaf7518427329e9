"""The plate detector's batches: what is shown, pasted, left out and never shown."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.training.plate_finder_mix import SIZES, FinderMix, filled, shown
from models.training.plate_finder_paste import (
    SMALLEST,
    Pool,
)
from models.training.plate_finder_sources import (
    touching,
)
from models.training.road_boxes import no_boxes
from models.training.road_labels import CAR
from tests.models.drawn_scenes import picture, rows, scene, white_patch


class TestMix:
    @pytest.fixture
    def mix(self, tmp_path: Path) -> FinderMix:
        held_back = scene(picture(tmp_path / "h.jpg", shade=1), held_back=True)
        street = scene(picture(tmp_path / "b.jpg"), "street", plates=rows((0, 0.4, 0.4, 0.6, 0.6)), vehicles=no_boxes())
        return FinderMix.of([scene(picture(tmp_path / "a.jpg")), street, held_back], Pool([white_patch()], 0.5))

    def test_a_batch_depends_on_the_random_numbers_alone(self, mix: FinderMix) -> None:
        first, again = (mix.batch(np.random.default_rng([7, 3]), 6 * 416 * 256) for _ in range(2))
        assert all(np.array_equal(one.image, other.image) for one, other in zip(first, again, strict=True))
        assert all(np.array_equal(one.boxes, other.boxes) for one, other in zip(first, again, strict=True))

    def test_batches_are_of_one_size_with_boxes_inside(self, mix: FinderMix) -> None:
        plates = 0
        for step in range(8):
            batch = mix.batch(np.random.default_rng(step), 6 * 416 * 256, plain=step % 2 == 0)
            (shape,) = {sample.image.shape for sample in batch}
            assert (shape[1], shape[0]) in SIZES
            for sample in batch:
                plates += len(sample.boxes)
                assert (sample.boxes[:, 0] == 0).all()
                assert (sample.boxes[:, 1:] >= 0).all()
                assert (sample.boxes[:, [3, 4]] <= (shape[1], shape[0])).all()
        assert plates > 10

    def test_what_is_held_back_is_not_trained_on(self, mix: FinderMix) -> None:
        assert sorted(own.path.name for scenes in mix.scenes.values() for own in scenes) == ["a.jpg", "b.jpg"]

    def test_traffic_gets_plates_that_overlap_nothing(self, tmp_path: Path) -> None:
        vehicles = rows(*((CAR, x, 0.3, x + 0.19, 0.7) for x in (0.0, 0.2, 0.4, 0.6, 0.8)))
        known = rows((0, 0.45, 0.3, 0.55, 0.7))
        street = scene(picture(tmp_path / "a.jpg"), vehicles=vehicles, plates=known)
        counts = []
        for seed in range(30):
            sample = shown(np.random.default_rng(seed), street, Pool([], 1.0), (640, 384), (1.0, 1.5))
            counts.append(len(sample.boxes))
            for index, row in enumerate(sample.boxes):
                assert not touching(row[None], np.delete(sample.boxes, index, 0), 0.0).any()
                assert row[3] - row[1] >= SMALLEST[0]
        assert max(counts) > 2

    def test_nothing_is_unlearned_where_most_vehicles_bear_their_own_plates(self, tmp_path: Path) -> None:
        street, silent = scene(picture(tmp_path / "a.jpg")), []
        for seed in range(40):
            sample = shown(np.random.default_rng(seed), street, Pool([], 1.0), (320, 240), (1.0, 1.0))
            assert len(sample.unsure) <= 2
            assert (sample.unsure[:, 2] > 0.3 * 240).all()
            silent.append(len(sample.unsure))
        assert 0.4 < np.mean(silent) / 2 < 0.8

    def test_labelled_pictures_get_no_further_plates_and_are_not_mirrored(self, tmp_path: Path) -> None:
        path = tmp_path / "a.png"
        image = np.zeros((240, 320, 3), np.uint8)
        image[96:144, 128:160] = (0, 255, 0)
        image[96:144, 160:192] = (0, 0, 255)
        cv2.imwrite(str(path), image)
        street = scene(path, "street", plates=rows((0, 0.4, 0.4, 0.6, 0.6)))
        for seed in range(20):
            sample = shown(np.random.default_rng(seed), street, Pool([], 1.0), (320, 256), (0.8, 1.0), captions=0.0)
            (row,) = sample.boxes
            x1, y1, x2, y2 = row[1:].round().astype(int)
            middle = sample.image[(y1 + y2) // 2]
            assert middle[x1 + 3, 1] > 200
            assert middle[x2 - 4, 2] > 200

    def test_a_plate_may_fill_the_picture(self) -> None:
        for seed in range(20):
            sample = filled(np.random.default_rng(seed), Pool([white_patch()], 0.0), 416, 256)
            covered = ((sample.boxes[:, 3:5] - sample.boxes[:, 1:3]) / (416, 256)).max()
            assert covered > 0.25
            assert sample.image.shape == (256, 416, 3)
