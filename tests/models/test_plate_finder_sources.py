"""Which pictures the plate detector learns from, how they are split, and what it may teach itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from ioc.errors import ModelError
from models.training.plate_crops import Crop
from models.training.plate_finder_sources import (
    DOUBT,
    HELD_BACK_STREET,
    SURE,
    read_barriers,
    read_scenes,
    read_stills,
    read_street,
    teach,
    touching,
)
from models.training.road_boxes import Rows, no_boxes
from models.training.road_labels import BUS, CAR
from tests.models.drawn_scenes import ONE_BOX, picture, rows, scene


class TestSplit:
    def test_barrier_pictures_follow_their_plates_text(self, tmp_path: Path) -> None:
        folder = tmp_path / "plates_gate"
        paths = [picture(folder / "images" / f"xe{number}.jpg", ONE_BOX) for number in (1, 2, 3)]
        crops = [
            Crop("gate_whole", path, "98A", "12345", held_back=held_back)
            for path, held_back in zip(paths, (True, False, True), strict=True)
        ]
        assert [own.held_back for own in read_barriers(folder, crops)] == [True, False, True]

    def test_one_without_a_text_goes_with_the_one_before(self, tmp_path: Path) -> None:
        folder = tmp_path / "plates_gate"
        for number in (1, 2, 9, 10, 11):
            picture(folder / "images" / f"xe{number}.jpg", ONE_BOX)
        known = {"xe1.jpg": False, "xe9.jpg": True}
        crops = [Crop("gate", folder / "crops" / name, "98A", "12345", held_back=own) for name, own in known.items()]
        found = {own.path.name: own.held_back for own in read_barriers(folder, crops)}
        assert found == {"xe1.jpg": False, "xe2.jpg": False, "xe9.jpg": True, "xe10.jpg": True, "xe11.jpg": True}

    def test_ten_successive_pictures_without_any_text_stay_together(self, tmp_path: Path) -> None:
        folder = tmp_path / "plates_gate"
        for number in range(200):
            picture(folder / "images" / f"army{number}.jpg", ONE_BOX, size=(8, 8))
        held_back = [own.held_back for own in read_barriers(folder, [])]
        assert all(len(set(held_back[start : start + 10])) == 1 for start in range(0, 200, 10))
        assert 0 < sum(held_back) < 100

    def test_another_sets_crop_of_the_same_name_says_nothing(self, tmp_path: Path) -> None:
        folder = tmp_path / "plates_gate"
        picture(folder / "images" / "xe1.jpg", ONE_BOX)
        other = [
            Crop("characters", tmp_path / "chars" / "images" / "xe1.jpg", "98A", "1", held_back=own)
            for own in (True, False)
        ]
        alone = read_barriers(folder, [])[0].held_back
        assert [read_barriers(folder, [own])[0].held_back for own in other] == [alone, alone]

    def test_street_pictures_are_split_by_number_and_read_with_their_boxes(self, tmp_path: Path) -> None:
        for number in (0, HELD_BACK_STREET - 1, HELD_BACK_STREET, HELD_BACK_STREET + 1):
            picture(tmp_path / "images" / f"pl_{number:03}_scene.jpg", ONE_BOX)
        found = read_street(tmp_path)
        assert [own.held_back for own in found] == [True, True, False, False]
        assert found[0].plates.tolist() == [pytest.approx([0, 0.4, 0.55, 0.6, 0.65])]

    def test_all_stills_of_a_camera_are_on_one_side(self, tmp_path: Path) -> None:
        for camera in range(30):
            for number in (1, 7, 13):
                picture(tmp_path / f"test{camera}_{number:03}_ok.jpg", size=(8, 8))
        sides: dict[str, set[bool]] = {}
        for own in read_stills(tmp_path):
            sides.setdefault(own.path.stem.split("_")[0], set()).add(own.held_back)
        assert all(len(side) == 1 for side in sides.values())
        assert {True} in sides.values()

    def test_traffic_brings_its_vehicles_and_no_persons(self, tmp_path: Path) -> None:
        for folder in ("plates_gate", "plates_street"):
            picture(tmp_path / folder / "images" / "a1.jpg", ONE_BOX)
        picture(tmp_path / "road_stills" / "test1_001_ok.jpg")
        picture(tmp_path / "traffic_vn" / "images" / "vn_0001_junc.jpg", "0 0.5 0.5 0.2 0.2\n1 0.2 0.2 0.1 0.1\n")
        (tmp_path / "traffic_vn" / "classes.txt").write_text("car bicycle\n")
        picture(tmp_path / "traffic_cctv" / "images" / "screenshot_1.jpg", "1 0.5 0.5 0.2 0.2\n0 0.2 0.2 0.1 0.1\n")
        (tmp_path / "traffic_cctv" / "data.yaml").write_text("names: ['person', 'bus']\n")
        traffic = [own for own in read_scenes(tmp_path, []) if own.source == "traffic"]
        assert [own.vehicles[:, 0].tolist() for own in traffic] == [[CAR], [BUS]]
        assert [own.held_back for own in traffic] == [True, False]

    def test_an_empty_folder_is_an_error_that_names_it(self, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match="plates_street"):
            read_street(tmp_path / "plates_street")


class TestTeaching:
    def found(self) -> Rows:
        return rows((0, 0.1, 0.1, 0.2, 0.2, SURE), (0, 0.3, 0.3, 0.4, 0.4, DOUBT), (0, 0.5, 0.5, 0.6, 0.6, DOUBT / 2))

    def test_in_traffic_a_sure_find_is_a_plate_and_a_doubtful_one_is_left_out(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jpg"
        (taught,) = teach([scene(path)], {path: self.found()})
        assert taught.plates.tolist() == [pytest.approx([0, 0.1, 0.1, 0.2, 0.2])]
        assert taught.unsure.tolist() == [pytest.approx([0, 0.3, 0.3, 0.4, 0.4])]

    def test_where_a_person_labelled_nothing_is_added(self, tmp_path: Path) -> None:
        path, plates = tmp_path / "a.jpg", rows((0, 0.1, 0.1, 0.22, 0.2))
        (taught,) = teach([scene(path, "street", plates=plates)], {path: self.found()})
        assert taught.plates.tolist() == plates.tolist()
        assert len(taught.unsure) == 1

    def test_what_touches_is_told(self) -> None:
        boxes = rows((0, 0.0, 0.0, 0.2, 0.2), (0, 0.8, 0.8, 0.9, 0.9))
        assert touching(boxes, rows((0, 0.05, 0.05, 0.2, 0.2))).tolist() == [True, False]
        assert touching(boxes, no_boxes()).tolist() == [False, False]
        assert touching(no_boxes(), boxes).tolist() == []
