"""From a picture to plates: drawn networks find red squares and read coloured ones, so that every answer is known."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from ioc.errors import ModelError
from ioc.plate_grammar import parse
from ioc.types import Box, Image
from models.detector import Detector
from models.pictures import PictureError
from models.plate_reader import Alternative, PlateRead
from models.plate_voting import believed
from models.plates import (
    PlateSettings,
    PlateSight,
    SeenPlate,
    detector_size,
    plates_in_pictures,
    to_json,
)
from models.session import Session
from tests.models import drawn_model, drawn_reader

RED, BLUE = (0, 0, 255), (255, 0, 0)


@pytest.fixture
def sight(tmp_path: Path) -> PlateSight:
    return sight_of(tmp_path)


def sight_of(folder: Path, settings: PlateSettings | None = None, **network: float) -> PlateSight:
    """Return a sight for which every red cell of 32 × 32 is a plate, and colours are characters."""
    path, sha256 = drawn_model.write(folder, drawn_model.Colours(**network))  # type: ignore[arg-type]
    entry = drawn_model.entry(sha256, labels=("plate", "leaf", "sky"))
    detector = Detector(entry, Session(path, sha256, provider="cpu"))
    return PlateSight(detector, drawn_reader.reader(folder), settings or PlateSettings(enlarged=1.0))


def street(*cells: tuple[int, int]) -> Image:
    """Return a dark street of 640 × 384 with red cells, given by column and row."""
    image = np.zeros((384, 640, 3), np.uint8)
    for column, row in cells:
        image[row * 32 : row * 32 + 32, column * 32 : column * 32 + 32] = RED
    return image


def read_as(text: str, score: float, *others: tuple[str, float], upper_len: int = 3) -> PlateRead:
    """Return a read of two lines."""
    alternatives = tuple(Alternative(other, upper_len, likely) for other, likely in others)
    return PlateRead(text, (score,) * len(text), score, 2, upper_len, "white", alternatives)


class TestLooking:
    def test_every_plate_is_found_where_it_is_and_read(self, sight: PlateSight) -> None:
        seen = sight.look(street((3, 2), (10, 7)))
        assert sorted(plate.box.as_tuple() for plate in seen) == [
            pytest.approx((3 / 20, 2 / 12, 4 / 20, 3 / 12)),
            pytest.approx((10 / 20, 7 / 12, 11 / 20, 8 / 12)),
        ]
        # The square fills both lines of what the reader sees.
        assert [(plate.read.text, plate.read.lines, plate.read.upper_len) for plate in seen] == [("RR", 2, 1)] * 2

    def test_an_empty_street_has_no_plate(self, sight: PlateSight) -> None:
        assert sight.look(street()) == ()

    def test_other_labels_of_the_detector_are_no_plates(self, sight: PlateSight) -> None:
        image = street()
        image[64:96, 96:128] = BLUE
        assert sight.look(image) == ()

    def test_the_surest_comes_first(self, sight: PlateSight) -> None:
        image = street((3, 2), (10, 7))
        image[64:96, 96:128] = (0, 0, 160)
        scores = [plate.found for plate in sight.look(image)]
        assert scores == pytest.approx([1.0, 160 / 255], abs=0.01)

    def test_plates_below_the_threshold_are_left_out(self, sight: PlateSight) -> None:
        image = street()
        image[64:96, 96:128] = (0, 0, 100)
        assert len(sight.look(image, threshold=0.3)) == 1
        assert sight.look(image, threshold=0.5) == ()

    def test_a_plate_of_a_few_pixels_is_found_and_not_read(self, tmp_path: Path) -> None:
        image = np.asarray(cv2.resize(street((3, 2)), (80, 48), interpolation=cv2.INTER_AREA), np.uint8)
        narrow = PlateSettings(whole_width=10)
        (seen,) = sight_of(tmp_path, narrow).look(image, size=640)
        assert (seen.read.text, seen.plate.kind, seen.read.score) == ("", "unknown", 0.0)
        assert seen.score == pytest.approx(seen.found / 2)

    def test_odd_texts_are_kept_with_a_lower_score(self, sight: PlateSight) -> None:
        (seen,) = sight.look(street((3, 2)))
        assert not seen.plate.valid
        assert seen.score == pytest.approx(seen.found * (1 + seen.read.score) / 2 * PlateSettings().odd)
        assert seen.score > 0.4

    def test_looking_does_not_change_the_picture(self, sight: PlateSight) -> None:
        image = street((3, 2))
        before = image.copy()
        image.flags.writeable = False
        sight.look(image)
        assert np.array_equal(image, before)

    def test_a_broken_network_is_an_error_and_not_an_empty_street(self, tmp_path: Path) -> None:
        broken = sight_of(tmp_path, fails_above=0.5)
        with pytest.raises(ModelError, match="not finite"):
            broken.look(street((3, 2)))


class TestCrops:
    def test_pictures_are_shown_to_the_detector_enlarged(self) -> None:
        settings = PlateSettings(enlarged=1.5)
        assert detector_size(303, 472, settings) == 708
        assert detector_size(640, 360, settings) == 960

    def test_the_detector_s_size_has_bounds(self) -> None:
        settings = PlateSettings()
        assert detector_size(40, 60, settings) == settings.smallest_size
        assert detector_size(720, 1000, settings) == settings.enlarged_size
        assert detector_size(1080, 1500, settings) == 1500
        assert detector_size(2160, 3840, settings) == settings.largest_size

    def test_an_odd_text_on_a_small_picture_does_not_make_it_a_plate(self, sight: PlateSight) -> None:
        assert sight.look(drawn_reader.painted("GB", "B")) == ()

    def test_a_street_is_never_one_plate(self, sight: PlateSight) -> None:
        assert sight.look(np.full((100, 900, 3), 200, np.uint8)) == ()


class TestFiles:
    def test_what_was_read_is_told_beside_what_is_believed(self) -> None:
        read = read_as("718217757", 0.5, ("71B217757", 0.3), upper_len=4)
        said = believed(read, 4.0)
        seen = SeenPlate(Box(0.1, 0.2, 0.3, 0.4), 0.8, read, said, parse(said.text, said.upper_len), 0.5)
        (plate,) = json.loads(to_json("a.jpg", [seen]))["plates"]
        assert (plate["text"], plate["raw"], plate["valid"], plate["lines"]) == ("71B217757", "718217757", True, 2)
        assert plate["alternatives"] == [{"text": "718217757", "score": 0.5}]

    def test_each_file_has_its_plates_or_its_error(self, tmp_path: Path, sight: PlateSight) -> None:
        good, bad = tmp_path / "phố.png", tmp_path / "bad.png"
        cv2.imwrite(str(good), street((3, 2)))
        bad.write_bytes(b"no picture")
        found = dict(plates_in_pictures([good, bad, tmp_path / "none.png", str(good)], sight))
        assert isinstance(found[str(bad)], PictureError)
        assert isinstance(found[str(tmp_path / "none.png")], PictureError)
        seen = found[str(good)]
        assert not isinstance(seen, PictureError)
        assert len(seen) == 1

    def test_the_line_is_the_contracts(self) -> None:
        read = read_as("98B112345", 0.9, ("98B112346", 0.04), upper_len=4)
        said = Alternative(read.text, read.upper_len, read.score)
        seen = SeenPlate(Box(0.1, 0.2, 0.3, 0.4), 0.8, read, said, parse(read.text, read.upper_len), 0.76)
        line = to_json("phố.jpg", [seen])
        assert "phố" in line
        assert "\n" not in line
        assert json.loads(line) == {
            "image": "phố.jpg",
            "plates": [
                {
                    "text": "98B112345",
                    "raw": "98B112345",
                    "score": 0.76,
                    "box": [0.1, 0.2, 0.3, 0.4],
                    "lines": 2,
                    "upper_len": 4,
                    "kind": "moto_letterdigit",
                    "province": "98",
                    "colour": "white",
                    "valid": True,
                    "alternatives": [{"text": "98B112346", "score": 0.04}],
                }
            ],
        }

    def test_a_picture_without_plates_has_an_empty_list(self) -> None:
        assert json.loads(to_json("a.jpg", ())) == {"image": "a.jpg", "plates": []}
