"""`ioc plates`: which plates stand in pictures, and what they say."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ioc.errors import IocError

FOR_PEOPLE = 0.25


def command(
    images: Annotated[list[str], typer.Argument(metavar="IMAGE...", help="Picture files, whole frames or crops.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a picture, with unsure plates too.")] = False,
    size: Annotated[
        int | None,
        typer.Option("--size", min=96, max=4096, help="Long side of the detector's input in pixels."),
    ] = None,
) -> int:
    """Find and read plates in pictures; boxes are fractions of the frame. Exit code 1 when a picture cannot be read."""
    from models.detector import Detector
    from models.plate_reader import PlateReader
    from models.plates import THRESHOLD, PlateSight, plates_in_pictures, to_json

    sight = PlateSight(Detector.load("plate"), PlateReader.load())
    threshold = THRESHOLD if as_json else FOR_PEOPLE
    failed = False
    for path, found in plates_in_pictures(images, sight, size=size, threshold=threshold):
        if isinstance(found, IocError):
            failed = True
            print(f"ioc: {found}", file=sys.stderr)
        elif as_json:
            print(to_json(path, found))
        else:
            texts = ", ".join(f"{seen.plate.display or 'unread'} {seen.score:.2f}" for seen in found)
            print(f"{path}: {texts or 'no plate'}")
    return 1 if failed else 0
