"""Takes a table into a watch-list: all of it or nothing, unless whoever sends it wants what can be used.

Pure but for the connection that it is handed: the caller commits and writes down what was done.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from dashboard.watch_store import clear, plates_on, put_entries
from dashboard.watch_table import Table
from ioc.errors import UsageError


class Unclear(UsageError):
    """What is asked for could lose plates."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a table."""

    taken: int = 0
    replaced: int = 0
    """Of those taken, the plates that stood there before."""
    removed: int = 0
    problems: int = 0

    @property
    def in_words(self) -> str:
        """The same in one line."""
        unusable = f"cells that cannot be used: {self.problems:,}"
        if self.problems and not self.taken:
            return f"{unusable}; nothing was taken: mend them, or take part of the table"
        told = f"plates taken: {self.taken:,}, of them replaced: {self.replaced:,}, taken off: {self.removed:,}"
        return f"{told}; {unusable}" if self.problems else told


def take_table(
    connection: Connection, list_id: int, table: Table, at: datetime, *, partial: bool = False, replace: bool = False
) -> Taken:
    """Put a table's plates on a list, and say what became of it; nothing where a cell cannot be used.

    `partial` takes the rows that can be used. `replace` takes off what is not in the table. Raises Unclear for both.
    """
    if partial and replace:
        raise Unclear("a list cannot be replaced by part of a table: plates in rows with errors would be lost")
    problems = len(table.problems)
    if problems and not partial:
        return Taken(problems=problems)
    before, now = plates_on(connection, list_id), {entry.plate for entry in table.entries}
    if replace:
        clear(connection, list_id)
    put_entries(connection, list_id, table.entries, at)
    return Taken(len(now), len(before & now), len(before - now) if replace else 0, problems)
