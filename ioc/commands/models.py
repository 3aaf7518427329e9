"""`ioc models`: which models there are, whether they are whole, how good and fast they are, and how to make them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, assert_never

import typer

from ioc.commands import models_bench, models_export, models_pull, models_train
from ioc.commands.models_bench import costs
from ioc.commands.models_eval_reader import evaluate_reader
from ioc.commands.models_options import AsJson, Classes, ManifestFile, Name, Only, Threads, Weights, opened
from ioc.commands.models_text import cell, figure_rows, progress, ratio, renames, table, tell_left_out
from ioc.errors import IocError, UsageError

if TYPE_CHECKING:
    from models.detector import Detector
    from models.labelled_set import LabelledSet
    from models.manifest import Manifest, ModelEntry


def verbs() -> typer.Typer:
    """Return the verbs of `ioc models`."""
    app = typer.Typer(
        help="The models: list and verify them, measure their accuracy and speed, quantise and train them.",
        no_args_is_help=True,
    )
    app.command("list")(list_models)
    app.command("verify")(verify)
    app.command("eval")(evaluate)
    app.command("bench")(models_bench.command)
    app.command("quantise")(quantise)
    app.command("export")(models_export.command)
    app.command("pull")(models_pull.command)
    passed_on = {"allow_extra_args": True, "ignore_unknown_options": True}
    app.command("train", context_settings=passed_on)(models_train.command)
    return app


def list_models(manifest: ManifestFile = None, as_json: AsJson = False) -> None:
    """Say which models there are, what they find, and under which licence."""
    listed = opened(manifest)
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
    listed = opened(manifest)
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
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            help="Folder with images/, labels/ and classes.txt or data.yaml; of a plate reader with texts.csv.",
        ),
    ] = None,
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
    drawn: Annotated[
        int, typer.Option("--drawn", min=0, max=10_000, help="Of a plate reader: so many drawn plates of every kind.")
    ] = 0,
    confusions: Annotated[
        Path | None,
        typer.Option("--confusions", metavar="FILE", help="Of a plate reader: write what it takes for what as JSON."),
    ] = None,
    weights: Weights = None,
    threads: Threads = 1,
    manifest: ManifestFile = None,
    as_json: AsJson = False,
) -> None:
    """Measure a detector on labelled pictures, or a plate reader on crops of plates.

    Of a detector: AP50 and AP50-95 of each label, as COCO defines them, looked at exactly as by `ioc detect`. Of a
    reader: how many plates it reads exactly, as `ioc plates` reads, and what it takes for what. Measure on pictures
    that the model was not trained on.
    """
    from models.bench import digest
    from models.evaluation import evaluate as measure
    from models.labelled_set import read_set

    listed = opened(manifest)
    entry = listed.named(name)
    if entry.layout == "ctc":
        if size or classes or join_riders or aspect or only:
            raise UsageError(f"model {name!r} reads plates: leave out --size and what says how boxes are compared")
        evaluate_reader(
            listed,
            entry,
            data=data,
            drawn=drawn,
            weights=weights,
            threads=threads,
            confusions=confusions,
            as_json=as_json,
        )
        return
    if data is None or drawn or confusions:
        raise UsageError(f"model {name!r} needs --data, a folder with images/ and labels/; only readers have --drawn")
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

    listed = opened(manifest)
    entry = listed.named(name)
    source = weights or listed.weights(entry)
    shown = eight_bit.spread(picture_files(data, only), pictures)
    labelled = None if check is None else read_set(check, entry.finds, renames=renames(classes), only=check_list)
    with progress("learned from", len(shown)) as step:
        eight_bit.quantise(entry, source, out, shown, size=size, each=step)
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB (before {source.stat().st_size / 1e6:.1f} MB)")
    _compare(listed, entry, (source, out), size or entry.size, labelled)


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
        raise UsageError(
            f"model {entry.name!r} is no detector; it is measured by "
            f"`python -m models.training.dense_evaluate {entry.name} --data DIR`"
        )
    if weights is None:
        return Detector.load(entry.name, provider="cpu", threads=threads, manifest=manifest)
    return Detector(entry, open_weights(weights, threads))


def _compare(
    manifest: Manifest, entry: ModelEntry, files: tuple[Path, Path], size: int, labelled: LabelledSet | None
) -> None:
    from models.evaluation import evaluate as measure
    from models.processor import processor

    before, after = costs(entry, [(file, "cpu") for file in files], [(1, 1)], size, 3.0)
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
