"""The command line: what is typed goes to one module of `ioc.commands`; errors come out as one line."""

from __future__ import annotations

import logging
import sys
from typing import Annotated, Any

import typer

from ioc.commands import (
    audit,
    bench,
    calibrate,
    check_site,
    compare,
    dashboard,
    demo,
    detect,
    doctor,
    evidence,
    models,
    plates,
    replay,
    retention,
    run,
    score,
    simulate,
    sweep,
    tape,
    truth,
    watchlist,
)
from ioc.errors import IocError, UsageError

INTERRUPTED = 130

app = typer.Typer(
    name="ioc",
    help="Video analytics for a city's operations centre: camera streams in, reviewed alerts out.",
    epilog="Start with `ioc demo`. Exit codes: 0 done, 1 failed, 2 bad usage or bad site file.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(demo.command)
app.command("run")(run.command)
app.command("dashboard")(dashboard.command)
app.command("replay")(replay.command)
app.command("simulate")(simulate.command)
app.command("score")(score.command)
app.command("compare")(compare.command)
app.command("sweep")(sweep.command)
app.add_typer(truth.verbs(), name="truth")
app.add_typer(tape.verbs(), name="tape")
app.command("detect")(detect.command)
app.command("plates")(plates.command)
app.add_typer(models.verbs(), name="models")
app.add_typer(bench.verbs(), name="bench")
app.add_typer(audit.verbs(), name="audit")
app.add_typer(watchlist.verbs(), name="watchlist")
app.add_typer(evidence.verbs(), name="evidence")
app.command("retention")(retention.command)
app.add_typer(calibrate.verbs(), name="calibrate")
app.command("check-site")(check_site.command)
app.command("doctor")(doctor.command)


@app.callback()
def _options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and debug messages.")] = False,
) -> None:
    context.obj = {"debug": debug}
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.DEBUG if debug else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of its plug-ins at every start


def run_command(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    debug = "--debug" in arguments
    if not arguments:
        app(["--help"], standalone_mode=False)
        return UsageError.exit_code
    try:
        result: Any = app(arguments, standalone_mode=False)
    except typer.TyperException as error:
        print(f"ioc: {error.format_message()} (see `ioc --help`)", file=sys.stderr)
        return error.exit_code
    except IocError as error:
        if debug:
            raise
        print(f"ioc: {error}", file=sys.stderr)
        return error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    return result if isinstance(result, int) else 0


def main() -> None:
    """Run `ioc` with the process's arguments."""
    sys.exit(run_command(sys.argv[1:]))


if __name__ == "__main__":
    main()
