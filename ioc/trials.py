"""Trials: tapes with the truth about what they saw, so that settings can be tried on them.

One pass over a tape folds any number of settings: reading costs the same for one as for hundreds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from alerts.policy import Policy
from ioc import replay, rulebook
from ioc.errors import IocError, UsageError
from ioc.muting import Muting
from ioc.ports import Rule
from ioc.scoring import Raised
from ioc.site import Site
from ioc.tape import open_tape
from ioc.tape_zones import require_zones
from ioc.truth import Truth
from ioc.types import Alert, Json, Phase
from streams.folders import tapes_in

Item = TypeVar("Item")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Trial:
    """One camera's tape and the truth about it; `labels` are what was looked for, None where the tape does not say."""

    tape: Path
    camera: str
    labels: frozenset[str] | None
    truth: Truth

    @property
    def name(self) -> str:
        """The recording's name."""
        return self.tape.stem

    @property
    def hours(self) -> float:
        """How long it lasts."""
        return self.truth.duration_s / 3600


def tapes(paths: Iterable[Path]) -> list[Path]:
    """Return the tapes named, and those in the folders named, each once. Raises StreamError for a folder without."""
    found = [tape for path in paths for tape in (tapes_in(path) if path.is_dir() else [path])]
    return list(dict.fromkeys(found))


def truth_of(recording: Path, folder: Path | None) -> Path:
    """Return where the truth about a recording or tape is: a JSON file of its name, in `folder` or beside it.

    Raises UsageError when there is no such recording.
    """
    if not recording.exists():
        raise UsageError(f"{recording}: no such recording")
    return (folder or recording.parent) / f"{recording.stem}.json"


def trial(tape: Path, truth: Truth) -> Trial:
    """Return the trial of a tape, which is asked what it is of. Raises TapeError when it cannot say."""
    header = open_tape(tape).header
    looked_for = [label for model in header.models for label in _listed(model.get("labels"))]
    return Trial(tape, header.camera, frozenset(looked_for) or None, truth)


def check(own: Trial, site: Site, path: Path) -> None:
    """Raise UsageError when the site's rules cannot be tried on this tape, and SiteError when they cannot be made."""
    if site.camera_with(own.camera) is None:
        known = ", ".join(camera.id for camera in site.camera)
        raise UsageError(f"{own.tape}: is of camera {own.camera!r}, which {path} does not have; it has: {known}")
    rulebook.make_rules(site, own.camera, path)
    needed = rulebook.needs_of(site.rules_of(own.camera)).labels
    if own.labels is not None and not needed <= own.labels:
        lacking = ", ".join(sorted(needed - own.labels))
        raise UsageError(
            f"{own.tape}: was made without looking for {lacking}, which rules in {path} need; make it again with "
            f"`ioc replay --site {path}`"
        )
    require_zones(open_tape(own.tape), site)


def raised(own: Trial, settings: Sequence[Sequence[Rule]]) -> list[list[Raised]]:
    """Return what each of several sets of rules raises on the tape, as it would be delivered.

    Raises TapeError when the tape cannot be read to its end.
    """
    tape = open_tape(own.tape)
    lanes = [(Muting(rules), Policy()) for rules in settings]
    found: list[list[Raised]] = [[] for _ in lanes]
    for obs in tape:
        for (rules, policy), alerts in zip(lanes, found, strict=True):
            told = replay.admitted(rules.observe(obs), policy)
            alerts += [_raised(alert, tape.header.start) for alert in told if alert.phase is Phase.RAISED]
    for (rules, policy), alerts in zip(lanes, found, strict=True):
        told = replay.admitted(rules.rest(), policy)
        alerts += [_raised(alert, tape.header.start) for alert in told if alert.phase is Phase.RAISED]
    return found


def spread(work: Callable[[Item], Made], items: Sequence[Item], jobs: int) -> Iterator[Made]:
    """Yield what `work` makes of each item, in their order, whatever the number of processes.

    Raises what `work` raises, and IocError when a process was lost.
    """
    if jobs == 1 or len(items) < 2:
        yield from map(work, items)
        return
    with ProcessPoolExecutor(min(jobs, len(items)), get_context("spawn")) as pool:
        try:
            yield from pool.map(work, items)
        except BrokenProcessPool:
            raise IocError("a worker process ended, perhaps for want of memory; try again with fewer --jobs") from None


def _raised(alert: Alert, start: datetime) -> Raised:
    media_s = round((alert.at - start).total_seconds(), 6)
    return Raised(alert.kind, media_s, alert.box.as_tuple() if alert.box else None)


def _listed(value: Json) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
