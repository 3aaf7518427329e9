"""`ioc models train`: hands a model's recipe its options, once what it needs is there."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from ioc.errors import IocError, UsageError

RECIPES = {
    "road": "road",
    "plate": "plate_finder",
    "plate_reader": "plate_reader",
    "hazard": "hazard",
    "water": "water",
    "crowd": "crowd",
}
"""For each model the module of `models.training` that trains it; each parses its own options."""
NEEDED = ("torch", "ultralytics", "onnx")
DRAWN_PICTURES, DRAWN_SEED = 750, 7


def command(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help=f"The model: {' or '.join(RECIPES)}.")],
    work: Annotated[Path, typer.Option("--work", help="Folder for checkpoints; a stopped run goes on from it.")],
    data: Annotated[Path | None, typer.Option("--data", help="Folder with the sets of pictures.")] = None,
) -> int:
    """Train a model by its recipe; further options go to the recipe: `ioc models train road --work w -- --help`.

    Needs the extra: pip install 'city-ioc[train]'. For `road`, street scenes are drawn into the work folder first,
    unless --drawn names some.
    """
    if name not in RECIPES:
        raise UsageError(f"no recipe trains {name!r}; there are: {', '.join(RECIPES)}")
    if any(importlib.util.find_spec(package) is None for package in NEEDED):
        raise IocError("training needs torch, ultralytics and onnx: pip install 'city-ioc[train]'")
    rest = list(context.args)
    if name == "road" and needs_drawn_scenes(rest):
        rest += ["--drawn", str(drawn_scenes(work))]
    recipe: Callable[[Sequence[str]], int] = importlib.import_module(f"models.training.{RECIPES[name]}").main
    return recipe([*(() if data is None else ("--data", str(data))), "--work", str(work), *rest])


def needs_drawn_scenes(options: Sequence[str]) -> bool:
    """Return whether a recipe that is given these options is to learn from drawn scenes and has been given none."""
    return not any(word in {"-h", "--help"} or word.split("=")[0] == "--drawn" for word in options)


def drawn_scenes(work: Path, pictures: int = DRAWN_PICTURES) -> Path:
    """Return the folder of drawn scenes in the work folder, drawing them when they are not there in full."""
    from streams.scenes import write_training_set

    folder, partial = work / "drawn", work / "drawn.partial"
    if not folder.is_dir():
        print(f"Drawing {pictures} street scenes into {folder} ...", flush=True)
        write_training_set(partial, pictures, DRAWN_SEED)
        partial.rename(folder)
    return folder
