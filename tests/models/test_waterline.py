"""The waterline on drawn rulers: plain and striped, by day and by night, with reflections and noise."""

from __future__ import annotations

import numpy as np
import pytest

from ioc.rulers import Ruler
from ioc.types import Image, Point
from models.still_ground import Floats
from models.waterline import SAMPLES, strip_profile, waterline

HEIGHT, WIDTH = 360, 640
FOOT, TOP = 300, 100
"""Rows that the drawn board reaches from and to."""
RULER = Ruler("board", Point(0.5, FOOT / HEIGHT), Point(0.5, TOP / HEIGHT), width=0.05)
PIXEL = 1 / (FOOT - TOP)


def board(depth: float = 0.0, *, striped: bool = True, light: float = 1.0, seed: int = 1) -> Image:
    """A white board before a grey street, with black stripes, and water up to a part of it that mirrors the rest."""
    image = np.full((HEIGHT, WIDTH, 3), 90.0)
    image[TOP:FOOT, 290:350] = 220
    for row in range(TOP, FOOT, 40) if striped else ():
        image[row : row + 14, 290:350] = 40
    surface = round(FOOT - depth * (FOOT - TOP))
    for row in range(surface, HEIGHT):
        image[row] = 60 + 0.25 * image[max(2 * surface - row - 1, 0)]
    noise = np.random.default_rng(seed).normal(0, 3, image.shape)
    return np.asarray(np.clip(image * light + noise, 0, 255), np.uint8)


DRY = tuple(float(value) for value in strip_profile(board(seed=2), RULER))


def found(image: Image, dry: tuple[float, ...] = DRY) -> float | None:
    return waterline(strip_profile(image, RULER), dry)


@pytest.mark.parametrize("depth", [0.1, 0.25, 0.5, 0.66, 0.9])
@pytest.mark.parametrize("light", [1.0, 0.4])
def test_the_waterline_is_found_to_some_pixels_by_day_and_by_night(depth: float, light: float) -> None:
    assert found(board(depth, light=light)) == pytest.approx(depth, abs=6 * PIXEL)


@pytest.mark.parametrize("depth", [0.2, 0.4, 0.6])
def test_stripes_that_water_mirrors_in_step_are_no_shadow(depth: float) -> None:
    image = board().astype(float)
    surface = round(FOOT - depth * (FOOT - TOP))
    image[surface:FOOT] = 80 + 0.35 * image[2 * surface - FOOT : surface][::-1]
    assert found(np.asarray(np.clip(image, 0, 255), np.uint8)) == pytest.approx(depth, abs=20 * PIXEL)


@pytest.mark.parametrize("light", [1.0, 0.6, 0.2])
def test_a_dry_ruler_is_dry_in_any_light(light: float) -> None:
    assert found(board(light=light)) == 0


def test_a_shadow_that_lies_across_is_no_water() -> None:
    for edge in (0.3, 0.5, 0.8):
        image, top = board(), round(FOOT - edge * (FOOT - TOP))
        image[top:] = (image[top:] * 0.55).astype(np.uint8)
        assert found(image) == 0


def test_a_plain_board_needs_no_dry_picture() -> None:
    for depth in (0.2, 0.5, 0.8):
        assert found(board(depth, striped=False), ()) == pytest.approx(depth, abs=4 * PIXEL)
    assert found(board(striped=False), ()) == 0


def test_few_places_are_enough_to_know_what_is_dry() -> None:
    assert found(board(0.5), tuple(DRY[::2])) == pytest.approx(0.5, abs=8 * PIXEL)


def test_a_ruler_that_something_stands_before_tells_nothing() -> None:
    image = board()
    image[80:320, 200:400] = 170
    assert found(image) is None
    assert found(board(0.99)) is None


def test_a_picture_of_one_grey_shows_no_ruler_and_a_plain_one_is_dry() -> None:
    flat = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    assert found(flat) is None
    assert found(flat, ()) == 0


def test_the_profile_goes_from_foot_to_top_whichever_way_the_strip_lies() -> None:
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[: HEIGHT // 2] = 200
    upright = strip_profile(image, Ruler("r", Point(0.5, 0.9), Point(0.5, 0.1)))
    slanted = strip_profile(image, Ruler("r", Point(0.3, 0.9), Point(0.6, 0.1)))
    assert upright.shape == (SAMPLES,)
    for profile in (upright, slanted):
        assert (profile[:40].max(), profile[-40:].min()) == (0, 200)


def test_a_strip_that_reaches_over_the_edge_is_read_all_the_same() -> None:
    profile: Floats = strip_profile(board(), Ruler("r", Point(1.0, 1.0), Point(1.0, 0.0), width=0.3))
    assert np.isfinite(profile).all()
