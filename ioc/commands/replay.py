"""`ioc replay`: a recording, or its tape, through the same rules as live; the same input gives the same bytes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ioc.errors import IocError, UsageError
from ioc.types import Alert, Json, Observation


def command(
    site: Annotated[Path, typer.Option("--site", help="The site file.")],
    camera: Annotated[str, typer.Option("--camera", help="Whose zones and rules to use.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write the alerts, one JSON object a line.")],
    video: Annotated[
        Path | None, typer.Option("--video", help="The recording: a file, a folder of pictures or a glob.")
    ] = None,
    tape: Annotated[
        Path | None, typer.Option("--tape", help="With --video: keep what was seen here. Alone: fold it again.")
    ] = None,
) -> int:
    """Replay one camera's recording, or its tape, and write the alerts.

    With --video and --tape, the tape is made once and used again as long as clip, models, sampling and code are the
    same. With --tape alone no picture is looked at: tuning a rule takes a fraction of a second.
    """
    from ioc import wiring

    if video is None and tape is None:
        raise UsageError("nothing to replay: give --video FILE, --tape FILE, or both")
    work = wiring.Replay(site, camera)
    start, seen = work.observations(video, tape)
    lines = _lines(work.alerts(_with_progress(seen)), start, work.site.site.id, work.models)
    _write_whole(out, lines)
    return 0


def _lines(alerts: Iterable[Alert], start: datetime, site: str, models: Sequence[Mapping[str, Json]]) -> Iterator[str]:
    from alerts.wire import AlertMessage

    for alert in alerts:
        message = AlertMessage.of(alert, site, models).model_dump(mode="json")
        message["media_s"] = round((alert.at - start).total_seconds(), 6)
        yield json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def _write_whole(path: Path, lines: Iterable[str]) -> None:
    """Write the file in one go: it appears whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
        temporary.replace(path)
    except OSError as error:
        raise IocError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        temporary.unlink(missing_ok=True)


def _with_progress(seen: Iterable[Observation]) -> Iterator[Observation]:
    if not sys.stderr.isatty():
        yield from seen
        return
    from rich.console import Console
    from rich.progress import Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("replayed {task.fields[media]} of media time in"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None, media="0:00:00")
        first: datetime | None = None
        for obs in seen:
            first = first or obs.at
            progress.update(task, media=str(obs.at - first).split(".")[0])
            yield obs
