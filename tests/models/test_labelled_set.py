"""Folders of labelled pictures in YOLO layout: what is read from them, and what is refused in one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.labelled_set import LabelledSetError, class_names, picture_files, read_set, yaml_names
from tests.models.drawn_set import draw_set, line

ROAD = ("person", "motorcycle", "car")


def test_reads_boxes_in_the_model_s_labels(tmp_path: Path) -> None:
    folder = draw_set(
        tmp_path, {"a": ()}, classes=["car", "person"], labels={"a": "0 0.5 0.5 0.2 0.4\n\n1 0.1 0.2 0.2 0.2\n"}
    )
    read = read_set(folder, ROAD)
    (only,) = read.pictures
    assert only.path == folder / "images" / "a.png"
    np.testing.assert_allclose(only.truth.corners, [[0.4, 0.3, 0.6, 0.7], [0.0, 0.1, 0.2, 0.3]])
    assert only.truth.labels.tolist() == [2, 0]
    assert only.truth.scores.tolist() == [1.0, 1.0]
    assert read.labelled == {0, 2}
    assert read.left_out == ()


def test_a_polygon_stands_for_its_bounds_and_boxes_end_at_the_edge(tmp_path: Path) -> None:
    text = "0 0.2 0.2 0.4 0.1 0.3 0.6\n0 0.95 0.5 0.2 0.2\n0 0.5 0.5 0 0.2\n"
    (only,) = read_set(draw_set(tmp_path, {"a": ()}, classes=["car"], labels={"a": text}), ROAD).pictures
    np.testing.assert_allclose(only.truth.corners, [[0.2, 0.1, 0.4, 0.6], [0.85, 0.4, 1.0, 0.6]])


def test_classes_go_by_another_name_or_are_left_out(tmp_path: Path) -> None:
    text = "".join(f"{number} 0.5 0.5 0.1 0.1\n" for number in range(4))
    folder = draw_set(tmp_path, {"a": ()}, classes=["van", "motorbike", "army vehicle", "car"], labels={"a": text})
    read = read_set(folder, ROAD, renames={"van": "car", "motorbike": "motorcycle"})
    assert read.pictures[0].truth.labels.tolist() == [2, 1, 2]
    assert read.labelled == {1, 2}
    assert read.left_out == ("army vehicle",)


def test_a_picture_without_a_label_file_shows_nothing(tmp_path: Path) -> None:
    folder = draw_set(tmp_path, {"a": [("red", 1, 1)], "b": [("red", 2, 2)]})
    (folder / "labels" / "b.txt").unlink()
    first, second = read_set(folder, ["red", "green", "blue"]).pictures
    assert (len(first.truth), len(second.truth)) == (1, 0)


def test_folders_below_images_have_their_labels_below_labels(tmp_path: Path) -> None:
    folder = draw_set(tmp_path, {"z": [("red", 1, 1)]})
    for part, name in (("images", "z.png"), ("labels", "z.txt")):
        (folder / part / "night").mkdir()
        (folder / part / name).rename(folder / part / "night" / name)
    (only,) = read_set(folder, ["red", "green", "blue"]).pictures
    assert only.path.parent.name == "night"
    assert len(only.truth) == 1


@pytest.mark.parametrize("named", ["b.png", "b", " b \n\n"])
def test_a_list_takes_some_of_the_pictures(tmp_path: Path, named: str) -> None:
    folder = draw_set(tmp_path, {"a": [("red", 1, 1)], "b": [], "c": []})
    (tmp_path / "val.txt").write_text(f"{named}\nc\n")
    assert [path.stem for path in picture_files(folder, tmp_path / "val.txt")] == ["b", "c"]


def test_pictures_may_lie_in_the_folder_itself_and_other_files_do_not_count(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.png", "notes.md"):
        (tmp_path / name).write_bytes(b"x")
    assert [path.name for path in picture_files(tmp_path)] == ["a.png", "b.JPG"]


@pytest.mark.parametrize(
    "text",
    [
        "nc: 2\nnames: ['army vehicle', \"car\"]\n",
        "names: [army vehicle,\n  car]\nnc: 2\n",
        "path: ../x\nnames:\n  0: army vehicle\n  1: car  # and vans\nnc: 2\n",
        "names:\n- army vehicle\n- car\nval: images\n",
        "names:\n\n  - 'army vehicle'\n  - car",
        "names: {0: army vehicle, 1: car}\n",
    ],
)
def test_names_are_found_in_every_form_of_data_yaml(tmp_path: Path, text: str) -> None:
    assert yaml_names(text) == ["army vehicle", "car"]
    (tmp_path / "data.yaml").write_text(text)
    assert class_names(tmp_path) == ["army vehicle", "car"]


def test_classes_txt_comes_first(tmp_path: Path) -> None:
    (tmp_path / "data.yaml").write_text("names: [bus]")
    (tmp_path / "classes.txt").write_text("three wheelers (CNG)\ncar\n")
    assert class_names(tmp_path) == ["three wheelers (CNG)", "car"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("9 0.5 0.5 0.1 0.1", "a.txt, line 1: expected a class from 0 to 2"),
        ("0 0.5 0.5 0.1 0.1\n-1 0.5 0.5 0.1 0.1", "a.txt, line 2: expected a class from 0 to 2"),
        ("car 0.5 0.5 0.1 0.1", "a.txt, line 1: expected a class from 0 to 2"),
        ("0 0.5 0.5 0.1 nan", "a.txt, line 1: expected a class"),
        ("0 0.5 0.5 0.1", "a.txt, line 1: expected 4 numbers"),
        ("0 0.5 0.5 0.1 0.1 0.9", "a.txt, line 1: expected 4 numbers"),
    ],
)
def test_a_bad_label_line_is_named(tmp_path: Path, text: str, said: str) -> None:
    folder = draw_set(tmp_path, {"a": ()}, labels={"a": text})
    with pytest.raises(LabelledSetError, match=said) as caught:
        read_set(folder, ["red"])
    assert len(str(caught.value).splitlines()) == 1


def test_a_label_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    folder = draw_set(tmp_path, {"a": ()})
    (folder / "labels" / "a.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LabelledSetError, match=r"a\.txt: is not text"):
        read_set(folder, ["red"])


def test_what_is_asked_for_must_be_there(tmp_path: Path) -> None:
    folder = draw_set(tmp_path, {"a": [("red", 0, 0)]})
    with pytest.raises(LabelledSetError, match="has no class 'van'; there are: red, green, blue"):
        read_set(folder, ["red"], renames={"van": "red"})
    with pytest.raises(LabelledSetError, match="the model has no label 'car'; it finds: red"):
        read_set(folder, ["red"], renames={"blue": "car"})
    with pytest.raises(LabelledSetError, match="none of its classes"):
        read_set(folder, ["car"])
    (tmp_path / "val.txt").write_text("a\nabsent\n")
    with pytest.raises(LabelledSetError, match="no picture 'absent'"):
        read_set(folder, ["red"], only=tmp_path / "val.txt")
    (tmp_path / "val.txt").write_text("\n")
    with pytest.raises(LabelledSetError, match="is empty"):
        read_set(folder, ["red"], only=tmp_path / "val.txt")
    with pytest.raises(LabelledSetError, match=r"absent\.txt: No such file"):
        read_set(folder, ["red"], only=tmp_path / "absent.txt")


def test_a_folder_in_another_layout_says_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(LabelledSetError, match="has no names of classes; expected images/, labels/"):
        read_set(tmp_path, ["red"])
    (tmp_path / "classes.txt").write_text("red\n")
    with pytest.raises(LabelledSetError, match="holds no pictures"):
        read_set(tmp_path, ["red"])
    (tmp_path / "classes.txt").write_text("\n")
    with pytest.raises(LabelledSetError, match="names no class"):
        read_set(tmp_path, ["red"])
    folder = draw_set(tmp_path / "other", {"a": [("red", 0, 0)]})
    (folder / "labels" / "a.txt").unlink()
    with pytest.raises(LabelledSetError, match="has no label file for any picture"):
        read_set(folder, ["red"])


def test_a_cell_s_line_is_where_the_cell_is(tmp_path: Path) -> None:
    (only,) = read_set(draw_set(tmp_path, {"a": ()}, labels={"a": line(1, 2, 3)}), ["red", "green"]).pictures
    np.testing.assert_allclose(only.truth.corners, [[0.2, 0.3, 0.3, 0.4]])
