"""The recipe for eight-bit copies: which pictures it shows, and what it prints."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from models.bench import digest
from models.quantise import FIRST
from models.training import eight_bits
from models.training.road_sources import read_vietnam
from tests.models.test_road_weights import street


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a folder of sets with pictures of a camera that is held back and of one that is not."""
    for name in ("traffic_vn", "traffic_cctv"):
        for part in ("images", "labels"):
            (tmp_path / name / part).mkdir(parents=True)
    (tmp_path / "traffic_vn" / "classes.txt").write_text("motorcycle car\n")
    (tmp_path / "traffic_cctv" / "data.yaml").write_text("names: [bicycle, bus, car, motorbike, person, truck]\n")
    for number, scene in enumerate(("lavela", "nightrain", "rondo")):
        cv2.imwrite(str(tmp_path / "traffic_vn" / "images" / f"vn_{number:04}_{scene}.jpg"), street(number))
        (tmp_path / "traffic_vn" / "labels" / f"vn_{number:04}_{scene}.txt").write_text("1 0.5 0.5 0.2 0.2\n")
    for name in ("screenshot_2", "screenshot_3", "lorry"):
        cv2.imwrite(str(tmp_path / "traffic_cctv" / "images" / f"{name}.jpg"), street(1))
        (tmp_path / "traffic_cctv" / "labels" / f"{name}.txt").write_text("2 0.5 0.5 0.2 0.2\n")
    return tmp_path


def test_what_is_held_back_is_never_shown(data: Path) -> None:
    every = read_vietnam(data / "traffic_vn")
    assert [picture.held_back for picture in every] == [False, True, False]
    shown = [path.stem for path in eight_bits.of_road(data)]
    assert shown == ["vn_0000_lavela", "vn_0002_rondo", "screenshot_3"]


def test_the_line_for_the_manifest_is_printed(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "road_int8.onnx"
    shown: list[Path] = []
    kept: list[dict[str, int]] = []

    def write(entry: object, weights: Path, out: Path, pictures: list[Path], **settings: int) -> None:
        shown.extend(pictures)
        kept.append(settings)
        out.write_bytes(weights.name.encode())

    monkeypatch.setattr(eight_bits, "quantise", write)
    assert eight_bits.main(["road", "--data", str(data), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f'eight_bit = {{ file = "road_int8.onnx", sha256 = "{digest(out)}" }}\n'
    assert out.read_bytes() == b"road.onnx"
    assert len(shown) == 3
    assert kept == [{"first": FIRST}]


def test_a_model_without_pictures_is_refused_with_those_that_have_some(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert eight_bits.main(["plate_reader", "--data", str(data), "--out", str(tmp_path / "x.onnx")]) == 2
    assert capsys.readouterr().err == "no eight-bit recipe for 'plate_reader'; there are some for: road, plate\n"
