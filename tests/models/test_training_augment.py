"""What training pictures go through: boxes have to follow their pixels, and a seed has to fix everything."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.training.road_augment import FILL, Sample, View, cut, in_pixels, mosaic, pick_view, single, weather
from models.training.road_boxes import Labelled, Rows, no_boxes
from models.training.road_found import Image
from models.training.road_labels import CAR, EVERY_LABEL, PERSON

SEEDS = st.integers(0, 10_000)


def red_block(width: int = 320, height: int = 180, box: tuple[int, int, int, int] = (120, 60, 200, 110)) -> Image:
    image = np.full((height, width, 3), (90, 60, 0), np.uint8)
    image[box[1] : box[3], box[0] : box[2]] = (0, 0, 255)
    return image


def labelled(width: int = 320, height: int = 180, box: tuple[int, int, int, int] = (120, 60, 200, 110)) -> Labelled:
    fractions = np.array(box, np.float32) / [width, height, width, height]
    return Labelled(np.array([[CAR, *fractions]], np.float32), no_boxes())


def red_bounds(image: Image) -> tuple[int, int, int, int] | None:
    red = (image[:, :, 2] > 128) & (image[:, :, 0] < 45)
    if not red.any():
        return None
    ys, xs = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    return int(xs[0]), int(ys[0]), int(xs[-1]) + 1, int(ys[-1]) + 1


def boxes_of(*boxes: tuple[float, ...]) -> Rows:
    return np.array(boxes, np.float32)


class TestView:
    def test_boxes_and_pixels_move_alike(self) -> None:
        view = View(1.5, 0.8, -20.0, 15.0)
        shown = view.boxes(boxes_of((CAR, 120, 60, 200, 110)))[0, 1:]
        np.testing.assert_allclose(shown, [160, 63, 280, 103], atol=1e-4)
        bounds = red_bounds(view.image(red_block(), 320, 180))
        assert bounds is not None
        np.testing.assert_allclose(bounds, shown, atol=1.6)

    def test_a_flip_mirrors_both(self) -> None:
        view = View(-1.0, 1.0, 320.0, 0.0)
        shown = view.boxes(boxes_of((CAR, 120, 60, 200, 110)))[0, 1:]
        np.testing.assert_allclose(shown, [120, 60, 200, 110], atol=1e-4)
        left = view.boxes(boxes_of((CAR, 0, 0, 10, 10)))[0, 1:]
        np.testing.assert_allclose(left, [310, 0, 320, 10], atol=1e-4)

    def test_outside_the_picture_is_grey(self) -> None:
        shown = View(0.5, 0.5, 0.0, 0.0).image(red_block(), 320, 180)
        assert (shown[100:, 170:] == FILL).all()

    def test_a_thin_line_survives_shrinking(self) -> None:
        image = np.zeros((400, 400, 3), np.uint8)
        image[:, 201] = 255
        shown = View(0.2, 0.2, 0.0, 0.0).image(image, 80, 80)
        assert shown[:, 38:43].max(axis=1).min() > 20

    @settings(max_examples=40, deadline=None)
    @given(SEEDS)
    def test_a_drawn_view_of_a_picture_always_meets_the_frame(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        view = pick_view(rng, red_block(), 416, 256, (0.5, 3.0))
        whole = view.boxes(boxes_of((CAR, 0, 0, 320, 180)))[0]
        assert whole[1] < 416
        assert whole[3] > 0
        assert whole[2] < 256
        assert whole[4] > 0


class TestCut:
    def test_boxes_are_cut_to_the_frame(self) -> None:
        kept, lost = cut(boxes_of((CAR, -20, 10, 60, 50)), 100, 100, seen=0.25)
        np.testing.assert_allclose(kept, [[CAR, 0, 10, 60, 50]])
        assert len(lost) == 0

    def test_a_box_of_which_little_is_seen_is_set_apart(self) -> None:
        kept, lost = cut(boxes_of((PERSON, -90, 10, 10, 50)), 100, 100, seen=0.25)
        assert len(kept) == 0
        np.testing.assert_allclose(lost, [[PERSON, 0, 10, 10, 50]])

    def test_a_box_of_no_size_is_set_apart_and_one_outside_is_gone(self) -> None:
        kept, lost = cut(boxes_of((CAR, 5, 5, 7, 20), (CAR, 120, 5, 140, 20)), 100, 100, seen=0.25)
        assert len(kept) == 0
        assert len(lost) == 1


class TestSingle:
    @settings(max_examples=60, deadline=None)
    @given(SEEDS)
    def test_the_box_lies_around_its_pixels(self, seed: int) -> None:
        sample = single(np.random.default_rng(seed), red_block(), labelled(), 416, 256)
        assert sample.image.shape == (256, 416, 3)
        bounds = red_bounds(sample.image)
        if len(sample.boxes):
            assert bounds is not None
            np.testing.assert_allclose(sample.boxes[0, 1:], bounds, atol=3.5)
        elif bounds is not None and len(sample.unsure):
            np.testing.assert_allclose(sample.unsure[0, 1:], bounds, atol=3.5)

    @settings(max_examples=40, deadline=None)
    @given(SEEDS)
    def test_boxes_lie_inside_the_picture(self, seed: int) -> None:
        sample = single(np.random.default_rng(seed), red_block(), labelled(), 416, 256, zoom=(1.5, 4.0))
        for boxes in (sample.boxes, sample.unsure):
            assert (boxes[:, 1:] >= 0).all()
            assert (boxes[:, [1, 3]] <= 416).all()
            assert (boxes[:, [2, 4]] <= 256).all()

    def test_unsure_boxes_go_through_the_same_view(self) -> None:
        known = labelled()
        unsure = known.boxes.copy()
        unsure[:, 0] = EVERY_LABEL
        both = Labelled(known.boxes, unsure)
        sample = single(np.random.default_rng(1), red_block(), both, 416, 256, zoom=(0.8, 0.9))
        np.testing.assert_allclose(sample.unsure[0, 1:], sample.boxes[0, 1:])
        assert sample.unsure[0, 0] == EVERY_LABEL

    def test_half_of_the_views_are_mirrored(self) -> None:
        image = red_block(box=(0, 0, 60, 180))
        sides = []
        for seed in range(60):
            sample = single(np.random.default_rng(seed), image, labelled(box=(0, 0, 60, 180)), 320, 180, (1.0, 1.0))
            bounds = red_bounds(sample.image)
            sides.append(bounds is not None and bounds[0] > 100)
        assert 15 < sum(sides) < 45

    def test_a_picture_without_boxes_stays_without(self) -> None:
        sample = single(np.random.default_rng(0), red_block(), Labelled(no_boxes(), no_boxes()), 416, 256)
        assert sample.boxes.shape == (0, 5)
        assert sample.unsure.shape == (0, 5)

    def test_fractions_become_pixels(self) -> None:
        boxes, unsure = in_pixels(labelled(), red_block())
        np.testing.assert_allclose(boxes, [[CAR, 120, 60, 200, 110]], atol=1e-3)
        assert unsure.shape == (0, 5)


class TestMosaic:
    def sample(self, seed: int) -> Sample:
        parts = [(red_block(), labelled())] * 4
        return mosaic(np.random.default_rng(seed), parts, 416, 256)

    @settings(max_examples=25, deadline=None)
    @given(SEEDS)
    def test_every_box_is_full_of_its_own_pixels(self, seed: int) -> None:
        sample = self.sample(seed)
        assert sample.image.shape == (256, 416, 3)
        for _, x1, y1, x2, y2 in sample.boxes:
            inner = sample.image[round(y1 + 2) : round(y2 - 2), round(x1 + 2) : round(x2 - 2)]
            if inner.size:
                assert (inner[:, :, 2] > 128).mean() > 0.9

    def test_four_pictures_give_about_four_boxes(self) -> None:
        counts = [len(self.sample(seed).boxes) for seed in range(20)]
        assert max(counts) == 4
        assert sum(counts) > 40


class TestWeather:
    @pytest.fixture
    def street(self) -> Image:
        rng = np.random.default_rng(5)
        rough = rng.integers(0, 255, (18, 32, 3), dtype=np.uint8)
        return np.asarray(cv2.resize(rough, (160, 96), interpolation=cv2.INTER_CUBIC), np.uint8)

    def test_the_picture_keeps_its_shape_and_the_original_is_left_alone(self, street: Image) -> None:
        before = street.copy()
        for seed in range(80):
            changed = weather(np.random.default_rng(seed), street)
            assert changed.shape == street.shape
            assert changed.dtype == np.uint8
        np.testing.assert_array_equal(street, before)

    def test_a_seed_fixes_it_and_another_gives_another(self, street: Image) -> None:
        first, again, other = (weather(np.random.default_rng(seed), street) for seed in (4, 4, 5))
        np.testing.assert_array_equal(first, again)
        assert (first != other).any()

    def test_pictures_stay_recognisable(self, street: Image) -> None:
        grey = cv2.cvtColor(street, cv2.COLOR_BGR2GRAY).ravel()
        likeness = []
        for seed in range(80):
            changed = cv2.cvtColor(weather(np.random.default_rng(seed), street), cv2.COLOR_BGR2GRAY).ravel()
            likeness.append(float(np.corrcoef(grey, changed)[0, 1]))
        assert min(likeness) > 0.5
        assert np.median(likeness) > 0.9

    def test_some_are_dark_and_some_are_grey(self, street: Image) -> None:
        changed = [weather(np.random.default_rng(seed), street) for seed in range(200)]
        dark = sum(image.mean() < 0.5 * street.mean() for image in changed)
        grey = sum(int(np.ptp(image.astype(int), axis=2).max() < 12) for image in changed)
        assert 5 < dark < 80
        assert 2 < grey < 40
