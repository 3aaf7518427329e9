"""`ioc models bench`: what a picture costs, in each way that a model can run here."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ioc.commands.models_options import AsJson, ManifestFile, opened
from ioc.commands.models_text import cell, numbers, progress, table
from ioc.errors import UsageError

if TYPE_CHECKING:
    from models.manifest import ModelEntry
    from models.providers import Provider


def command(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="The model; all without.")] = None,
    size: Annotated[
        int | None, typer.Option("--size", min=96, max=4096, help="Long side of the input in pixels.")
    ] = None,
    batch: Annotated[str, typer.Option("--batch", help="Pictures a run, separated by commas.")] = "1,4,8",
    threads: Annotated[str, typer.Option("--threads", help="Threads of the network, separated by commas.")] = "1,2",
    seconds: Annotated[float, typer.Option("--seconds", min=0.1, max=600, help="Time for each variant.")] = 2.0,
    weights: Annotated[
        list[Path] | None,
        typer.Option("--weights", help="With NAME: further ONNX files of it, side by side; may be given again."),
    ] = None,
    manifest: ManifestFile = None,
    as_json: AsJson = False,
) -> None:
    """Measure what a picture costs: processor and wall milliseconds, medians of runs in turns after a warm-up.

    The network alone is timed, on the CPU, with the input of a 16:9 picture: in floats, in eight bits where there is
    such a copy, and by OpenVINO where that is installed.
    """
    from models.processor import processor
    from models.session import places
    from models.variants import cpu_ways

    listed = opened(manifest)
    if name is None and weights:
        raise UsageError("--weights needs the NAME of the model that the files are of")
    batches, counts = numbers("--batch", batch), numbers("--threads", threads)
    here = processor()
    rows = []
    for entry in listed.model if name is None else (listed.named(name),):
        ships = [(listed.weights(entry, way.variant), way.provider) for way in cpu_ways(entry, places())]
        sources = [*ships, *((file, "cpu") for file in weights or [])]
        rows += costs(entry, sources, [(count, many) for count in counts for many in batches], size, seconds)
    if as_json:
        about = {"processor": here.name, "features": list(here.features)}
        print(json.dumps({**about, "costs": rows}, ensure_ascii=False))
        return
    print(f"Processor: {here}; milliseconds a picture")
    print("\n".join(table([list(rows[0]), *([cell(value) for value in row.values()] for row in rows)])))


def costs(
    entry: ModelEntry,
    sources: Sequence[tuple[Path, Provider]],
    ways: Sequence[tuple[int, int]],
    size: int | None,
    seconds: float,
) -> list[dict[str, object]]:
    """Time one model's files, each by its runtime and in all ways (threads, batch), side by side."""
    from models import bench as timing

    size = size or entry.size
    sessions = {(of, threads): timing.open_weights(of[0], threads, of[1]) for of in sources for threads, _ in ways}
    fixed = {of: sessions[of, ways[0][0]].shape for of in sources}
    inputs = {(of, batch): timing.noise(entry, size, batch, fixed[of]) for of in sources for _, batch in ways}
    variants = [(of, threads, batch) for of in sources for threads, batch in ways]

    def running(of: tuple[Path, Provider], threads: int, batch: int) -> Callable[[], object]:
        return lambda: sessions[of, threads].run(inputs[of, batch])

    with progress("rounds", None) as step:
        found = timing.take_turns(
            [running(*variant) for variant in variants], seconds, [batch for _, _, batch in variants], each=step
        )
    return [
        {
            "model": entry.name,
            "weights": of[0].name,
            "runtime": of[1],
            "input": "×".join(map(str, reversed(inputs[of, batch].shape[2:]))),
            "threads": threads,
            "batch": batch,
            "cpu_ms": cost.cpu_ms,
            "wall_ms": cost.wall_ms,
            "rounds": cost.rounds,
        }
        for (of, threads, batch), cost in zip(variants, found, strict=True)
    ]
