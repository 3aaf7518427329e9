"""The bundled reader: it reads what the project draws, alone or among others, and says how sure it is."""

from __future__ import annotations

import numpy as np
import pytest

from ioc.plate_grammar import CHARACTERS, parse
from ioc.types import Image
from models.manifest import load_manifest
from models.plate_reader import PlateRead, PlateReader
from models.training.plate_designs import CAR_LONG, CAR_SHORT, MOTORBIKE, Design, design_of
from models.training.plate_drawing import draw_nothing, draw_plate
from models.training.plate_wear import Wear

SEED = 660_001
CLEAN, WORN, RARE = 0.75, 0.6, 0.5
"""Parts of drawn plates that are read exactly, lines included."""

CIVIL = ("car_long", "car_short", "moto_letterdigit", "moto_2letter", "moto_electric", "special")


@pytest.fixture(scope="module")
def reader() -> PlateReader:
    return PlateReader.load(provider="cpu")


def drawn(kind: str, number: int, wear: Wear | None = None) -> tuple[Design, Image]:
    rng = np.random.default_rng([SEED, sum(map(ord, kind)), number])
    design = design_of(kind, rng)
    image = draw_plate(design, rng).image
    while min(image.shape[0] / len(design.lines), image.shape[1] / 5) < 18:  # characters of less than 15 pixels
        image = draw_plate(design, rng).image
    return design, image if wear is None else wear.apply(image, rng)


def right(design: Design, read: PlateRead) -> bool:
    upper, lower = design.texts
    return (read.text, read.upper_len, read.lines) == (upper + lower, len(upper), 2 if lower else 1)


def share(reader: PlateReader, kinds: tuple[str, ...], count: int, wear: Wear | None = None) -> float:
    pairs = [drawn(kind, n, wear) for kind in kinds for n in range(count)]
    reads = reader.read([image for _, image in pairs], alternatives=0)
    return float(np.mean([right(design, read) for (design, _), read in zip(pairs, reads, strict=True)]))


def test_clean_plates_are_read(reader: PlateReader) -> None:
    assert share(reader, CIVIL, 25) >= CLEAN


def test_worn_plates_are_mostly_read(reader: PlateReader) -> None:
    assert share(reader, CIVIL, 25, Wear(strength=0.6, night=0.0)) >= WORN


def test_rare_kinds_are_read_too(reader: PlateReader) -> None:
    assert share(reader, ("diplomatic", "military", "temporary"), 25) >= RARE


@pytest.mark.parametrize(
    ("lines", "size", "kind"),
    [
        (("98A-123.45",), CAR_LONG, "car"),
        (("98A", "123.45"), CAR_SHORT, "car"),
        (("98-A1", "2345"), MOTORBIKE, "moto_letterdigit"),
    ],
)
def test_the_upper_line_tells_equal_texts_apart(
    reader: PlateReader, lines: tuple[str, ...], size: tuple[int, int], kind: str
) -> None:
    kinds: list[str] = []
    for n in range(15):
        (read,) = reader.read([draw_plate(Design(lines, size, "white"), np.random.default_rng([SEED, n])).image])
        kinds.append(parse(read.text, read.upper_len).kind)
    assert kinds.count(kind) >= 11


def test_a_read_does_not_depend_on_the_others_nor_on_the_threads(reader: PlateReader) -> None:
    images = [drawn(kind, 7)[1] for kind in CIVIL]
    alone = [reader.read([image])[0] for image in images]
    assert reader.read(images) == alone
    assert reader.read(images[::-1]) == alone[::-1]
    assert PlateReader.load(provider="cpu", threads=2).read(images) == alone


def test_every_character_has_a_score_and_right_reads_are_surer(reader: PlateReader) -> None:
    sure: dict[bool, list[float]] = {True: [], False: []}
    for n in range(80):
        design, image = drawn("car_long", n, Wear())
        (read,) = reader.read([image])
        assert len(read.scores) == len(read.text)
        assert all(0 <= score <= 1 for score in (*read.scores, read.score))
        ranked = [read.score, *(other.score for other in read.alternatives)]
        assert ranked == sorted(ranked, reverse=True)
        sure[right(design, read)].append(read.score)
    assert np.mean(sure[True]) > np.mean(sure[False] or [0.0]) + 0.2


def test_colours_are_read_along(reader: PlateReader) -> None:
    for colours in ("white", "yellow", "blue", "red"):
        images = [
            draw_plate(Design(("98A-123.45",), CAR_LONG, colours), np.random.default_rng([SEED, n])).image
            for n in range(10)
        ]
        assert [read.colour for read in reader.read(images, alternatives=0)].count(colours) >= 8


def test_bodywork_is_no_plate(reader: PlateReader) -> None:
    images = [draw_nothing(np.random.default_rng([SEED, n])) for n in range(40)]
    sure = [read for read in reader.read(images, alternatives=0) if read.score > 0.5]
    assert len(sure) <= 2


def test_the_manifest_names_the_characters_that_the_recipe_taught() -> None:
    entry = load_manifest().named("plate_reader")
    assert "".join(entry.labels) == CHARACTERS
    assert entry.licence == "AGPL-3.0-or-later"
