"""Measuring a road detector: average precision by hand-made cases, decoding, and the command itself."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from ioc.errors import ModelError
from models.training.average_precision import Precision, average_precision, match
from models.training.evaluate_road import evaluate, main, mean, table
from models.training.road_boxes import Labelled, Rows, no_boxes
from models.training.road_found import decode, fit, open_network, suppress
from models.training.road_labels import BAG, CAR, LABELS, MOTORCYCLE, PERSON, TRUCK
from models.training.road_sources import Picture
from tests.models.test_training_sources import CCTV, DRAWN, VIETNAM, make_set

WEIGHTS = Path(__file__).parents[2] / "models" / "weights" / "road.onnx"


def rows(*boxes: tuple[float, ...]) -> Rows:
    return np.array(boxes, np.float32).reshape(len(boxes), -1)


LEFT, RIGHT = (0.1, 0.1, 0.3, 0.3), (0.6, 0.6, 0.9, 0.9)


class TestAveragePrecision:
    def test_all_found_and_nothing_else_is_one(self) -> None:
        truth = [rows((CAR, *LEFT)), rows((CAR, *RIGHT))]
        found = [rows((CAR, *LEFT, 0.9)), rows((CAR, *RIGHT, 0.3))]
        assert average_precision(found, truth, CAR) == Precision(1.0, 2)

    def test_half_found_is_a_half(self) -> None:
        truth = [rows((CAR, *LEFT), (CAR, *RIGHT))]
        assert average_precision([rows((CAR, *LEFT, 0.9))], truth, CAR).average == pytest.approx(0.5)

    def test_a_false_one_costs_when_it_is_scored_higher(self) -> None:
        truth = [rows((CAR, *LEFT))]
        above = [rows((CAR, *RIGHT, 0.9), (CAR, *LEFT, 0.5))]
        below = [rows((CAR, *RIGHT, 0.3), (CAR, *LEFT, 0.5))]
        assert average_precision(above, truth, CAR).average == pytest.approx(0.5)
        assert average_precision(below, truth, CAR).average == pytest.approx(1.0)

    def test_false_ones_on_other_pictures_count(self) -> None:
        truth = [rows((CAR, *LEFT)), no_boxes()]
        found = [rows((CAR, *LEFT, 0.5)), rows((CAR, *LEFT, 0.9))]
        assert average_precision(found, truth, CAR).average == pytest.approx(0.5)

    def test_a_second_box_on_the_same_object_is_false(self) -> None:
        assert match(rows((CAR, *LEFT, 0.9), (CAR, *LEFT, 0.8)), rows((CAR, *LEFT))) == [True, False]

    def test_a_box_may_take_the_neighbour_that_is_still_free(self) -> None:
        near = (0.12, 0.1, 0.32, 0.3)
        found = rows((CAR, *LEFT, 0.9), (CAR, *LEFT, 0.8))
        assert match(found, rows((CAR, *LEFT), (CAR, *near))) == [True, True]

    def test_an_overlap_below_one_half_is_no_hit(self) -> None:
        shifted = (0.2, 0.1, 0.4, 0.3)
        assert match(rows((CAR, *shifted, 0.9)), rows((CAR, *LEFT))) == [False]

    def test_labels_are_judged_apart(self) -> None:
        truth, found = [rows((CAR, *LEFT))], [rows((TRUCK, *LEFT, 0.9))]
        assert average_precision(found, truth, CAR) == Precision(0.0, 1)
        assert average_precision(found, truth, TRUCK) == Precision(None, 0)

    def test_the_order_of_pictures_does_not_matter(self) -> None:
        rng = np.random.default_rng(2)
        truth = [rows((CAR, *LEFT), (CAR, *RIGHT)) for _ in range(6)]
        found = []
        for _ in range(6):
            boxes = np.array([LEFT, RIGHT, (0.4, 0.4, 0.5, 0.5)]) + rng.normal(0, 0.03, (3, 1))
            found.append(np.column_stack([[CAR] * 3, boxes, rng.random(3)]).astype(np.float32))
        forward = average_precision(found, truth, CAR).average
        assert forward == pytest.approx(average_precision(found[::-1], truth[::-1], CAR).average)


class TestEvaluate:
    def picture(self, source: str, *boxes: tuple[float, ...]) -> Picture:
        known = Labelled(rows(*boxes), no_boxes())
        return Picture(source=source, path=Path("a.jpg"), known=known, held_back=True, weight=1.0)

    def test_a_source_is_silent_on_what_it_never_labels(self) -> None:
        own = [self.picture("vietnam", (MOTORCYCLE, *LEFT))]
        figures = evaluate(own, [rows((MOTORCYCLE, *LEFT, 0.9), (PERSON, *RIGHT, 0.9))])
        assert "person" not in figures
        assert "bag" not in figures
        assert figures["motorcycle"] == Precision(1.0, 1)

    def test_drawn_scenes_answer_for_every_label(self) -> None:
        own = [self.picture("drawn", (BAG, *LEFT))]
        assert set(evaluate(own, [no_boxes(6)])) == set(LABELS)

    def test_the_mean_leaves_rare_labels_out(self) -> None:
        figures = {"car": Precision(0.8, 100), "bus": Precision(0.0, 3), "bag": Precision(None, 0)}
        assert mean(figures) == pytest.approx(0.8)
        assert mean({}) == 0.0

    def test_the_table_shows_figures_and_how_many_boxes_they_rest_on(self) -> None:
        text = table({"vietnam": {"car": Precision(0.8123, 160)}})
        assert "0.812 (160)" in text
        assert "vietnam" in text


class TestDecode:
    def output(self, *places: tuple[int, float, tuple[float, float, float, float]]) -> npt.NDArray[np.float32]:
        out = np.zeros((4 + len(LABELS), len(places)), np.float32)
        for column, (label, score, box) in enumerate(places):
            out[:4, column] = box
            out[4 + label, column] = score
        return out

    def test_centres_in_pixels_become_corners_in_fractions(self) -> None:
        found = decode(self.output((CAR, 0.8, (320, 96, 64, 48))), 640, 384, 0.1)
        np.testing.assert_allclose(found, [[CAR, 0.45, 0.1875, 0.55, 0.3125, 0.8]], atol=1e-6)

    def test_low_scores_and_boxes_outside_are_dropped(self) -> None:
        output = self.output((CAR, 0.05, (320, 96, 64, 48)), (CAR, 0.8, (700, 96, 64, 48)))
        assert len(decode(output, 640, 384, 0.1)) == 0

    def test_duplicates_are_dropped_but_neighbours_and_other_labels_stay(self) -> None:
        output = self.output(
            (CAR, 0.8, (100, 100, 60, 40)),
            (CAR, 0.9, (102, 100, 60, 40)),
            (TRUCK, 0.5, (100, 100, 60, 40)),
            (CAR, 0.4, (140, 100, 60, 40)),
        )
        found = decode(output, 640, 384, 0.1)
        assert [(int(row[0]), round(float(row[5]), 1)) for row in found] == [(CAR, 0.9), (TRUCK, 0.5), (CAR, 0.4)]

    def test_coco_classes_are_reduced_to_ours_and_bags_are_one(self) -> None:
        out = np.zeros((84, 2), np.float32)
        out[:4] = [[100, 300], [100, 100], [40, 40], [40, 40]]
        out[4 + 26, 0], out[4 + 3, 1], out[4 + 60, 1] = 0.7, 0.6, 0.99
        found = decode(out, 640, 384, 0.1)
        assert found[:, 0].tolist() == [BAG, MOTORCYCLE]

    def test_at_most_so_many_boxes_are_kept_best_first(self) -> None:
        boxes = rows(*[(CAR, x / 100, 0.1, x / 100 + 0.005, 0.2, x / 100) for x in range(10, 90)])
        kept = suppress(boxes, 0.5, most=20)
        assert len(kept) == 20
        assert kept[0, 5] == pytest.approx(0.89)
        assert (np.diff(kept[:, 5]) <= 0).all()

    @pytest.mark.parametrize(
        ("shape", "width", "fitted"), [((360, 640), 640, (352, 640)), ((416, 740), 416, (224, 416))]
    )
    def test_pictures_fit_the_stride(self, shape: tuple[int, int], width: int, fitted: tuple[int, int]) -> None:
        assert fit(np.zeros((*shape, 3), np.uint8), width).shape[:2] == fitted


class TestCommand:
    @pytest.fixture
    def data(self, tmp_path: Path) -> Path:
        make_set(tmp_path / "traffic_vn", ("classes.txt", VIETNAM), {"vn_0_junc": ["2 0.5 0.5 0.1 0.1"]})
        make_set(tmp_path / "traffic_cctv", ("data.yaml", CCTV), {"screenshot_2": ["2 0.5 0.5 0.1 0.1"]})
        make_set(
            tmp_path / "drawn", ("classes.txt", DRAWN), {f"s{scene}-0": ["6 0.5 0.5 0.1 0.1"] for scene in range(8)}
        )
        return tmp_path

    def test_it_reports_each_source_at_each_size(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        words = ["--data", str(data), "--drawn", str(data / "drawn"), "--weights", str(WEIGHTS)]
        assert main([*words, "--size", "192", "--size", "256", "--join-riders", "--json"]) == 0
        reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [report["size"] for report in reports] == [192, 256]
        for report in reports:
            figures = report["average_precision"]
            assert set(figures) == {"vietnam", "cctv", "drawn"}
            assert figures["vietnam"]["car"][1] == 1
            assert figures["drawn"]["bag"][1] == 1

    def test_for_people_it_prints_a_table(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--data", str(data), "--weights", str(WEIGHTS), "--size", "192"]) == 0
        assert "at 192 px" in capsys.readouterr().out

    def test_missing_weights_are_one_line_with_a_way_out(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--data", str(data), "--weights", str(data / "none.onnx")]) == 1
        complaint = capsys.readouterr().err
        assert "none.onnx is missing" in complaint
        assert complaint.count("\n") == 1

    def test_missing_pictures_are_one_line_too(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--data", str(tmp_path)]) == 1
        assert capsys.readouterr().err.count("\n") == 1

    def test_opening_nothing_is_a_model_error(self, tmp_path: Path) -> None:
        with pytest.raises(ModelError):
            open_network(tmp_path / "none.onnx", 1)
