"""`ioc audit`: whether the log of who looked for plates is whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ioc.commands.site_store import site_store
from ioc.errors import IocError, UsageError

if TYPE_CHECKING:
    from dashboard.audit import Audit
    from ioc.audit_chain import Head, Verdict

SiteFile = Annotated[Path, typer.Option("--site", help="The site file whose dashboard keeps the log.")]
Expected = Annotated[
    list[str] | None,
    typer.Option("--expect", metavar="COUNT:DIGEST", help="A head that was written down earlier; may be given again."),
]


def verbs() -> typer.Typer:
    """Return the verbs of `ioc audit`."""
    app = typer.Typer(
        help="The log of who looked for plates, when and why. It only grows; these commands find what was changed.",
        epilog="Write down the head that `verify` prints: it proves later that nothing up to there was written anew.",
        no_args_is_help=True,
    )
    app.command("verify")(verify)
    app.command("export")(export)
    return app


def verify(
    site: Annotated[Path | None, typer.Option("--site", help="The site file whose dashboard keeps the log.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="A log that was exported, on any machine.")] = None,
    expect: Expected = None,
) -> int:
    """Check each entry of a log and its chain; exit code 1 and the first thing that is wrong, when something is."""
    if (site is None) == (file is None):
        raise UsageError("give --site SITE for the dashboard's own log, or --file FILE for an exported one")
    heads = [_head(text) for text in expect or []]
    verdict = _of_site(site, heads) if site is not None else _of_file(file or Path(), heads)
    if verdict.problem:
        print(f"NOT WHOLE: {verdict.problem}")
        return 1
    print(f"whole: {verdict.head.count} entries, head {verdict.head}")
    return 0


def export(
    site: SiteFile, out: Annotated[Path, typer.Option("--out", help="Where to write it, a JSON object a line.")]
) -> int:
    """Write the whole log to a file that `ioc audit verify --file` checks on any machine."""
    with _audit(site) as audit:
        try:
            with out.open("x", encoding="utf-8") as file:
                for entry in audit.entries():
                    file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        except FileExistsError:
            raise UsageError(f"{out}: exists already; name another file") from None
        except OSError as error:
            raise IocError(f"{out}: cannot be written: {error.strerror}") from None
        print(f"{out}: head {audit.verify().head}")
    return 0


def _head(text: str) -> Head:
    from ioc.audit_chain import Head

    try:
        return Head.parse(text)
    except ValueError as error:
        raise UsageError(f"--expect {text}: {error}") from None


def _of_site(path: Path, heads: list[Head]) -> Verdict:
    with _audit(path) as audit:
        return audit.verify(*heads)


def _of_file(path: Path, heads: list[Head]) -> Verdict:
    from ioc.audit_chain import check

    return check(_lines(path), heads)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                entry = json.loads(line)
                yield entry if isinstance(entry, dict) else {}
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except ValueError:
        yield {}


@contextmanager
def _audit(path: Path) -> Iterator[Audit]:
    from dashboard.audit import HEAD, Audit

    with site_store(path) as (settings, database):
        yield Audit(database, settings.data / HEAD)
