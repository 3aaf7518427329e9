"""The training set that the drawn scenes make."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from ioc.errors import StreamError
from ioc.types import Box, Detection
from streams.scene_seen import Drawn, Seen
from streams.scenes import LABELS, contact_sheet, label_lines, main, write_training_set
from tests.streams.small_scenes import Patch, passing_car


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("set")
    write_training_set(folder, 11, seed=3)
    return folder


def test_every_picture_has_its_labels(written: Path) -> None:
    pictures = {p.stem for p in (written / "images").glob("*.jpg")}
    assert len(pictures) == 11
    assert pictures == {p.stem for p in (written / "labels").glob("*.txt")}


def test_classes_stand_in_the_detectors_order(written: Path) -> None:
    assert (written / "classes.txt").read_text().split() == list(LABELS)
    assert LABELS == ("person", "bicycle", "motorcycle", "car", "bus", "truck", "bag")


def test_pictures_open_at_their_size(written: Path) -> None:
    for path in (written / "images").glob("*.jpg"):
        image = cv2.imread(str(path))
        assert image is not None
        assert image.shape in {(360, 640, 3), (720, 1280, 3)}


def test_labels_are_boxes_within_the_picture(written: Path) -> None:
    lines = [line for path in (written / "labels").glob("*.txt") for line in path.read_text().splitlines()]
    assert len(lines) > 20
    for line in lines:
        number, *box = line.split()
        assert 0 <= int(number) < len(LABELS)
        x, y, width, height = map(float, box)
        assert width > 0
        assert height > 0
        assert -1e-5 <= x - width / 2 < x + width / 2 <= 1 + 1e-5
        assert -1e-5 <= y - height / 2 < y + height / 2 <= 1 + 1e-5


def test_a_part_shows_the_demos_own_cameras(written: Path) -> None:
    names = [p.stem for p in (written / "images").glob("*.jpg")]
    assert sum(name.startswith("demo-") for name in names) == 2
    assert sum(name.startswith("street-") for name in names) == 9
    assert len({name.rsplit("-", 1)[0] for name in names if name.startswith("street-")}) == 3


def test_pictures_are_of_different_quality(written: Path) -> None:
    tables = set()
    for path in (written / "images").glob("*.jpg"):
        data = path.read_bytes()
        start = data.index(b"\xff\xdb")
        tables.add(data[start : start + 69])
    assert len(tables) > 5


def test_the_same_seed_writes_the_same_bytes(written: Path, tmp_path: Path) -> None:
    write_training_set(tmp_path, 2, seed=3)
    write_training_set(tmp_path / "again", 2, seed=3)
    for path in sorted((tmp_path / "images").iterdir()):
        assert path.read_bytes() == (tmp_path / "again" / "images" / path.name).read_bytes()
    write_training_set(tmp_path / "other", 2, seed=4)
    assert {p.name for p in (tmp_path / "other" / "images").iterdir()} != {
        p.name for p in (tmp_path / "images").iterdir()
    }


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StreamError, match="choose a folder") as caught:
        write_training_set(tmp_path / "file", 1, seed=1)
    assert "\n" not in str(caught.value)


def test_the_command_line_writes_a_set(tmp_path: Path) -> None:
    main([str(tmp_path / "set"), "--pictures", "1", "--seed", "9"])
    assert len(list((tmp_path / "set" / "images").iterdir())) == 1


@pytest.mark.parametrize("arguments", [[], ["folder", "--pictures", "many"]])
def test_the_command_line_refuses_what_it_does_not_know(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_a_contact_sheet_shows_pictures_with_their_boxes() -> None:
    grey = np.full((40, 60, 3), 100, np.uint8)
    drawn = Drawn(grey, (Seen(Detection("car", 1.0, Box(0.25, 0.5, 0.75, 0.9)), "car-0"),))
    sheet = contact_sheet([drawn, drawn, drawn], columns=2)
    assert sheet.shape == (80, 120, 3)
    assert (sheet[20, 15:45] == (0, 255, 255)).all()
    assert (sheet[40:, 60:] == 0).all()
    assert (grey == 100).all()


def test_labels_leave_out_what_other_sets_are_for() -> None:
    scene = replace(passing_car(), effects=(Patch(0.0, 5.0),))
    drawn = scene.picture(timedelta(0))
    assert "fire" in {seen.label for seen in drawn.objects}
    assert sorted(int(line.split()[0]) for line in label_lines(drawn).splitlines()) == [0, 3]
