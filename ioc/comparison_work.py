"""The work of a comparison: recordings become tapes once, and both settings are folded over them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ioc import rulebook, trials, wiring
from ioc.comparison import Both
from ioc.errors import UsageError
from ioc.scoring import judge
from ioc.site import Site
from ioc.trials import Trial
from ioc.truth import Truth, read_truth
from models.processor import use_one_thread
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
class _Look:
    """A recording that is to become a tape, as a site's camera looks at it."""

    site: Path
    camera: str
    clip: Path
    tape: Path


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


def looked_at(
    found: Sequence[Path],
    sides: tuple[Side, Side],
    *,
    tapes: Path,
    truth: Path | None,
    camera: str | None,
    jobs: int,
    tell: Callable[[], None] = lambda: None,
) -> list[Taped]:
    """Return each recording's truth and tapes, made where they are not in the folder `tapes` already.

    A recording is looked at as the camera named, or else the one that it is named after. `tell` is called after each
    tape. Raises UsageError for a truth that cannot be read or a site that lacks the camera, before anything is looked
    at, and StreamError or ModelError when a recording cannot be.
    """
    truths = [read_truth(trials.truth_of(clip, truth)) for clip in found]
    made, looks = [], []
    for clip, own in zip(found, truths, strict=True):
        if clip.suffix == TAPE:
            made.append(Taped(own, clip, clip))
            continue
        name = camera or clip.stem
        a, b = (_Look(side.path, name, clip, tapes / f"{clip.stem}{TAPE}") for side in sides)
        looks.append(a)
        if _view(sides[0], name) != _view(sides[1], name):
            b = replace(b, tape=tapes / "b" / b.tape.name)
            looks.append(b)
        made.append(Taped(own, a.tape, b.tape))
    for _ in trials.spread(_look, looks, jobs):
        tell()
    return made


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


def _look(look: _Look) -> None:
    use_one_thread()
    try:
        look.tape.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{look.tape.parent}: no tapes can be kept here: {error.strerror}; name a --tapes DIR"
        ) from None
    for _ in wiring.Replay(look.site, look.camera, threads=1).footage(look.clip, look.tape).observations:
        pass


def _fold(work: _Fold) -> Both:
    verdicts = [
        tuple(judge(own.truth, trials.raised(own, [rulebook.make_rules(side.site, own.camera, side.path)])[0]))
        for own, side in zip((work.a, work.b), work.sides, strict=True)
    ]
    return Both(work.a.name, work.a.truth, *verdicts)
