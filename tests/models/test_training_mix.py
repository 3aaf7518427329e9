"""Pictures made ready and drawn into batches: kept on disk once, in the shares of their sources."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from ioc.errors import ModelError
from models.training.road_boxes import Labelled, Rows, no_boxes
from models.training.road_found import Image
from models.training.road_labels import BUS, CAR, MOTORCYCLE, PERSON
from models.training.road_mix import SHARES, SIZES, Mix, repeats
from models.training.road_sources import Picture
from models.training.road_store import LARGEST, Ready, Teachers, prepare, read_image, unsquash


def picture(folder: Path, source: str, name: str, **changes: object) -> Picture:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.jpg"
    cv2.imwrite(str(path), np.full((90, 160, 3), 120, np.uint8))
    settings: dict[str, object] = {
        "source": source,
        "path": path,
        "known": Labelled(np.array([[CAR, 0.4, 0.4, 0.6, 0.6]], np.float32), no_boxes()),
        "held_back": False,
        "weight": 1.0,
        **changes,
    }
    return Picture(**settings)  # type: ignore[arg-type]


class Answers:
    """A teacher that always answers the same and counts how often it is asked."""

    def __init__(self, *rows: tuple[float, ...]) -> None:
        self.rows = np.array(rows, np.float32).reshape(-1, 6)
        self.asked = 0

    def __call__(self, image: Image) -> Rows:
        assert image.ndim == 3
        self.asked += 1
        return self.rows


class TestPictures:
    def test_a_squashed_picture_gets_its_shape_back(self) -> None:
        assert unsquash(np.zeros((416, 416, 3), np.uint8), 16 / 9).shape == (416, 740, 3)

    def test_large_pictures_are_kept_smaller_and_small_ones_as_they_are(self) -> None:
        assert unsquash(np.zeros((1080, 1920, 3), np.uint8), None).shape == (432, LARGEST, 3)
        small = np.zeros((360, 640, 3), np.uint8)
        assert unsquash(small, None) is small

    def test_a_file_that_is_no_picture_is_an_error_that_names_it(self, tmp_path: Path) -> None:
        path = tmp_path / "broken.jpg"
        path.write_text("no picture")
        with pytest.raises(ModelError, match=r"broken\.jpg cannot be read"):
            read_image(path)


class TestPrepare:
    def test_the_teacher_is_asked_once_even_over_two_runs(self, tmp_path: Path) -> None:
        coco = Answers((PERSON, 0.1, 0.1, 0.2, 0.4, 0.9))
        pictures = [picture(tmp_path / "in", "vietnam", "a")]
        for _ in range(2):
            (ready,) = prepare(pictures, tmp_path / "work", Teachers(coco, Answers()))
            assert sorted(ready.labelled.boxes[:, 0].tolist()) == [PERSON, CAR]
        assert coco.asked == 1

    def test_drawn_scenes_need_no_teacher(self, tmp_path: Path) -> None:
        coco = Answers((PERSON, 0.1, 0.1, 0.2, 0.4, 0.9))
        drawn = picture(tmp_path / "in", "drawn", "a", teach=False)
        (ready,) = prepare([drawn], tmp_path / "work", Teachers(coco, Answers()))
        assert ready.labelled is drawn.known
        assert coco.asked == 0

    def test_the_network_itself_finds_crowds_and_its_riders_are_no_pedestrians(self, tmp_path: Path) -> None:
        coco = Answers((PERSON, 0.11, 0.10, 0.19, 0.25, 0.9), (PERSON, 0.81, 0.10, 0.89, 0.25, 0.9))
        own = Answers((MOTORCYCLE, 0.1, 0.1, 0.2, 0.35, 0.7), (MOTORCYCLE, 0.8, 0.1, 0.9, 0.35, 0.3))
        (ready,) = prepare(
            [picture(tmp_path / "in", "vietnam", "a")], tmp_path / "work", Teachers(coco, Answers(), own)
        )
        assert sorted(ready.labelled.boxes[:, 0].tolist()) == [MOTORCYCLE, CAR]
        np.testing.assert_allclose(ready.labelled.unsure[:, 1:], [[0.8, 0.1, 0.9, 0.35]], atol=1e-6)

    def test_general_pictures_are_labelled_by_the_near_look_alone(self, tmp_path: Path) -> None:
        coco, own = Answers((CAR, 0.1, 0.1, 0.3, 0.3, 0.9)), Answers((CAR, 0.1, 0.1, 0.3, 0.3, 0.9))
        near = Answers((PERSON, 0.5, 0.1, 0.7, 0.9, 0.9))
        room = picture(tmp_path / "in", "general", "a", known=Labelled(no_boxes(), no_boxes()))
        (ready,) = prepare([room], tmp_path / "work", Teachers(coco, near, own))
        assert ready.labelled.boxes[:, 0].tolist() == [PERSON]
        assert (coco.asked, near.asked, own.asked) == (0, 1, 0)

    def test_minibuses_that_a_set_calls_cars_become_buses(self, tmp_path: Path) -> None:
        coco = Answers((BUS, 0.4, 0.4, 0.6, 0.6, 0.8))
        for mixed, expected in ((True, BUS), (False, CAR)):
            own = picture(tmp_path / str(mixed), "cctv", "a", mixed_buses=mixed)
            (ready,) = prepare([own], tmp_path / "work", Teachers(coco, Answers()))
            assert ready.labelled.boxes[:, 0].tolist() == [expected]

    def test_pictures_of_one_name_in_two_folders_do_not_meet(self, tmp_path: Path) -> None:
        both = [picture(tmp_path / folder, "vietnam", "a") for folder in ("one", "two")]
        ready = prepare(both, tmp_path / "work", Teachers(Answers(), Answers()))
        assert len({item.file for item in ready}) == 2

    def test_nothing_half_written_is_left(self, tmp_path: Path) -> None:
        prepare([picture(tmp_path / "in", "vietnam", "a")], tmp_path / "work", Teachers(Answers(), Answers()))
        assert not list((tmp_path / "work").glob("*partial*"))


class TestMix:
    def ready(self, folder: Path, source: str, name: str, **changes: object) -> Ready:
        own = picture(folder / source, source, name, **changes)
        return Ready(own, own.path, own.known)

    def test_sources_fill_their_shares_however_many_pictures_they_have(self, tmp_path: Path) -> None:
        ready = [self.ready(tmp_path, "vietnam", "a"), self.ready(tmp_path, "drawn", "a")]
        ready += [self.ready(tmp_path, "cctv", str(index)) for index in range(6)]
        mix = Mix.of(ready)
        assert mix.chances.sum() == pytest.approx(1)
        assert mix.chances[0] / mix.chances[1] == pytest.approx(SHARES["vietnam"] / SHARES["drawn"])
        assert mix.chances[2:].sum() / mix.chances[1] == pytest.approx(SHARES["cctv"] / SHARES["drawn"])

    def test_light_pictures_are_drawn_less_often(self, tmp_path: Path) -> None:
        ready = [self.ready(tmp_path, "cctv", "a", weight=1.0), self.ready(tmp_path, "cctv", "b", weight=0.2)]
        assert Mix.of(ready).chances.tolist() == pytest.approx([5 / 6, 1 / 6])

    def test_held_back_pictures_are_never_drawn(self, tmp_path: Path) -> None:
        ready = [self.ready(tmp_path, "cctv", "a"), self.ready(tmp_path, "cctv", "b", held_back=True)]
        mix = Mix.of(ready)
        assert [item.picture.path.stem for item in mix.ready] == ["a"]

    def test_a_batch_has_one_size_and_about_as_many_pixels_as_asked(self, tmp_path: Path) -> None:
        mix = Mix.of([self.ready(tmp_path, "cctv", "a")])
        seen = set()
        for seed in range(12):
            samples = mix.batch(np.random.default_rng(seed), 4 * 640 * 384)
            shapes = {sample.image.shape for sample in samples}
            assert len(shapes) == 1
            height, width, _ = shapes.pop()
            assert (width, height) in SIZES
            assert len(samples) * width * height == pytest.approx(4 * 640 * 384, rel=0.2)
            seen.add((width, height))
        assert len(seen) > 1

    def test_sizes_fit_the_networks_stride(self) -> None:
        assert all(width % 32 == 0 and height % 32 == 0 for width, height in SIZES)

    def test_a_seed_fixes_a_batch(self, tmp_path: Path) -> None:
        mix = Mix.of([self.ready(tmp_path, "cctv", name) for name in "abc"])
        first, again = (mix.batch(np.random.default_rng(3), 200_000) for _ in range(2))
        for one, two in zip(first, again, strict=True):
            np.testing.assert_array_equal(one.image, two.image)
            np.testing.assert_array_equal(one.boxes, two.boxes)

    def test_the_last_stretch_has_no_mosaics(self, tmp_path: Path) -> None:
        mix = Mix.of([self.ready(tmp_path, "cctv", "a")])
        for seed in range(10):
            samples = mix.batch(np.random.default_rng(seed), 200_000, plain=True)
            assert all(len(sample.boxes) <= 1 for sample in samples)

    def test_pictures_of_rare_things_are_drawn_more_often(self) -> None:
        car, bus = np.array([[CAR, 0, 0, 1, 1]], np.float32), np.array([[BUS, 0, 0, 1, 1]], np.float32)
        factors = repeats([car] * 36 + [np.concatenate([car, bus])] * 4, common=0.4)
        assert factors[0] == pytest.approx(1.0)
        assert factors[-1] == pytest.approx(2.0)

    def test_however_rare_there_is_a_limit(self) -> None:
        bus = np.array([[BUS, 0, 0, 1, 1]], np.float32)
        assert repeats([no_boxes()] * 999 + [bus], most=3.0)[-1] == pytest.approx(3.0)
