"""The plates that the recipe draws: what they say is what the grammar knows, and what is drawn can be seen."""

from __future__ import annotations

from collections import Counter

import cv2
import numpy as np
import pytest

from ioc.plate_grammar import CHARACTERS, parse
from ioc.plate_strokes import DRAWABLE, Face, strokes
from models.training.plate_designs import (
    CAR_LONG,
    CAR_LONG_OLD,
    CAR_SHORT,
    CAR_SHORT_OLD,
    KINDS,
    MOTORBIKE,
    Design,
    design_of,
    random_design,
)
from models.training.plate_drawing import draw_plate
from models.training.plate_wear import Wear


def rng(*seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


# Designs

OF_KIND = {
    "car_long": {"car", "special"},
    "car_short": {"car", "special"},
    "moto_letterdigit": {"moto_letterdigit"},
    "moto_2letter": {"moto_2letter", "special", "moto_electric", "diplomatic"},
    "moto_electric": {"moto_electric"},
    "special": {"special", "moto_2letter"},
    "diplomatic": {"diplomatic"},
    "military": {"military"},
    "temporary": {"temporary"},
}


@pytest.mark.parametrize("kind", sorted(OF_KIND))
def test_a_kind_s_plates_are_what_the_grammar_calls_that_kind(kind: str) -> None:
    for n in range(200):
        design = design_of(kind, rng(1, n))
        upper, lower = design.texts
        plate = parse(upper + lower, len(upper))
        assert plate.kind in OF_KIND[kind], design
        assert set(plate.flags) <= {"ambiguous", "province"}, design


def test_sizes_and_lines_are_the_real_ones() -> None:
    for n in range(500):
        design = random_design(rng(2, n))
        long = design.size in (CAR_LONG, CAR_LONG_OLD)
        assert design.size in (CAR_LONG, CAR_LONG_OLD, CAR_SHORT, CAR_SHORT_OLD, MOTORBIKE)
        assert len(design.lines) == (1 if long else 2)
        assert bool(design.texts[1]) != long


def test_every_kind_colour_and_character_comes_up() -> None:
    designs = [random_design(rng(3, n)) for n in range(3000)]
    seen = Counter("".join("".join(design.texts) for design in designs))
    assert set(seen) == set(CHARACTERS)
    assert min(seen[letter] for letter in "ABCDEFGHKLMNPRSTUVXYZ") >= 40, "R included"
    colours = Counter(design.colours for design in designs)
    assert all(colours[name] > 100 for name in ("white", "yellow", "blue", "red"))
    lines = Counter(len(design.lines) for design in designs)
    assert 0.3 < lines[1] / len(designs) < 0.6


def test_red_plates_are_the_army_s_and_red_letters_the_diplomats() -> None:
    for n in range(100):
        assert design_of("military", rng(4, n)).colours == "red"
        assert design_of("diplomatic", rng(4, n)).red_series


def test_separators_and_bars_are_drawn_and_not_read() -> None:
    assert Design(("98-MĐ1", "123.45"), MOTORBIKE, "white").texts == ("98MD1", "12345")
    assert Design(("98A-123.45",), CAR_LONG, "white").texts == ("98A12345", "")


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(KeyError):
        design_of("tram", rng(1))
    assert set(OF_KIND) < set(KINDS)


# Strokes


@pytest.mark.parametrize("character", sorted(DRAWABLE))
def test_a_character_fills_its_box_and_hardly_leaves_it(character: str) -> None:
    for n in range(20):
        points = np.concatenate(strokes(character, Face.random(rng(5, n))))
        assert points[:, 0].min() >= -0.25
        assert points[:, 0].max() <= 1.05
        assert -0.03 <= points[:, 1].min() < 0.05
        assert 0.95 < points[:, 1].max() <= 1.03


def test_every_character_that_is_read_can_be_drawn_and_looks_unlike_the_others() -> None:
    assert set(CHARACTERS) | {"Đ"} == DRAWABLE
    face = Face(bowl=0.3, square=2.2, dip=0.6, flag=0.5, straight=False, flat=False, open_four=True)
    pictures = {}
    for character in CHARACTERS:
        image = np.zeros((72, 44), np.uint8)
        for line in strokes(character, face):
            cv2.polylines(image, [np.round(line * (30, 58) + (7, 7)).astype(np.int32)], False, 255, 7)
        pictures[character] = image > 0
    for one, a in pictures.items():
        for other, b in pictures.items():
            if one < other:
                assert (a & b).sum() / (a | b).sum() < 0.95, (one, other)


def test_faces_differ_and_come_again_from_the_same_seed() -> None:
    assert Face.random(rng(6)) == Face.random(rng(6))
    assert len({Face.random(rng(6, n)) for n in range(50)}) == 50


# Drawing


def test_the_same_seed_draws_the_same_plate() -> None:
    for n in range(5):
        one, other = (draw_plate(random_design(rng(7)), rng(7, n)) for _ in range(2))
        assert np.array_equal(one.image, other.image)
        assert np.array_equal(one.corners, other.corners)


def test_crops_are_up_to_a_twentieth_tighter_and_a_fifth_looser_than_the_plate() -> None:
    room = []
    for n in range(300):
        drawn = draw_plate(random_design(rng(8, n)), rng(8, n))
        height, width = drawn.image.shape[:2]
        (x1, y1), (x2, y2) = drawn.corners.min(0), drawn.corners.max(0)
        across, down = x2 - x1, y2 - y1
        room += [x1 / across, (width - x2) / across, y1 / down, (height - y2) / down]
    assert min(room) > -0.09, "a pixel of rounding on small plates"
    assert max(room) < 0.24
    assert min(room) < -0.03
    assert max(room) > 0.17


def test_sizes_reach_from_far_to_near_and_plates_keep_their_shape() -> None:
    widths, aspects = [], []
    for n in range(200):
        drawn = draw_plate(Design(("98A-123.45",), CAR_LONG, "white"), rng(9, n))
        top, side = drawn.corners[1] - drawn.corners[0], drawn.corners[3] - drawn.corners[0]
        widths.append(float(np.hypot(*top)))
        aspects.append(float(np.hypot(*top) / np.hypot(*side)))
    assert min(widths) < 60
    assert max(widths) > 190
    assert 3.8 < float(np.median(aspects)) < 5.5


@pytest.mark.parametrize("colours", ["white", "yellow", "blue", "red"])
def test_characters_stand_out_from_their_plate(colours: str) -> None:
    for n in range(20):
        drawn = draw_plate(Design(("98-B1", "888.88"), MOTORBIKE, colours), rng(10, n))
        grey = cv2.cvtColor(drawn.image, cv2.COLOR_BGR2GRAY)
        centre = drawn.corners.mean(0).astype(int)
        part = grey[centre[1] - 6 : centre[1] + 12, centre[0] - 12 : centre[0] + 12]
        assert int(part.max()) - int(part.min()) > 30


def test_a_plate_without_text_has_no_strokes() -> None:
    """What is drawn on a plate is its text: taking it away leaves the paper."""
    bare = draw_plate(Design(("      ", "      "), MOTORBIKE, "white"), rng(11, 3))
    full = draw_plate(Design(("98-B10", "888888"), MOTORBIKE, "white"), rng(11, 3))
    assert bare.image.shape == full.image.shape
    dark = (cv2.cvtColor(full.image, cv2.COLOR_BGR2GRAY) < 100).mean() - (
        cv2.cvtColor(bare.image, cv2.COLOR_BGR2GRAY) < 100
    ).mean()
    assert dark > 0.1


# Wear

CHANGES = [name for name in Wear.__slots__ if name != "strength"]


def grating(height: int = 60, width: int = 150) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    image = np.full((height, width, 3), (200, 210, 220), np.uint8)
    image[:, ::8] = image[:, 1::8] = image[:, 2::8] = (40, 30, 30)
    return image


def only(**chances: float) -> Wear:
    return Wear(**{**dict.fromkeys(CHANGES, 0.0), **chances})


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_changes_the_picture_and_keeps_its_shape(name: str) -> None:
    changed = 0
    for n in range(10):
        worn = only(**{name: 1.0}).apply(grating(), rng(12, n))
        assert worn.shape == grating().shape
        assert worn.dtype == np.uint8
        changed += not np.array_equal(worn, grating())
    assert changed >= 5, "a motion along the bars changes nothing"


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("shape", [(8, 16), (14, 40), (200, 300)])
def test_tiny_and_large_crops_are_worn_too(name: str, shape: tuple[int, int]) -> None:
    assert only(**{name: 1.0}).apply(grating(*shape), rng(13)).shape == (*shape, 3)


def test_no_wear_leaves_the_picture_alone() -> None:
    assert np.array_equal(only().apply(grating(), rng(14)), grating())
    assert np.array_equal(Wear(strength=0.0).apply(grating(), rng(14)), grating())


def test_blur_takes_detail_and_sharpening_gives_it() -> None:
    def detail(image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> float:
        return float(np.abs(np.diff(image.astype(float), axis=1)).mean())

    plain = detail(grating())
    assert detail(only(blur=1.0).apply(grating(), rng(15))) < plain
    assert detail(only(coarse=1.0).apply(grating(), rng(15))) < plain
    soft = np.asarray(cv2.GaussianBlur(grating(), (0, 0), 1.2), np.uint8)
    assert detail(only(sharpen=1.0).apply(soft, rng(15))) > detail(soft)


def test_a_reflection_washes_out_pieces_and_leaves_the_rest() -> None:
    before = grating(120, 200).astype(int)
    gone = []
    for n in range(30):
        after = only(reflection=1.0).apply(grating(120, 200), rng(17, n)).astype(int)
        assert (after >= before - 30).all(), "it never darkens ink nor paper by much"
        gone.append(float((after[:, ::8].mean(2) > 120).mean()))
    assert 0.03 < np.mean(gone) < 0.4
    assert max(gone) < 0.8
    assert sum(part > 0 for part in gone) >= 20


def test_the_same_seed_wears_alike() -> None:
    assert np.array_equal(Wear().apply(grating(), rng(16)), Wear().apply(grating(), rng(16)))
