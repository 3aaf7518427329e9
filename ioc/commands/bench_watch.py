"""`ioc bench watch`: how fast passes are matched against watch-lists, and how right, on made-up traffic."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ioc.commands.models_text import progress
from ioc.errors import UsageError

if TYPE_CHECKING:
    from dashboard.watch_bench import Watching

SEED = 21


def watch(
    entries: Annotated[int, typer.Option("--entries", min=1, help="Plates on the list.")] = 100_000,
    vehicles: Annotated[int, typer.Option("--vehicles", min=2, help="Vehicles there are, those included.")] = 1_000_000,
    passes: Annotated[int, typer.Option("--passes", min=100, help="Passes that come by.")] = 20_000,
    exact: Annotated[bool, typer.Option("--exact", help="Match what was read exactly, and no misreads.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Match made-up passes against a watch-list, fifty at a time, as the dashboard does when it takes them in.

    Every other vehicle that comes by stands on the list. The store is a file of its own that goes when all is measured.
    """
    from dashboard.database import open_file
    from dashboard.watch_bench import BATCH, watch_traffic

    if vehicles <= entries:
        raise UsageError("--vehicles counts those on the list too: give more than --entries")
    with tempfile.TemporaryDirectory(prefix="ioc-watch-") as folder:
        database = open_file(Path(folder) / "watch.db")
        with progress(f"{BATCH} passes:", -(-passes // BATCH)) as step:
            found = watch_traffic(database, entries, passes, vehicles, SEED, misreads=not exact, each=step)
        database.close()
    print(json.dumps(_figures(found)) if as_json else _text(found))


def _figures(found: Watching) -> dict[str, Any]:
    return {
        "processor_ms_a_pass": round(1000 * found.worked / _passes(found), 2),
        "batch_ms": {f"p{part}": round(1000 * found.percentile(part), 1) for part in (50, 95)},
        "read_right": {"passes": found.watched[True], "raised": found.raised[True]},
        "misread": {"passes": found.watched[False], "raised": found.raised[False]},
        "false": {"alerts": found.false, "passes": _passes(found)},
    }


def _passes(found: Watching) -> int:
    return found.others + sum(found.watched.values())


def _text(found: Watching) -> str:
    told = _figures(found)
    lines = [f"a pass: {told['processor_ms_a_pass']} ms of processor time"]
    lines += [f"fifty passes: p50 {told['batch_ms']['p50']} ms, p95 {told['batch_ms']['p95']} ms"]
    for name in ("read_right", "misread"):
        row = told[name]
        lines.append(f"watched, {name.replace('_', ' ')}: {row['raised']} of {row['passes']} raise their alert")
    lines.append(f"false alerts: {told['false']['alerts']} in {told['false']['passes']} passes")
    return "\n".join(lines)
