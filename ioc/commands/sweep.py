"""`ioc sweep`: tries a grid of a rule's settings on tapes, and says which is best and whether to believe it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ioc.whole_file import write_whole

if TYPE_CHECKING:
    from ioc.sweep_choice import Choice


def command(  # noqa: PLR0913, PLR0917  (options of the command line)
    site: Annotated[Path, typer.Argument(metavar="SITE.toml", help="The site file whose rules are tuned.")],
    tapes: Annotated[list[Path], typer.Option("--tapes", help="A folder of tapes, or a tape; may be given again.")],
    settings: Annotated[
        list[str],
        typer.Option(
            "--set",
            metavar="KIND.FIELD=VALUES",
            help="What to try in all rules of a kind: 0,1,2 or LOW:HIGH:STEP; every combination is tried.",
        ),
    ],
    truth: Annotated[
        Path | None, typer.Option("--truth", help="Where the tapes' truth files are; beside the tapes without.")
    ] = None,
    role: Annotated[
        Literal["f1", "alert", "recording"],
        typer.Option("--for", help="What is to be best: F1, or F for alerts that people answer, or for recording."),
    ] = "f1",
    jobs: Annotated[int | None, typer.Option("--jobs", min=1, help="Processes; as many as there are cores.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the site file with the best settings here.")] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a page with the trade-off of all settings here.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Try a grid of settings on tapes and their truth; show the best, the trade-off and how far to believe it.

    ioc sweep site.toml --tapes tapes --set illegal_parking.sure=0.2:0.6:0.05 --set illegal_parking.queue=0,1,2

    No picture is looked at: each tape is read once. Kinds are tried each by itself. Among equals the one with fewer
    false alarms wins, then the one nearest to the defaults. The winner is chosen anew without each camera's tapes (or
    each tape, where there is one camera) and scored on those: what it is worth on tapes that it was not chosen on.
    """
    from ioc import trials, wiring
    from ioc.commands import sweep_text
    from ioc.commands.models_text import progress
    from ioc.sweep import sweep
    from ioc.sweep_choice import Role, choose
    from ioc.sweep_settings import axis, grid
    from ioc.truth import read_truth

    checked = wiring.checked_site(site)
    tried = grid(axis(text, checked) for text in settings)
    found = [trials.trial(tape, read_truth(trials.truth_of(tape, truth))) for tape in trials.tapes(tapes)]
    with progress("tapes folded", len(found)) as tell:
        done = sweep(checked, site, found, tried, jobs=jobs or len(os.sched_getaffinity(0)), tell=tell)
    choices = [choose(own, Role(role)) for own in done]
    if out is not None:
        _write_site(out, site, choices)
    if html is not None:
        from ioc.commands.sweep_page import page

        write_whole(html, [page(choices)])
    if as_json:
        kinds = {choice.swept.kind: sweep_text.as_json(choice) for choice in choices}
        print(json.dumps({"for": role, "kinds": kinds}))
    else:
        for choice in choices:
            _show(choice)


def _show(choice: Choice) -> None:
    from ioc.commands import sweep_text
    from ioc.commands.models_text import table

    print(f"{choice.swept.kind}: {sweep_text.what(choice)}; in brackets, 95 % intervals")
    print("\n".join(table([sweep_text.head(choice), *sweep_text.best(choice)])))
    print("\nNo other finds as much with as few false alarms:")
    print("\n".join(table([sweep_text.head(choice), *sweep_text.front(choice)])))
    if choice.doubt is not None:
        print(f"\nDoubt: {choice.doubt}")
    print()


def _write_site(out: Path, site: Path, choices: Sequence[Choice]) -> None:
    """Write the site file with the winners, and read it back as any command would."""
    from ioc import wiring
    from ioc.sweep_site import with_settings

    text = site.read_text(encoding="utf-8")
    for choice in choices:
        if choice.better:
            text = with_settings(text, choice.swept.kind, choice.best.setting.values)
        else:
            print(
                f"ioc: note: {choice.swept.kind}: nothing beats what stands, which stays so in {out}", file=sys.stderr
            )
    write_whole(out, [text])
    wiring.checked_site(out)
    if out.resolve().parent != site.resolve().parent:
        print(f"ioc: note: {out} is in another folder: paths in it are read from there", file=sys.stderr)
