"""The options that several verbs of `ioc models` share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from models.manifest import Manifest

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


def opened(path: Path | None) -> Manifest:
    """Return the manifest that was named, or the bundled one. Raises ModelError when it cannot be used."""
    from models.manifest import load_manifest

    return load_manifest() if path is None else load_manifest(path)
