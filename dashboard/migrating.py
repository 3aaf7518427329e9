"""The door to Alembic, whose plug-ins announce themselves in the log as it is imported: import this module late."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection


class OtherVersion(Exception):
    """The tables were made by migrations that this version does not have."""


def upgrade(connection: Connection) -> None:
    """Bring the tables to the newest schema, in the transaction of the caller; raise OtherVersion."""
    config = Config()
    config.set_main_option("script_location", "dashboard:migrations")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise OtherVersion(str(error)) from None
