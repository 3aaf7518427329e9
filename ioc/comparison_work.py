"""The work of a comparison: recordings become tapes once, and both settings are folded over them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from ioc import rulebook, trials, wiring
from ioc.comparison import Both
from ioc.errors import IocError, UsageError
from ioc.replay_crew import replay_all
from ioc.replay_job import Job, Progress
from ioc.scoring import judge
from ioc.site import Site
from ioc.trials import Trial
from ioc.truth import Truth, read_truth
from streams.folders import recordings_in, tapes_in

TAPE = ".tape"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two settings."""

    path: Path
    site: Site


@dataclass(frozen=True, slots=True)
class Taped:
    """A recording's truth and tapes; both settings share a tape where they look at pictures alike."""

    truth: Truth
    a: Path
    b: Path


@dataclass(frozen=True, slots=True)
class _Fold:
    a: Trial
    b: Trial
    sides: tuple[Side, Side]


def recordings(paths: Iterable[Path]) -> list[Path]:
    """Return the recordings and tapes named, and those in the folders named: its tapes, or where it has none the rest.

    Raises UsageError when two have one name, and StreamError when a folder holds nothing that can be used.
    """
    found = [clip for path in paths for clip in (_inside(path) if path.is_dir() else [path])]
    twice = [name for name, count in Counter(clip.stem for clip in found).items() if count > 1]
    if twice:
        raise UsageError(f"two recordings are called {twice[0]!r}, so that one truth would be for both: rename one")
    return found


def taped(
    found: Sequence[Path], sides: tuple[Side, Side], *, tapes: Path, truth: Path | None, camera: str | None
) -> tuple[list[Taped], list[Job]]:
    """Return each recording's truth and tapes, in the folder `tapes`, and the jobs that make those tapes.

    A recording is looked at as the camera named, or else the one that it is named after. Raises UsageError for a truth
    that cannot be read, a site that lacks the camera, or a folder that cannot be made.
    """
    truths = [read_truth(trials.truth_of(clip, truth)) for clip in found]
    made, looks = [], []
    for clip, own in zip(found, truths, strict=True):
        if clip.suffix == TAPE:
            made.append(Taped(own, clip, clip))
            continue
        name = camera or clip.stem
        a = b = tapes / f"{clip.stem}{TAPE}"
        looks.append(_look(sides[0], name, clip, a))
        if _view(sides[0], name) != _view(sides[1], name):
            b = tapes / "b" / a.name
            looks.append(_look(sides[1], name, clip, b))
        made.append(Taped(own, a, b))
    return made, looks


def look(
    looks: Sequence[Job],
    processes: int,
    tell: Callable[[int, Progress], None],
    end: Callable[[int, timedelta], None],
) -> None:
    """Make the tapes that are not there, or not of the same.

    `tell` is given a job's number and how far it is, `end` how much media time there was. Raises IocError with the
    first problem when all others have ended.
    """
    problems = []
    with TemporaryDirectory() as unread:
        jobs = [replace(job, out=Path(unread) / f"{number}.jsonl") for number, job in enumerate(looks)]
        for number, done in replay_all(jobs, processes, tell):
            end(number, done.media)
            if done.problem:
                name = jobs[number].name
                problems.append(done.problem if name in done.problem else f"{name}: {done.problem}")
    if problems:
        more = f" (and {len(problems) - 1} more cannot be looked at)" if len(problems) > 1 else ""
        raise IocError(problems[0] + more)


def fold(
    made: Sequence[Taped], sides: tuple[Side, Side], *, jobs: int, tell: Callable[[], None] = lambda: None
) -> list[Both]:
    """Return the verdicts on both settings for each recording; `tell` is called after each.

    Raises UsageError for a tape that a site's rules cannot be tried on, and TapeError for one that cannot be read.
    """
    work = []
    for taped in made:
        a, b = trials.trial(taped.a, taped.truth), trials.trial(taped.b, taped.truth)
        for own, side in zip((a, b), sides, strict=True):
            trials.check(own, side.site, side.path)
        work.append(_Fold(a, b, sides))
    results = []
    for result in trials.spread(_fold, work, jobs):
        results.append(result)
        tell()
    return results


def alike(sides: tuple[Side, Side]) -> bool:
    """Return whether both settings look at pictures alike, whatever their rules."""
    a, b = (side.site.inference for side in sides)
    return a == b


def _inside(folder: Path) -> list[Path]:
    return tapes_in(folder) if any(folder.glob(f"*{TAPE}")) else recordings_in(folder)


def _view(side: Side, camera: str) -> tuple[object, ...]:
    """Return what a camera's tape depends on, besides the recording."""
    wiring.camera_of(side.site, camera, side.path)
    return side.site.inference, rulebook.needs_of(side.site.rules_of(camera)).labels


def _look(side: Side, camera: str, clip: Path, tape: Path) -> Job:
    try:
        tape.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{tape.parent}: no tapes can be kept here: {error.strerror}; name a --tapes DIR") from None
    return Job(side.path, out=Path(), camera=camera, video=clip, tape=tape, threads=1)


def _fold(work: _Fold) -> Both:
    verdicts = [
        tuple(judge(own.truth, trials.raised(own, [rulebook.make_rules(side.site, own.camera, side.path)])[0]))
        for own, side in zip((work.a, work.b), work.sides, strict=True)
    ]
    return Both(work.a.name, work.a.truth, *verdicts)
