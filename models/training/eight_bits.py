"""Makes the eight-bit copy of a model that ships, with ranges from pictures that the model learned from.

    python -m models.training.eight_bits road --data DIR --out models/weights/road_int8.onnx

Needs the package onnx, no torch. What is held back for measuring is never shown. The digest to write into the manifest
is printed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ioc.errors import IocError, UsageError
from models.bench import digest
from models.manifest import load_manifest
from models.quantise import FIRST, quantise, spread
from models.training.plate_crops import read_crops
from models.training.plate_finder_sources import read_scenes
from models.training.road_sources import read_all

PORTRAIT = 0.4
"""Street pictures of a lower weight are portraits of vehicles, such as no camera delivers."""


def of_road(data: Path) -> list[Path]:
    """Return pictures of fixed cameras in Vietnam, day and night, and of street cameras elsewhere."""
    shown = [picture for picture in read_all(data, None) if not picture.held_back]
    vietnam = [picture.path for picture in shown if picture.source == "vietnam"]
    streets = [picture.path for picture in shown if picture.source == "cctv" and picture.weight >= PORTRAIT]
    return spread(vietnam, 40) + spread(streets, 24)


def of_plate(data: Path) -> list[Path]:
    """Return pictures of barriers, of streets and of traffic."""
    shown = [scene for scene in read_scenes(data, read_crops(data)) if not scene.held_back]
    shares = {"gate": 24, "street": 20, "traffic": 20}
    by_source = (spread([scene.path for scene in shown if scene.source == name], n) for name, n in shares.items())
    return [path for paths in by_source for path in paths]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a model's eight-bit copy is made with."""

    pictures: Callable[[Path], list[Path]]
    """The pictures that its ranges are learned from, given the folder of the sets."""
    first: int = FIRST
    """So many convolutions from the input on keep their floats."""


RECIPES = {"road": Recipe(of_road), "plate": Recipe(of_plate, first=6)}
"""Far plates lose a point when the plate detector's first stage is in eight bits too."""


def make(name: str, data: Path, out: Path) -> str:
    """Write the copy and return its digest. Raises UsageError for a model without such pictures."""
    recipe = RECIPES.get(name)
    if recipe is None:
        raise UsageError(f"no eight-bit recipe for {name!r}; there are some for: {', '.join(RECIPES)}")
    manifest = load_manifest()
    entry = manifest.named(name)
    quantise(entry, manifest.weights(entry), out, recipe.pictures(data), first=recipe.first)
    return digest(out)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m models.training.eight_bits", description=__doc__)
    parser.add_argument("name", help="the model, by its name in the manifest")
    parser.add_argument("--data", type=Path, required=True, help="folder of the sets that the recipe names")
    parser.add_argument("--out", type=Path, required=True, help="where to write the ONNX file")
    chosen = parser.parse_args(arguments)
    try:
        sha256 = make(chosen.name, chosen.data, chosen.out)
    except IocError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write(f'eight_bit = {{ file = "{chosen.out.name}", sha256 = "{sha256}" }}\n')
    return 0


if __name__ == "__main__":
    sys.exit(main())
