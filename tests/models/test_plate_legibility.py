"""Which plates can be read, and why the others cannot."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ioc.types import Box, Image
from models.plate_legibility import Fault, Legibility, Limits, character_height, legibility, sharpness_of
from models.plate_voting import cut
from streams.scene_plates import Blank
from tests.models.drawn_plates import LONG, SMALL, bodywork, paint, rotation


def judged(image: Image, box: Box, limits: Limits | None = None) -> Legibility:
    return legibility(image, box, limits or Limits())


@pytest.mark.parametrize(
    ("blank", "width", "fault"), [(LONG, 120, None), (LONG, 26, "small"), (SMALL, 60, None), (SMALL, 18, "small")]
)
def test_a_plate_of_too_few_pixels_is_small(blank: Blank, width: int, fault: Fault | None) -> None:
    image = bodywork()
    box = paint(image, "98A-123.45", blank, centre=(200, 120), width=width)
    assert judged(image, box).fault == fault


def test_characters_are_as_high_as_the_plate_s_shape_says() -> None:
    # 66 % of a long plate's height are characters here, 37 and 39 % of a motorcycle's.
    image = bodywork()
    box = paint(image, "98A-123.45", LONG, centre=(200, 120), width=260)
    assert judged(image, box).height == pytest.approx(0.66 * 260 * 110 / 520, rel=0.2)
    box = paint(image, "98-B1 123.45", SMALL, centre=(200, 120), width=190)
    assert judged(image, box).height == pytest.approx(0.38 * 140, rel=0.1)


def test_turning_a_plate_makes_its_characters_no_higher() -> None:
    heights = []
    for degrees in (0, 24):
        image = bodywork()
        box = paint(image, "98A-123.45", LONG, centre=(200, 120), width=160, turn=rotation(degrees))
        heights.append(judged(image, box).height)
    assert heights[1] == pytest.approx(heights[0], rel=0.25)


def test_a_blurred_plate_is_blurred_however_large_it_is() -> None:
    image = bodywork()
    box = paint(image, "98-B1 123.45", SMALL, centre=(200, 120), width=150)
    sharp = judged(image, box)
    blurred = judged(np.asarray(cv2.GaussianBlur(image, (0, 0), 14), np.uint8), box)
    assert (sharp.fault, blurred.fault) == (None, "blurred")
    assert sharp.sharpness > 3 * blurred.sharpness


def test_what_is_shrunk_is_less_sharp() -> None:
    image = bodywork()
    crop = cut(image, paint(image, "98-B1 123.45", SMALL, centre=(200, 120), width=150))
    small = np.asarray(cv2.resize(crop, None, fx=0.15, fy=0.15, interpolation=cv2.INTER_AREA), np.uint8)
    assert sharpness_of(small, 2) < 0.6 * sharpness_of(crop, 2)


def test_noise_on_a_flat_picture_is_not_sharp() -> None:
    noise = np.random.default_rng(1).integers(120, 123, (40, 60, 3), np.uint8)
    assert sharpness_of(noise, 2) < 0.15
    assert sharpness_of(bodywork(1, 1), 1) == 0


@pytest.mark.parametrize("centre", [(40, 120), (200, 20), (370, 120), (200, 225)])
def test_a_plate_at_the_frame_s_edge_is_cut(centre: tuple[int, int]) -> None:
    image = bodywork()
    box = paint(image, "98-B1 123.45", SMALL, centre=centre, width=100)
    assert judged(image, box).fault == "cut"


def test_a_plate_that_is_turned_too_far_is_tilted() -> None:
    image = bodywork()
    box = paint(image, "98-B1 123.45", SMALL, centre=(200, 120), width=120, turn=rotation(30))
    assert judged(image, box).fault is None
    assert judged(image, box, Limits(tilt=20.0)).fault == "tilted"


def test_lines_are_told_by_the_shape() -> None:
    assert character_height(470, 100) == pytest.approx(75)
    assert character_height(190, 140) == pytest.approx(52.5)
