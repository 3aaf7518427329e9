"""The page of a comparison: both settings in one chart, their figures, and what changed hands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ioc.commands import compare_text
from ioc.comparison import Compared
from ioc.html_page import render
from ioc.tradeoff import Chart, chart, mark


def page(a: Path, b: Path, compared: Sequence[Compared]) -> str:
    """Return the page; `a` and `b` are the site files."""
    kinds = [
        {
            "name": own.kind,
            "hours": f"{own.hours:.2f}",
            "chart": _chart(own),
            "tables": [
                (compare_text.COUNTS, compare_text.counts(own)),
                (compare_text.SHARES, compare_text.shares(own)),
            ],
            "tests": list(compare_text.tests(own)),
            "changes": compare_text.changes(own),
        }
        for own in compared
    ]
    return render("compare.html", {"title": "Two settings compared", "a": str(a), "b": str(b), "kinds": kinds})


def _chart(own: Compared) -> Chart | None:
    """Return A and B with their intervals; None where no event was to be found."""
    marks = [
        mark(tally, own.hours, look, f"{name}: {tally.right} right, {tally.wrong} false", name, with_intervals=True)
        for name, tally, look in (("A", own.a, "one"), ("B", own.b, "other"))
    ]
    known = [one for one in marks if one is not None]
    return chart(known) if known else None
