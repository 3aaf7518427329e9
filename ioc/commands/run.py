"""`ioc run`: a site, live."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from ioc.commands.signals import until_told


def command(
    site: Annotated[Path, typer.Option("--site", help="The site file.")],
    with_dashboard: Annotated[
        bool, typer.Option("--dashboard/--no-dashboard", help="Whether the dashboard runs in this process too.")
    ] = True,
) -> int:
    """Watch a site's cameras until Ctrl-C: broker, analysis and dashboard in one process.

    A broker is started on this machine unless the site file names one. `--no-dashboard` leaves the dashboard to
    `ioc dashboard`, here or on another machine, and needs a broker that both can reach.
    """
    from ioc import station, wiring
    from ioc.commands.dashboard import running_dashboard
    from ioc.errors import UsageError

    checked = wiring.checked_site(site)
    if not with_dashboard and checked.broker.url is None:
        raise UsageError("--no-dashboard needs a broker that the dashboard can reach: name it under [broker]")
    secrets = station.secrets_of(checked, os.environ)
    with until_told() as stop, ExitStack() as stack:
        broker = stack.enter_context(station.broker_of(checked, secrets))
        if with_dashboard:
            stack.enter_context(running_dashboard(checked, broker))
        running = stack.enter_context(station.open_station(checked, site, broker, secrets))
        print(f"Watching {len(checked.camera)} cameras; Ctrl-C ends it.", flush=True)
        stop.wait()
        for lane in running.stats():
            print(f"{lane.camera}: looked at {lane.looked_at} pictures, gave up {lane.dropped}")
    return 0
