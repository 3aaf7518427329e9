"""`ioc detect`: what the road detector sees in pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def command(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE...", help="Picture files.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line (the default for pipes).")] = False,
    size: Annotated[int, typer.Option("--size", min=96, max=4096, help="Long side of the input in pixels.")] = 640,
    score: Annotated[float, typer.Option("--score", min=0, max=1, help="Leave out what scores lower.")] = 0.05,
) -> int:
    """Detect road users in pictures, one line a picture; boxes are fractions of the frame."""
    return 0
