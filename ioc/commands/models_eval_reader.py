"""`ioc models eval` for a reader of plates: how much it reads exactly, and what it takes for what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from ioc.commands.models_text import progress
from ioc.errors import UsageError

if TYPE_CHECKING:
    from models.manifest import Manifest, ModelEntry


def evaluate_reader(
    manifest: Manifest,
    entry: ModelEntry,
    *,
    data: Path | None,
    drawn: int,
    weights: Path | None,
    threads: int,
    confusions: Path | None,
    as_json: bool,
) -> None:
    """Measure a reader on crops whose text is known, print its figures, and write down its confusions if wanted."""
    from models.bench import digest, open_weights
    from models.plate_reader import PlateReader
    from models.training.plate_confusions import MOST_ERRORS, known_plates, measured
    from models.training.plate_evaluate import confusion_lines, summary, table

    if data is None and not drawn:
        raise UsageError("nothing to read: give --data, a folder of crops, or --drawn, how many plates of every kind")
    if confusions is not None and not confusions.parent.is_dir():
        raise UsageError(f"--confusions {confusions}: its folder does not exist; make it, or name another file")
    file = weights or manifest.weights(entry)
    if weights is None:
        reader = PlateReader.load(entry.name, provider="cpu", threads=threads, manifest=manifest)
    else:
        reader = PlateReader(entry, open_weights(weights, threads))
    with progress("plates read", None) as step:
        figures, counted = measured(known_plates(data, drawn), reader, step)
    written = counted.confusions().to_json()
    if confusions is not None:
        confusions.write_text(written, encoding="utf-8")
    if as_json:
        about = {"model": entry.name, "weights": str(file), "sha256": digest(file), "data": data and str(data)}
        print(
            json.dumps({**about, **summary(figures), "confusions": json.loads(written)["errors"]}, ensure_ascii=False)
        )
        return
    print(table({"reader": figures}))
    print(f"\nWhat it takes for what, where it makes {MOST_ERRORS} errors at most:")
    print(confusion_lines(counted.errors) or "nothing")
    if confusions is not None:
        print(f"\n{confusions}: what the search of plates expects of this reader")
