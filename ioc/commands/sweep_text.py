"""What a sweep found, in words and rows: for the terminal, for a page, and as JSON."""

from __future__ import annotations

import json

from ioc.commands.score_text import RATES, number, rates
from ioc.sweep import Scored
from ioc.sweep_choice import Choice, Role
from ioc.types import Json

SHOWN = 5
"""Settings in the table of the best."""


def what(choice: Choice) -> str:
    """Return what was tried on what."""
    own = choice.swept
    tapes, cameras = len(own.trials), len({trial.camera for trial in own.trials})
    watched = "one camera" if cameras == 1 else f"{cameras} cameras"
    shown = "one tape" if tapes == 1 else f"{tapes} tapes"
    return f"{len(own.scored) - 1} settings on {shown} of {watched}, {own.hours * 60:.1f} min"


def head(choice: Choice) -> list[str]:
    """Return the head of the columns of `best` and `front`."""
    role = [] if choice.role is Role.F1 else [f"F for {choice.role}"]
    return ["", *choice.best.setting.values, *role, *RATES]


def best(choice: Choice) -> list[list[str]]:
    """Return what stands, the best settings, and what the best is worth where it was not chosen."""
    rows = [_row(choice, "as it stands", choice.stands)]
    rows += [_row(choice, f"{n}." if n > 1 else "best", scored) for n, scored in enumerate(choice.ranked[:SHOWN], 1)]
    if choice.held_out is not None:
        rows.append(_row(choice, f"chosen without each {choice.held_out.by}", choice.held_out.scored))
    return rows


def front(choice: Choice) -> list[list[str]]:
    """Return the settings that nothing beats, the fewest false alarms first."""
    return [_row(choice, "best" if scored is choice.best else "", scored) for scored in choice.front]


def values(scored: Scored) -> str:
    """Return a setting in one line."""
    return ", ".join(f"{name} {_said(value)}" for name, value in scored.setting.values.items())


def as_json(choice: Choice) -> dict[str, object]:
    """Return all figures."""
    own, held = choice.swept, choice.held_out

    def told(scored: Scored) -> dict[str, object]:
        figures = scored.whole.figures(own.hours)
        return {"settings": dict(scored.setting.values), "for": choice.role.of(scored.whole), **figures}

    return {
        "tapes": [trial.name for trial in own.trials],
        "hours": own.hours,
        "as_it_stands": {**told(choice.stands), "settings": dict(own.now)},
        "best": told(choice.best),
        "better": choice.better,
        "held_out": held and {"by": held.by, "parts": held.parts, **told(held.scored)},
        "doubt": choice.doubt,
        "front": [told(scored) for scored in choice.front],
        "all": [told(scored) for scored in choice.ranked],
    }


def _row(choice: Choice, name: str, scored: Scored) -> list[str]:
    own = choice.swept.now if scored is choice.stands else scored.setting.values
    said = [_said(own.get(field)) for field in choice.best.setting.values]
    role = [] if choice.role is Role.F1 else [number(choice.role.of(scored.whole))]
    return [name, *said, *role, *rates(scored.whole, choice.swept.hours)]


def _said(value: Json) -> str:
    """Return a value as a table shows it; nothing where none is known."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value)
