"""`ioc truth`: makes and checks truth files, the ground that `ioc score` stands on."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ioc.errors import FileRefused, IocError, UsageError

if TYPE_CHECKING:
    from ioc.site import RuleEntry, Zone


def verbs() -> typer.Typer:
    """Return the verbs of `ioc truth`."""
    app = typer.Typer(
        help="Truth files: what happens in a recording and when an alert is owed. Make one, check some.",
        epilog="To mark events on the picture, open /truth in the dashboard. docs/truth.md tells what the keys mean.",
        no_args_is_help=True,
    )
    app.command("new")(new)
    app.command("check")(check)
    app.command("schema")(show_schema)
    return app


def new(
    clip: Annotated[Path, typer.Option("--clip", help="The recording.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="The file to make; beside the recording, of its name, when left out.")
    ] = None,
    site: Annotated[Path | None, typer.Option("--site", help="A site file, for zones and rules.")] = None,
    camera: Annotated[str | None, typer.Option("--camera", help="The camera in it that took the recording.")] = None,
) -> None:
    """Make a truth file to fill in: the recording's length, the camera's zones and rules, and an example to follow.

    It is refused, here and by `ioc score`, until the key `example` is removed.
    """
    from ioc.truth_file import text_of
    from ioc.truth_template import template
    from streams.sources import seconds_of

    zones, rules = _watched(site, camera)
    try:
        text = text_of(template(clip.name, seconds_of(clip), zones, rules))
    except ValueError:
        raise UsageError(f"{clip}: its name is not UTF-8 text: rename the recording") from None
    target = out or clip.with_suffix(".json")
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{target}: exists already; edit it, or name another file with --out") from None
    except OSError as error:
        raise IocError(f"{target}: cannot be written: {error.strerror}") from None
    print(f"{target}: made; mark the events, remove `example`, then run `ioc truth check {target}`")


def check(
    files: Annotated[list[Path], typer.Argument(metavar="TRUTH.json...", help="The truth files.")],
    clips: Annotated[
        Path | None, typer.Option("--clips", help="Folder of the recordings; beside each truth file when left out.")
    ] = None,
) -> int:
    """Check truth files: every key, every event, and their length against the recording's where it is at hand.

    Exit code 2 when one cannot be used.
    """
    wrong = 0
    for path in files:
        try:
            line, problems = _looked_at(path, clips)
        except FileRefused as error:
            problems = list(error.problems)
        except IocError as error:
            problems = [str(error)]
        for problem in problems:
            print(problem, file=sys.stderr)
        if not problems:
            print(line)
        wrong += bool(problems)
    return UsageError.exit_code if wrong else 0


def show_schema() -> None:
    """Print the JSON Schema of a truth file, for editors and other programs."""
    from ioc.truth_file import schema

    print(json.dumps(schema(), ensure_ascii=False, indent=2))


def _watched(site: Path | None, camera: str | None) -> tuple[Sequence[Zone], Sequence[RuleEntry]]:
    """Return the zones and the rules of a site file's camera; none when neither is given."""
    from ioc.wiring import camera_of, checked_site

    if site is None and camera is None:
        return (), ()
    if site is None or camera is None:
        raise UsageError("--site and --camera belong together: give both, or neither")
    checked = checked_site(site)
    return camera_of(checked, camera, site).zone, checked.rules_of(camera)


def _looked_at(path: Path, clips: Path | None) -> tuple[str, list[str]]:
    """Return the line that says what a good file holds, and a line for each thing that cannot be meant."""
    from ioc.truth import read_truth
    from ioc.truth_file import doubts, length_doubt
    from streams.sources import seconds_of

    truth = read_truth(path)
    found = doubts(truth)
    clip = (clips or path.parent) / truth.clip
    length = f"{clip.name or 'the recording'} is not at hand, so the length was not compared"
    if truth.clip and clip.is_file():
        seconds = seconds_of(clip)
        length = f"{seconds:.2f} s long"
        found += [doubt] if (doubt := length_doubt(truth, seconds)) else []
    line = f"{path}: good: events: {len(truth.events)}, stretches to ignore: {len(truth.ignore)}; {length}"
    return line, [f"{path}: {doubt}" for doubt in found]
