"""The blocks that rules build their sense of time from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.temporal import Lasting, Latch, Window
from tests.ioc.drawn import after

TWO = timedelta(seconds=2)
times = st.lists(st.floats(0, 100), min_size=1, max_size=40).map(sorted)


@given(times)
def test_a_window_covers_its_span_and_hardly_more(moments: list[float]) -> None:
    window: Window[float] = Window(TWO)
    for moment in moments:
        window.add(after(moment), moment)
    kept = list(window)
    assert kept == moments[len(moments) - len(kept) :]
    assert after(moments[-1]) - window.since == window.covers
    if not window.whole:
        assert window.covers >= TWO
        assert kept[1:] == [moment for moment in kept[1:] if after(moment) > after(moments[-1]) - TWO]


def test_a_window_says_whether_it_reaches_back_to_the_beginning() -> None:
    window: Window[str] = Window(TWO)
    for moment, value in enumerate("abc"):
        window.add(after(moment), value)
        assert window.whole
    window.add(after(3), "d")
    assert list(window) == ["b", "c", "d"]
    assert not window.whole
    assert window.since == after(1)


def test_an_empty_window_covers_nothing() -> None:
    window: Window[int] = Window(TWO)
    assert (len(window), window.covers) == (0, timedelta(0))
    with pytest.raises(IndexError):
        _ = window.since


def test_a_condition_lasts_from_when_it_begins_until_it_breaks() -> None:
    lasting = Lasting()
    looks = [(0, False), (1, True), (3, True), (4, False), (5, True), (9, True)]
    assert [lasting.update(after(t), holds=holds).total_seconds() for t, holds in looks] == [0, 0, 2, 0, 0, 4]
    assert lasting.since == after(5)


def states(looks: Sequence[tuple[float, int]], on_after: float = 3, off_after: float = 2) -> list[bool]:
    """Fold levels: above 5 rises, below 3 falls."""
    latch = Latch(timedelta(seconds=on_after), timedelta(seconds=off_after))
    found = []
    for t, level in looks:
        latch.update(after(t), rising=level > 5, falling=level < 3)
        found.append(latch.on)
    return found


def test_a_latch_turns_on_and_off_when_conditions_have_lasted() -> None:
    looks = [(0, 6), (2, 6), (3, 6), (4, 0), (5, 0), (6, 0), (7, 0)]
    assert states(looks) == [False, False, True, True, True, False, False]


def test_what_lies_between_the_conditions_changes_nothing() -> None:
    assert states([(0, 6), (3, 6), (4, 4), (20, 4), (21, 5)]) == [False, True, True, True, True]
    assert states([(0, 4), (20, 4), (21, 5)]) == [False] * 3


def test_flicker_restarts_what_has_lasted() -> None:
    assert not any(states([(t, 6 if t % 3 else 4) for t in range(30)]))


def test_a_latch_without_delay_follows_at_once() -> None:
    assert states([(0, 6), (1, 0), (2, 6)], on_after=0, off_after=0) == [True, False, True]


def test_a_latch_says_when_the_condition_began() -> None:
    latch = Latch(TWO, TWO)
    for t in (1, 2, 3):
        latch.update(after(t), rising=True, falling=False)
    assert latch.began == after(1)
    for t in (4, 6):
        latch.update(after(t), rising=False, falling=True)
    assert latch.began is None


def test_a_restart_forgets_how_long_but_not_whether() -> None:
    latch = Latch(TWO, TWO)
    latch.update(after(0), rising=True, falling=False)
    latch.restart()
    latch.update(after(2), rising=True, falling=False)
    assert [latch.began] == [None]
    latch.update(after(4), rising=True, falling=False)
    latch.update(after(5), rising=False, falling=True)
    latch.restart()
    latch.update(after(7), rising=False, falling=True)
    assert (latch.on, latch.began) == (True, after(2))
