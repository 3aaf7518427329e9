"""`ioc simulate`: draws a scene script as a recording, with its exact truth and the site file that watches it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ioc.errors import FileRefused, UsageError

if TYPE_CHECKING:
    from ioc.truth import Truth
    from streams.scene_record import Outputs
    from streams.scene_script import SceneScript
    from streams.scene_source import Picture


def command(  # noqa: PLR0913, PLR0917  (options of the command line)
    script: Annotated[
        Path | None, typer.Argument(metavar="SCRIPT", help="A scene script, or the name of one that ships.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The recording to write, MP4.")] = None,
    truth: Annotated[Path | None, typer.Option("--truth", help="The truth file to write, for `ioc score`.")] = None,
    boxes: Annotated[
        Path | None, typer.Option("--boxes", help="Every picture's boxes, tracks and plates, one JSON object a line.")
    ] = None,
    frames: Annotated[Path | None, typer.Option("--frames", help="A folder for every picture as JPEG.")] = None,
    site: Annotated[Path | None, typer.Option("--site", help="The site file to write, with zones and rules.")] = None,
    day: Annotated[
        Path | None, typer.Option("--day", help="Instead: a folder for scripts, truth and site of many cameras.")
    ] = None,
    cameras: Annotated[int, typer.Option("--cameras", min=1, max=64, help="With --day: how many.")] = 8,
    hours: Annotated[float, typer.Option("--hours", min=0.05, max=24, help="With --day: how long.")] = 1.0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="With --day: another seed, another day.")] = 1,
) -> int:
    """Draw a simulated camera by its script, or lay down a whole day; the same script or seed gives the same bytes.

    Without an option the script is checked, and told which alerts its rules owe; without a script, those that ship are
    named. A script also stands in for a recording (`ioc replay --video SCRIPT`) and for a camera's source in a site
    file. docs/simulator.md shows how to write one.
    """
    from streams.scene_demo import city_scripts
    from streams.scene_record import Outputs

    if day is not None:
        if any((script, out, truth, boxes, frames, site)):
            raise UsageError("--day writes scripts of its own: leave the script and its outputs out")
        _write_day(day, cameras, hours, seed)
        return 0
    if script is None:
        if any((out, truth, boxes, frames, site)):
            raise UsageError(f"nothing to draw: name a script, such as {city_scripts()[0].stem}")
        for path in city_scripts():
            print(path.stem)
        return 0
    try:
        _simulate(_found(script), Outputs(out, frames, boxes), truth, site)
    except FileRefused as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return UsageError.exit_code
    return 0


def _found(script: Path) -> Path:
    """Return the script's file: the one named, or the one that ships by that name."""
    from streams.scene_demo import city_scripts

    if script.exists() or script.suffix:
        return script
    shipped = {path.stem: path for path in city_scripts()}
    if script.name not in shipped:
        raise UsageError(f"{script}: neither a scene script nor one that ships; there are: {', '.join(shipped)}")
    return shipped[script.name]


def _simulate(path: Path, outputs: Outputs, truth: Path | None, site: Path | None) -> None:
    from ioc.commands.replay_progress import shown
    from ioc.replay_job import Progress
    from ioc.simulated_site import checked, site_table
    from ioc.simulated_truth import truth_of, with_plates
    from ioc.toml_text import to_toml
    from ioc.truth_file import text_of
    from ioc.whole_file import write_whole
    from streams.scene_play import play
    from streams.scene_record import record
    from streams.scene_script import load_script
    from streams.scene_truth import PlateLog

    script = load_script(path)
    shown_as = outputs.video or path
    table = site_table([script], {script.id: str(shown_as.resolve())})
    checked(table, path)
    played = play(script)
    owed = truth_of(script, played, shown_as.name)
    if outputs.wanted:
        log = PlateLog()
        with shown(1) as tell:

            def take(picture: Picture) -> None:
                log.take(picture.drawn, picture.at.total_seconds())
                tell(0, Progress(picture.at, script.duration))

            record(played.scene, outputs, take)
        owed = with_plates(owed, log)
    if truth is not None:
        write_whole(truth, [text_of(owed.model_dump(mode="json"))])
    if site is not None:
        write_whole(site, [to_toml(table)])
    if not (outputs.wanted or truth or site):
        _tell(script, owed)


def _write_day(folder: Path, cameras: int, hours: float, seed: int) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from ioc.simulated_day import write_day

    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("cameras", total=cameras)
        owed = write_day(folder, cameras, hours, seed, lambda done: bar.update(task, completed=done))
    counts = ", ".join(f"{kind} {count}" for kind, count in sorted(owed.items()))
    print(f"{folder}: {cameras} cameras, {hours:g} h each; owed: {counts or 'nothing'}")
    print(f"  ioc replay --site {folder}/site.toml --video {folder}/scenes --out {folder}/alerts --jobs 2")


def _tell(script: SceneScript, owed: Truth) -> None:
    width, height = script.view.size
    print(f"{script.id}: {script.duration} at {script.fps} pictures a second, {width} × {height}")
    for event in owed.events:
        print(f"  {event.kind} from {event.start_s:g} s is owed at {event.due_s:g} s")
    if not owed.events:
        print("  nothing is owed")
