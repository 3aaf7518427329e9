"""Measure a model of maps on pictures that were held back.

    python -m models.training.dense_evaluate water|crowd --data DIR [--weights FILE] [--size PX]... [--json]

Without `--weights` the bundled model is measured. `--data` is the folder that its recipe learned from.

`water`: floods with masks give intersection over union at the pictures' own pixels, pooled over all pixels and as a
mean over pictures. Streets without a flood give the part of the picture that is taken for water, wet roads apart.
Pictures of buses in deep water give how much of the strips below the buses is found; places are not told apart there,
so read that with care.

`crowd`: the mean absolute and the mean error of the count of heads, of `road`'s person boxes on the same pictures, and
of both together. See `models.training.crowd_evaluate`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from models.bench import open_weights
from models.dense import DenseModel
from models.detector import Detector
from models.manifest import ModelEntry
from models.training.crowd_evaluate import boxed_persons, count_figures, count_heads
from models.training.crowd_sources import read_crowds
from models.training.ending import one_line
from models.training.road_store import read_image, unsquash
from models.training.water_sources import WaterPicture, mask_of, read_water

Mask = npt.NDArray[np.bool_]
Groups = dict[str, dict[str, float]]
"""For each group of pictures its figures, by name."""

UNBUNDLED: dict[str, tuple[Literal["mask", "density"], int]] = {"water": ("mask", 416), "crowd": ("density", 416)}
"""How a file that is not bundled is read, and the long side of its input."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found in one picture: the group it counts in, and pixels by what is so and what is found."""

    group: str
    both: int
    missed: int
    false: int
    pixels: int
    """All whose truth is known."""

    @property
    def overlap(self) -> float:
        """Intersection over union; 1 where there is no water and none is found."""
        union = self.both + self.missed + self.false
        return self.both / union if union else 1.0


def compare(group: str, found: Mask, truth: Mask, known: Mask) -> Looked:
    """Count pixels that are known; all three are (height, width)."""
    return Looked(
        group,
        both=int((found & truth & known).sum()),
        missed=int((~found & truth & known).sum()),
        false=int((found & ~truth & known).sum()),
        pixels=int(known.sum()),
    )


def group_of(picture: WaterPicture) -> str:
    """Return the group that a held-back picture counts in."""
    if picture.source in {"masks", "buses"}:
        return picture.source
    return f"{'wet' if picture.wet else 'dry'} {picture.source}"


def look(model: DenseModel, pictures: Iterable[WaterPicture], size: int, threshold: float) -> list[Looked]:
    """Return what the model finds in each picture."""
    looked = []
    for picture in pictures:
        image = unsquash(read_image(picture.path), picture.aspect)
        (found,) = model.maps([image], size=size)
        truth, known = mask_of(picture, *image.shape[:2])
        water = found.at_size(*image.shape[:2]) >= threshold
        looked.append(compare(group_of(picture), water, truth > 0.5, known > 0.5))
    return looked


def figures(looked: Sequence[Looked]) -> Groups:
    """Return the figures of each group.

    `pictures`, and for floods with masks `iou` (pooled), `mean_iou`, `precision` and `recall`; for buses `recall` below
    them and `false` in them; for streets `false`, the part of the pixels taken for water, and `alarms`, the part of the
    pictures of which more than a twentieth is.
    """
    groups: Groups = {}
    for group in sorted({one.group for one in looked}):
        own = [one for one in looked if one.group == group]
        both, missed, false = (sum(getattr(one, name) for one in own) for name in ("both", "missed", "false"))
        row: dict[str, float] = {"pictures": len(own)}
        if group == "masks":
            row["iou"] = both / max(both + missed + false, 1)
            row["mean_iou"] = float(np.mean([one.overlap for one in own]))
            row["precision"] = both / max(both + false, 1)
        if group in {"masks", "buses"}:
            row["recall"] = both / max(both + missed, 1)
        if group != "masks":
            row["false"] = false / max(sum(one.pixels for one in own) - both - missed, 1)
        if group not in {"masks", "buses"}:
            row["alarms"] = float(np.mean([one.false > one.pixels / 20 for one in own]))
        groups[group] = {name: round(value, 4) for name, value in row.items()}
    return groups


def table(sizes: dict[int, Groups]) -> str:
    """Return the figures as lines for people."""
    lines = []
    for size, groups in sizes.items():
        for group, row in groups.items():
            cells = ", ".join(f"{name} {value:g}" for name, value in row.items())
            lines.append(f"{size} px, {group}: {cells}")
    return "\n".join(lines)


def open_map(name: str, weights: Path | None) -> DenseModel:
    """Return the bundled model of that name, or the ONNX file whatever its digest. Raises ModelError."""
    if weights is None:
        return DenseModel.load(name, provider="cpu")
    layout, size = UNBUNDLED[name]
    entry = ModelEntry(
        name=name,
        file="candidate.onnx",
        sha256="0" * 64,
        layout=layout,
        labels=(name,),
        size=size,
        licence="AGPL-3.0-or-later",
    )
    return DenseModel(entry, open_weights(weights, 1))


def judge(model: DenseModel, chosen: argparse.Namespace) -> dict[int, Groups]:
    """Return the figures of the chosen pictures at each size. Raises IocError when a set is missing."""
    sizes: Sequence[int] = chosen.size or [model.entry.size]
    if chosen.name == "water":
        floods = [picture for picture in read_water(chosen.data) if picture.held_back is not chosen.learned]
        return {size: figures(look(model, floods, size, chosen.threshold)) for size in sizes}
    crowds = [picture for picture in read_crowds(chosen.data) if picture.held_back is not chosen.learned]
    persons = boxed_persons(Detector.load("road", provider="cpu"))
    return {size: count_figures(count_heads(model, crowds, size, persons)) for size in sizes}


@one_line
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m models.training.dense_evaluate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=list(UNBUNDLED), help="the model, by its name in the manifest")
    parser.add_argument("--data", type=Path, required=True, help="folder that the recipe learned from")
    parser.add_argument("--weights", type=Path, help="ONNX file; the bundled model unless given")
    parser.add_argument("--size", type=int, action="append", help="long side in pixels; may be given again")
    parser.add_argument("--threshold", type=float, default=0.5, help="of `water`: from this probability on")
    parser.add_argument("--learned", action="store_true", help="the pictures that were learned from instead")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    sizes = judge(open_map(chosen.name, chosen.weights), chosen)
    sys.stdout.write((json.dumps(sizes) if chosen.json else table(sizes)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
