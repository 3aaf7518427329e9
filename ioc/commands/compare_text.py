"""What a comparison found, in words and rows: for the terminal, for a page, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from ioc.commands.score_text import RATES, number, rates, with_interval
from ioc.comparison import Compared, Difference, Hands

COUNTS = ("", "right", "false", "missed", "delay, median s")
SHARES = ("", *RATES)
FIGURES = ("precision", "recall", "f1", "false_per_camera_day")


def counts(own: Compared) -> list[list[str]]:
    """Return the rows below COUNTS: A, B, and B less A."""
    rows, numbers = [], []
    for name, tally in (("A", own.a), ("B", own.b)):
        figures = tally.figures(own.hours)
        numbers.append((tally.right, tally.wrong, tally.missed))
        delay = with_interval(figures["median_delay_s"], figures["median_delay_s_95"])
        rows.append([name, *map(str, numbers[-1]), delay])
    gaps = [f"{b - a:+d}".replace("-", "−") if b != a else "0" for a, b in zip(*numbers, strict=True)]
    return [*rows, ["B − A", *gaps, _gap(own.delay_s)]]


def shares(own: Compared) -> list[list[str]]:
    """Return the rows below SHARES: A, B, and B less A."""
    gaps = [_gap(getattr(own, name)) for name in FIGURES]
    return [["A", *rates(own.a, own.hours)], ["B", *rates(own.b, own.hours)], ["B − A", *gaps]]


def tests(own: Compared) -> Iterator[str]:
    """Yield what changed hands in numbers, and how likely that is by chance."""
    for what, a, b, p in (
        ("events", Hands.RIGHT_IN_A, Hands.RIGHT_IN_B, own.events_p),
        ("false alarms", Hands.FALSE_IN_A, Hands.FALSE_IN_B, own.false_p),
    ):
        chance = "no difference" if p is None else f"p = {p:.2g} (exact McNemar)"
        yield f"{what}: {own.count(a)} {a}, {own.count(b)} {b}: {chance}"


def changes(own: Compared) -> list[list[str]]:
    """Return a row for each event and false alarm that changed hands: recording, how, media time, box."""
    return [
        [
            change.recording,
            change.hands,
            f"{change.media_s:.1f} s",
            " ".join(f"{corner:.2f}" for corner in change.box) if change.box else "anywhere",
        ]
        for change in own.changes
    ]


def as_json(own: Compared) -> dict[str, object]:
    """Return all figures."""
    return {
        "a": own.a.figures(own.hours),
        "b": own.b.figures(own.hours),
        "difference": {
            key: value
            for name in (*FIGURES, "delay_s")
            for key, value in ((name, _of(own, name).value), (f"{name}_95", _of(own, name).interval))
        },
        "events_p": own.events_p,
        "false_p": own.false_p,
        "changes": [
            {
                "recording": change.recording,
                "hands": change.hands,
                "media_s": change.media_s,
                "box": change.box,
            }
            for change in own.changes
        ],
    }


def _of(own: Compared, name: str) -> Difference:
    difference: Difference = getattr(own, name)
    return difference


def _gap(own: Difference) -> str:
    if own.value is None or own.interval is None:
        return _signed(own.value)
    return f"{_signed(own.value)} ({_signed(own.interval[0])} to {_signed(own.interval[1])})"


def _signed(value: float | None) -> str:
    if value is None:
        return number(None)
    return f"{'−' if value < 0 else '+' if value > 0 else ''}{number(abs(value))}"
