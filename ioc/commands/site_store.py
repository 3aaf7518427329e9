"""The store of a site's dashboard, for commands that look into it beside the running dashboard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ioc.errors import UsageError

if TYPE_CHECKING:
    from dashboard.database import Database
    from dashboard.settings import DashboardSettings


@contextmanager
def site_store(path: Path) -> Iterator[tuple[DashboardSettings, Database]]:
    """Yield the dashboard's settings of a site file, and its store; raises UsageError where there is no store yet."""
    from dashboard.database import open_database, store_url
    from ioc import wiring
    from ioc.commands.dashboard import settings_of
    from ioc.station import Broker

    settings = settings_of(wiring.checked_site(path), Broker("mqtt://127.0.0.1", None))
    url = store_url(settings)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise UsageError(f"{url.database}: no dashboard has kept its store here; check [site] data in {path}")
    database = open_database(settings)
    try:
        yield settings, database
    finally:
        database.close()


def at_terminal() -> str:
    """Return who runs this, for the audit log: as the machine knows them, whatever the environment says."""
    import os
    import pwd

    try:
        account = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        account = str(os.getuid())
    return f"terminal:{account}"[:64]
