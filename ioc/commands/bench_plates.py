"""`ioc bench plates`: how many passes of a drawn gate are told of once and read right."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from ioc.commands.models_text import cell, progress, table

RATES = (5, 10, 25)


def plates(
    passes: Annotated[int, typer.Option("--passes", min=1, max=10_000, help="About so many legible plates.")] = 200,
    fps: Annotated[
        list[int] | None,
        typer.Option("--fps", min=2, max=30, help="Pictures a second; more than once.", show_default="5, 10 and 25"),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed, other vehicles.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Let vehicles pass a drawn gate, and tell how many were told of once, and how many texts were right.

    Everything is as with a live camera that looks at every picture: found, followed, read, voted on. A pass counts when
    a line of its plate was at least 15 pixels high in one picture. At 25 pictures a second 200 passes take
    about six minutes of a core.
    """
    from ioc.bench_plates import gate, measure

    rows = []
    for rate in fps or RATES:
        script = gate(passes, rate, seed)
        with progress(f"{rate} pictures a second:", round(script.seconds * rate)) as step:
            rows.append({"fps": rate, **measure(script, step).figures()})
    print(json.dumps(rows) if as_json else _text(rows))


def _text(rows: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(table([list(rows[0]), *([cell(value) for value in row.values()] for row in rows)]))
