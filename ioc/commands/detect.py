"""`ioc detect`: what the detectors see in pictures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ioc.errors import IocError

FOR_PEOPLE = 0.25


def command(
    images: Annotated[list[str], typer.Argument(metavar="IMAGE...", help="Picture files.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a picture, with unsure boxes too.")] = False,
    size: Annotated[
        int | None, typer.Option("--size", min=96, max=4096, help="Long side of the model's input in pixels.")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model", metavar="NAME", help="Ask this detector only, see `ioc models list`; may be given again."
        ),
    ] = None,
    manifest: Annotated[
        Path | None, typer.Option("--manifest", help="Take the detectors of this manifest, with weights/ beside it.")
    ] = None,
) -> int:
    """Detect in pictures by every detector there is; boxes are fractions of the frame.

    Exit code 1 when a picture cannot be read.
    """
    from models.detector import load_detectors
    from models.manifest import load_manifest
    from models.pictures import THRESHOLD, detect_images, to_json

    threshold = THRESHOLD if as_json else FOR_PEOPLE
    failed = False
    detectors = load_detectors(model, None if manifest is None else load_manifest(manifest))
    for path, found in detect_images(images, detectors, size=size, threshold=threshold):
        if isinstance(found, IocError):
            failed = True
            print(f"ioc: {found}", file=sys.stderr)
        elif as_json:
            print(to_json(path, found))
        else:
            labels = ", ".join(f"{seen.label} {seen.score:.2f}" for seen in found)
            print(f"{path}: {labels or 'nothing'}")
    return 1 if failed else 0
