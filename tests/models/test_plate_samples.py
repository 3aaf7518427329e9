"""What the reader learns from: real plates cut out anew, rare ones more often, among drawn ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from ioc.types import Image
from models.training.plate_crops import Crop
from models.training.plate_samples import HEIGHT, WIDTH, Learnt, Plates, cut, learn


def whole(folder: Path) -> Crop:
    """Return a whole picture with a white plate before black."""
    image = np.zeros((200, 300, 3), np.uint8)
    cv2.rectangle(image, (120, 80), (199, 119), (255, 255, 255), -1)
    cv2.imwrite(str(folder / "w.png"), image)
    return Crop("gate_whole", folder / "w.png", "98B1", "12345", box=(0.4, 0.4, 2 / 3, 0.6))


def test_a_plate_is_cut_out_anew_every_time_and_never_far_from_its_box(tmp_path: Path) -> None:
    (plate,) = learn([whole(tmp_path)])
    shapes = set()
    for n in range(60):
        image = cut(plate, np.random.default_rng(n))
        assert 0.45 < (image > 128).mean() <= 1
        shapes.add(image.shape)
    assert len(shapes) > 20


def test_what_is_held_back_is_not_learnt(tmp_path: Path) -> None:
    own = whole(tmp_path)
    assert len(learn([own, replace(own, held_back=True)])) == 1


def test_a_batch_is_drawn_and_real_and_comes_again_from_its_seed(tmp_path: Path) -> None:
    plates = Plates(learn([whole(tmp_path)]))
    images, texts = plates.batch(np.random.default_rng(3), 60)
    assert images.shape == (60, 3, HEIGHT, WIDTH)
    assert 0 <= images.min() < images.max() <= 1
    assert 14 <= texts.count(("98B1", "12345")) <= 36
    again, same = plates.batch(np.random.default_rng(3), 60)
    assert np.array_equal(images, again)
    assert texts == same


def test_without_real_plates_all_are_drawn() -> None:
    _, texts = Plates([], empty_part=0.0).batch(np.random.default_rng(3), 20)
    assert len(set(texts)) == 20


def test_some_crops_show_no_plate_and_say_nothing() -> None:
    _, texts = Plates([], empty_part=0.5).batch(np.random.default_rng(3), 60)
    assert 18 <= texts.count(("", "")) <= 42


def test_rare_layouts_come_more_often_than_their_number_says() -> None:
    image = np.full((40, 60, 3), 128, np.uint8)
    many = [plate_of(image, ("98B1", "12345"))] * 99
    _, texts = Plates([*many, plate_of(image, ("98A", "12345"))], drawn_part=0.0, empty_part=0.0).batch(
        np.random.default_rng(4), 300
    )
    assert 15 < texts.count(("98A", "12345")) < 45


def plate_of(image: Image, texts: tuple[str, str]) -> Learnt:
    return Learnt(image, (0.0, 0.0, 1.0, 1.0), texts, tight=False)


def test_rare_letters_come_more_often_than_their_number_says() -> None:
    image = np.full((40, 60, 3), 128, np.uint8)
    rare = plate_of(image, ("98BA", "12345"))
    usual = [plate_of(image, (f"{n:02d}B{n % 9 + 1}", "12345")) for n in range(99)]
    _, texts = Plates([*usual, rare], drawn_part=0.0, empty_part=0.0).batch(np.random.default_rng(4), 300)
    assert 15 < texts.count(("98BA", "12345")) < 45, "three would come by number, half of all by layout"


def test_a_plate_of_a_tight_crop_is_turned_and_stays_whole() -> None:
    """Its four corners are red: wherever it is turned to, most of each stays in the picture."""
    image = np.full((100, 150, 3), 255, np.uint8)
    inner = (slice(8, 24), slice(76, 92)), (slice(8, 24), slice(126, 142))
    for rows in inner[0]:
        for columns in (slice(8, 24), inner[1][1]):
            image[rows, columns] = (0, 0, 255)
    plate = Learnt(image, (0.0, 0.0, 1.0, 1.0), ("98B1", "12345"), tight=True)
    whole_ones = 0
    for n in range(100):
        seen = cut(plate, np.random.default_rng(n))
        red = (seen[:, :, 2] > 128) & (seen[:, :, 0] < 128)
        count, _, areas, _ = cv2.connectedComponentsWithStats(red.astype(np.uint8))
        whole_ones += sum(area > 120 for area in areas[1:, cv2.CC_STAT_AREA]) == 4
        assert count > 2
    assert whole_ones >= 85
