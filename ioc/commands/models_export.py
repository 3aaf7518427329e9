"""`ioc models export`: a user's checkpoint, or a model with a fixed input, as an ONNX file and its manifest table."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ioc.commands.models_options import ManifestFile, opened
from ioc.errors import IocError, UsageError

if TYPE_CHECKING:
    from models.manifest import ModelEntry

NEEDED = ("torch", "ultralytics", "onnx")
OURS = ("person", "bicycle", "motorcycle", "car", "bus", "truck", "bag", "plate", "fire", "smoke")
"""The words that rules know."""
UNKNOWN_LICENCE = "LicenseRef-unknown"


def command(
    source: Annotated[
        str, typer.Argument(metavar="NAME_OR_PT", help="A model's name, or a checkpoint (.pt) of Ultralytics'.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Where to write the ONNX file, such as weights/NAME.onnx.")],
    shape: Annotated[
        str | None,
        typer.Option("--input", metavar="WxH", help="Fix the input, as accelerators want it, such as 640x384."),
    ] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Open the checkpoint: that runs whatever code its author put into it.")
    ] = False,
    manifest: ManifestFile = None,
) -> None:
    """Write a model as ONNX and print the table that a manifest needs for it.

    A checkpoint needs the extra: pip install 'city-ioc[train]'; a fixed input needs the package onnx, which is in it.
    """
    from models.bench import open_weights
    from models.detector import Detector
    from models.manifest import as_toml

    fixed = None if shape is None else sides(shape)
    if out.suffix != ".onnx":
        raise UsageError(f"--out {out}: expected the name of a file that ends in .onnx")
    if not out.parent.is_dir():
        raise UsageError(f"--out {out}: no folder {out.parent}; make it first")
    if source.endswith(".pt"):
        entry = _from_checkpoint(Path(source), out, fixed, trust)
    else:
        entry = _fixed(source, out, fixed, manifest)
    Detector(entry, open_weights(out, 1))  # loads it as the product does, which runs it once
    print(f"# {out}: {out.stat().st_size / 1e6:.1f} MB. For the manifest beside the folder weights/:")
    print(as_toml(entry), end="")


def sides(text: str) -> tuple[int, int]:
    """Return height and width from `--input WxH`. Raises UsageError when they are none that a network can take."""
    width, _, height = text.partition("x")
    lengths = [int(word) if word.isdecimal() else 0 for word in (height, width)]
    if not all(32 <= length <= 4096 and length % 32 == 0 for length in lengths):
        raise UsageError(f"--input {text}: expected width x height, multiples of 32 up to 4096, such as 640x384")
    return lengths[0], lengths[1]


def _from_checkpoint(checkpoint: Path, out: Path, shape: tuple[int, int] | None, trust: bool) -> ModelEntry:
    from models.bench import digest
    from models.manifest import ModelEntry

    if not trust:
        raise UsageError(
            f"{checkpoint}: opening a checkpoint runs whatever code its author put into it; give --trust if you know "
            "where it is from"
        )
    if any(importlib.util.find_spec(package) is None for package in NEEDED):
        raise IocError("a checkpoint needs torch, ultralytics and onnx: pip install 'city-ioc[train]'")
    made = importlib.import_module("models.training.checkpoint").export_checkpoint(checkpoint, out, shape)
    words = {
        "name": plain_name(checkpoint.stem),
        "file": out.name,
        "sha256": digest(out),
        "layout": made.layout,
        "labels": made.labels,
        "use": usable(made.labels),
        "size": max(made.shape or (640,)),
        "licence": made.licence or UNKNOWN_LICENCE,
    }
    return ModelEntry.model_validate(words)


def plain_name(stem: str) -> str:
    """Return a file's stem as a model's name: small letters, digits and underscores."""
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in stem.lower()).lstrip("_")[:64]


def usable(labels: tuple[str, ...]) -> dict[str, str]:
    """Return which labels are words that rules know; where none is, all, and those that are no words by number."""
    from models.manifest import LABEL

    known = {label: label for label in labels if label in OURS}
    if known or all(LABEL.match(label) for label in labels):
        return known
    return {label: label if LABEL.match(label) else f"label {number}" for number, label in enumerate(labels)}


def _fixed(name: str, out: Path, shape: tuple[int, int] | None, manifest: Path | None) -> ModelEntry:
    from models.bench import digest
    from models.fixing import fix_input
    from models.layouts import FORMS
    from models.manifest import ModelEntry

    listed = opened(manifest)
    entry = listed.named(name)
    if shape is None:
        raise UsageError(
            f"{listed.weights(entry)} is {name!r} as ONNX; give --input, such as 640x384, for a copy of one shape"
        )
    if entry.layout not in FORMS:
        raise UsageError(f"model {name!r} is no detector; the input of the others cannot be fixed")
    fix_input(listed.weights(entry), entry.sha256, out, shape)
    kept = entry.model_dump(include={"layout", "labels", "use", "exclusive", "licence", "card"})
    own = {"name": plain_name(out.stem), "file": out.name, "sha256": digest(out), "size": max(shape)}
    return ModelEntry.model_validate({**kept, **own})
