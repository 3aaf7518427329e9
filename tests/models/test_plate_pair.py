"""The command that measures finding and reading together, beside a published pair."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.manifest import load_manifest
from models.training.plate_crops import Crop, read_crops
from models.training.plate_pair import main, vehicle_of, whole_pictures
from tests.models.drawn_gate import constant_peer, draw_gate

FINDER = load_manifest().weights(load_manifest().named("plate"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_gate(tmp_path_factory.mktemp("pair"))


@pytest.mark.parametrize(
    ("upper", "lower", "vehicle"),
    [("98B1", "12345", "motorbike"), ("98A1", "2345", "motorbike"), ("98A12345", "", "car"), ("98A", "12345", "car")],
)
def test_the_layout_says_which_vehicle_bears_a_plate(upper: str, lower: str, vehicle: str) -> None:
    assert vehicle_of(Crop("gate", Path("none.png"), upper, lower)) == vehicle


def test_pictures_count_by_set_lines_and_vehicle(data: Path) -> None:
    crops = read_crops(data)[:12]
    for crop, (truth, image) in zip(crops, whole_pictures(crops), strict=True):
        assert truth.text == crop.text
        assert truth.groups == (
            "gate, all",
            f"gate, {crop.lines}-line",
            f"gate, {'car' if crop.lines == 1 else 'motorbike'}",
        )
        assert image.shape == crop.read().shape


def test_a_published_pair_is_measured_beside_ours_on_the_same_pictures(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held_back = [crop for crop in read_crops(data) if crop.held_back]
    peer = constant_peer(tmp_path / "peer.onnx", held_back[0].text)
    arguments = ["--data", str(data), "--finder", str(FINDER), "--reader", str(peer), "--size", "384"]
    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"ours", "pair 384"}
    ours, theirs = (own["groups"]["gate, all"] for own in found.values())
    assert ours["crops"] == theirs["crops"] == len(held_back)
    assert theirs["exact"] == pytest.approx(1 / len(held_back), abs=1e-3)
    assert ours["exact"] > 0.7
    assert sum(found["ours"]["confusions"].values()) >= sum(len(crop.text) for crop in held_back)


def test_ours_alone_is_measured_without_a_pair_and_what_is_wrong_is_listed(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(data), "--errors"]) == 0
    said = capsys.readouterr().out
    assert "Confusions of ours:" in said
    assert "pair" not in said.splitlines()[0]
    wrong = 1 - float(said.splitlines()[1].split()[-3])
    held_back = sum(crop.held_back for crop in read_crops(data))
    assert said.count(" read as ") >= round(wrong * held_back)


@pytest.mark.parametrize("option", ["--finder", "--reader"])
def test_half_a_pair_is_refused(data: Path, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(data), option, "x.onnx"]) == 2
    assert "--finder and --reader belong together" in capsys.readouterr().err
