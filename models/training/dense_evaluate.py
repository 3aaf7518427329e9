"""Measure a model of maps on pictures that were held back.

    python -m models.training.dense_evaluate water --data DIR [--weights FILE] [--size PX]... [--json]

Without `--weights` the bundled model is measured. `--data` is the folder that its recipe learned from. Floods with
masks give intersection over union at the pictures' own pixels, pooled over all pixels and as a mean over pictures.
Streets without a flood give the part of the picture that is taken for water, wet roads apart. Pictures of buses in deep
water give how much of the strips below the buses is found; places are not told apart there, so read that with care.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ioc.errors import IocError
from models.bench import open_weights
from models.dense import DenseModel
from models.manifest import load_manifest
from models.training.road_store import read_image, unsquash
from models.training.water_sources import WaterPicture, mask_of, read_water

Mask = npt.NDArray[np.bool_]


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


def figures(looked: Sequence[Looked]) -> dict[str, dict[str, float]]:
    """Return the figures of each group.

    `pictures`, and for floods with masks `iou` (pooled), `mean_iou`, `precision` and `recall`; for buses `recall` below
    them and `false` in them; for streets `false`, the part of the pixels taken for water, and `alarms`, the part of the
    pictures of which more than a twentieth is.
    """
    groups: dict[str, dict[str, float]] = {}
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


def table(sizes: dict[int, dict[str, dict[str, float]]]) -> str:
    """Return the figures as lines for people."""
    lines = []
    for size, groups in sizes.items():
        for group, row in groups.items():
            cells = ", ".join(f"{name} {value:g}" for name, value in row.items())
            lines.append(f"{size} px, {group}: {cells}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m models.training.dense_evaluate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=["water"], help="the model, by its name in the manifest")
    parser.add_argument("--data", type=Path, required=True, help="folder that the recipe learned from")
    parser.add_argument("--weights", type=Path, help="ONNX file; the bundled model unless given")
    parser.add_argument("--size", type=int, action="append", help="long side in pixels; may be given again")
    parser.add_argument("--threshold", type=float, default=0.5, help="from this probability on it is water")
    parser.add_argument("--learned", action="store_true", help="the pictures that were learned from instead")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    try:
        entry = load_manifest().named(chosen.name)
        model = DenseModel.load(chosen.name, provider="cpu")
        if chosen.weights is not None:
            model = DenseModel(entry, open_weights(chosen.weights, 1))
        pictures = [picture for picture in read_water(chosen.data) if picture.held_back is not chosen.learned]
        sizes = {size: figures(look(model, pictures, size, chosen.threshold)) for size in chosen.size or [entry.size]}
    except IocError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write((json.dumps(sizes) if chosen.json else table(sizes)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
