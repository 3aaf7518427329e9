"""The plate detector's recipe on pictures that the test draws: their split, what is pasted, and the figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from ioc.errors import ModelError
from models.detector import Detector
from models.plates import PlateSight
from models.session import Session
from models.training.plate_crops import Crop
from models.training.plate_finder_evaluate import (
    Figures,
    Judged,
    figures,
    finder,
    judged_sets,
    main,
    open_finder,
    read_exactly,
    table,
    worth,
)
from models.training.plate_finder_mix import SIZES, FinderMix, filled, shown
from models.training.plate_finder_paste import (
    PART_OF_VEHICLE,
    SMALLEST,
    Patch,
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
    DOUBT,
    HELD_BACK_STREET,
    SURE,
    VEHICLES,
    Scene,
    read_barriers,
    read_scenes,
    read_stills,
    read_street,
    teach,
    touching,
)
from models.training.road_boxes import Rows, no_boxes
from models.training.road_found import Image
from models.training.road_labels import BUS, CAR, MOTORCYCLE
from tests.models import drawn_model, drawn_reader

ONE_BOX = "0 0.5 0.6 0.2 0.1\n"


def picture(path: Path, label: str | None = None, shade: int = 90, size: tuple[int, int] = (240, 320)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((*size, 3), shade, np.uint8))
    if label is not None:
        labels = path.parent.parent / "labels"
        labels.mkdir(exist_ok=True)
        (labels / f"{path.stem}.txt").write_text(label)
    return path


def rows(*boxes: Sequence[float]) -> Rows:
    return np.array(boxes, np.float32).reshape(len(boxes), -1)


def scene(path: Path, source: str = "traffic", **changes: object) -> Scene:
    vehicles = rows((CAR, 0.1, 0.2, 0.5, 0.9), (MOTORCYCLE, 0.6, 0.2, 0.8, 0.9))
    known = Scene(source, path, no_boxes(), no_boxes(), vehicles, held_back=False)
    return replace(known, **changes)  # type: ignore[arg-type]


def white_patch(lines: int = 1) -> Patch:
    image = np.full((20, 94, 3), 250, np.uint8)
    return Patch(image, np.array([[0, 0], [94, 0], [94, 20], [0, 20]], np.float32), lines)


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


class TestFigures:
    truth = rows((0, 0.4, 0.4, 0.6, 0.5))

    def judged(self, unsure: Rows | None = None) -> Judged:
        return Judged(np.zeros((48, 64, 3), np.uint8), self.truth, no_boxes() if unsure is None else unsure)

    def says(self, *boxes: Sequence[float]) -> Figures:
        answer = np.array(boxes, np.float32).reshape(-1, 6)
        return figures([self.judged(rows((0, 0.8, 0.8, 0.9, 0.9)))], lambda _image: answer)

    def test_a_perfect_box_is_worth_everything(self) -> None:
        perfect = self.says((0, 0.4, 0.4, 0.6, 0.5, 0.9))
        assert (perfect.average, perfect.tightness, perfect.false) == pytest.approx((1, 1, 0))
        assert (perfect.plates, perfect.pictures) == (1, 1)

    def test_a_loose_box_counts_and_shows_in_the_tightness(self) -> None:
        loose = self.says((0, 0.35, 0.4, 0.65, 0.5, 0.9))
        assert (loose.average, loose.tightness) == pytest.approx((1, 2 / 3), abs=0.01)

    def test_nothing_found_is_worth_nothing(self) -> None:
        assert self.says().average == 0

    def test_false_boxes_count_where_no_plate_can_be(self) -> None:
        right = (0, 0.4, 0.4, 0.6, 0.5, 0.7)
        false = self.says(right, (0, 0.1, 0.1, 0.2, 0.2, 0.9), (0, 0.2, 0.8, 0.3, 0.9, 0.1))
        assert (false.average, false.false) == pytest.approx((0.5, 1))
        doubtful = self.says(right, (0, 0.8, 0.8, 0.9, 0.9, 0.9))
        assert (doubtful.average, doubtful.false) == pytest.approx((1, 0))

    def test_tight_boxes_decide_between_equals(self) -> None:
        tight, loose = (self.says((0, 0.4 - by, 0.4, 0.6, 0.5, 0.9)) for by in (0.0, 0.05))
        assert worth({"gate": tight}) > worth({"gate": loose})

    def test_the_table_names_every_set(self) -> None:
        lines = table({"gate": self.says((0, 0.4, 0.4, 0.6, 0.5, 0.9)), "street": self.says()}).splitlines()
        assert [line.split()[0] for line in lines[1:]] == ["gate", "street"]
        assert "1.000" in lines[1]

    def test_held_back_sets_are_drawn_the_same_again(self, tmp_path: Path) -> None:
        scenes = [scene(picture(tmp_path / "a.jpg"), held_back=True), scene(picture(tmp_path / "b.jpg"))]
        first, again = (judged_sets(scenes, Pool([white_patch()], 0.5), pasted=3) for _ in range(2))
        assert [len(own) for own in first.values()] == [0, 0, 3]
        assert all(
            np.array_equal(one.image, other.image) for one, other in zip(first["pasted"], again["pasted"], strict=True)
        )
        assert all((own.plates[:, 1:] <= 1).all() for own in first["pasted"])


class TestReading:
    def test_exact_texts_are_counted_by_source_and_lines(self, tmp_path: Path) -> None:
        path, sha256 = drawn_model.write(tmp_path)
        entry = drawn_model.entry(sha256, labels=("plate", "leaf", "sky"))
        detector = Detector(entry, Session(path, sha256, provider="cpu"))
        image = np.zeros((384, 640, 3), np.uint8)
        image[64:96, 96:128] = (0, 0, 255)
        cv2.imwrite(str(tmp_path / "a.png"), image)
        cv2.imwrite(str(tmp_path / "empty.png"), np.zeros_like(image))
        # A red square fills both lines of what the drawn reader sees.
        crops = [
            Crop("gate_whole", tmp_path / "a.png", "R", "R", held_back=True),
            Crop("gate_whole", tmp_path / "a.png", "R", "G", held_back=True),
            Crop("gate_whole", tmp_path / "empty.png", "RR", "", held_back=True),
            Crop("gate_whole", tmp_path / "a.png", "RR", "", held_back=False),
        ]
        exact = read_exactly(crops, PlateSight(detector, drawn_reader.reader(tmp_path)))
        assert exact == {"gate_whole, 1-line": (0, 1), "gate_whole, 2-line": (1, 2)}


class TestFinder:
    def image(self) -> Image:
        image = np.zeros((192, 320, 3), np.uint8)
        image[32:64, 64:96] = (0, 0, 255)
        return image

    def test_a_detector_answers_in_rows(self, tmp_path: Path) -> None:
        path, sha256 = drawn_model.write(tmp_path)
        detector = Detector(drawn_model.entry(sha256), Session(path, sha256, provider="cpu"))
        (row,) = finder(detector, 320, lowest=0.5)(self.image())
        assert row.tolist() == pytest.approx([0, 0.2, 1 / 6, 0.3, 1 / 3, 1.0])
        assert finder(detector, 320, lowest=0.5)(np.zeros((192, 320, 3), np.uint8)).shape == (0, 6)

    def test_missing_weights_are_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match=r"none\.onnx"):
            open_finder(tmp_path / "none.onnx")

    def test_the_command_says_in_a_line_what_is_missing(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["--data", str(tmp_path), "--start", str(tmp_path / "none.onnx")]) != 0
        (line,) = capsys.readouterr().err.splitlines()
        assert "none.onnx" in line
