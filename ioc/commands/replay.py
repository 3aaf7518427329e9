"""`ioc replay`: recordings, or their tapes, through the same rules as live; the same input gives the same bytes."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ioc.errors import IocError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ioc.replay_job import Job


def command(  # noqa: PLR0913, PLR0917  (options of the command line)
    site: Annotated[Path, typer.Option("--site", help="The site file.")],
    out: Annotated[
        Path,
        typer.Option("--out", help="Where to write the alerts, one JSON object a line; for a folder, a folder."),
    ],
    camera: Annotated[
        str | None,
        typer.Option(
            "--camera", help="Whose zones and rules to use; without, the camera the recording is named after."
        ),
    ] = None,
    video: Annotated[
        Path | None,
        typer.Option("--video", help="The recording, or a folder of them; pictures of a folder or glob are one."),
    ] = None,
    tape: Annotated[
        Path | None,
        typer.Option("--tape", help="With --video: keep what was seen here. Alone: fold it, or a folder of them."),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Processes for a folder; as many as there are cores.")
    ] = None,
    speed: Annotated[
        float | None, typer.Option("--speed", min=1e-3, help="At most so many times real time; 1 is as live.")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", help="A folder for pages that show what the rules saw, and why they told."),
    ] = None,
    truth: Annotated[
        Path | None, typer.Option("--truth", help="With --report: the recording's truth file, or a folder of them.")
    ] = None,
) -> int:
    """Replay a camera's recording, or its tape, or a folder of either, and write the alerts.

    With --video and --tape, the tape is made once and used again as long as clip, models, sampling and code are the
    same. With --tape alone no picture is looked at: tuning a rule takes a fraction of a second.

    Of a folder, bg-017.mp4 gives OUT/bg-017.jsonl by the rules of the camera bg-017. One that cannot be replayed is
    told of in a line, the others go on, and the exit code is 1. However many the jobs, the bytes are the same.

    A report is one HTML page a recording, to be opened from the disk: a time line, each reading against its limit, why
    each alert was told and what came near was not, stills from --video, and what ran. With --truth it says which alerts
    were right, which false, and why events were missed. Of a folder, index.html leads to the pages.
    """
    from ioc.commands.replay_progress import shown
    from ioc.replay_job import Job, replay
    from ioc.replay_plan import plan

    planned = plan(Job(site, out, camera, video, tape, speed, page=report, truth=truth))
    if planned.many:
        _replay_many(planned.jobs, jobs or len(os.sched_getaffinity(0)), report)
        return 0
    with shown(1) as tell:
        replay(planned.jobs[0], partial(tell, 0))
    return 0


def _replay_many(jobs: Sequence[Job], processes: int, report: Path | None) -> None:
    from ioc import clock
    from ioc.commands.replay_progress import in_words, shown
    from ioc.replay_crew import replay_all
    from ioc.replay_job import Done
    from ioc.replay_plan import INDEX
    from ioc.report import write_index

    done: dict[int, Done] = {}
    with shown(len(jobs)) as total:
        for number, one in replay_all(jobs, processes, total):
            done[number] = one
            total.end(number, one.media)
            if one.problem:
                name = jobs[number].name
                print(f"ioc: {one.problem if name in one.problem else f'{name}: {one.problem}'}", file=sys.stderr)
    failed = [(jobs[number].name, done[number].problem) for number in sorted(done) if done[number].problem]
    print(
        f"{len(jobs) - len(failed)} of {len(jobs)} recordings replayed, {in_words(total.media)} of media time, "
        f"{total.speed(clock.monotonic())}; {sum(one.raised for one in done.values())} alerts raised"
    )
    if report is not None:
        summaries = [summary for number in sorted(done) if (summary := done[number].summary) is not None]
        write_index(report / INDEX, summaries, failed)
    if failed:
        raise IocError(f"{len(failed)} of {len(jobs)} recordings could not be replayed: see the lines above")
