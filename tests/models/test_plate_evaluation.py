"""The command that measures the reader, on a folder of plates that the test draws in the place of real ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.manifest import load_manifest
from models.training.plate_crops import read_crops
from models.training.plate_evaluate import main
from tests.models.drawn_gate import COUNT, constant_peer, draw_gate

WEIGHTS = load_manifest().weights(load_manifest().named("plate_reader"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_gate(tmp_path_factory.mktemp("data"))


def test_the_table_has_one_line_and_two_line_plates_and_the_confusions(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(data), "--errors", "--drawn", "1"]) == 0
    said = capsys.readouterr().out
    groups = [line[:28].strip() for line in said.splitlines()]
    assert {"one-line", "two-line", "two-line, confirmed", "two-line, gate", "drawn, military"} <= set(groups)
    assert "one-line, confirmed" not in groups
    assert "Confusions of ours:" in said


def test_only_what_is_held_back_is_measured_and_most_of_it_is_read(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(data), "--json"]) == 0
    groups = json.loads(capsys.readouterr().out)["ours"]["groups"]
    held_back = [crop for crop in read_crops(data) if crop.held_back]
    assert groups["one-line"]["crops"] + groups["two-line"]["crops"] == len(held_back)
    assert 0 < len(held_back) < COUNT / 2
    assert groups["two-line"]["characters"] > 0.9


def test_a_published_reader_is_measured_beside_ours_on_the_same_crops(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held_back = next(crop for crop in read_crops(data) if crop.held_back and crop.lines == 2)
    peer = constant_peer(tmp_path / "peer.onnx", held_back.text)
    assert main(["--data", str(data), "--peer", str(peer), "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    ours, theirs = value["ours"]["groups"]["two-line"], value["peer"]["groups"]["two-line"]
    assert ours["crops"] == theirs["crops"]
    assert theirs["exact"] == pytest.approx(1 / theirs["crops"], abs=1e-3)
    assert theirs["lines"] == 0, "the published reader does not tell lines apart"
    assert ours["exact"] > theirs["exact"]
    assert sum(value["ours"]["confusions"].values()) >= 9 * ours["crops"]


def test_one_look_is_measured_beside_several_and_is_another_way_of_reading(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(data), "--json", "--drawn", "6"]) == 0
    value = json.loads(capsys.readouterr().out)
    several, once = value["ours"]["groups"], value["one look"]["groups"]
    assert {group: own["crops"] for group, own in several.items()} == {
        group: own["crops"] for group, own in once.items()
    }
    drawn = [group for group in several if group.startswith("drawn")]
    assert any(several[group] != once[group] for group in drawn)
    assert sum(several[group]["exact"] for group in drawn) >= sum(once[group]["exact"] for group in drawn)


def test_weights_of_ours_can_be_given(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(data), "--weights", str(WEIGHTS), "--json"]) == 0
    given = capsys.readouterr().out
    assert main(["--data", str(data), "--json"]) == 0
    assert capsys.readouterr().out == given


def test_a_folder_without_plates_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path)]) == 1
    assert "texts.csv is missing: give the data folder that holds plates_gate" in capsys.readouterr().err
