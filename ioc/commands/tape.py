"""`ioc tape`: what a tape says of itself, and pieces of live tapes."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ioc.errors import UsageError

if TYPE_CHECKING:
    from ioc.tape import TapeFile


def verbs() -> typer.Typer:
    """Return the verbs of `ioc tape`."""
    app = typer.Typer(
        help="Tapes: what a camera's rules were given, without pictures. `ioc replay --tape` folds them again.",
        epilog="docs/tapes.md tells how a live camera keeps them and what stands on one.",
        no_args_is_help=True,
    )
    app.command("show")(show)
    app.command("join")(join)
    return app


def show(
    tapes: Annotated[list[Path], typer.Argument(metavar="TAPE...", help="The tapes.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a tape.")] = False,
) -> None:
    """Show what tapes were made of and what is on them; reads them whole, so it also checks them."""
    from ioc.tape import open_tape

    for path in tapes:
        found = _described(open_tape(path))
        if as_json:
            print(json.dumps(found, ensure_ascii=False))
            continue
        print(path)
        for name, value in found.items():
            print(f"  {name:13} {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}")


def _described(tape: TapeFile) -> dict[str, Any]:
    header = asdict(tape.header)
    count, tracks, last = 0, set(), tape.header.start
    labels: dict[str, int] = {}
    for obs in tape:
        count, last = count + 1, obs.at
        tracks |= {track.id for track in obs.tracks}
        for track in obs.tracks:
            labels[track.label] = labels.get(track.label, 0) + 1
    size = tape.path.stat().st_size
    seconds = (last - tape.header.start) / timedelta(seconds=1)
    return {
        **header,
        "start": header["start"].isoformat(),
        "seconds": seconds,
        "observations": count,
        "tracks": len(tracks),
        "boxes": dict(sorted(labels.items())),
        "bytes": size,
        "bytes_an_hour": round(size / seconds * 3600) if seconds else None,
    }


def join(
    tapes: Annotated[list[Path], typer.Argument(metavar="TAPE...", help="Tapes of one live camera, in any order.")],
    out: Annotated[Path, typer.Option("--out", help="The tape to write.")],
    begin: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="Leave out what was seen before, as 2026-03-01T08:50Z.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Leave out what was seen from then on.")
    ] = None,
) -> None:
    """Join live tapes, or cut a piece out of them: an incident does not end with the hour.

    Begin some minutes early: the rules start anew, and a vehicle's time counts from where the piece begins.
    """
    from ioc.tape_join import join as joined

    count = joined(tapes, out, _time("--from", begin), _time("--until", end))
    print(f"{out}: {count} observations")


def _time(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    wrong = UsageError(f"{option} {text}: expected a time with its zone, as 2026-03-01T08:50Z")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise wrong from None
    if at.tzinfo is None:
        raise wrong
    return at.astimezone(UTC)
