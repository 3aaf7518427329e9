"""`ioc check-site`: says whether a site file can be used, and if not, where it is wrong."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ioc.errors import UsageError
from ioc.site import SiteError


def command(site: Annotated[Path, typer.Argument(metavar="SITE.toml", help="The site file.")]) -> int:
    """Check a site file: every camera, zone and rule, with the file, the key and what was expected."""
    from ioc import wiring

    try:
        checked = wiring.checked_site(site)
    except SiteError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return UsageError.exit_code
    watched = {rule.camera for rule in checked.rule}
    print(f"{site}: good: {len(checked.camera)} cameras, {len(checked.rule)} rules")
    for camera in checked.camera:
        if camera.id not in watched:
            print(f"{site}: note: no rule watches camera {camera.id!r}")
        if camera.source is None:
            print(f"{site}: note: camera {camera.id!r} has no source: only `ioc replay` can use it")
    clips = checked.truth.clips
    if clips is not None and not clips.is_dir():
        print(f"{site}: note: there is no folder {clips}: the dashboard has no recordings to mark (truth.clips)")
    return 0
