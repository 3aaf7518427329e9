from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from pydantic import ValidationError

from ioc.errors import ModelError
from models.manifest import Manifest, load_manifest
from models.plate_reader import PlateReader, as_input
from tests.models.drawn_reader import SIZE, Squares, entry, painted, reader, write


@pytest.mark.parametrize("lines", [("R",), ("RGB",), ("RGB", "BBR"), ("GG", "RRRR"), ("BBBB", "G")])
def test_what_is_painted_is_read_line_by_line(tmp_path: Path, lines: tuple[str, ...]) -> None:
    (read,) = reader(tmp_path).read([painted(*lines)])
    assert read.text == "".join(lines)
    assert read.lines == len(lines)
    assert read.upper_len == len(lines[0])
    assert read.scores == pytest.approx([1.0] * len(read.text), abs=1e-4)
    assert read.score == pytest.approx(1.0, abs=1e-3)


def test_a_read_is_in_the_crops_order_and_does_not_depend_on_the_others(tmp_path: Path) -> None:
    own = reader(tmp_path)
    crops = [painted("RG"), painted("B", "B"), painted("GGG", fullness=0.6)]
    alone = [own.read([crop])[0] for crop in crops]
    assert own.read(crops) == alone
    assert own.read(crops[::-1]) == alone[::-1]
    assert own.read([]) == []


def test_the_crop_s_size_does_not_matter(tmp_path: Path) -> None:
    small = cv2.resize(painted("RGB", "GR"), (80, 32), interpolation=cv2.INTER_AREA)
    large = cv2.resize(painted("RGB", "GR"), (800, 500), interpolation=cv2.INTER_NEAREST)
    texts = [read.text for read in reader(tmp_path).read([np.asarray(small, np.uint8), np.asarray(large, np.uint8)])]
    assert texts == ["RGBGR", "RGBGR"]


def test_doubt_lowers_the_character_s_score_and_the_whole_one_s(tmp_path: Path) -> None:
    crop = painted("RGB")
    crop[:32, 24:32] = (0, 140, 0)
    (read,) = reader(tmp_path).read([crop])
    assert read.text == "RGB"
    assert read.scores[0] > 0.99
    assert 0.5 < read.scores[1] < 0.6
    assert read.score < 0.9


def test_other_readings_come_likeliest_first_and_with_their_own_lines(tmp_path: Path) -> None:
    crop = painted("RGB", "R")
    crop[:32, 24:32] = (0, 140, 0)
    crop[32:, 8:16] = (0, 0, 100)
    (read,) = reader(tmp_path).read([crop], alternatives=3)
    assert (read.text, read.upper_len, read.lines) == ("RGBR", 3, 2)
    assert [(other.text, other.upper_len) for other in read.alternatives] == [("RGB", 3), ("RBR", 2), ("RB", 2)]
    scores = [read.score, *(other.score for other in read.alternatives)]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1, abs=0.01)


def test_as_many_other_readings_as_asked_for(tmp_path: Path) -> None:
    own, crop = reader(tmp_path), painted("RGB", fullness=0.6)
    assert own.read([crop], alternatives=0)[0].alternatives == ()
    assert len(own.read([crop], alternatives=2)[0].alternatives) == 2


def test_where_nothing_stands_nothing_is_read_and_nothing_is_sure(tmp_path: Path) -> None:
    (read,) = reader(tmp_path).read([np.full((30, 90, 3), 128, np.uint8)])
    assert (read.text, read.scores, read.score, read.lines, read.upper_len) == ("", (), 0.0, 1, 0)
    assert read.colour == "unknown"


def test_a_lone_lower_line_is_one_line(tmp_path: Path) -> None:
    (read,) = reader(tmp_path).read([painted("   ", "RG")])
    assert (read.text, read.lines, read.upper_len) == ("RG", 1, 2)


@pytest.mark.parametrize("shape", [(0, 10, 3), (10, 0, 3), (10, 10), (10, 10, 4)])
def test_what_is_no_picture_is_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match=r"crop 1 has the shape \("):
        reader(tmp_path).read([painted("R"), np.zeros(shape, np.uint8)])


def test_the_least_crop_is_read(tmp_path: Path) -> None:
    assert len(reader(tmp_path).read([np.zeros((1, 1, 3), np.uint8)])) == 1


def test_weights_that_do_not_fit_the_manifest_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"expected an output of \(1, 2, places, 4\) for the manifest's 3 characters"):
        reader(tmp_path, Squares(characters=4))


def test_altered_weights_are_refused(tmp_path: Path) -> None:
    manifest = _manifest(tmp_path, write(tmp_path)[1])
    path = manifest.weights(manifest.model[0])
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ModelError, match="have been altered"):
        PlateReader.load("squares", manifest=manifest)


def test_a_detector_is_no_reader(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="layout 'yolo'; a reader needs one of layout 'ctc'"):
        reader(tmp_path, layout="yolo")


def test_numbers_that_are_not_finite_are_a_failure_and_no_empty_read(tmp_path: Path) -> None:
    own = reader(tmp_path, Squares(poisoned=True))
    with pytest.raises(ModelError, match="not finite"):
        own.read([painted("RGB")])


def test_a_reader_is_loaded_by_its_name_in_a_manifest(tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    _, sha256 = write(tmp_path / "weights")
    own = PlateReader.load("squares", provider="cpu", manifest=_manifest(tmp_path, sha256))
    assert own.provider == "cpu"
    assert own.read([painted("BG")])[0].text == "BG"


def test_the_input_is_rgb_from_0_to_1() -> None:
    planes = as_input(painted("R"), SIZE)
    assert planes.shape == (3, 64, 160)
    assert planes.dtype == np.float32
    assert planes[:, 10, 12].tolist() == [1, 0, 0]


def _manifest(folder: Path, sha256: str) -> Manifest:
    own = entry(sha256)
    (folder / "weights").mkdir(exist_ok=True)
    source = folder / own.file
    if source.is_file():
        source.replace(folder / "weights" / own.file)
    (folder / "more.toml").write_text(
        f'[[model]]\nname = "{own.name}"\nfile = "{own.file}"\nsha256 = "{sha256}"\nlayout = "ctc"\n'
        f'labels = ["R", "G", "B"]\nsize = {SIZE}\nlicence = "MIT"\ncard = "squares.md"\n'
    )
    return load_manifest(folder / "more.toml")


@pytest.mark.parametrize("label", ["RG", "É", "-", ""])
def test_a_character_is_one_digit_or_capital_letter(label: str) -> None:
    with pytest.raises(ValidationError):
        entry("0" * 64, labels=("R", label))
