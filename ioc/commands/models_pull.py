"""`ioc models pull`: fetches published models, and puts them into a manifest of their own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from ioc.errors import UsageError

MANIFEST = "manifest.toml"


def command(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="The models; none lists them.")] = None,
    into: Annotated[
        Path | None, typer.Option("--into", help="Folder that gets weights/ and manifest.toml; made when missing.")
    ] = None,
    catalogue: Annotated[
        Path | None, typer.Option("--catalogue", help="Another catalogue, say of a server of your own.")
    ] = None,
) -> None:
    """Fetch published detectors from their publishers, each proven by its digest, and enter them into a manifest.

    Needs a network; whatever was cut goes on where it stopped. The models are under their publishers' licences.
    """
    from models.catalogue import load_catalogue

    listed = load_catalogue() if catalogue is None else load_catalogue(catalogue)
    if not names:
        for own in listed.model:
            print(f"{own.name}: {own.bytes / 1e6:.1f} MB, layout {own.layout}, {own.licence}, {own.publisher}")
            print(f"  {own.url}")
        return
    if into is None:
        raise UsageError("--into is missing: name a folder for the models")
    from models.manifest import as_toml, load_manifest
    from models.pull import pull

    manifest = into / MANIFEST
    for published in [listed.named(name) for name in names]:
        entry = listed.entry(published)
        known = load_manifest(manifest).model if manifest.is_file() else ()
        if entry not in known and any(own.name == entry.name for own in known):
            raise UsageError(f"{manifest}: has another model {entry.name!r}; take it out, or name another --into")
        file = into / "weights" / entry.file
        with _shown(published.name, published.bytes) as step:
            fresh = pull(published.url, file, sha256=published.sha256, size=published.bytes, each=step)
        if entry not in known:
            with manifest.open("a", encoding="utf-8") as text:
                text.write(("\n" if known else "") + as_toml(entry))
        print(f"{file}: {'fetched' if fresh else 'already there'}, sha256 {entry.sha256}")
    print(f"Try: ioc detect IMAGE --manifest {manifest}")


@contextmanager
def _shown(name: str, total: int) -> Iterator[Callable[[int], None]]:
    """Yield what is given the bytes so far; shows a bar on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    columns = (TextColumn(name), BarColumn(), DownloadColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda arrived: progress.update(task, completed=arrived)
