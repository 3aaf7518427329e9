"""`ioc retention`: deletes what is kept no longer, as the dashboard does by itself each day."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ioc.commands.signals import until_told
from ioc.commands.site_store import site_store

if TYPE_CHECKING:
    from dashboard.purge import Due, Purge


def command(
    site: Annotated[Path, typer.Option("--site", help="The site file; [retention] says how long things are kept.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be deleted, and delete nothing.")] = False,
) -> int:
    """Delete passes that hit nothing and closed alerts once their time is over, with their files.

    A running dashboard does this once a day by itself. What is held for a case stays, and so does a pass that a
    watch-list's alert was raised for. The audit log says what was deleted. Exit code 1 when files could not be.
    """
    from dashboard.audit import HEAD, Audit
    from dashboard.purge import Purge
    from ioc import clock

    with site_store(site) as (settings, database):
        audit = Audit(database, settings.data / HEAD)
        purge = Purge(database, audit, settings.evidence, settings.retention)
        due = purge.due(clock.now())
        for one in due:
            print(f"{one.name}: {one.count} kept longer than {one.keep.days} days")
        if not due:
            print("nothing is ever deleted: the site file says so")
        return 0 if dry_run else _run(purge, due)


def _run(purge: Purge, due: Sequence[Due]) -> int:
    """Delete until all is done or the user ends it; what is done until then stays done."""
    from dashboard.purge import BATCH
    from ioc import clock
    from ioc.commands.models_text import progress

    with until_told() as stop, progress(f"{BATCH} records:", sum(-(-one.count // BATCH) for one in due)) as step:
        done = purge.run(clock.now, stop, lambda _: step())
    for name, count in done.records.items():
        print(f"{name}: {count} deleted")
    print(f"files: {done.files} deleted")
    purge.check(done)
    return 0
