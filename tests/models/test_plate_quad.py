"""How a plate lies in its box, and the plate made upright."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from ioc.types import Box
from models.plate_quad import Quad, quad_of, straightened
from models.plate_reader import PlateReader
from models.plate_voting import WHOLE, cut, read_plate
from streams.scene_plates import Blank
from tests.models.drawn_plates import LONG, SHORT, SMALL, bodywork, paint, rotation, shear

ANGLES = (-30, -18, 0, 12, 24)


@pytest.mark.parametrize("blank", [LONG, SHORT, SMALL])
@pytest.mark.parametrize("degrees", ANGLES)
def test_the_lines_of_a_turned_plate_are_seen_to_be_turned(blank: Blank, degrees: int) -> None:
    image = bodywork()
    box = paint(image, "98A-123.45", blank, centre=(200, 120), width=120, turn=rotation(degrees))
    assert quad_of(cut(image, box)).tilt == pytest.approx(degrees, abs=6)


@pytest.mark.parametrize("blank", [SHORT, SMALL])
@pytest.mark.parametrize("degrees", ANGLES)
def test_so_are_the_upright_strokes_of_two_lines(blank: Blank, degrees: int) -> None:
    image = bodywork()
    box = paint(image, "98A-123.45", blank, centre=(200, 120), width=120, turn=rotation(degrees))
    assert quad_of(cut(image, box)).slant == pytest.approx(degrees, abs=6)


@pytest.mark.parametrize("degrees", ANGLES)
def test_a_plate_from_aside_has_slanting_lines_and_upright_strokes(degrees: int) -> None:
    image = bodywork()
    box = paint(image, "98-B1 123.45", SMALL, centre=(200, 120), width=110, turn=shear(degrees))
    quad = quad_of(cut(image, box))
    assert quad.tilt == pytest.approx(degrees, abs=6)
    assert quad.slant == pytest.approx(0, abs=3)


def test_a_crop_of_nothing_lies_straight() -> None:
    assert quad_of(bodywork()) == Quad(0, 0)
    assert quad_of(bodywork(1, 1)) == Quad(0, 0)


def test_the_plate_fills_its_box() -> None:
    corners = Quad(20, 20).corners(120, 80)
    assert corners.min(axis=0) == pytest.approx((0, 0), abs=1e-3)
    assert corners.max(axis=0) == pytest.approx((120, 80), abs=1e-3)
    across, down = Quad(20, 20).size(120, 80)
    turned = np.abs(rotation(20)) @ (across, down)
    assert tuple(turned) == (pytest.approx(120), pytest.approx(80))


def test_an_upright_plate_is_its_box() -> None:
    assert Quad().size(90, 30) == (90, 30)
    assert Quad().corners(90, 30).tolist() == [[0, 0], [90, 0], [90, 30], [0, 30]]


def test_where_no_plate_could_lie_so_the_box_is_taken() -> None:
    assert Quad(30, 0).size(200, 40) == (200, 40)


@pytest.mark.parametrize("turn", [rotation(30), rotation(-28), shear(30), rotation(26) * 0.8])
def test_a_plate_beyond_what_the_reader_reads_is_read_upright(turn: npt.NDArray[np.float64]) -> None:
    reader = PlateReader.load(provider="cpu")
    image = bodywork()
    box = paint(image, "98-B1 123.45", SMALL, centre=(200, 120), width=110, turn=turn)
    as_it_is = read_plate(reader, image, box, quad=Quad())
    upright = read_plate(reader, image, box)
    assert (upright.text, upright.upper_len) == ("98B112345", 4)
    assert upright.score > as_it_is.score


def test_straightening_keeps_the_frame_s_edge_and_the_picture() -> None:
    image = np.random.default_rng(1).integers(0, 256, (40, 80, 3), np.uint8)
    before = image.copy()
    image.flags.writeable = False
    assert np.array_equal(straightened(image, WHOLE, Quad()), image)
    wider = straightened(image, WHOLE, Quad(), 0.1)
    assert wider.shape == (48, 96, 3)
    assert np.array_equal(wider[4:44, 8:88], before)
    assert (wider[:4, :8] == before[0, 0]).all()
    assert straightened(image, Box(0.5, 0.5, 0.501, 0.501), Quad(30, 30)).shape == (1, 1, 3)
