"""`ioc bench search`: how fast plates are found while passes are written, on made-up traffic."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ioc.commands.models_text import progress, table
from ioc.errors import UsageError

if TYPE_CHECKING:
    from dashboard.database import Database
    from dashboard.plate_bench import Measured

SEED = 20
STEP = 100_000


def search(
    store: Annotated[Path, typer.Option("--store", help="SQLite file for the passes; used again when it is there.")],
    reads: Annotated[int, typer.Option("--reads", min=1000, help="Passes to make up in a new file.")] = 10_000_000,
    people: Annotated[int, typer.Option("--people", min=1, max=64, help="How many search at once.")] = 4,
    writes: Annotated[float, typer.Option("--writes", min=1, max=1000, help="Passes written a second.")] = 50.0,
    seconds: Annotated[float, typer.Option("--seconds", min=1, max=3600, help="How long to measure.")] = 60.0,
    misreads: Annotated[int, typer.Option("--misreads", min=10, help="Misreads to find again.")] = 500,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Search for plates as several people do at once, who never rest, while passes are being written.

    Ten million passes take about 3.5 GB and some minutes to make up. The first searches after that find the file in
    memory only in part: measure twice to see it warm.
    """
    from dashboard.plate_bench import found_again, measure
    from ioc.plate_confusion import Confusions

    confusions = Confusions.measured()
    database = _opened(store, reads)
    measured = measure(database, confusions, people=people, seconds=seconds, writes=writes, seed=SEED)
    again = {errors: found_again(database, confusions, errors=errors, count=misreads, seed=SEED) for errors in (1, 2)}
    database.close()
    found = _figures(measured, again)
    print(json.dumps(found) if as_json else _text(found))


def _opened(path: Path, reads: int) -> Database:
    from dashboard.database import open_file
    from dashboard.plate_traffic import fill
    from ioc.plate_confusion import Confusions

    if not path.parent.is_dir():
        raise UsageError(f"{path}: its folder does not exist; make it, or name another file")
    fresh = not path.exists()
    database = open_file(path)
    if fresh:
        with progress(f"{STEP} passes:", -(-reads // STEP)) as step:
            fill(database, reads, SEED, Confusions.measured(), lambda _: step())
    return database


def _figures(measured: Measured, again: dict[int, tuple[int, int]]) -> dict[str, Any]:
    return {
        "searches": {
            kind: {
                "count": len(seconds),
                **{f"p{part}_ms": round(1000 * measured.percentile(kind, part), 1) for part in (50, 95, 99)},
            }
            for kind, seconds in measured.seconds.items()
        },
        "written_per_s": round(measured.written / measured.lasted, 1),
        "found_among_best_5": {
            f"{errors} wrong": {"found": found, "tried": tried, "share": round(found / tried, 4)}
            for errors, (found, tried) in again.items()
        },
    }


def _text(found: dict[str, Any]) -> str:
    rows = [("search", "count", "p50 ms", "p95 ms", "p99 ms")]
    rows += [(kind, *map(str, row.values())) for kind, row in found["searches"].items()]
    lines = [*table(rows), f"{found['written_per_s']} passes a second written the while"]
    for errors, row in found["found_among_best_5"].items():
        lines.append(f"{errors}: {row['found']} of {row['tried']} misreads are found among the best 5 ({row['share']})")
    return "\n".join(lines)
