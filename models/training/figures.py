"""Measure the models on their held-back pictures, and print the figures as the tables that the cards hold.

    python -m models.training.figures [NAME ...] --data DIR --work DIR [--drawn DIR] [--weights NAME=FILE] [--peer FILE]

What is held back is said by each recipe's own code; nothing is listed here. The start weights that a model is compared
with are made in the work folder once, which needs the extra `train`. `--drawn` is a folder of drawn scenes, as
`python -m streams.scenes` writes them; without, `road` has no figures on them. `--weights` measures another file in
place of the bundled one; `--peer` is a published plate reader to measure beside ours.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2

from ioc.errors import IocError, UsageError
from models.manifest import load_manifest
from models.plate_reader import PlateReader
from models.plates import PlateSight
from models.training import evaluate_road, hazard_evaluate, plate_evaluate, plate_finder_evaluate
from models.training.average_precision import Precision
from models.training.ending import one_line
from models.training.hazard_sources import LABELS as HAZARDS
from models.training.hazard_sources import read_scenes
from models.training.plate_crops import read_crops
from models.training.road_labels import LABELS
from models.training.road_sources import read_all

ROAD_SIZES = (320, 416, 640, 960)
PLATE_SIZES = (640, 1280)
DRAWN_PLATES = 100
TITLES = {"vietnam": "Vietnam", "cctv": "Street cameras", "drawn": "Drawn scenes"}

Road = Mapping[str, Mapping[str, Precision]]
"""For each source and each of its labels."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command was asked for."""

    data: Path
    work: Path
    weights: Mapping[str, Path]
    """By the model's name, where another file is to be measured than the bundled one."""
    drawn: Path | None = None
    """Drawn scenes."""
    peer: Path | None = None
    """A published plate reader."""

    def file(self, name: str) -> Path:
        """Return the model's weights."""
        manifest = load_manifest()
        return self.weights.get(name) or manifest.weights(manifest.named(name))

    def start(self, recipe: str) -> Path:
        """Return a recipe's start weights, made when they are not there yet. Raises IocError without the extra."""
        path = self.work / f"{recipe}_start.onnx"
        if not path.is_file():
            self.work.mkdir(parents=True, exist_ok=True)
            try:
                module = importlib.import_module(f"models.training.{recipe}")
            except ModuleNotFoundError as error:
                raise IocError(
                    f"start weights need {error.name}: pip install 'city-ioc[train]', or bring {path}"
                ) from None
            options = {"--data": self.data, "--work": self.work / recipe, "--out": path, "--hours": 0}
            if module.main([str(word) for pair in options.items() for word in pair]) != 0:
                raise IocError(f"{path}: the recipe could not write its start weights")
        return path


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Return a table of Markdown; the first row is its head."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])


def road(wanted: Wanted) -> Iterator[str]:
    """Yield the road detector's tables, one a source of pictures."""
    pictures = [own for own in read_all(wanted.data, wanted.drawn) if own.held_back]
    measured: list[tuple[str, Road]] = []
    for size in ROAD_SIZES:
        for name, weights in (("start", wanted.start("road")), ("**ours**", wanted.file("road"))):
            found = evaluate_road.measure(weights, pictures, size, joined=name == "start")
            measured.append((f"{name} {size}", found))
    yield from road_tables(measured)


def road_tables(measured: Sequence[tuple[str, Road]]) -> Iterator[str]:
    """Yield a table for each source; `measured` are figures and what they are of, one a row."""
    for source, first in measured[0][1].items():
        labels = [label for label in LABELS if label in first and first[label].boxes]
        head = ["weights, width", *(f"{label} ({first[label].boxes})" for label in labels), "mean"]
        rows = [
            [name, *(_cell(found[source][label].average) for label in labels), _cell(evaluate_road.mean(found[source]))]
            for name, found in measured
        ]
        yield f"**{TITLES.get(source, source)}**\n\n{markdown([head, *rows])}"


def plate(wanted: Wanted) -> Iterator[str]:
    """Yield the plate detector's table, and how many plates are found and read."""
    judge = plate_finder_evaluate
    start = judge.open_finder(wanted.start("plate_finder"))
    ours = judge.open_finder(wanted.file("plate"))
    sets = judge.held_back_sets(wanted.data, judge.finder(start, 960))
    measured = {
        f"{name}, {size} px": {
            own: judge.figures(pictures, judge.finder(detector, size)) for own, pictures in sets.items()
        }
        for size in PLATE_SIZES
        for name, detector in (("start", start), ("ours", ours))
    }
    yield plate_table(measured)
    exact = judge.read_exactly(read_crops(wanted.data), PlateSight(ours, PlateReader.load(provider="cpu")))
    rows = [[name, f"{right} of {total}"] for name, (right, total) in exact.items()]
    yield markdown([["found and read", "exact"], *rows])


def plate_table(measured: Mapping[str, Mapping[str, plate_finder_evaluate.Figures]]) -> str:
    """Return the table: a column for each way of measuring, three rows for each set of pictures."""
    rows = [["", *measured]]
    for name, first in next(iter(measured.values())).items():
        ways = [own[name] for own in measured.values()]
        rows.append([f"{name}, {first.plates} plates: AP50", *(_cell(own.average) for own in ways)])
        rows.append(["tightness", *(_cell(own.tightness) for own in ways)])
        rows.append(["false", *(_cell(own.false) for own in ways)])
    return markdown(rows)


def plate_reader(wanted: Wanted) -> Iterator[str]:
    """Yield the plate reader's table, and what it takes for what."""
    readers = {"ours": plate_evaluate.own_reader(wanted.weights.get("plate_reader"))}
    if wanted.peer is not None:
        readers["published reader"] = plate_evaluate.peer_reader(wanted.peer)
    crops = [crop for crop in read_crops(wanted.data) if crop.held_back]
    named = {
        name: plate_evaluate.measure(
            [*plate_evaluate.real_plates(crops), *plate_evaluate.drawn_plates(DRAWN_PLATES)], read
        )
        for name, read in readers.items()
    }
    yield reader_table(named)
    yield plate_evaluate.confusion_lines(named["ours"].confusions)


def reader_table(named: Mapping[str, plate_evaluate.Figures]) -> str:
    """Return the table: a row for each group of crops; of `ours` all figures, of other readers what is exact."""
    ours = named["ours"]
    others = [(name, figures) for name, figures in named.items() if figures is not ours]
    rows = [
        ["held-back crops", "number", "exact", "characters", "lines right", *(f"{name}, exact" for name, _ in others)]
    ]
    for group, own in sorted(ours.groups.items()):
        beside = [figures.groups[group] for _, figures in others]
        figures = [own.exact / own.crops, own.accuracy, own.layout / own.crops, *(t.exact / t.crops for t in beside)]
        rows.append([group, str(own.crops), *map(_cell, figures)])
    return markdown(rows)


def hazard(wanted: Wanted) -> Iterator[str]:
    """Yield the hazard detector's table."""
    scenes = [scene for scene in read_scenes(wanted.data) if scene.held_back]
    files = {"start": wanted.start("hazard"), "**ours**": wanted.file("hazard")}
    yield hazard_table(
        {
            name: hazard_evaluate.figures(
                scenes, plate_finder_evaluate.finder(plate_finder_evaluate.open_finder(weights, labels=HAZARDS), 640)
            )
            for name, weights in files.items()
        }
    )


def hazard_table(measured: Mapping[str, hazard_evaluate.Figures]) -> str:
    """Return the table: precision, then what is noticed of each set, a row for each detector and threshold."""
    sets = next(iter(measured.values())).pictures
    head = ["", "fire AP50", "smoke AP50", *(f"{name} ({count})" for name, count in sets.items())]
    rows = []
    for name, own in measured.items():
        for limit in hazard_evaluate.THRESHOLDS:
            parts = [own.noticed[part][limit] for part in sets]
            values = [*own.precision.values(), *parts, own.recall(limit), own.false(limit)]
            rows.append([f"{name}, from {limit}", *map(_cell, values)])
    return markdown([[*head, "recall", "hard false"], *rows])


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def water(wanted: Wanted) -> Iterator[str]:
    """Yield what the own command of the models of maps says of water."""
    yield said("dense_evaluate", "water", "--data", wanted.data, "--weights", wanted.file("water"))


def crowd(wanted: Wanted) -> Iterator[str]:
    """Yield what the same command says of counts in crowds."""
    yield said("dense_evaluate", "crowd", "--data", wanted.data, "--weights", wanted.file("crowd"))


def said(module: str, *arguments: object) -> str:
    """Return what a module's command prints, as a block of Markdown. Raises IocError when it fails."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = importlib.import_module(f"models.training.{module}").main([*map(str, arguments)])
    if code != 0:
        raise IocError(f"python -m models.training.{module} failed")
    return f"```\n{printed.getvalue().strip()}\n```"


FIGURES: dict[str, Callable[[Wanted], Iterator[str]]] = {
    "road": road,
    "plate": plate,
    "plate_reader": plate_reader,
    "hazard": hazard,
    "water": water,
    "crowd": crowd,
}
"""For each model what yields its tables. A new model adds its own here."""


def weights_by_name(pairs: Sequence[str]) -> dict[str, Path]:
    """Return what `--weights NAME=FILE` says. Raises UsageError for a model without figures or a missing file."""
    chosen = {}
    for pair in pairs:
        name, equals, file = pair.partition("=")
        if not equals or name not in FIGURES or not Path(file).is_file():
            raise UsageError(f"--weights {pair}: expected NAME=FILE, one of {', '.join(FIGURES)} and an ONNX file")
        chosen[name] = Path(file)
    return chosen


@one_line
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m models.training.figures",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(FIGURES)}; all without")
    parser.add_argument("--data", type=Path, required=True, help="folder with the sets of pictures")
    parser.add_argument("--work", type=Path, required=True, help="folder for start weights")
    parser.add_argument("--drawn", type=Path, help="folder of drawn scenes, for road")
    parser.add_argument("--weights", action="append", default=[], metavar="NAME=FILE", help="may be given again")
    parser.add_argument("--peer", type=Path, help="a published plate reader's ONNX file")
    chosen = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    unknown = sorted(set(chosen.names) - set(FIGURES))
    if unknown:
        raise UsageError(f"no figures of {unknown[0]!r}; there are: {', '.join(FIGURES)}")
    wanted = Wanted(chosen.data, chosen.work, weights_by_name(chosen.weights), chosen.drawn, chosen.peer)
    there = {entry.name for entry in load_manifest().model} | set(wanted.weights)
    for name in chosen.names or [name for name in FIGURES if name in there]:
        sys.stdout.write(f"# {name}\n\n")
        for text in FIGURES[name](wanted):
            sys.stdout.write(f"{text}\n\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
