"""`ioc models`: which models there are, whether they are whole, how good and fast they are, and how to make them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, assert_never

import typer

from ioc.commands import models_export, models_pull, models_train
from ioc.commands.models_text import cell, figure_rows, numbers, progress, ratio, renames, table, tell_left_out
from ioc.errors import IocError, UsageError

if TYPE_CHECKING:
    from models.detector import Detector
    from models.labelled_set import LabelledSet
    from models.manifest import Manifest, ModelEntry
    from models.providers import Provider

Name = Annotated[str, typer.Argument(metavar="NAME", help="The model, by its name in the manifest.")]
ManifestFile = Annotated[
    Path | None, typer.Option("--manifest", help="Another manifest, with weights/ and cards/ beside it.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Weights = Annotated[
    Path | None, typer.Option("--weights", help="Another ONNX file of the same layout and labels, in place of its own.")
]
Classes = Annotated[
    list[str] | None,
    typer.Option("--classes", metavar="FROM=TO", help="A class of the folder is this label; may be given again."),
]
Only = Annotated[
    Path | None, typer.Option("--list", help="Text file that names the pictures to take, one a line; all without.")
]
Threads = Annotated[int, typer.Option("--threads", min=1, max=64, help="Threads of the network.")]


def verbs() -> typer.Typer:
    """Return the verbs of `ioc models`."""
    app = typer.Typer(
        help="The models: list and verify them, measure their accuracy and speed, quantise and train them.",
        no_args_is_help=True,
    )
    app.command("list")(list_models)
    app.command("verify")(verify)
    app.command("eval")(evaluate)
    app.command("bench")(bench)
    app.command("quantise")(quantise)
    app.command("export")(models_export.command)
    app.command("pull")(models_pull.command)
    passed_on = {"allow_extra_args": True, "ignore_unknown_options": True}
    app.command("train", context_settings=passed_on)(models_train.command)
    return app


def list_models(manifest: ManifestFile = None, as_json: AsJson = False) -> None:
    """Say which models there are, what they find, and under which licence."""
    listed = _manifest(manifest)
    rows = [_facts(listed, entry) for entry in listed.model]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        size = f"{row['bytes'] / 1e6:.1f} MB" if isinstance(row["bytes"], int) else "no file"
        print(f"{row['name']}: {size}, layout {row['layout']}, input {row['size']} px, {row['licence']}")
        print(f"  finds: {', '.join(listed.named(str(row['name'])).finds)}")
        print(f"  card: {row['card'] or 'none'}")


def verify(manifest: ManifestFile = None) -> int:
    """Prove each model's digest and run it once. Exit code 1 when one cannot be used."""
    listed = _manifest(manifest)
    bad = 0
    for entry in listed.model:
        try:
            _prove(listed, entry)
        except IocError as error:
            bad += 1
            print(f"ioc: {entry.name}: {error}", file=sys.stderr)
        else:
            copy = "" if entry.eight_bit is None else f"; in eight bits {entry.eight_bit.sha256}"
            print(f"{entry.name}: good, sha256 {entry.sha256}{copy}")
    return 1 if bad else 0


def evaluate(  # noqa: PLR0913, PLR0917  (options of the command line)
    name: Name,
    data: Annotated[Path, typer.Option("--data", help="Folder with images/, labels/ and classes.txt or data.yaml.")],
    size: Annotated[
        list[int] | None,
        typer.Option("--size", min=96, max=4096, help="Long side of the input in pixels; may be given again."),
    ] = None,
    classes: Classes = None,
    join_riders: Annotated[
        Literal["truth", "found", "both"] | None,
        typer.Option("--join-riders", help="Make a person on a two-wheeler part of its box, on one side or on both."),
    ] = None,
    aspect: Annotated[
        str | None, typer.Option("--aspect", metavar="W:H", help="True shape of pictures that are stored squashed.")
    ] = None,
    only: Only = None,
    weights: Weights = None,
    threads: Threads = 1,
    manifest: ManifestFile = None,
    as_json: AsJson = False,
) -> None:
    """Measure a detector on labelled pictures: AP50 and AP50-95 of each label, as COCO defines them.

    Pictures are looked at exactly as by `ioc detect`. Measure on pictures that the model was not trained on.
    """
    from models.bench import digest
    from models.evaluation import evaluate as measure
    from models.labelled_set import read_set

    listed = _manifest(manifest)
    entry = listed.named(name)
    shape = None if aspect is None else ratio(aspect)
    detector = _detector(listed, entry, weights, threads)
    labelled = read_set(data, entry.finds, renames=renames(classes), only=only)
    tell_left_out(labelled)
    with progress("looked at", len(labelled.pictures)) as step:
        figures = measure(detector, labelled, size or [entry.size], riders=join_riders, aspect=shape, each=step)
    if as_json:
        file = weights or listed.weights(entry)
        about = {"model": name, "weights": str(file), "sha256": digest(file), "data": str(data)}
        sizes = [own.to_json() for own in figures]
        print(json.dumps({**about, "pictures": len(labelled.pictures), "sizes": sizes}, ensure_ascii=False))
        return
    print(f"{name} on {len(labelled.pictures)} pictures of {data}")
    print("\n".join(table(figure_rows(figures))))


def bench(
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

    listed = _manifest(manifest)
    if name is None and weights:
        raise UsageError("--weights needs the NAME of the model that the files are of")
    batches, counts = numbers("--batch", batch), numbers("--threads", threads)
    here = processor()
    rows = []
    for entry in listed.model if name is None else (listed.named(name),):
        ships = [(listed.weights(entry, way.variant), way.provider) for way in cpu_ways(entry, places())]
        sources = [*ships, *((file, "cpu") for file in weights or [])]
        rows += _costs(entry, sources, [(count, many) for count in counts for many in batches], size, seconds)
    if as_json:
        about = {"processor": here.name, "features": list(here.features)}
        print(json.dumps({**about, "costs": rows}, ensure_ascii=False))
        return
    print(f"Processor: {here}; milliseconds a picture")
    print("\n".join(table([list(rows[0]), *([cell(value) for value in row.values()] for row in rows)])))


def quantise(  # noqa: PLR0913, PLR0917  (options of the command line)
    name: Name,
    data: Annotated[Path, typer.Option("--data", help="Folder of pictures such as the cameras deliver.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write the ONNX file.")],
    only: Only = None,
    pictures: Annotated[int, typer.Option("--pictures", min=1, help="How many of them to learn ranges from.")] = 64,
    size: Annotated[
        int | None, typer.Option("--size", min=96, max=4096, help="Long side of the input in pixels.")
    ] = None,
    check: Annotated[
        Path | None, typer.Option("--check", help="Labelled folder, as for eval, to measure both files on.")
    ] = None,
    check_list: Annotated[Path | None, typer.Option("--check-list", help="Names the pictures of --check.")] = None,
    classes: Classes = None,
    weights: Weights = None,
    manifest: ManifestFile = None,
) -> None:
    """Make an eight-bit copy of a detector, and say its size, its speed and, with --check, its accuracy.

    Needs the extra: pip install 'city-ioc[train]'.
    """
    from models import quantise as eight_bit
    from models.labelled_set import picture_files, read_set

    listed = _manifest(manifest)
    entry = listed.named(name)
    source = weights or listed.weights(entry)
    shown = eight_bit.spread(picture_files(data, only), pictures)
    labelled = None if check is None else read_set(check, entry.finds, renames=renames(classes), only=check_list)
    with progress("learned from", len(shown)) as step:
        eight_bit.quantise(entry, source, out, shown, size=size, each=step)
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB (before {source.stat().st_size / 1e6:.1f} MB)")
    _compare(listed, entry, (source, out), size or entry.size, labelled)


def _manifest(path: Path | None) -> Manifest:
    from models.manifest import load_manifest

    return load_manifest() if path is None else load_manifest(path)


def _facts(manifest: Manifest, entry: ModelEntry) -> dict[str, object]:
    weights, card = manifest.weights(entry), manifest.card(entry)
    return {
        "name": entry.name,
        "bytes": weights.stat().st_size if weights.is_file() else None,
        "labels": list(entry.labels),
        "finds": list(entry.finds),
        "size": entry.size,
        "layout": entry.layout,
        "licence": entry.licence,
        "card": str(card) if card.is_file() else None,
        "sha256": entry.sha256,
    }


def _prove(manifest: Manifest, entry: ModelEntry) -> None:
    """Load the model and its eight-bit copy as the product does, which proves their digests and runs them once."""
    from models.dense import DenseModel
    from models.detector import Detector
    from models.plate_reader import PlateReader

    match entry.layout:
        case "yolo" | "yolov5" | "yolo-end2end" | "rtdetr" | "rtdetr-end2end":
            Detector.load(entry.name, provider="cpu", manifest=manifest)
            if entry.eight_bit is not None:
                Detector.load(entry.name, provider="cpu", manifest=manifest, variant="int8")
        case "ctc":
            PlateReader.load(entry.name, provider="cpu", manifest=manifest)
        case "mask" | "density":
            DenseModel.load(entry.name, provider="cpu", manifest=manifest)
        case _:
            assert_never(entry.layout)


def _detector(manifest: Manifest, entry: ModelEntry, weights: Path | None, threads: int) -> Detector:
    from models.bench import open_weights
    from models.detector import Detector
    from models.layouts import FORMS

    if entry.layout not in FORMS:
        command = "plate_evaluate" if entry.layout == "ctc" else f"dense_evaluate {entry.name}"
        raise UsageError(
            f"model {entry.name!r} is no detector; it is measured by `python -m models.training.{command} --data DIR`"
        )
    if weights is None:
        return Detector.load(entry.name, provider="cpu", threads=threads, manifest=manifest)
    return Detector(entry, open_weights(weights, threads))


def _costs(
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
        costs = timing.take_turns(
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
        for (of, threads, batch), cost in zip(variants, costs, strict=True)
    ]


def _compare(
    manifest: Manifest, entry: ModelEntry, files: tuple[Path, Path], size: int, labelled: LabelledSet | None
) -> None:
    from models.evaluation import evaluate as measure
    from models.processor import processor

    before, after = _costs(entry, [(file, "cpu") for file in files], [(1, 1)], size, 3.0)
    relation = float(str(after["cpu_ms"])) / float(str(before["cpu_ms"]))
    print(f"{processor()}, one thread, {after['input']}: {cell(after['cpu_ms'])} CPU ms a picture", end="")
    print(f" (before {cell(before['cpu_ms'])}; ratio {relation:.2f})")
    if labelled is None:
        return
    tell_left_out(labelled)
    for file in files:
        detector = _detector(manifest, entry, file, 1)
        with progress("looked at", len(labelled.pictures)) as step:
            figures = measure(detector, labelled, [size], each=step)
        print(file)
        print("\n".join(table(figure_rows(figures))))
