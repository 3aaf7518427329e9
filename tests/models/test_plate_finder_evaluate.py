"""The plate detector's figures, on drawn boxes and by drawn networks."""

from __future__ import annotations

from collections.abc import Sequence
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
from models.training.plate_finder_paste import (
    Pool,
)
from models.training.road_boxes import Rows, no_boxes
from models.training.road_found import Image
from tests.models import drawn_model, drawn_reader
from tests.models.drawn_scenes import picture, rows, scene, white_patch


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
