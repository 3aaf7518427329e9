"""Measure the plate reader on real crops that were held back, one-line and two-line plates apart.

    python -m models.training.plate_evaluate --data DIR [--drawn N] [--weights FILE] [--peer FILE] [--errors] [--json]

Without `--weights` the bundled reader is measured. `--peer` measures a published reader beside it, on the same crops:
an ONNX file that takes uint8 RGB (1, 64, 128, 3) and gives ten slots of `0-9A-Z_`. `--drawn` adds N drawn plates of
every kind, worn as in training but never drawn there. Ours is measured as `ioc plates` reads, with several looks at a
crop and the grammar's word on near ties (`models.plate_voting`), and beside it one look alone, as it comes. Exact match
compares the whole text. Whole pictures are cut at the true box, with a tenth of its size around it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from ioc.errors import ModelError
from ioc.text_edits import edits
from ioc.types import Image, Json
from models.bench import open_weights
from models.manifest import load_manifest
from models.plate_reader import PlateReader
from models.plate_voting import believed, read_plate
from models.training.ending import one_line
from models.training.plate_crops import Crop, read_crops
from models.training.plate_designs import KINDS, design_of
from models.training.plate_drawing import draw_plate
from models.training.plate_wear import Wear

MARGIN = 0.1
"""How much of the true box's size is left around a plate that is cut out of a whole picture."""

PEER_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
PEER_SIZE = (128, 64)

Read = tuple[str, int | None]
"""Text and the number of characters on the upper line, None where the reader does not say."""

DRAWN_SEED = 990_001
"""Of the drawn plates that are measured; training never gets there."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What a crop says, where the crop comes from, and the groups of figures that it counts in."""

    name: str
    upper: str
    lower: str
    groups: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole text."""
        return self.upper + self.lower


@dataclass(slots=True)
class Tally:
    """How a reader does on one group of crops."""

    crops: int = 0
    exact: int = 0
    layout: int = 0
    """Reads whose lines and upper line are right."""
    characters: int = 0
    edits: int = 0

    def add(self, truth: Truth, read: Read, edits: int) -> None:
        """Count one read."""
        self.crops += 1
        self.exact += read[0] == truth.text
        self.layout += read[1] == len(truth.upper)
        self.characters += len(truth.text)
        self.edits += edits

    @property
    def accuracy(self) -> float:
        """Part of the characters that are read right: one minus the edits a true character."""
        return 1 - self.edits / self.characters if self.characters else 0.0


@dataclass(slots=True)
class Figures:
    """A reader's figures: a tally per group, what it takes for what, and what it reads wrong."""

    groups: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    confusions: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(true, read) characters; an empty one is a character left out or made up."""
    errors: list[tuple[Truth, str]] = field(default_factory=list)

    def add(self, truth: Truth, read: Read) -> None:
        """Count one read in its groups; drawn plates stay out of the confusions."""
        steps = edits(truth.text, read[0])
        wrong = sum(true != own for true, own in steps)
        for group in truth.groups:
            self.groups[group].add(truth, read, wrong)
        if not truth.name.startswith("drawn"):
            self.confusions.update(steps)
        if read[0] != truth.text:
            self.errors.append((truth, read[0]))


def measure(plates: Iterable[tuple[Truth, Image]], read: Callable[[Image], Read]) -> Figures:
    """Return a reader's figures on crops whose text is known."""
    figures = Figures()
    for truth, image in plates:
        figures.add(truth, read(image))
    return figures


def real_plates(crops: Iterable[Crop]) -> Iterator[tuple[Truth, Image]]:
    """Yield real crops with their texts: in groups by lines, by set, and by whether the text was confirmed twice."""
    for crop in crops:
        lines = f"{'one' if crop.lines == 1 else 'two'}-line"
        groups = (lines, f"{lines}, {crop.source}", *((f"{lines}, confirmed",) if crop.sure else ()))
        yield Truth(str(crop.path), crop.upper, crop.lower, groups), cut_out(crop)


def drawn_plates(count: int) -> Iterator[tuple[Truth, Image]]:
    """Yield that many worn drawn plates of every kind."""
    wear = Wear()
    for kind in KINDS:
        for number in range(count):
            rng = np.random.default_rng([DRAWN_SEED, KINDS.index(kind), number])
            design = design_of(kind, rng)
            image = wear.apply(draw_plate(design, rng).image, rng)
            yield Truth(f"drawn {kind} {number}", *design.texts, (f"drawn, {kind}",)), image


def cut_out(crop: Crop) -> Image:
    """Return the plate's picture: the crop as it is, or cut out of a whole picture with a margin."""
    image = crop.read()
    if crop.box is None:
        return image
    height, width = image.shape[:2]
    x1, y1, x2, y2 = crop.box
    across, down = MARGIN * (x2 - x1), MARGIN * (y2 - y1)
    top, bottom = max(0, round((y1 - down) * height)), min(height, round((y2 + down) * height))
    left, right = max(0, round((x1 - across) * width)), min(width, round((x2 + across) * width))
    return image[top:bottom, left:right]


def own_reader(weights: Path | None) -> Callable[[Image], Read]:
    """Return the bundled reader, or one of the same layout with other weights, as the product reads with it."""
    reader = loaded_reader(weights)

    def read(image: Image) -> Read:
        said = believed(read_plate(reader, image))
        return said.text, said.upper_len

    return read


def one_look(weights: Path | None) -> Callable[[Image], Read]:
    """Return the same reader, looking once and asking no grammar."""
    reader = loaded_reader(weights)

    def read(image: Image) -> Read:
        (found,) = reader.read([image], alternatives=0)
        return found.text, found.upper_len

    return read


def loaded_reader(weights: Path | None) -> PlateReader:
    """Return the bundled reader, or one of its layout with other weights; raises ModelError when there is no file."""
    if weights is None:
        return PlateReader.load(provider="cpu")
    return PlateReader(load_manifest().named("plate_reader"), open_weights(weights, threads=1))


def peer_reader(weights: Path) -> Callable[[Image], Read]:
    """Return the published reader as a function; it does not tell lines apart."""
    if not weights.is_file():
        raise ModelError(f"{weights} is missing: give the published reader's ONNX file")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
    door, output = session.get_inputs()[0].name, session.get_outputs()[0].name

    def read(image: Image) -> Read:
        resized = cv2.resize(image, PEER_SIZE, interpolation=cv2.INTER_LINEAR)
        (slots,) = session.run([output], {door: np.ascontiguousarray(resized[None, :, :, ::-1])})
        found = np.asarray(slots).reshape(-1, len(PEER_CHARACTERS)).argmax(1)
        return "".join(PEER_CHARACTERS[own] for own in found).rstrip("_"), None

    return read


def table(named: dict[str, Figures]) -> str:
    """Return the figures as a table for people, readers side by side."""
    lines = [
        f"{'':28}{'crops':>7}" + "".join(f"{f'{name}: exact':>16}{'characters':>12}{'lines':>9}" for name in named)
    ]
    groups = sorted({group for figures in named.values() for group in figures.groups})
    for group in groups:
        tallies = [figures.groups[group] for figures in named.values()]
        cells = "".join(
            f"{tally.exact / tally.crops:>16.4f}{tally.accuracy:>12.4f}{tally.layout / tally.crops:>9.4f}"
            for tally in tallies
        )
        lines.append(f"{group:28}{tallies[0].crops:>7}{cells}")
    return "\n".join(lines)


def confusion_lines(counts: Mapping[tuple[str, str], int]) -> str:
    """Return what is taken for what, most often first; `counts` are of (true, read) characters, right ones too."""
    wrong = [(count, true, read) for (true, read), count in counts.items() if true != read]
    ranked = sorted(wrong, key=lambda item: (-item[0], item[1:]))
    return "\n".join(f"{true or '(nothing)'} read as {read or '(nothing)'}: {count}" for count, true, read in ranked)


def summary(figures: Figures) -> dict[str, Json]:
    """Return a reader's figures and its whole confusion matrix as JSON holds them."""
    groups: dict[str, Json] = {
        group: {
            "crops": tally.crops,
            "exact": round(tally.exact / tally.crops, 4),
            "characters": round(tally.accuracy, 4),
            "lines": round(tally.layout / tally.crops, 4),
        }
        for group, tally in sorted(figures.groups.items())
    }
    return {
        "groups": groups,
        "confusions": {f"{true}>{read}": count for (true, read), count in sorted(figures.confusions.items())},
    }


@one_line
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m models.training.plate_evaluate", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with plates_gate and plate_chars")
    parser.add_argument("--drawn", type=int, default=0, help="drawn plates of every kind to measure as well")
    parser.add_argument("--weights", type=Path, help="ONNX file; the bundled reader unless given")
    parser.add_argument("--peer", type=Path, help="a published reader's ONNX file")
    parser.add_argument("--errors", action="store_true", help="list what is read wrong")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    readers = {"ours": own_reader(chosen.weights), "one look": one_look(chosen.weights)}
    if chosen.peer is not None:
        readers["peer"] = peer_reader(chosen.peer)
    crops = [crop for crop in read_crops(chosen.data) if crop.held_back]
    named = {name: measure([*real_plates(crops), *drawn_plates(chosen.drawn)], read) for name, read in readers.items()}
    if chosen.json:
        sys.stdout.write(json.dumps({name: summary(figures) for name, figures in named.items()}) + "\n")
        return 0
    sys.stdout.write(f"{table(named)}\n\nConfusions of ours:\n{confusion_lines(named['ours'].confusions)}\n")
    if chosen.errors:
        for truth, read in named["ours"].errors:
            sys.stdout.write(f"{truth.name}: {truth.upper} {truth.lower} read as {read}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
