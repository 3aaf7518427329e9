"""`ioc calibrate flood` writes a road and a ruler into the site file, and refuses what cannot be measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from ioc.__main__ import run_command
from ioc.errors import IocError
from ioc.site import load_site
from ioc.site_tables import with_tables

SITE = """\
# The cameras of the quay.
[[camera]]
id = "quay"          # by the bridge
  [[camera.zone]]
  name = "kerb"
  polygon = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]

# The other one.
[[camera]]
id = "bridge"

[[rule]]
name = "stops"
kind = "illegal_parking"
camera = "quay"
zone = "kerb"
"""
ROAD = "0.1,0.6 0.9,0.6 0.9,1.0 0.1,1.0"
STRIP, MARKS = "0.5,0.8 0.5,0.2", "0:0 0.5:40 1:100"


@pytest.fixture
def street(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a site file and, beside it, ten pictures of a striped pole before which somebody passes; work there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site.toml").write_text(SITE)
    (tmp_path / "pictures").mkdir()
    for number in range(10):
        image = np.full((240, 320, 3), 110, np.uint8)
        image[::8, :] = 60
        for row in range(48, 192, 24):
            image[row : row + 12, 150:170] = 230
        image[60:200, 32 * number : 32 * number + 30] = (20, 20, 200)
        cv2.imwrite(str(tmp_path / "pictures" / f"{number}.png"), image)
    return tmp_path


def calibrate(*arguments: str, video: str = "pictures", camera: str = "quay") -> int:
    common = ["--video", video, "--camera", camera, "--site", "site.toml"]
    return run_command(["calibrate", "flood", *common, *arguments])


def test_without_places_it_draws_a_grid_to_read_them_from(street: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert calibrate() == 0
    picture = cv2.imread(str(street / "quay-flood.png"))
    assert picture is not None
    assert picture.shape == (240, 320, 3)
    assert (picture[100, 160] == 200).all(), "a line of the grid"
    assert (picture[130, 40] == 110).all(), "who passes is not in it"
    assert "quay-flood.png" in capsys.readouterr().out
    assert (street / "site.toml").read_text() == SITE


def test_a_road_and_a_ruler_are_written_with_their_rules_and_all_else_stays(
    street: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert calibrate("--road", ROAD, "--strip", STRIP, "--marks", MARKS, "--ruler", "pole", "--picture", "p.png") == 0
    text = (street / "site.toml").read_text()
    kept = iter(text.splitlines())
    assert all(line in kept for line in SITE.splitlines()), "every line is there, in its order"
    site = load_site(street / "site.toml")
    quay, bridge = site.camera
    assert [zone.name for zone in quay.zone] == ["kerb", "road"]
    (ruler,) = quay.rulers
    assert (ruler.name, ruler.depth(0.5), ruler.depth(1.0)) == ("pole", 40, 100)
    assert max(ruler.dry) > 220
    assert min(ruler.dry) < 120
    assert not bridge.ruler
    assert [(rule.name, rule.kind, rule.zone) for rule in site.rule[1:]] == [
        ("flood-quay-road", "flood", "road"),
        ("flood-quay-pole", "flood", None),
    ]
    said = capsys.readouterr().out
    assert "ruler pole: 144 pixels, 0.8 cm each at most" in said
    assert "of it looks like water while it is dry" in said
    assert (street / "p.png").exists()
    assert run_command(["check-site", "site.toml"]) == 0


def test_another_camera_in_the_middle_or_at_the_end_is_found(street: Path) -> None:
    assert calibrate("--road", ROAD, camera="bridge") == 0
    assert [zone.name for zone in load_site(street / "site.toml").camera[1].zone] == ["road"]


def test_only_showing_writes_no_site_file(street: Path) -> None:
    assert calibrate("--road", ROAD, "--show") == 0
    assert (street / "quay-flood.png").exists()
    assert (street / "site.toml").read_text() == SITE


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--road", "0.1,0.6 0.9"], "--road: '0.9' is not two numbers with ',' between them"),
        (["--road", "0.1,0.6 0.9,0.6"], "--road: 2 corners enclose nothing"),
        (["--road", "0.1,0.6 0.9,0.6 0.5,0.6"], "--road: expected corners that enclose an area"),
        (["--road", ROAD, "--zone", "kerb"], "has a zone 'kerb': name another with --zone"),
        (["--strip", STRIP], "--strip needs --marks"),
        (["--strip", "0.5,0.2 0.5,0.8", "--marks", MARKS], "foot first"),
        (["--strip", STRIP, "--marks", "0:0 1:-5"], "rising parts and depths"),
        (["--strip", "0.5,0.8 0.5,0.74", "--marks", MARKS], "it is 14 pixels long, 20 are needed"),
        (["--camera", "pier"], "no camera 'pier'; there are: quay, bridge"),
        (["--video", "film.mp4"], "film.mp4: no such file"),
    ],
)
def test_nonsense_is_refused_in_one_line_and_nothing_is_written(
    street: Path, capsys: pytest.CaptureFixture[str], options: list[str], reason: str
) -> None:
    assert calibrate(*options) in {1, 2}
    error = capsys.readouterr().err
    assert reason in error
    assert error.count("\n") == 1
    assert (street / "site.toml").read_text() == SITE
    assert not (street / "quay-flood.png").exists()


def test_a_ruler_of_that_name_is_not_written_twice(street: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert calibrate("--strip", STRIP, "--marks", MARKS) == 0
    assert calibrate("--strip", STRIP, "--marks", MARKS) == 2
    assert "has a ruler 'ruler': name another with --ruler" in capsys.readouterr().err


@pytest.mark.parametrize("text", ['camera = [{ id = "quay" }]\n', '[["camera"]]\nid = "quay"\n[[camera]]\nid = "b"\n'])
def test_a_site_file_that_is_laid_out_otherwise_is_left_alone(text: str) -> None:
    tables: dict[str, list[dict[str, Any]]] = {"zone": [{"name": "road"}]}
    with pytest.raises(IocError, match="write this into it yourself"):
        with_tables(text, "quay", tables, [])
