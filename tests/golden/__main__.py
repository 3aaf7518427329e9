"""`python -m tests.golden`: shows which golden replays have another outcome now, accepts it, or records a scene."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ioc.errors import IocError, UsageError
from ioc.replay_job import Job, replay
from ioc.simulated_site import site_table
from ioc.toml_text import to_toml
from streams.scene_demo import city_scripts
from streams.scene_script import load_script
from tests.golden.cases import HERE, Case, named, scene
from tests.golden.difference import difference

app = typer.Typer(help=__doc__, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)

Names = Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="The golden replays; all when left out.")]


def changes(case: Case) -> list[str]:
    """Return what differs, with the command that accepts it; no lines when nothing does."""
    lines = difference(case.expected, case.found())
    return (
        [f"{case.name}:", *(f"  {line}" for line in lines), f"If that is meant: make golden ACCEPT={case.name}"]
        if lines
        else []
    )


@app.command("show")
def show(names: Names = None) -> int:
    """Show what differs; exit code 1 when anything does."""
    lines = [line for case in named(names or []) for line in changes(case)]
    typer.echo("\n".join(lines) or "as written down")
    return 1 if lines else 0


@app.command("accept")
def accept(names: Names = None) -> None:
    """Write down what comes of the tapes now."""
    for case in named(names or []):
        found = case.found()
        lines = difference(case.expected, found)
        if lines or not case.alerts.exists():
            case.accept(found)
            typer.echo("\n".join([f"{case.name}: written down", *(f"  {line}" for line in lines)]))


@app.command("record")
def record(
    scripts: Annotated[list[str], typer.Argument(metavar="SCENE...", help="A scene that ships, or a scene script.")],
) -> None:
    """Draw scenes, look at them with the shipped models, and write down tape, site file and alerts."""
    shipped = {path.stem: path for path in city_scripts()}
    for name in scripts:
        path = shipped.get(name, Path(name))
        script = load_script(path)
        case = scene(HERE / path.stem)
        case.tape.parent.mkdir(exist_ok=True)
        case.tape.unlink(missing_ok=True)
        case.site.write_text(to_toml(site_table([script])), encoding="utf-8")
        replay(Job(case.site, case.alerts, camera=script.id, video=path, tape=case.tape), lambda progress: None)
        accept([path.stem])
        typer.echo(f"{path.stem}: {case.tape.stat().st_size} bytes, {len(case.expected)} alerts")


def main() -> int:
    """Run what was typed."""
    try:
        result = app(standalone_mode=False)
    except (IocError, typer.TyperException) as error:
        typer.echo(f"golden: {error}", err=True)
        return UsageError.exit_code
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    sys.exit(main())
