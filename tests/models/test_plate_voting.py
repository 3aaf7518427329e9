"""Several looks at one plate: how it is cut out, what the looks agree on, and which of two texts is believed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ioc.errors import ModelError
from ioc.types import Box, Image
from models.plate_reader import Alternative, PlateRead, PlateReader
from models.plate_voting import MARGINS, WHOLE, agreed, believed, cut, read_plate
from tests.models import drawn_reader
from tests.models.test_plates import read_as

MIDDLE = Box(0.25, 0.25, 0.75, 0.75)


def chequered(height: int = 40, width: int = 80) -> Image:
    """Return a picture whose pixels all differ from their neighbours."""
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)


class TestCutting:
    def test_a_cut_shows_what_the_box_covers(self) -> None:
        image = chequered()
        assert np.array_equal(cut(image, MIDDLE), image[10:30, 20:60])

    def test_a_margin_shows_that_part_of_the_box_more_on_every_side(self) -> None:
        image = chequered()
        assert np.array_equal(cut(image, MIDDLE, 0.1), image[8:32, 16:64])

    def test_beyond_the_frame_its_edge_is_repeated(self) -> None:
        image = chequered()
        loose = cut(image, WHOLE, 0.1)
        assert loose.shape == (48, 96, 3)
        assert np.array_equal(loose[4:44, 8:88], image)
        assert np.array_equal(loose[0, 8:88], image[0])
        assert np.array_equal(loose[4:44, -1], image[:, -1])
        assert (loose[:4, :8] == image[0, 0]).all()

    def test_only_the_side_at_the_frame_s_edge_is_repeated(self) -> None:
        image = chequered()
        loose = cut(image, Box(0.0, 0.25, 0.5, 0.75), 0.1)
        assert loose.shape == (24, 48, 3)
        assert np.array_equal(loose[:, 4:], image[8:32, :44])
        assert (loose[:, :4] == loose[:, 4:5]).all()

    def test_a_cut_has_a_pixel_at_least(self) -> None:
        image = np.zeros((10, 10, 3), np.uint8)
        assert cut(image, Box(0.9999, 0.9999, 1.0, 1.0)).shape == (1, 1, 3)
        assert cut(image, Box(0.51, 0.51, 0.52, 0.52)).shape == (1, 1, 3)

    def test_cutting_does_not_change_the_picture(self) -> None:
        image = chequered()
        before = image.copy()
        image.flags.writeable = False
        cut(image, WHOLE, 0.2)
        assert np.array_equal(image, before)


class TestReading:
    @pytest.fixture
    def reader(self, tmp_path: Path) -> PlateReader:
        return drawn_reader.reader(tmp_path)

    def test_one_margin_is_one_look(self, reader: PlateReader) -> None:
        image = drawn_reader.painted("RGB", "BB")
        (alone,) = reader.read([image])
        once = read_plate(reader, image, margins=(0.0,))
        assert (once.text, once.scores, once.score) == (alone.text, alone.scores, alone.score)
        assert (once.text, once.upper_len, once.lines) == ("RGBBB", 3, 2)

    def test_looks_that_disagree_are_not_sure(self, reader: PlateReader) -> None:
        image = drawn_reader.painted("RGB", "BB")
        (alone,) = reader.read([image])
        wide = read_plate(reader, image, margins=(0.0, 0.0, 0.6))
        assert wide.text == alone.text
        assert wide.score < alone.score

    def test_every_margin_is_looked_at(self, reader: PlateReader) -> None:
        image = np.zeros((200, 400, 3), np.uint8)
        image[60:124, 120:280] = drawn_reader.painted("RGB", "BB")
        box = Box(120 / 400, 60 / 200, 280 / 400, 124 / 200)
        looks = reader.read([cut(image, box, margin) for margin in MARGINS])
        assert len(MARGINS) == 3
        assert read_plate(reader, image, box) == agreed(looks)

    def test_a_broken_reader_is_an_error(self, tmp_path: Path) -> None:
        broken = drawn_reader.reader(tmp_path, drawn_reader.Squares(poisoned=True))
        with pytest.raises(ModelError, match="not finite"):
            read_plate(broken, drawn_reader.painted("RGB"))


class TestAgreeing:
    def test_cuts_that_agree_are_sure(self) -> None:
        read = agreed([read_as("98A12345", 0.9), read_as("98A12345", 0.7), read_as("98A12345", 0.8)])
        assert read.text == "98A12345"
        assert read.score == pytest.approx(0.8)
        assert read.scores == (0.9,) * 8

    def test_the_text_that_most_certainty_stands_behind_wins(self) -> None:
        loose = read_as("98A1234", 0.6, ("98A12345", 0.3))
        read = agreed([loose, read_as("98A12345", 0.7), read_as("98A12345", 0.5)])
        assert read.text == "98A12345"
        assert read.score == pytest.approx(0.5)
        assert [(other.text, round(other.score, 3)) for other in read.alternatives] == [("98A1234", 0.2)]

    def test_the_same_characters_on_other_lines_are_another_text(self) -> None:
        read = agreed([read_as("98A12345", 0.5, upper_len=4), read_as("98A12345", 0.6, upper_len=3)])
        assert (read.upper_len, read.score) == pytest.approx((3, 0.3))

    def test_one_cut_is_taken_as_it_is(self) -> None:
        own = read_as("98A12345", 0.9, ("98A12346", 0.05))
        assert agreed([own]) == own

    def test_nothing_read_stays_nothing(self) -> None:
        empty = PlateRead("", (), 0.0, 1, 0, "unknown", (Alternative("1", 1, 0.2),))
        assert agreed([empty, empty]) == empty


class TestBelieving:
    def test_of_two_readings_the_one_that_a_plate_can_bear_is_taken(self) -> None:
        read = read_as("718217757", 0.5, ("71B217757", 0.3), upper_len=4)
        assert believed(read, 4.0).text == "71B217757"

    def test_the_grammar_never_overrules_a_reader_that_is_sure(self) -> None:
        read = read_as("718217757", 0.9, ("71B217757", 0.05), upper_len=4)
        assert believed(read, 4.0).text == "718217757"

    def test_of_texts_that_plates_bear_the_likeliest_is_taken(self) -> None:
        read = read_as("98B112345", 0.5, ("98B112346", 0.4), upper_len=4)
        assert believed(read, 4.0).text == "98B112345"
