"""Scores as a table shows them: figures with their intervals."""

from __future__ import annotations

from typing import Any

from ioc.scoring import Tally
from ioc.scoring_counts import CountTally
from ioc.scoring_plates import PlateTally

COUNTS = ("right", "false", "doubled", "missed", "F for alerts", "F for recording", "delay, median s")
RATES = ("precision", "recall", "F1", "false a camera and day")
PLATES = ("right", "read wrong", "doubled", "false", "missed", "exact, of passes", "exact, of hits", "character errors")
PEOPLE = ("counts read", "unread", "mean absolute error", "bias")


def counts(tally: Tally) -> list[str]:
    """Return the cells below COUNTS."""
    own = tally.figures(1.0)
    counted = [str(count) for count in (tally.right, tally.false, tally.doubled, tally.missed)]
    roles = [number(own[name]) for name in ("f_operational_alert", "f_event_recording")]
    return [*counted, *roles, with_interval(own["median_delay_s"], own["median_delay_s_95"])]


def rates(tally: Tally, hours: float) -> list[str]:
    """Return the cells below RATES; `hours` is how long was watched in all."""
    own = tally.figures(hours)
    return [
        with_interval(own[name], own[f"{name}_95"]) for name in ("precision", "recall", "f1", "false_per_camera_day")
    ]


def with_interval(value: object, interval: Any) -> str:
    """Return a figure with its interval, where there is one."""
    if interval is None:
        return number(value)
    to = "–" if interval[0] >= 0 else " to "
    return f"{number(value)} ({number(interval[0])}{to}{number(interval[1])})"


def number(value: Any) -> str:
    """Return a figure as a table shows it."""
    return "–" if value is None else f"{value:.2f}" if value < 100 else f"{value:.0f}"


def plates(tally: PlateTally) -> list[str]:
    """Return the cells below PLATES."""
    own = tally.figures()
    counted = [str(own[name]) for name in ("right", "wrong", "doubled", "false", "missed")]
    shares = [with_interval(own[name], own[f"{name}_95"]) for name in ("exact_of_passes", "exact_of_hits")]
    errors = tally.character_errors
    return [*counted, *shares, number(errors) if errors is None else f"{errors:.3f}"]


def people(tally: CountTally) -> list[str]:
    """Return the cells below PEOPLE."""
    own = tally.figures()
    return [str(own["read"]), str(own["unread"]), number(own["mean_absolute_error"]), number(own["bias"])]
