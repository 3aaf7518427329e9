"""The page of a sweep: the trade-off of all settings as a chart, the best and the doubts."""

from __future__ import annotations

from collections.abc import Sequence

from ioc.commands import sweep_text
from ioc.html_page import render
from ioc.sweep import Scored
from ioc.sweep_choice import Choice
from ioc.tradeoff import Chart, Mark, chart, mark


def page(choices: Sequence[Choice]) -> str:
    """Return the page."""
    kinds = [
        {
            "name": choice.swept.kind,
            "what": sweep_text.what(choice),
            "doubt": choice.doubt,
            "chart": _chart(choice),
            "head": sweep_text.head(choice),
            "best": sweep_text.best(choice),
            "front": sweep_text.front(choice),
        }
        for choice in choices
    ]
    return render("sweep.html", {"title": "Settings tried on tapes", "kinds": kinds})


def _chart(choice: Choice) -> Chart | None:
    """Return all settings, what matters on top; None where no event was to be found."""
    front = {id(scored) for scored in choice.front}
    tried = [_mark(choice, scored, "tried") for scored in choice.ranked if id(scored) not in front]
    line = [_mark(choice, scored, "front", "best" if scored is choice.best else "") for scored in choice.front]
    stands = _mark(choice, choice.stands, "other", "as it stands")
    marks = [own for own in (*tried, *line, stands) if own is not None]
    return chart(marks, [own for own in line if own is not None]) if marks else None


def _mark(choice: Choice, scored: Scored, look: str, label: str = "") -> Mark | None:
    named = sweep_text.values(scored) or "as it stands"
    tally = scored.whole
    title = f"{named}: {tally.right} right, {tally.wrong} false, {tally.missed} missed"
    return mark(tally, choice.swept.hours, look, title, label, with_intervals=bool(label))
