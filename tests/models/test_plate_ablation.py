"""What looks, the grammar and several views are each worth: the command that counts it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ioc.types import Image
from models.plate_reader import Alternative, PlateRead, PlateReader
from models.training.plate_ablation import Passing, drawn_passing, looks, main, rows, views, vote_of
from models.training.plate_designs import MOTORBIKE, Design
from models.training.plate_drawing import draw_plate
from tests.models.drawn_gate import draw_gate


@pytest.fixture(scope="module")
def reader() -> PlateReader:
    return PlateReader.load(provider="cpu")


def plate(number: int, seed: int = 3) -> Image:
    """Return a drawn plate that says 98B1 and five digits, on two lines."""
    design = Design(("98-B1", f"{number // 100:03d}.{number % 100:02d}"), MOTORBIKE, "white")
    return draw_plate(design, np.random.default_rng(seed)).image


def test_the_same_plates_are_seen_again_and_each_view_is_worn_otherwise() -> None:
    first, again = ([*drawn_passing(1, 2)] for _ in range(2))
    assert len(first) > 5
    for one, other in zip(first, again, strict=True):
        assert one.text == other.text
        assert all(np.array_equal(a, b) for a, b in zip(one.views, other.views, strict=True))
    assert any(not np.array_equal(own.views[0], own.views[1]) for own in first)


def test_looks_are_counted_with_the_grammar_and_without(reader: PlateReader) -> None:
    crop = plate(12345)
    right = looks(reader, [("98B112345", crop), ("98B199999", crop)])
    assert right == {
        f"{name}, {how} the grammar": [True, False]
        for name in ("one look", "three looks")
        for how in ("without", "with")
    }


def test_views_are_counted_by_each_way_of_reading_them(reader: PlateReader) -> None:
    right = views(reader, [Passing("98B112345", [plate(12399), plate(12345), plate(12345, seed=4)])])
    assert right["first view, without the grammar"] == [False]
    assert right["first view, with the grammar"] == [False]
    assert right["vote, without the grammar"] == right["vote, with the grammar"] == [True]


def test_a_view_votes_with_all_that_was_read(reader: PlateReader) -> None:
    read = PlateRead("98A1", (0.9,) * 4, 0.6, 2, 3, "white", (Alternative("98A7", 3, 0.2),))
    vote = vote_of(plate(12345), read)
    assert (vote.guess.text, vote.guess.upper_len, vote.guess.score) == ("98A1", 3, 0.6)
    assert [own.text for own in vote.alternatives] == ["98A7"]
    assert vote.height > 6


def test_a_table_says_how_many_of_how_many() -> None:
    assert rows({"one look": [True, True, False]}) == [["one look", "2 of 3", "0.667"]]


def test_the_command_prints_both_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(draw_gate(tmp_path)), "--plates", "1", "--views", "2"]) == 0
    said = capsys.readouterr().out
    assert "| three looks, with the grammar |" in said
    assert "| vote, with the grammar |" in said
    assert "| drawn plates, 2 views | exact | part |" in said
