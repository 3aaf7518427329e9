"""`ioc watchlist`: plates that raise an alert when one passes, in and out of tables."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ioc.commands.new_file import new_file
from ioc.commands.site_store import at_terminal, site_store
from ioc.errors import UsageError

if TYPE_CHECKING:
    from dashboard.database import Database
    from dashboard.watch_deeds import WatchDeeds
    from dashboard.watch_records import WatchList

SiteFile = Annotated[Path, typer.Option("--site", help="The site file whose dashboard keeps the lists.")]
ListName = Annotated[str, typer.Option("--list", metavar="NAME", help="The watch-list.")]


def verbs() -> typer.Typer:
    """Return the verbs of `ioc watchlist`."""
    app = typer.Typer(
        help="Watch-lists: plates that raise an alert when one passes. A running dashboard need not be restarted.",
        epilog="docs/plates.md tells what a table may hold. The audit log tells who did what, at the terminal as well.",
        no_args_is_help=True,
    )
    app.command("list")(show)
    app.command("make")(make)
    app.command("import")(take_in)
    app.command("export")(give_out)
    app.command("remove")(remove)
    return app


def show(site: SiteFile) -> int:
    """Show all watch-lists: name, owner, how severe their alerts are, until when they hold, how many plates."""
    from dashboard.watch_store import all_lists

    with _desk(site) as desk, desk.database.read() as connection:
        lists = all_lists(connection)
    for found in lists:
        told = found.told
        until = "" if told.valid.until is None else f", until {told.valid.until:%Y-%m-%d %H:%M} UTC"
        print(f"{told.name}: {found.entries:,} plates, {told.priority}, of {told.owner}{until}: {told.purpose}")
    if not lists:
        print("no watch-list yet: `ioc watchlist make` makes one")
    return 0


def make(
    site: SiteFile,
    name: ListName,
    owner: Annotated[str, typer.Option("--owner", metavar="USER", help="Who of the police it belongs to.")],
    purpose: Annotated[str, typer.Option("--purpose", help="Why these vehicles are looked for.")],
    case: Annotated[str, typer.Option("--case", help="The case or order that it belongs to.")],
    priority: Annotated[
        str, typer.Option("--priority", help="How severe its alerts are: low, medium, high or critical.")
    ] = "high",
    misreads: Annotated[
        bool, typer.Option("--misreads/--exact", help="Whether plates count that may have been misread.")
    ] = True,
) -> int:
    """Make an empty watch-list."""
    from pydantic import ValidationError

    from dashboard.accounts import Accounts
    from dashboard.passwords import Passwords
    from dashboard.watch_deeds import check_owner
    from dashboard.watch_views import NewList

    told = {"name": name, "purpose": purpose, "case": case, "priority": priority, "misreads": misreads}
    try:
        wanted = NewList.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"--{first['loc'][0]}: {first['msg']}") from None
    with _desk(site) as desk:
        check_owner(Accounts(desk.database, Passwords()).users(), owner)
        desk.deeds.make(wanted.draft(owner))
    print(f"{wanted.name}: made, of {owner}; `ioc watchlist import` puts plates on it")
    return 0


def take_in(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="A table with a column `plate`.")],
    site: SiteFile,
    name: ListName,
    partial: Annotated[bool, typer.Option("--partial", help="Take the rows that can be used.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Take off the plates that are not in the table.")] = False,
) -> int:
    """Put the plates of a table on a watch-list: all of them, or none and a line for each cell that cannot be used.

    Exit code 2 when nothing was taken.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from None
    with _desk(site) as desk:
        taken, table = desk.deeds.take_in(desk.list_named(name), content, partial=partial, replace=replace)
    for problem in table.problems:
        print(f"{file}: {problem}", file=sys.stderr)
    print(f"{name}: {taken.in_words}")
    return 0 if taken.taken else UsageError.exit_code


def give_out(
    site: SiteFile,
    name: ListName,
    out: Annotated[Path, typer.Option("--out", help="Where to write it, as FILE.csv.")],
) -> int:
    """Write the plates of a watch-list to a table that can be imported again."""
    with _desk(site) as desk:
        found = desk.list_named(name)
        with new_file(out) as file:
            file.write(desk.deeds.give_out(found).encode())
    print(f"{out}: {found.entries:,} plates")
    return 0


def remove(
    site: SiteFile,
    name: ListName,
    plate: Annotated[str | None, typer.Option("--plate", help="Take this plate off, and leave the list.")] = None,
) -> int:
    """Remove a watch-list with all of its plates, or one plate of it. The alerts that were raised stay."""
    with _desk(site) as desk:
        found = desk.list_named(name)
        if plate is None:
            desk.deeds.remove(found)
            print(f"{name}: removed, {found.entries:,} plates with it")
        else:
            desk.take_off(found, plate)
            print(f"{name}: {plate} taken off")
    return 0


@dataclass(frozen=True, slots=True)
class _Desk:
    """A site's store, and what is done there now by whoever is at the terminal."""

    database: Database
    deeds: WatchDeeds

    def list_named(self, name: str) -> WatchList:
        """Return the list of that name; raise UsageError for none."""
        from dashboard.watch_store import list_named

        with self.database.read() as connection:
            found = list_named(connection, name)
        if found is None:
            raise UsageError(
                f"there is no watch-list {name!r}: `ioc watchlist list` shows those there are, `make` makes one"
            )
        return found

    def take_off(self, found: WatchList, typed: str) -> None:
        """Take a plate off a list; raise UsageError for what is no plate, or does not stand there."""
        from dashboard.watch_records import whole_plate
        from dashboard.watch_store import entries_of
        from ioc.plate_pattern import Pattern

        try:
            pattern = Pattern(whole_plate(typed))
        except ValueError as error:
            raise UsageError(f"--plate {typed}: {error}") from None
        with self.database.read() as connection:
            entries = entries_of(connection, found.id, pattern)
        if not entries:
            raise UsageError(f"{typed} does not stand on {found.told.name!r}")
        self.deeds.take_off(found, entries[0].id)


@contextmanager
def _desk(site: Path) -> Iterator[_Desk]:
    from dashboard.audit import HEAD, Audit
    from dashboard.watch_deeds import WatchDeeds
    from ioc import clock

    with site_store(site) as (settings, database):
        audit = Audit(database, settings.data / HEAD)
        yield _Desk(database, WatchDeeds(audit, at_terminal(), clock.now()))
