"""Measure an ONNX road detector on held-back pictures: average precision per label, source and size.

    python -m models.training.evaluate_road --data DIR [--drawn DIR] [--weights models/weights/road.onnx]
        [--size 416 --size 640] [--join-riders] [--json]

`--join-riders` merges each found person into the two-wheeler below first, as the labels do: needed to be fair to
weights that were never taught to, and harmless for the others.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from models.training.average_precision import Precision, average_precision
from models.training.ending import one_line
from models.training.road_boxes import Rows, join_riders
from models.training.road_found import find, open_network
from models.training.road_labels import LABELS
from models.training.road_sources import Picture, read_all
from models.training.road_store import read_image, unsquash

NOT_LABELLED = {"vietnam": ("person", "bag"), "cctv": ("bag",), "drawn": (), "general": ("bag",)}
"""What a source never labels, so that it says nothing about it."""


def evaluate(pictures: Sequence[Picture], found: Sequence[Rows]) -> dict[str, Precision]:
    """Return each label's figures on pictures of one source, whose found boxes are given in the same order."""
    skipped = NOT_LABELLED[pictures[0].source]
    truth = [picture.known.boxes for picture in pictures]
    return {name: average_precision(found, truth, label) for label, name in enumerate(LABELS) if name not in skipped}


def measure(
    weights: Path, pictures: Sequence[Picture], size: int, *, joined: bool, threads: int = 1
) -> dict[str, dict[str, Precision]]:
    """Return the figures per source of an ONNX file run at that width."""
    network = open_network(weights, threads)
    figures = {}
    for source in dict.fromkeys(picture.source for picture in pictures):
        own = [picture for picture in pictures if picture.source == source]
        found = [find(network, unsquash(read_image(picture.path), picture.aspect), size) for picture in own]
        figures[source] = evaluate(own, [join_riders(rows) for rows in found] if joined else found)
    return figures


def mean(figures: Mapping[str, Precision], fewest: int = 30) -> float:
    """Return the mean over the labels that have at least that many boxes: fewer say little."""
    averages = [figure.average for figure in figures.values() if figure.average is not None and figure.boxes >= fewest]
    return sum(averages) / len(averages) if averages else 0.0


def table(figures: Mapping[str, Mapping[str, Precision]]) -> str:
    """Return the figures as a table for people, number of boxes in brackets."""
    lines = [f"{'':10}" + "".join(f"{name:>17}" for name in LABELS) + f"{'mean':>8}"]
    for source, own in figures.items():
        cells = [
            f"{figure.average:.3f} ({figure.boxes})" if figure and figure.average is not None else "–"
            for figure in (own.get(name) for name in LABELS)
        ]
        lines.append(f"{source:10}" + "".join(f"{cell:>17}" for cell in cells) + f"{mean(own):>8.3f}")
    return "\n".join(lines)


@one_line
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m models.training.evaluate_road", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with traffic_vn and traffic_cctv")
    parser.add_argument("--drawn", type=Path, help="folder of drawn scenes")
    parser.add_argument("--weights", type=Path, default=Path("models/weights/road.onnx"))
    parser.add_argument("--size", type=int, action="append", help="width in pixels; may be given again")
    parser.add_argument("--join-riders", action="store_true", help="merge found riders into their two-wheelers")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    pictures = [picture for picture in read_all(chosen.data, chosen.drawn) if picture.held_back]
    for size in chosen.size or [416, 640]:
        figures = measure(chosen.weights, pictures, size, joined=chosen.join_riders, threads=chosen.threads)
        if chosen.json:
            plain = {s: {n: [p.average, p.boxes] for n, p in own.items()} for s, own in figures.items()}
            sys.stdout.write(json.dumps({"size": size, "average_precision": plain}) + "\n")
        else:
            sys.stdout.write(f"{chosen.weights} at {size} px\n{table(figures)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
