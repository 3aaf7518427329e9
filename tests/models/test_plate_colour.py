from __future__ import annotations

import cv2
import numpy as np
import pytest

from ioc.types import Image
from models.plate_colour import plate_colour
from models.training.plate_designs import Design, random_design
from models.training.plate_drawing import draw_plate
from models.training.plate_wear import Wear

BGR = tuple[int, int, int]
WHITE, YELLOW, BLUE, RED, BLACK, LIGHT = (
    (225, 225, 225),
    (40, 190, 235),
    (150, 70, 20),
    (35, 30, 190),
    (30, 30, 30),
    (235, 235, 235),
)


def plate(paper: BGR, ink: BGR, around: BGR = (90, 90, 90)) -> Image:
    """Return a plate with eight strokes in a loose crop."""
    image = np.full((60, 200, 3), around, np.uint8)
    cv2.rectangle(image, (20, 8), (180, 52), paper, -1)
    for n in range(8):
        cv2.line(image, (34 + 19 * n, 16), (34 + 19 * n, 44), ink, 6)
    return image


@pytest.mark.parametrize(
    ("paper", "ink", "name"),
    [(WHITE, BLACK, "white"), (YELLOW, BLACK, "yellow"), (BLUE, LIGHT, "blue"), (RED, LIGHT, "red")],
)
@pytest.mark.parametrize("around", [(20, 20, 20), (250, 250, 250), (30, 30, 200), (180, 80, 20)])
def test_colours_are_told_apart_whatever_is_around(paper: BGR, ink: BGR, name: str, around: BGR) -> None:
    assert plate_colour(plate(paper, ink, around)) == name


@pytest.mark.parametrize("light", [0.35, 0.6, 1.0])
def test_dusk_changes_nothing(light: float) -> None:
    for paper, ink, name in (
        (WHITE, BLACK, "white"),
        (YELLOW, BLACK, "yellow"),
        (BLUE, LIGHT, "blue"),
        (RED, LIGHT, "red"),
    ):
        assert plate_colour((plate(paper, ink) * light).astype(np.uint8)) == name


def test_a_white_plate_under_a_tail_lamp_is_no_red_one() -> None:
    lit = plate(WHITE, BLACK).astype(np.float32) * np.array([0.55, 0.55, 1.1])
    assert plate_colour(np.clip(lit, 0, 255).astype(np.uint8)) == "white"


def test_a_red_plate_in_infrared_is_not_called_red() -> None:
    grey = cv2.cvtColor(cv2.cvtColor(plate(RED, LIGHT), cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    assert plate_colour(np.asarray(grey, np.uint8)) in ("white", "unknown")


def test_cream_is_neither_white_nor_yellow() -> None:
    assert plate_colour(plate((140, 190, 205), BLACK)) == "unknown"


@pytest.mark.parametrize("shade", [0, 120, 255])
def test_nothing_to_see_is_unknown(shade: int) -> None:
    assert plate_colour(np.full((40, 120, 3), shade, np.uint8)) == "unknown"
    assert plate_colour(np.full((1, 1, 3), shade, np.uint8)) == "unknown"


def test_drawn_plates_are_hardly_ever_taken_for_another_colour() -> None:
    wear = Wear(light=0.9, night=0, grey=0, red_light=0)
    wrong = right = 0
    for n in range(300):
        rng = np.random.default_rng([4, n])
        design: Design = random_design(rng)
        found = plate_colour(wear.apply(draw_plate(design, rng).image, rng))
        right += found == design.colours
        wrong += found not in (design.colours, "unknown")
    assert wrong <= 15
    assert right >= 225
