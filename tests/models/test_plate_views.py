"""Which vehicles are looked at again, and when they are forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ioc.types import Box, Detection, Frame
from models.plate_views import Patience, Views

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
PICTURE = np.zeros((100, 100, 3), np.uint8)
STEP = 0.2
HERE = Box(0.2, 0.2, 0.6, 0.6)
APART = Box(0.7, 0.7, 0.9, 0.9)


class Street:
    """A street in which things are where a test says, a picture every STEP."""

    def __init__(self, patience: Patience | None = None) -> None:
        self.views = Views(0.4, patience)
        self.seconds = 0.0

    def shows(self, *boxes: Box, run: str = "r") -> list[str]:
        """Let a picture go by; return the names of what it shows, in the order of the boxes."""
        frame = Frame("c", run, round(self.seconds / STEP), START + timedelta(seconds=self.seconds), PICTURE)
        tracks = self.views.follow(frame, [Detection("car", 0.9, box) for box in boxes])
        self.seconds += STEP
        return [min(tracks, key=lambda t, b=box: abs(t.box.x1 - b.x1)).id for box in boxes]  # type: ignore[misc]

    def looks(self, boxes: list[Box], score: float) -> int:
        """Look whenever it is worth it; return how often it was."""
        looks = 0
        for box in boxes:
            (name,) = self.shows(box)
            if self.views.worth(name):
                self.views.looked(name, score)
                looks += 1
        return looks


def driving(count: int, step: float = 0.1) -> list[Box]:
    """Return where a thing is that gets no larger and drives through the picture."""
    return [Box(0.02 + step * n, 0.4, 0.22 + step * n, 0.6) for n in range(count)]


def coming(count: int) -> list[Box]:
    """Return where a thing is that comes nearer."""
    return [Box(0.5 - side, 0.5 - side, 0.5 + side, 0.5 + side) for side in (0.05 * 1.1**n for n in range(count))]


def test_what_was_never_looked_at_is_worth_it_at_its_first_picture() -> None:
    street = Street()
    assert [street.views.worth(name) for name in street.shows(HERE, APART)] == [True, True]


def test_what_stands_is_looked_at_a_few_times_whatever_that_gives() -> None:
    assert Street().looks([HERE] * 20, score=0.0) == Patience().tries
    assert Street().looks([HERE] * 20, score=1.0) == Patience().tries


def test_what_is_seen_otherwise_is_looked_at_until_it_was_read_often_enough() -> None:
    assert Street().looks(driving(8), score=1.0) == Patience().enough
    assert Street().looks(driving(8), score=0.5) == 8


def test_what_was_read_often_enough_is_looked_at_again_when_it_is_larger() -> None:
    boxes = coming(24)
    looks = Street().looks(boxes, score=1.0)
    assert Patience().enough < looks < len(boxes) * 0.75


def test_a_smaller_view_of_what_is_known_is_not_looked_at() -> None:
    street = Street()
    street.looks(coming(24), score=1.0)
    assert street.looks([*reversed(coming(24))], score=1.0) == 0


def test_a_plate_that_is_followed_by_itself_is_looked_at_now_and_again() -> None:
    patience = Patience(refresh=timedelta(seconds=1))
    assert Street(patience).looks([HERE] * 50, score=1.0) == pytest.approx(Patience().tries + 10, abs=2)


def test_looks_in_vain_promise_less_and_large_things_more() -> None:
    street = Street()
    small, large = Box(0.1, 0.1, 0.3, 0.3), Box(0.4, 0.4, 0.9, 0.9)
    one, other = street.shows(small, large)
    assert street.views.promise(one) == pytest.approx(20)
    assert street.views.promise(other) == pytest.approx(50)
    for _ in range(2):
        street.views.looked(other, 0.0)
    assert street.views.promise(other) < street.views.promise(one)


def test_what_is_not_seen_for_long_is_forgotten_and_then_worth_a_look() -> None:
    street = Street()
    street.looks([HERE] * 4, score=1.0)
    (name,) = street.shows(HERE)
    assert not street.views.worth(name)
    street.seconds += 3
    (again,) = street.shows(HERE)
    assert again != name
    assert street.views.worth(again)
    assert len(street.views) == 1


def test_memory_is_bounded_by_what_was_in_sight_lately() -> None:
    street = Street()
    most = 0
    for n in range(200):
        street.shows(Box(0.1 + 0.4 * (n % 2), 0.1, 0.2 + 0.4 * (n % 2), 0.2), run=f"r{n // 50}")
        street.seconds += 0.7
        most = max(most, len(street.views))
    assert most <= 4


def test_a_new_run_begins_with_nothing() -> None:
    street = Street()
    street.looks([HERE] * 4, score=1.0)
    (name,) = street.shows(HERE, run="later")
    assert street.views.worth(name)
    assert len(street.views) == 1
