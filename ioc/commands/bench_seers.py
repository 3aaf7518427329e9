"""`ioc bench seers`: what each kind of reading costs beside decoding and the detector of objects."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ioc.commands.models_text import cell, progress, table

if TYPE_CHECKING:
    from ioc.bench_seers import Measured

SCENE = "demo-kerb"


def seers(
    video: Annotated[
        Path | None,
        typer.Option("--video", metavar="FILE", help="A recording or a scene script.", show_default=f"{SCENE}, drawn"),
    ] = None,
    seconds: Annotated[float, typer.Option("--seconds", min=1, max=3600, help="Media time gone through.")] = 20.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show one recording to all that looks at pictures, and tell what each costs in processor time, on one thread.

    `own` is what it does on each picture that is looked at, `a look` what it asks of a network, with all that belongs
    to it, and `all` is both on the mean; `× objects` compares that with the detector of objects, in the same pictures.
    """
    from ioc.bench_seers import as_recording, watch_of_all
    from models.processor import processor, use_one_thread
    from streams.scene_demo import CITY
    from streams.sources import open_source

    use_one_thread()
    path = video or CITY / f"{SCENE}.toml"
    with tempfile.TemporaryDirectory(prefix="ioc-seers-") as folder:
        recording = as_recording(path, seconds, Path(folder))
        watch, rate = watch_of_all()
        with progress("pictures", round(seconds * rate)) as step:
            found = watch.measure(open_source("bench", str(recording)), rate, seconds, step)
    if as_json:
        print(json.dumps({"processor": str(processor()), "video": path.name, "rate": rate, **asdict(found)}))
        return
    width, height = found.size
    print(f"Processor: {processor()}; one thread")
    print(f"{path.name}, {width} × {height}, {found.seconds:.0f} s, {found.pictures} pictures looked at")
    print("\n".join(_rows(found)))


def _rows(found: Measured) -> list[str]:
    from ioc.bench_seers import OBJECTS

    yardstick = next(cost.all_ms for cost in found.stages if cost.stage == OBJECTS)
    rows = [["", "own ms", "looks a second", "ms a look", "all ms", f"× {OBJECTS}"]]
    for cost in found.stages:
        figures = (cost.own_ms, cost.looks_a_second, cost.look_ms, cost.all_ms, cost.all_ms / yardstick)
        rows.append([cost.stage, *map(cell, figures)])
    return table(rows)
