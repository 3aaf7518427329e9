"""`ioc compare`: two settings over the same recordings, and which events changed hands between them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ioc.whole_file import write_whole

if TYPE_CHECKING:
    from ioc.comparison import Compared


def command(  # noqa: PLR0913, PLR0917  (options of the command line)
    a: Annotated[Path, typer.Argument(metavar="A.toml", help="A site file.")],
    b: Annotated[Path, typer.Argument(metavar="B.toml", help="The site file that it is compared with.")],
    clips: Annotated[
        list[Path],
        typer.Option("--clips", help="A folder of recordings, scenes or tapes, or one of them; may be given again."),
    ],
    truth: Annotated[
        Path | None, typer.Option("--truth", help="Where their truth files are; beside them without.")
    ] = None,
    tapes: Annotated[
        Path | None, typer.Option("--tapes", help="Where recordings' tapes are kept; the folder tapes beside them.")
    ] = None,
    camera: Annotated[
        str | None,
        typer.Option("--camera", help="Whose zones and rules to use; without, the camera a recording is named after."),
    ] = None,
    jobs: Annotated[int | None, typer.Option("--jobs", min=1, help="Processes; as many as there are cores.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page with a plot here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare two settings over the same recordings: figures of each, their difference, and what changed hands.

    ioc compare now.toml tried.toml --clips clips

    Recordings are looked at once and kept as tapes; tapes are folded with both settings' rules. The difference has an
    interval from ten recordings on. Whether it is chance: McNemar's exact test over what only one of the two got right.
    """
    from ioc.commands import compare_text
    from ioc.commands.models_text import progress
    from ioc.commands.replay_progress import shown
    from ioc.comparison import compare
    from ioc.comparison_work import Side, alike, fold, look, recordings, taped
    from ioc.wiring import checked_site

    sides = Side(a, checked_site(a)), Side(b, checked_site(b))
    processes = jobs or len(os.sched_getaffinity(0))
    found = recordings(clips)
    if any(clip.suffix == ".tape" for clip in found) and not alike(sides):
        print(
            "ioc: note: A and B differ in [inference], which a tape's pictures cannot show: give recordings",
            file=sys.stderr,
        )
    made, looks = taped(found, sides, tapes=tapes or found[0].parent / "tapes", truth=truth, camera=camera)
    with shown(len(looks)) as total:
        look(looks, processes, total, total.end)
    with progress("recordings folded", len(made)) as tell:
        compared = compare(fold(made, sides, jobs=processes, tell=tell))
    if html is not None:
        from ioc.commands.compare_page import page

        write_whole(html, [page(a, b, compared)])
    if as_json:
        print(json.dumps({"clips": len(made), "kinds": {own.kind: compare_text.as_json(own) for own in compared}}))
    else:
        _show(a, b, len(made), compared)


def _show(a: Path, b: Path, recordings: int, compared: Sequence[Compared]) -> None:
    from ioc.commands.compare_text import COUNTS, SHARES, changes, counts, shares, tests
    from ioc.commands.models_text import table
    from ioc.paired import FEWEST

    of = "1 recording" if recordings == 1 else f"{recordings} recordings"
    print(f"A {a}\nB {b}\n{of}; in brackets, 95 % intervals, of differences from {FEWEST} recordings on")
    for own in compared:
        print(f"\n{own.kind}")
        print("\n".join(table([list(COUNTS), *counts(own)])))
        print("\n".join(table([list(SHARES), *shares(own)])))
        print("\n".join(tests(own)))
        if own.changes:
            print("\n".join(table(changes(own))))
