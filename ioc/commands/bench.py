"""`ioc bench`: how fast this machine folds a tape and looks at a recording."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ioc.commands.bench_plates import plates
from ioc.commands.bench_search import search
from ioc.commands.bench_seers import seers
from ioc.commands.bench_watch import watch
from ioc.commands.models_text import cell, progress, table
from ioc.errors import UsageError

if TYPE_CHECKING:
    from ioc.site import Site
    from ioc.tape import TapeFile

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
SiteFile = Annotated[Path | None, typer.Option("--site", help="Take the rules from this site file.")]

Rules = Annotated[
    int | None, typer.Option("--rules", min=0, max=100, help="So many rules, of all kinds.", show_default="6")
]


def verbs() -> typer.Typer:
    """Return the verbs of `ioc bench`."""
    app = typer.Typer(
        help="How fast this machine is: `tape` folds what was seen, `video` looks at pictures, `seers` tells what each "
        "kind of reading costs, `search` finds plates among many, `watch` matches them; `plates` says how right they "
        "are read at a drawn gate.",
        epilog="× real time is by processor time, which hardly depends on what else runs. Models: `ioc models bench`.",
        no_args_is_help=True,
    )
    app.command("tape")(tape)
    app.command("video")(video)
    app.command("seers")(seers)
    app.command("search")(search)
    app.command("watch")(watch)
    app.command("plates")(plates)
    return app


def tape(
    path: Annotated[
        Path | None, typer.Option("--tape", help="The tape to fold; a drawn street of ten minutes without.")
    ] = None,
    site: SiteFile = None,
    tracks: Annotated[
        int | None, typer.Option("--tracks", min=0, max=500, help="Things in the drawn street.", show_default="10")
    ] = None,
    rules: Rules = None,
    minutes: Annotated[
        float | None, typer.Option("--minutes", min=0.1, max=600, help="Length of the street.", show_default="10")
    ] = None,
    seconds: Annotated[float, typer.Option("--seconds", min=0, max=600, help="Time for each measurement.")] = 3.0,
    as_json: AsJson = False,
) -> None:
    """Fold a tape: reading it, its rules, and both, in milliseconds an observation and times real time.

    Medians of runs in turns after a warm-up.
    """
    from ioc.bench_street import CAMERA, START, street
    from ioc.tape import TapeHeader, open_tape, write_tape

    if site is not None and path is None:
        raise UsageError("--site needs --tape, the tape of one of its cameras")
    if path is not None and (tracks is not None or minutes is not None):
        raise UsageError("--tracks and --minutes draw a street; leave them out with --tape")
    if path is not None:
        _tell(_folded(open_tape(path), site, rules, seconds), as_json)
        return
    with tempfile.TemporaryDirectory() as folder:
        drawn = Path(folder) / "drawn street"
        write_tape(drawn, TapeHeader(CAMERA, START), street(10 if tracks is None else tracks, 60 * (minutes or 10.0)))
        _tell(_folded(open_tape(drawn), None, rules, seconds), as_json)


def _folded(tape: TapeFile, site: Path | None, rules: int | None, seconds: float) -> dict[str, Any]:
    from ioc import rulebook
    from ioc.bench_tape import folding

    settings, camera = _rules_of(site, tape.header.camera, rules)
    where = site or Path("bench.toml")
    with progress("rounds", None) as step:
        found = folding(tape, lambda: rulebook.make_rules(settings, camera, where), seconds, each=step)
    kinds = [rule.kind for rule in settings.rules_of(camera)]
    return {"tape": tape.path.name, "rules": kinds, **asdict(found)}


def _rules_of(path: Path | None, camera: str, rules: int | None) -> tuple[Site, str]:
    """Return the site whose rules are folded, and the camera there."""
    from ioc.bench_street import CAMERA, bench_site
    from ioc.wiring import camera_of, checked_site

    if path is None:
        return bench_site(6 if rules is None else rules), CAMERA
    if rules is not None:
        raise UsageError("--rules makes rules up; leave it out with --site")
    site = checked_site(path)
    return site, camera_of(site, camera, path).id


def _tell(found: Mapping[str, Any], as_json: bool) -> None:
    from models.processor import processor

    if as_json:
        print(json.dumps({"processor": str(processor()), **found}, ensure_ascii=False))
        return
    print(f"Processor: {processor()}; one thread")
    print(
        f"{found['tape']}: {found['observations']} observations in {found['seconds']:.0f} s, "
        f"{found['tracks']:.1f} tracks each, {len(found['rules'])} rules, "
        f"{found['bytes_an_hour'] / 1e6:.2f} MB an hour"
    )
    rows = [[pace["step"], *_cells(pace, ("cpu_ms", "wall_ms", "times_real_time"))] for pace in found["paces"]]
    print("\n".join(table([["", "cpu ms", "wall ms", "× real time"], *rows])))


def video(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A recording, a folder of pictures or a scene script.")],
    site: SiteFile = None,
    camera: Annotated[str | None, typer.Option("--camera", help="Its camera, with --site.")] = None,
    rules: Rules = None,
    seconds: Annotated[float, typer.Option("--seconds", min=1, max=3600, help="Media time gone through.")] = 20.0,
    as_json: AsJson = False,
) -> None:
    """Look at a recording, stage by stage, beside the naive loop that detects in every picture.

    Both go through the same media time in turns, with the same model and one thread. Milliseconds are processor time
    a picture that is looked at; decoding counts all pictures between two of these.
    """
    from models.processor import processor

    if (site is None) != (camera is None):
        raise UsageError("--site and --camera belong together: whose rules are to be folded?")
    rows = _looked(path, site, camera or "", rules, seconds)
    if as_json:
        print(json.dumps({"processor": str(processor()), "video": path.name, "loops": rows}, ensure_ascii=False))
        return
    print(f"Processor: {processor()}; one thread; {path.name}, {rows[0]['media_s']:.0f} s")
    names = [name for name in rows[0] if name not in {"loop", "media_s"}]
    columns = [["", *(name.replace("_", " ") for name in names)]]
    columns += [[row["loop"], *_cells(row, names)] for row in rows]
    columns.append(["ratio", *map(cell, _ratios(rows, names))])
    print("\n".join(table(list(zip(*columns, strict=True)))))


def _ratios(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[float | None]:
    sampled, naive = rows
    return [sampled[name] / naive[name] if naive[name] else None for name in names]


def _looked(path: Path, site: Path | None, camera: str, rules: int | None, seconds: float) -> list[dict[str, Any]]:
    from ioc import rulebook
    from ioc.bench_video import Loop, side_by_side
    from ioc.sampler import Sampler
    from ioc.seers import perception_for
    from streams.sources import open_source

    settings, own = _rules_of(site, camera, rules)
    inference = settings.inference.model_copy(update={"threads": 1})
    settings = settings.model_copy(update={"inference": inference})
    seen_by = [one for one in settings.camera if one.id == own]
    loops = []
    for name, wanted in (("sampled", Sampler(inference.rate).wants), ("naive", lambda _at: True)):
        perception = perception_for(settings, seen_by)
        own_rules = rulebook.make_rules(settings, own, site or Path("bench.toml"))
        source = open_source(own, str(path))
        loops.append(Loop(name, source, wanted, perception.objects, own_rules, perception.read))
    return side_by_side(loops, seconds)


def _cells(row: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    return [cell(row[name]) for name in names]
