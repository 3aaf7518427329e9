"""The chart of a trade-off: where marks, scales and labels lie, and that pages stand alone."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from ioc.html_page import render
from ioc.scoring import Tally
from ioc.tradeoff import LINE, Chart, Mark, chart, mark


def named(label: str, false: float = 3.0, recall: float = 0.5) -> Mark:
    return Mark(false, recall, "front", label, label)


def test_a_tally_lies_at_its_false_alarms_a_day_and_its_recall() -> None:
    tally = Tally(right=3, false=1, doubled=1, missed=1)
    assert mark(tally, 12.0, "tried", "t") == Mark(4.0, 0.75, "tried", "t")
    with_them = mark(tally, 12.0, "front", "t", with_intervals=True)
    assert with_them is not None
    assert with_them.recall_95 == pytest.approx((0.3006, 0.9544), abs=1e-3)
    assert with_them.false_95 == pytest.approx((0.4844, 14.4494), abs=1e-3)


def test_a_tally_without_events_lies_nowhere() -> None:
    assert mark(Tally(false=3), 1.0, "tried", "t") is None


def test_marks_lie_between_the_corners_of_the_plane() -> None:
    made = chart([Mark(0.0, 0.0, "tried", ""), Mark(100.0, 1.0, "tried", "")])
    origin, far = made.marks
    assert (origin.x, origin.y) == (made.left, made.bottom)
    assert (far.x, far.y) == (made.right, made.top)
    assert [tick.text for tick in made.across] == ["0", "20", "40", "60", "80", "100"]
    assert [tick.text for tick in made.up] == ["0", "0.25", "0.5", "0.75", "1"]


def test_the_line_goes_through_its_marks() -> None:
    marks = [named("a", 0.0, 0.0), named("b", 100.0, 1.0)]
    made = chart(marks, marks)
    assert made.line == f"{made.left},{made.bottom} {made.right},{made.top}"
    assert chart(marks).line == ""


def test_an_interval_is_drawn_as_far_as_the_plane_goes() -> None:
    wide = Mark(10.0, 0.5, "one", "", false_95=(0.0, 4000.0), recall_95=(0.25, 1.0))
    (placed,) = chart([wide]).marks
    assert placed.across == (Chart.left, Chart.right)
    assert placed.up is not None
    assert placed.up[1] == Chart.top
    (quiet,) = chart([Mark(0.0, 0.5, "one", "", false_95=(0.0, 6.9))]).marks
    assert quiet.across is not None
    assert Chart.right - 20 < quiet.across[1] < Chart.right


def test_labels_do_not_cover_each_other() -> None:
    first, second, elsewhere = chart([named("a"), named("b"), named("c", 0.0, 0.0)]).labels
    assert (second.x, second.y - first.y) == (first.x, LINE)
    assert elsewhere.y == Chart.bottom + LINE
    (at_the_edge,) = chart([named("far", 100.0)]).labels
    assert at_the_edge.anchor == "end"


@given(st.lists(st.floats(0, 1e6), min_size=1))
@example([5e-324])
@example([1e-6])
def test_the_scale_has_few_round_steps_and_holds_every_mark(false: list[float]) -> None:
    made = chart([Mark(value, 0.5, "tried", "") for value in false])
    assert 2 <= len(made.across) <= 12
    assert all(made.left <= own.x <= made.right for own in made.marks)


def test_a_page_stands_alone_and_escapes_what_it_is_given() -> None:
    text = render("sweep.html", {"title": "<b>&", "kinds": []})
    assert "<h1>&lt;b&gt;&amp;</h1>" in text
    assert "default-src 'none'" in text
    assert not any(outside in text for outside in ("http:", "https:", "src=", "<script", "@import", "url("))


def test_a_page_without_its_values_is_refused() -> None:
    with pytest.raises(UndefinedError):
        render("sweep.html", {"title": "a"})
