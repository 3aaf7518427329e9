"""`ioc score`: how right the alerts of replayed recordings are, event by event."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel, ConfigDict, ValidationError

from ioc.commands.models_text import table
from ioc.commands.score_text import COUNTS, RATES, counts, rates
from ioc.errors import UsageError
from ioc.scoring import Raised, score, total
from ioc.truth import Corners, read_truth


def command(
    truth: Annotated[list[Path], typer.Option("--truth", help="A recording's truth file; may be given again.")],
    alerts: Annotated[
        list[Path], typer.Option("--alerts", help="Its alerts, as `ioc replay --out` wrote them; one for each --truth.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score alerts against the truth: precision, recall, F1, delay and false alarms, with 95 % intervals.

    An alert is right when its kind is the event's, it is raised from 2 s before to 10 s after it is due, and its box
    touches the event's. One alert serves one event: a second one is a duplicate and counts as false.
    """
    if len(truth) != len(alerts):
        raise UsageError(f"{len(truth)} --truth and {len(alerts)} --alerts: give one of each for every recording")
    truths = [read_truth(path) for path in truth]
    tallies = total([score(own, read_raised(path)) for own, path in zip(truths, alerts, strict=True)])
    hours = sum(own.duration_s for own in truths) / 3600
    if as_json:
        kinds = {kind: tally.figures(hours) for kind, tally in tallies.items()}
        print(json.dumps({"clips": len(truths), "hours": hours, "kinds": kinds}))
        return
    recordings = "1 recording" if len(truths) == 1 else f"{len(truths)} recordings"
    print(f"{recordings}, {hours * 60:.1f} min; in brackets, 95 % intervals")
    print("\n".join(table([["kind", *COUNTS], *([kind, *counts(tally)] for kind, tally in tallies.items())])))
    print()
    print("\n".join(table([["kind", *RATES], *([kind, *rates(tally, hours)] for kind, tally in tallies.items())])))


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: str
    phase: str = "raised"
    media_s: float
    box: Corners | None = None


def read_raised(path: Path) -> list[Raised]:
    """Return the alerts of a file of lines that were raised. Raises UsageError, which names the file and the line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; expected alerts as `ioc replay --out` writes them") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8 text; expected alerts as `ioc replay --out` writes them") from None
    alerts = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            alert = _Line.model_validate_json(line)
        except ValidationError as error:
            first: Any = error.errors(include_url=False)[0]
            key = ".".join(map(str, first["loc"])) or "line"
            raise UsageError(f"{path}: line {number}: {key}: {first['msg']}") from None
        if alert.phase == "raised":
            alerts.append(Raised(alert.kind, alert.media_s, alert.box))
    return alerts
