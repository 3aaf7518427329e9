from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ioc.errors import ModelError
from models.training import dense_evaluate
from models.training.dense_evaluate import Looked, compare, figures, group_of, look, open_map, table
from models.training.water_sources import WaterPicture, read_masks
from tests.models.drawn_map import Saturation, model
from tests.models.test_crowd_evaluate import crowd_of
from tests.models.test_training_water import save, save_flood


def mask(rows: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    return np.array([[letter == "x" for letter in row] for row in rows])


def test_pixels_are_counted_where_the_truth_is_known() -> None:
    looked = compare("masks", mask(["xx--"]), mask(["x-x-"]), mask(["xxx-"]))
    assert looked == Looked("masks", both=1, missed=1, false=1, pixels=3)
    assert looked.overlap == pytest.approx(1 / 3)


def test_no_water_where_there_is_none_is_right() -> None:
    assert Looked("masks", 0, 0, 0, 10).overlap == 1
    assert Looked("masks", 0, 0, 1, 10).overlap == 0


def test_floods_are_pooled_and_averaged() -> None:
    found = figures([Looked("masks", 90, 0, 10, 200), Looked("masks", 0, 10, 0, 200)])["masks"]
    assert found == {"pictures": 2, "iou": 0.8182, "mean_iou": 0.45, "precision": 0.9, "recall": 0.9}


def test_streets_tell_what_is_false_and_how_often_it_is_much() -> None:
    found = figures([Looked("wet stills", 0, 0, 4, 100), Looked("wet stills", 0, 0, 6, 100)])["wet stills"]
    assert found == {"pictures": 2, "false": 0.05, "alarms": 0.5}


def test_buses_tell_recall_below_and_what_is_false_in_them() -> None:
    found = figures([Looked("buses", 30, 10, 5, 90)])["buses"]
    assert found == {"pictures": 1, "recall": 0.75, "false": 0.1}


@pytest.mark.parametrize(
    ("source", "wet", "group"),
    [("masks", False, "masks"), ("streets", False, "dry streets"), ("stills", True, "wet stills")],
)
def test_groups_tell_wet_roads_from_dry_ones(source: str, wet: bool, group: str) -> None:
    assert group_of(WaterPicture(source, Path("a.jpg"), held_back=True, wet=wet)) == group


def test_what_is_coloured_is_found_at_the_picture_s_own_pixels(tmp_path: Path) -> None:
    save_flood(tmp_path, 50)
    street = WaterPicture("stills", save(tmp_path / "dry.png"), held_back=True)
    (flood,) = read_masks(tmp_path)
    looked = look(model(tmp_path), [flood, street], 320, threshold=0.15)
    assert looked[0].overlap > 0.95
    assert looked[1] == Looked("dry stills", 0, 0, 0, 90 * 160)
    assert "masks: pictures 1, iou" in table({320: figures(looked)})


def test_a_folder_without_the_sets_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert dense_evaluate.main(["water", "--data", str(tmp_path)]) == 1
    assert "holds no pictures" in capsys.readouterr().err


def test_the_command_prints_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    save_flood(tmp_path, 50)
    save_flood(tmp_path, 51)
    monkeypatch.setattr(dense_evaluate, "read_water", read_masks)
    arguments = ["water", "--data", str(tmp_path), "--size", "96", "--size", "160", "--json"]
    assert dense_evaluate.main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["96", "160"]
    assert found["96"]["masks"]["pictures"] == 1


def test_the_command_counts_heads_with_a_file_beside_the_boxes_of_road(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = [crowd_of(tmp_path, "mall", 3), crowd_of(tmp_path, "mall", 5, held_back=False)]
    monkeypatch.setattr(dense_evaluate, "read_crowds", lambda _: pictures)
    weights = tmp_path / "candidate.onnx"
    weights.write_bytes(Saturation(factor=2.0).onnx())
    arguments = ["crowd", "--data", str(tmp_path), "--weights", str(weights), "--size", "160", "--json"]
    assert dense_evaluate.main(arguments) == 0
    row = json.loads(capsys.readouterr().out)["160"]["mall"]
    assert (row["pictures"], row["true"], row["mae"]) == (1, 3, pytest.approx(3, abs=0.01))
    assert row["road_mae"] == 3
    assert dense_evaluate.main([*arguments, "--learned"]) == 0
    assert json.loads(capsys.readouterr().out)["160"]["mall"]["true"] == 5


def test_a_file_is_read_as_its_name_says_and_a_missing_one_is_told(tmp_path: Path) -> None:
    weights = tmp_path / "candidate.onnx"
    weights.write_bytes(Saturation(factor=2.0).onnx())
    assert open_map("crowd", weights).entry.layout == "density"
    assert open_map("water", weights).entry.size == 416
    with pytest.raises(ModelError, match=r"none\.onnx: No such file"):
        open_map("crowd", tmp_path / "none.onnx")
