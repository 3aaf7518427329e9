"""Sets of pictures: what is read from their folders, and that no camera is on both sides of the split."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from ioc.errors import ModelError
from models.training.road_labels import BAG, BUS, CAR, EVERY_LABEL, MOTORCYCLE, PERSON, TRUCK
from models.training.road_sources import (
    HELD_BACK_RECORDINGS,
    Picture,
    cctv_held_back,
    count_labels,
    read_all,
    read_cctv,
    read_drawn,
    read_general,
    read_unlabelled,
    read_vietnam,
)

VIETNAM = "bicycle\nbus\ncar\ncontainer_truck\nfire_engine\nmotorcycle\ntruck\nvan\n"
CCTV = "train: ../train/images\nnc: 6\nnames: ['bicycle', 'bus', 'car', 'motorbike', 'person', 'truck']\n"
DRAWN = "person\nbicycle\nmotorcycle\ncar\nbus\ntruck\nbag\n"
RIDER_AND_BIKE = ["4 0.45 0.49 0.08 0.26", "3 0.45 0.60 0.10 0.20"]


def make_set(folder: Path, classes: tuple[str, str], pictures: dict[str, Sequence[str]]) -> Path:
    for name in ("images", "labels"):
        (folder / name).mkdir(parents=True)
    (folder / classes[0]).write_text(classes[1])
    for stem, lines in pictures.items():
        cv2.imwrite(str(folder / "images" / f"{stem}.jpg"), np.zeros((8, 8, 3), np.uint8))
        (folder / "labels" / f"{stem}.txt").write_text("\n".join(lines))
    return folder


def by_stem(pictures: Sequence[Picture]) -> dict[str, Picture]:
    return {picture.path.stem: picture for picture in pictures}


class TestVietnam:
    @pytest.fixture
    def pictures(self, tmp_path: Path) -> dict[str, Picture]:
        lines = [f"{index} 0.5 0.5 0.1 0.1" for index in (1, 2, 3, 4, 5, 6, 7)]
        names = ["vn_0000_dnA", "vn_0001_junc", "vn_0002_nightrain", "vn_0003_dnC", "vn_0004_dnD", "vn_0151_dnB"]
        names.append("vn_0392_junc")
        return by_stem(read_vietnam(make_set(tmp_path, ("classes.txt", VIETNAM), dict.fromkeys(names, lines))))

    def test_every_class_gets_one_of_our_labels(self, pictures: dict[str, Picture]) -> None:
        labels = pictures["vn_0000_dnA"].known.boxes[:, 0].tolist()
        assert labels == [BUS, CAR, TRUCK, TRUCK, MOTORCYCLE, TRUCK, CAR]

    def test_whole_scenes_are_held_back(self, pictures: dict[str, Picture]) -> None:
        held_back = {stem for stem, picture in pictures.items() if picture.held_back}
        assert {"vn_0001_junc", "vn_0002_nightrain", "vn_0003_dnC"} <= held_back
        assert not {"vn_0000_dnA", "vn_0004_dnD"} & held_back

    def test_a_misnamed_picture_goes_where_its_camera_is(self, pictures: dict[str, Picture]) -> None:
        assert pictures["vn_0151_dnB"].held_back
        assert not pictures["vn_0392_junc"].held_back

    def test_boxes_grow_only_in_scenes_that_box_motorcycles_alone(self, pictures: dict[str, Picture]) -> None:
        assert pictures["vn_0004_dnD"].grow_wheelers
        assert not pictures["vn_0000_dnA"].grow_wheelers

    def test_the_teacher_completes_them_and_their_shape_is_true(self, pictures: dict[str, Picture]) -> None:
        assert all(picture.teach and picture.aspect is None for picture in pictures.values())


class TestCctv:
    @pytest.fixture
    def pictures(self, tmp_path: Path) -> dict[str, Picture]:
        names = ["screenshot_299", "screenshot_2", "image21", "image05", "ant_sales-220", "Fuso-truck"]
        return by_stem(read_cctv(make_set(tmp_path, ("data.yaml", CCTV), dict.fromkeys(names, RIDER_AND_BIKE))))

    def test_riders_are_joined(self, pictures: dict[str, Picture]) -> None:
        boxes = pictures["screenshot_299"].known.boxes
        np.testing.assert_allclose(boxes, [[MOTORCYCLE, 0.40, 0.36, 0.50, 0.70]], atol=1e-5)

    def test_a_camera_with_mixed_up_labels_says_nothing_about_them(self, pictures: dict[str, Picture]) -> None:
        known = pictures["ant_sales-220"].known
        assert len(known.boxes) == 0
        assert known.unsure[:, 0].tolist() == [EVERY_LABEL]

    def test_street_views_are_stretched_and_portraits_of_lorries_weigh_little(
        self, pictures: dict[str, Picture]
    ) -> None:
        assert pictures["screenshot_299"].aspect == pytest.approx(16 / 9)
        assert pictures["Fuso-truck"].weight < pictures["screenshot_299"].weight

    def test_cameras_are_held_back_whole(self, pictures: dict[str, Picture]) -> None:
        held_back = {stem for stem, picture in pictures.items() if picture.held_back}
        assert held_back == {"screenshot_2", "image21"}

    def test_the_recording_is_what_the_number_leaves_over(self) -> None:
        for recording in range(149):
            stems = [f"screenshot_{recording + 149 * turn}" for turn in range(4)]
            assert {cctv_held_back(stem) for stem in stems} == {recording in HELD_BACK_RECORDINGS}

    @pytest.mark.parametrize("stem", ["Image_013204", "image99", "maxresdefault-2", "tdkkec134_JPG"])
    def test_others_are_trained_on(self, stem: str) -> None:
        assert not cctv_held_back(stem)


class TestDrawn:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        near = ["0 0.45 0.49 0.08 0.26", "2 0.45 0.60 0.10 0.20", "6 0.7 0.7 0.1 0.1"]
        stems = [f"street-{1000 + scene}-{index:03d}" for scene in range(16) for index in range(3)]
        return make_set(tmp_path, ("classes.txt", DRAWN), dict.fromkeys(stems, near))

    def test_their_labels_are_taken_as_they_are(self, folder: Path) -> None:
        picture = read_drawn(folder)[0]
        assert picture.known.boxes[:, 0].tolist() == [PERSON, MOTORCYCLE, BAG]
        assert not picture.teach

    def test_every_eighth_scene_is_held_back_whole(self, folder: Path) -> None:
        sides: dict[str, set[bool]] = {}
        for picture in read_drawn(folder):
            sides.setdefault(picture.path.stem.rsplit("-", 1)[0], set()).add(picture.held_back)
        assert all(len(side) == 1 for side in sides.values())
        assert sum(side == {True} for side in sides.values()) == 2


class TestEverything:
    def test_all_sets_are_read_and_drawn_ones_only_when_given(self, tmp_path: Path) -> None:
        make_set(tmp_path / "traffic_vn", ("classes.txt", VIETNAM), {"vn_0_dnA": ["2 0.5 0.5 0.1 0.1"]})
        make_set(tmp_path / "traffic_cctv", ("data.yaml", CCTV), {"screenshot_1": RIDER_AND_BIKE})
        drawn = make_set(tmp_path / "drawn", ("classes.txt", DRAWN), {"street-1-1": ["6 0.5 0.5 0.1 0.1"]})
        assert [p.source for p in read_all(tmp_path)] == ["vietnam", "cctv"]
        every = read_all(tmp_path, drawn, drawn / "images", [drawn / "images"])
        assert [p.source for p in every] == ["vietnam", "cctv", "drawn", "unlabelled", "general"]
        counted = count_labels([p.known.boxes for p in every])
        assert {name: count for name, count in counted.items() if count} == {"car": 1, "motorcycle": 1, "bag": 1}

    def test_unlabelled_stills_have_no_boxes_and_are_never_held_back(self, tmp_path: Path) -> None:
        folder = make_set(tmp_path, ("classes.txt", DRAWN), {"a": []}) / "images"
        for picture in read_unlabelled(folder) + read_general(folder):
            assert len(picture.known.boxes) == 0
            assert picture.teach
            assert not picture.held_back

    def test_every_eighth_general_picture_is_held_back(self, tmp_path: Path) -> None:
        folder = make_set(tmp_path, ("classes.txt", DRAWN), {f"{index:02}": [] for index in range(24)}) / "images"
        assert [p.path.stem for p in read_general(folder) if p.held_back] == ["07", "15", "23"]

    def test_of_several_general_folders_each_weighs_the_same(self, tmp_path: Path) -> None:
        few = make_set(tmp_path / "few", ("classes.txt", DRAWN), {"a": []}) / "images"
        many = make_set(tmp_path / "many", ("classes.txt", DRAWN), {name: [] for name in "abcd"}) / "images"
        weights = [sum(picture.weight for picture in read_general(folder)) for folder in (few, many)]
        assert weights[0] == pytest.approx(weights[1])

    def test_a_folder_without_pictures_is_an_error_that_names_it(self, tmp_path: Path) -> None:
        make_set(tmp_path / "traffic_vn", ("classes.txt", VIETNAM), {})
        with pytest.raises(ModelError, match=r"traffic_vn.*holds no pictures"):
            read_all(tmp_path, None)

    def test_a_set_that_does_not_name_its_classes_is_an_error(self, tmp_path: Path) -> None:
        folder = make_set(tmp_path, ("other.txt", ""), {"a-1": []})
        with pytest.raises(ModelError, match=r"classes\.txt is missing"):
            read_drawn(folder)

    def test_counting_nothing_is_zero_for_every_label(self) -> None:
        assert set(count_labels([]).values()) == {0}
