"""`ioc score`: how right the alerts of replayed recordings are: events, plates and counts of people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ioc.commands.alert_lines import AlertLine, events, hits, read_raised
from ioc.commands.models_text import table
from ioc.commands.score_text import COUNTS, PEOPLE, PLATES, RATES, counts, people, plates, rates
from ioc.errors import UsageError
from ioc.scoring import Tally, score, total
from ioc.scoring_counts import CountTally, score_counts
from ioc.scoring_plates import PlateTally, score_plates
from ioc.truth import Truth, read_truth

if TYPE_CHECKING:
    from ioc.site import Site


def command(
    truth: Annotated[
        list[Path], typer.Option("--truth", help="A recording's truth file, or a folder of them; may be given again.")
    ],
    alerts: Annotated[
        list[Path],
        typer.Option(
            "--alerts", help="Its alerts, or the folder of them, as `ioc replay --out` wrote; for each --truth."
        ),
    ],
    tape: Annotated[
        list[Path] | None, typer.Option("--tape", help="Its tape, or the folder of them, to score counts of people.")
    ] = None,
    site: Annotated[Path | None, typer.Option("--site", help="With --tape: the site file whose rules count.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score alerts against the truth: precision, recall, F1, delay and false alarms, with 95 % intervals.

    An alert is right when its kind is the event's, it is raised from 2 s before to 10 s after it is due, and its box
    touches the event's. One alert serves one event: a second one is a duplicate and counts as false.

    Where the truth lists plates, hits are scored against the passes: exact texts and character errors. Where it
    counts people, --tape and --site score what the rules count.
    """
    if len(truth) != len(alerts):
        raise UsageError(f"{len(truth)} --truth and {len(alerts)} --alerts: give one of each for every recording")
    if (tape is None) != (site is None) or len(tape or truth) != len(truth):
        raise UsageError("counts of people need --site, and one --tape for every --truth")
    pairs = _pairs(truth, alerts, ".jsonl")
    truths = [read_truth(path) for path, _ in pairs]
    raised = [read_raised(path) for _, path in pairs]
    hours = sum(own.duration_s for own in truths) / 3600
    tallies = total([score(own, events(lines)) for own, lines in zip(truths, raised, strict=True)])
    passes = _passes(truths, raised)
    counted = _counted(truths, [path for _, path in _pairs(truth, tape, ".tape")], site) if tape and site else None
    if as_json:
        kinds = {kind: tally.figures(hours) for kind, tally in tallies.items()}
        more = {"plates": passes and passes.figures(), "counts": counted and counted.figures()}
        print(json.dumps({"clips": len(truths), "hours": hours, "kinds": kinds, **more}))
        return
    recordings = "1 recording" if len(truths) == 1 else f"{len(truths)} recordings"
    print(f"{recordings}, {hours * 60:.1f} min; in brackets, 95 % intervals")
    _show(tallies, hours)
    if passes is not None:
        print("\nplates")
        print("\n".join(table([list(PLATES), plates(passes)])))
        often = ", ".join(
            f"{shown or '(none)'} as {read or '(none)'} {n}×" for shown, read, n in passes.confusions[:10]
        )
        print(f"read wrong: {often or 'nothing'}")
    if counted is not None:
        print("\npeople counted")
        print("\n".join(table([list(PEOPLE), people(counted)])))
    elif any(own.counts for own in truths):
        print("\npeople counted: not scored; give --site, and --tape for every recording")


def _pairs(truths: Sequence[Path], others: Sequence[Path], suffix: str) -> list[tuple[Path, Path]]:
    """Return each truth file with its recording's other file; a folder stands for what is in it, paired by name."""
    pairs = []
    for truth, other in zip(truths, others, strict=True):
        found = sorted(truth.glob("*.json")) if truth.is_dir() else [truth]
        if not found:
            raise UsageError(f"{truth}: no truth files in this folder (*.json)")
        pairs += [(own, other / f"{own.stem}{suffix}" if truth.is_dir() else other) for own in found]
    return pairs


def _show(tallies: dict[str, Tally], hours: float) -> None:
    print("\n".join(table([["kind", *COUNTS], *([kind, *counts(tally)] for kind, tally in tallies.items())])))
    print()
    print("\n".join(table([["kind", *RATES], *([kind, *rates(tally, hours)] for kind, tally in tallies.items())])))


def _passes(truths: Sequence[Truth], raised: Sequence[Sequence[AlertLine]]) -> PlateTally | None:
    """Return the tally of plates over the recordings whose truth lists them; None where there are none."""
    listed = [(own, lines) for own, lines in zip(truths, raised, strict=True) if own.plates is not None]
    if not listed:
        return None
    tally = PlateTally()
    for own, lines in listed:
        tally.add(score_plates(own, hits(lines)))
    return tally


def _counted(truths: Sequence[Truth], tapes: Sequence[Path], path: Path) -> CountTally:
    from ioc.people_counts import people_counted, require_counted
    from ioc.wiring import checked_site

    site: Site = checked_site(path)
    tally = CountTally()
    for own, tape in zip(truths, tapes, strict=True):
        if own.counts:
            readings = people_counted(tape, site, path)
            require_counted(own, readings, tape)
            tally.add(score_counts(own.counts, readings))
    return tally
