"""The hazard detector's pictures, which the test draws: what they show, their split, and what a teacher adds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from ioc.errors import ModelError
from models.training.hazard_sources import (
    BURNING_BUS,
    DOUBT,
    FIRE,
    HELD_BACK_SMOKE,
    SMOKE,
    SQUASHED,
    SURE,
    Scene,
    alike,
    frame_held_back,
    negative,
    read_boxed,
    read_classes,
    read_scenes,
    read_stills,
    teach,
)
from models.training.road_boxes import Labelled, no_boxes
from models.training.road_found import Image
from tests.models.drawn_scenes import rows


def noise(seed: int, size: tuple[int, int] = (48, 64)) -> Image:
    """A picture like no other."""
    coarse = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)


def write(path: Path, image: Image, label: str | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), image, [cv2.IMWRITE_JPEG_QUALITY, 95])
    if label is not None:
        labels = path.parent.parent / "labels"
        labels.mkdir(exist_ok=True)
        (labels / f"{path.stem}.txt").write_text(label)
    return path


def boxed_set(folder: Path) -> Path:
    write(folder / "train" / "images" / "img_345_jpg.jpg", noise(1), "0 0.5 0.5 0.2 0.4\n2 0.5 0.2 1 0.4\n")
    write(folder / "valid" / "images" / "img_602_jpg.jpg", noise(2), "1 0.5 0.5 1 1\n")
    write(folder / "test" / "images" / "test1_mp4-14_jpg.jpg", noise(3), "0 0.2 0.5 0.2 0.4\n")
    return folder


def sorted_set(folder: Path, count: int = 30) -> Path:
    for number in range(count):
        for offset, name in enumerate(("fire", "smoke", "normal")):
            write(folder / name / f"{name}_{number:04}.jpg", noise(1000 * offset + number))
    return folder


class TestBoxed:
    def test_boxes_get_our_labels_and_a_normal_frame_shows_nothing(self, tmp_path: Path) -> None:
        both, normal, night = read_boxed(boxed_set(tmp_path))
        np.testing.assert_allclose(both.known.boxes, [[FIRE, 0.4, 0.3, 0.6, 0.7], [SMOKE, 0, 0, 1, 0.4]], atol=1e-6)
        assert [set(scene.shown) for scene in (both, normal, night)] == [{FIRE, SMOKE}, set(), {FIRE}]
        assert not len(normal.known.boxes)

    def test_the_published_split_is_ignored_and_videos_are_held_back(self, tmp_path: Path) -> None:
        assert [scene.held_back for scene in read_boxed(boxed_set(tmp_path))] == [False, False, True]

    def test_a_frame_is_read_in_its_true_shape_or_as_stored(self, tmp_path: Path) -> None:
        scene = read_boxed(boxed_set(tmp_path))[0]
        assert scene.read(stored=True).shape == (48, 64, 3)
        assert scene.read().shape == (48, round(48 * SQUASHED), 3)

    def test_a_missing_part_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "train" / "images").mkdir(parents=True)
        with pytest.raises(ModelError, match=r"train/images holds no pictures"):
            read_boxed(tmp_path)

    @pytest.mark.parametrize(
        ("stem", "held_back"),
        [
            ("img_399_jpg.rf.a", False),  # a garage
            ("img_400_jpg.rf.a", True),  # the burning street
            ("img_415_jpg.rf.a", False),  # the garage again, between its frames
            ("img_54--2-_jpg.rf.a", False),
            ("img_608_jpg.rf.a", False),
            ("img_828_jpg.rf.a", True),
            ("fire2_mp4-40_jpg.rf.a", False),  # the garage under another name
            ("smoke1_mp4-4_jpg.rf.a", False),
            ("smoke2_mp4-4_jpg.rf.a", True),
            ("newsmoke2_mp4-4_jpg.rf.a", False),
            ("pexels-alan-w-8365993_mp4-21_jpg.rf.a", True),
        ],
    )
    def test_both_names_of_a_video_are_on_one_side(self, stem: str, held_back: bool) -> None:
        assert frame_held_back(stem) is held_back


class TestSorted:
    def test_the_folder_says_what_is_shown(self, tmp_path: Path) -> None:
        scenes = read_classes(sorted_set(tmp_path))
        shown = {scene.path.stem[:4]: (scene.source, set(scene.shown)) for scene in scenes}
        assert shown == {"fire": ("classes", {FIRE}), "smok": ("classes", {SMOKE}), "norm": ("normal", set())}
        assert all(not len(scene.known.boxes) for scene in scenes)

    def test_a_part_of_each_kind_is_held_back(self, tmp_path: Path) -> None:
        scenes = read_classes(sorted_set(tmp_path))
        for name in ("fire", "smoke", "normal"):
            held_back = [scene.held_back for scene in scenes if scene.path.parent.name == name]
            assert 2 <= sum(held_back) <= 18

    def test_copies_of_a_picture_are_on_one_side_whatever_they_are_called(self, tmp_path: Path) -> None:
        folder = sorted_set(tmp_path)
        for number in range(30):
            brighter = np.clip(noise(number).astype(np.int16) + 12, 0, 255).astype(np.uint8)
            write(folder / "fire" / f"fire_{number + 600:04}.jpg", brighter)
        sides = {scene.path.stem: scene.held_back for scene in read_classes(folder)}
        pairs = [(sides[f"fire_{number:04}"], sides[f"fire_{number + 600:04}"]) for number in range(30)]
        assert all(first == second for first, second in pairs)
        assert {first for first, _ in pairs} == {True, False}

    def test_filmed_tests_are_held_back_as_a_whole(self, tmp_path: Path) -> None:
        for number in HELD_BACK_SMOKE:
            write(tmp_path / "smoke" / f"smoke_{number:04}.jpg", noise(number))
        write(tmp_path / "fire" / "fire_0069.jpg", noise(5000))
        write(tmp_path / "normal" / "normal_0000.jpg", noise(6000))
        held_back = {scene.path.parent.name: scene.held_back for scene in read_classes(tmp_path)}
        assert held_back["smoke"]
        assert all(scene.held_back for scene in read_classes(tmp_path) if scene.path.parent.name == "smoke")


class TestAlike:
    def test_a_picture_joins_two_groups_that_it_is_between(self) -> None:
        first, last = noise(1).astype(np.float32), noise(2).astype(np.float32)
        steps = [np.asarray(first * (1 - part) + last * part, np.uint8) for part in (0.0, 0.3, 0.5, 0.7, 1.0)]
        assert alike([*steps, noise(3)]) == [[0, 1, 2, 3, 4], [5]]

    def test_other_light_makes_no_other_picture_and_a_blank_one_is_like_none(self) -> None:
        dim = (noise(4) * 0.5).astype(np.uint8)
        blank = np.full_like(dim, 90)
        assert alike([noise(4), blank, dim, blank]) == [[0, 2], [1], [3]]


class TestNegatives:
    def test_a_cameras_stills_are_on_one_side(self, tmp_path: Path) -> None:
        for camera in range(20):
            for number in (1, 7):
                write(tmp_path / f"test{camera}_{number:03}_ok.jpg", noise(camera))
        sides: dict[str, set[bool]] = {}
        for scene in read_stills(tmp_path):
            assert not scene.shown
            sides.setdefault(scene.path.stem.split("_")[0], set()).add(scene.held_back)
        assert sorted(map(len, sides.values())) == [1] * 20
        assert {True} in sides.values()
        assert {False} in sides.values()

    def test_streets_are_taken_from_every_set_but_the_bus_that_burns(self, tmp_path: Path) -> None:
        boxed_set(tmp_path / "fire" / "cctv_boxes")
        sorted_set(tmp_path / "fire" / "classes", 1)
        write(tmp_path / "road_stills" / "test1_001_ok.jpg", noise(1))
        for scene in ("junc", "day"):
            write(tmp_path / "traffic_vn" / "images" / f"vn_0001_{scene}.jpg", noise(2))
        (tmp_path / "traffic_vn" / "classes.txt").write_text("car\n")
        write(tmp_path / "traffic_cctv" / "images" / "tdkkec1.jpg", noise(3))
        (tmp_path / "traffic_cctv" / "data.yaml").write_text("names: ['car']\n")
        for folder in ("traffic_dhaka", "garbage_street/train", "flood/bus_depth/train"):
            write(tmp_path / folder / "images" / "one.jpg", noise(4))
        write(tmp_path / "flood/bus_depth/train/images" / f"{BURNING_BUS}1.jpg", noise(5))
        streets = [scene for scene in read_scenes(tmp_path) if scene.source == "streets"]
        assert len(streets) == 6
        assert [scene.path.stem for scene in streets if scene.held_back] == ["vn_0001_junc"]
        assert not any(scene.shown for scene in streets)


class TestTeaching:
    def taught(self, scene: Scene, *found: Sequence[float]) -> Labelled:
        return teach([scene], {scene.path: rows(*found) if found else no_boxes(6)})[0].known

    def sorted_scene(self, label: int = FIRE) -> Scene:
        return Scene("classes", Path("a.jpg"), Labelled(no_boxes(), no_boxes()), frozenset({label}), held_back=False)

    def test_sure_finds_are_labels_and_half_seen_ones_unsure(self) -> None:
        sure, half, faint = (
            (label, 0.1, 0.1, 0.4, 0.4, score) for label, score in ((FIRE, SURE), (SMOKE, DOUBT), (SMOKE, DOUBT / 2))
        )
        known = self.taught(self.sorted_scene(), sure, half, faint)
        np.testing.assert_allclose(known.boxes, rows(sure[:5]))
        np.testing.assert_allclose(known.unsure, rows(half[:5]))

    def test_what_is_shown_but_only_half_seen_is_boxed_by_the_best_find(self) -> None:
        known = self.taught(
            self.sorted_scene(SMOKE),
            (SMOKE, 0, 0, 0.2, 0.2, 0.1),
            (SMOKE, 0.5, 0.5, 0.9, 0.9, 0.3),
            (FIRE, 0, 0, 1, 1, 0.9),
        )
        np.testing.assert_allclose(known.boxes, rows((FIRE, 0, 0, 1, 1), (SMOKE, 0.5, 0.5, 0.9, 0.9)))

    def test_a_picture_of_which_nothing_is_seen_is_filled(self) -> None:
        assert self.taught(self.sorted_scene()).boxes.tolist() == [[FIRE, 0, 0, 1, 1]]

    def test_beside_a_persons_boxes_everything_is_unsure(self) -> None:
        labels = Labelled(rows((FIRE, 0.1, 0.1, 0.3, 0.3)), no_boxes())
        scene = Scene("boxed", Path("a.jpg"), labels, frozenset({FIRE}), held_back=False)
        smoke = (SMOKE, 0.5, 0.0, 0.9, 0.4, 0.95)
        known = self.taught(scene, (FIRE, 0.1, 0.1, 0.3, 0.32, 0.9), smoke)
        np.testing.assert_allclose(known.boxes, labels.boxes)
        np.testing.assert_allclose(known.unsure, rows(smoke[:5]))

    def test_a_false_find_in_a_picture_without_either_teaches_nothing(self) -> None:
        street = negative("streets", Path("a.jpg"), held_back=False)
        known = self.taught(street, (FIRE, 0.1, 0.1, 0.3, 0.3, 0.9))
        assert not len(known.boxes)
        assert not len(known.unsure)
