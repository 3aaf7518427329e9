"""The recipe's real plates, here drawn into folders of the same shape, their split, and the figures made from them."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from ioc.errors import ModelError
from models.training import plate_crops, plate_evaluate
from models.training.plate_crops import Crop, correct, lines_of, read_characters, read_crops, read_gate, split
from models.training.plate_designs import KINDS
from models.training.plate_evaluate import (
    Figures,
    Read,
    Truth,
    confusion_lines,
    cut_out,
    drawn_plates,
    measure,
    real_plates,
    summary,
    table,
)
from tests.models.test_plate_samples import whole

CLASSES = [*"123456789ABCDEFGHKLMNPSTUVXYZ0"]
HEADER = "file,kind,text,text_status,full_image\n"


def picture(path: Path, height: int = 40, width: int = 100, shade: int = 90) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((height, width, 3), shade, np.uint8))


def gate(folder: Path, rows: str) -> Path:
    for name in ("crops", "images", "labels"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "texts.csv").write_text(HEADER + rows)
    return folder


def characters(folder: Path, stem: str, *lines: str, tilt: float = 0.0) -> None:
    """Write a crop and a box per character, in no particular order."""
    (folder / "classes.txt").parent.mkdir(parents=True, exist_ok=True)
    (folder / "classes.txt").write_text("\n".join(CLASSES))
    picture(folder / "train" / "images" / f"{stem}.jpg")
    rows = []
    for number, line in enumerate(lines):
        y = 0.5 if len(lines) == 1 else 0.28 + 0.44 * number
        for place, character in enumerate(line):
            x = (place + 0.5) / max(map(len, lines))
            down = y + tilt * (x - 0.5)
            rows.append(
                f"{CLASSES.index(character)} {x} {down} {0.8 / max(map(len, lines))} {0.35 if lines[1:] else 0.7}"
            )
    labels = folder / "train" / "labels" / f"{stem}.txt"
    labels.parent.mkdir(parents=True, exist_ok=True)
    labels.write_text("\n".join(rows[::-1]) + "\n")


# Reading the sets


def test_a_gate_s_crops_and_whole_pictures_are_read_with_their_lines(tmp_path: Path) -> None:
    rows = ["a.jpg,moto2,98B112345,two-source,1", "b.jpg,car1,98A12345,pseudo,0", "c.jpg,military,,,1"]
    folder = gate(tmp_path / "plates_gate", "\n".join([*rows, "d.jpg,car1,98A1?,pseudo,0"]))
    for name in "abd":
        picture(folder / "crops" / f"{name}.jpg")
    picture(folder / "images" / "a.jpg", 200, 400)
    (folder / "labels" / "a.txt").write_text("0 0.5 0.5 0.2 0.3\n")
    whole_box = (0.4, 0.35, 0.6, 0.65)
    first, whole, second = read_gate(folder)
    assert (first.upper, first.lower, first.lines, first.sure, first.box) == ("98B1", "12345", 2, True, None)
    assert (whole.source, whole.text) == ("gate_whole", "98B112345")
    assert whole.box == pytest.approx(whole_box)
    assert (second.upper, second.lower, second.lines, second.sure) == ("98A12345", "", 1, False)


def test_pictures_that_a_person_corrected_are_corrected_or_left_out(tmp_path: Path) -> None:
    rows = [f"{stem}.jpg,car1,98A12345,pseudo,0" for stem in ("CarLongPlate1", "CarLongPlate325", "CarLongPlate507")]
    folder = gate(tmp_path, "\n".join(rows))
    for row in rows:
        picture(folder / "crops" / row.split(",")[0])
    assert [(own.upper, own.lower) for own in read_gate(folder)] == [("98A12345", ""), ("98A", "12345")]


def test_a_whole_picture_of_several_plates_says_not_which_is_meant(tmp_path: Path) -> None:
    folder = gate(tmp_path / "plates_gate", "a.jpg,moto2,98B112345,two-source,1\n")
    picture(folder / "images" / "a.jpg", 200, 400)
    (folder / "labels" / "a.txt").write_text("0 0.5 0.5 0.2 0.3\n0 0.1 0.1 0.1 0.1\n")
    assert read_gate(folder) == []


@pytest.mark.parametrize("tilt", [-0.35, -0.2, 0.0, 0.2, 0.35])
@pytest.mark.parametrize("lines", [("98B1", "12345"), ("29A", "12345"), ("29MD1", "12345"), ("54X7", "2899")])
def test_characters_are_put_in_reading_order_however_tilted(
    tmp_path: Path, lines: tuple[str, str], tilt: float
) -> None:
    characters(tmp_path, "one", *lines, tilt=tilt)
    (crop,) = read_characters(tmp_path)
    assert (crop.upper, crop.lower) == lines


@pytest.mark.parametrize("tilt", [-0.3, 0.0, 0.3])
def test_one_line_stays_one_line_when_tilted(tmp_path: Path, tilt: float) -> None:
    characters(tmp_path, "one", "51F59011", tilt=tilt)
    (crop,) = read_characters(tmp_path)
    assert (crop.upper, crop.lower) == ("51F59011", "")


@pytest.mark.parametrize("lines", [("ZG1036AG",), ("51F590",), ("98B1", "123"), ("B1", "12345"), ("9", "81")])
def test_foreign_plates_and_missing_characters_are_left_out(tmp_path: Path, lines: tuple[str, ...]) -> None:
    characters(tmp_path, "one", *lines)
    assert read_characters(tmp_path) == []


def test_two_plates_in_one_picture_are_left_out() -> None:
    rows = np.array([[0, 0.1 * n, 0.5, 0.08, 0.5] for n in range(5)] * 2)
    assert lines_of(rows, CLASSES) is None


def test_a_text_that_was_confirmed_corrects_its_copy() -> None:
    sure = Crop("gate", Path("xemay1.jpg"), "59E1", "21500")
    copy = Crop("characters", Path("9xemay1.jpg"), "55E1", "21500", sure=False)
    other = Crop("characters", Path("9xemay2.jpg"), "55E1", "21500", sure=False)
    assert [crop.text for crop in correct([sure, copy, other])] == ["59E121500", "59E121500", "55E121500"]


def test_a_label_that_plainly_says_another_line_is_put_right_and_stays_where_its_label_was_split(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gate(tmp_path / "plates_gate", "")
    for number in range(40):
        characters(tmp_path / "plate_chars", f"n{number}", "49M1", f"{number * 2411:05d}")
    before = {own.path: own.held_back for own in read_crops(tmp_path)}
    monkeypatch.setattr(plate_crops, "UPPER_SHOWN", {f"n{number}": "29M1" for number in range(20)})
    after = read_crops(tmp_path)
    assert [own.upper for own in after].count("29M1") == 20
    assert all(own.upper == ("29M1" if int(own.path.stem[1:]) < 20 else "49M1") for own in after)
    assert {own.path: own.held_back for own in after} == before
    assert set(before.values()) == {True, False}


# The split


def crop(text: str, source: str = "gate") -> Crop:
    return Crop(source, Path(f"{text}.jpg"), text[:4], text[4:])


def test_no_text_nor_one_like_it_is_both_learnt_and_held_back() -> None:
    rng = np.random.default_rng(1)
    texts = [
        f"{a:02d}B{b}{c:05d}" for a, b, c in zip(*rng.integers((10, 1, 0), (99, 9, 99999), (600, 3)).T, strict=True)
    ]
    twins = [text[:-1] + str((int(text[-1]) + 1) % 10) for text in texts[:100]] + [text[:-1] for text in texts[100:150]]
    found = split([crop(text, source) for text in texts + twins for source in ("gate", "gate_whole", "characters")])
    held, learnt = ({own.text for own in found if own.held_back == back} for back in (True, False))
    assert not held & learnt
    for twin, text in zip(twins, texts[:150], strict=True):
        assert (twin in held) == (text in held)
    assert 0.12 < len(held) / (len(held) + len(learnt)) < 0.28


def test_the_split_depends_on_the_texts_alone() -> None:
    crops = [crop(f"98B1{n:05d}") for n in range(0, 90000, 1111)]
    forth = {own.text: own.held_back for own in split(crops)}
    back = {own.text: own.held_back for own in split(crops[::-1] + crops)}
    assert forth == back
    assert set(forth.values()) == {True, False}


def test_all_sets_are_split_together(tmp_path: Path) -> None:
    rows = "".join(f"x{n}.jpg,moto2,98B1{n * 1357:05d},two-source,0\n" for n in range(30))
    folder = gate(tmp_path / "plates_gate", rows)
    for n in range(30):
        picture(folder / "crops" / f"x{n}.jpg")
        characters(tmp_path / "plate_chars", f"other{n}", "98B1", f"{n * 1357:05d}")
    found = read_crops(tmp_path)
    assert len(found) == 60
    by_text: dict[str, set[bool]] = {}
    for own in found:
        by_text.setdefault(own.text, set()).add(own.held_back)
    assert all(len(backs) == 1 for backs in by_text.values())


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"texts\.csv is missing: give the data folder"):
        read_crops(tmp_path)
    gate(tmp_path / "plates_gate", "")
    with pytest.raises(ModelError, match=r"classes\.txt is missing"):
        read_crops(tmp_path)
    with pytest.raises(ModelError, match="cannot be read as a picture"):
        Crop("gate", tmp_path / "plates_gate" / "texts.csv", "98A1", "2345").read()


# Figures


def test_figures_keep_one_line_and_two_line_apart(tmp_path: Path) -> None:
    crops = []
    for number, (upper, lower) in enumerate(
        [("98A12345", ""), ("98B1", "12345"), ("98B1", "99999"), ("98B1", "00000")]
    ):
        picture(tmp_path / f"{number}.png", shade=number)
        crops.append(Crop("gate", tmp_path / f"{number}.png", upper, lower, sure=number != 1))
    answers: list[Read] = [("98A12345", 8), ("98B112345", 3), ("98B199998", 4), ("98B100000", 4)]
    figures = measure(real_plates(crops), lambda image: answers[int(image[0, 0, 0])])
    one, two, confirmed = (figures.groups[name] for name in ("one-line", "two-line", "two-line, confirmed"))
    assert (one.crops, one.exact, one.layout, one.accuracy) == (1, 1, 1, 1.0)
    assert (two.crops, two.exact, two.layout) == (3, 2, 2)
    assert two.accuracy == pytest.approx(26 / 27)
    assert (confirmed.crops, confirmed.exact) == (2, 1)
    assert confusion_lines(figures.confusions) == "9 read as 8: 1"
    assert [(own.text, read) for own, read in figures.errors] == [("98B199999", "98B199998")]
    assert "two-line" in table({"ours": figures})
    value = json.loads(json.dumps(summary(figures)))
    assert value["groups"]["two-line"]["exact"] == pytest.approx(0.6667)
    assert value["confusions"]["9>8"] == 1
    assert value["confusions"]["9>9"] == 8


def test_drawn_plates_are_measured_by_kind_and_stay_out_of_the_confusions() -> None:
    answers = {truth.name: truth for truth, _ in drawn_plates(2)}
    assert len(answers) == 2 * len(KINDS)
    names = iter(answers)
    figures = measure(
        drawn_plates(2), lambda image: ("", 0) if "military" in (name := next(names)) else right(answers[name])
    )
    assert {group: tally.exact for group, tally in figures.groups.items()} == {
        f"drawn, {kind}": 0 if kind == "military" else 2 for kind in KINDS
    }
    assert not figures.confusions
    assert len(figures.errors) == 2


def right(truth: Truth) -> Read:
    return truth.text, len(truth.upper)


def test_an_empty_measurement_has_no_groups() -> None:
    assert Figures().groups == {}


def test_a_plate_is_cut_out_of_a_whole_picture_with_a_tenth_around_it(tmp_path: Path) -> None:
    image = cut_out(whole(tmp_path))
    assert image.shape == (48, 96, 3)
    assert 0.6 < (image > 128).mean() < 0.75


def test_the_command_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert plate_evaluate.main(["--data", str(tmp_path), "--weights", str(tmp_path / "none.onnx")]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "Traceback" not in said
    with pytest.raises(ModelError, match=r"none\.onnx is missing: give the published reader's"):
        plate_evaluate.peer_reader(tmp_path / "none.onnx")
