"""A sweep: a grid of settings folded over tapes, each tape read once, and what became of the alerts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ioc import rulebook, trials
from ioc.errors import UsageError
from ioc.scoring import Tally, score
from ioc.site import Site
from ioc.sweep_settings import Setting, standing
from ioc.trials import Trial
from ioc.types import Json

Grid = Mapping[str, Sequence[Setting]]


@dataclass(frozen=True, slots=True)
class Scored:
    """A setting, and for each trial in order what became of its alerts."""

    setting: Setting
    tallies: tuple[Tally, ...]

    def over(self, places: Iterable[int]) -> Tally:
        """Return what became of its alerts in these trials together."""
        total = Tally()
        for place in places:
            total.add(self.tallies[place])
        return total

    @property
    def whole(self) -> Tally:
        """What became of its alerts in all trials."""
        return self.over(range(len(self.tallies)))


@dataclass(frozen=True, slots=True)
class Swept:
    """One kind's settings over the trials of the cameras that it watches; `scored` begins with the site's own.

    `now` is what stands in the site file for the fields that were swept, None where its rules differ.
    """

    kind: str
    now: Mapping[str, Json]
    trials: tuple[Trial, ...]
    scored: tuple[Scored, ...]

    @property
    def hours(self) -> float:
        """How long was watched in all."""
        return sum(own.hours for own in self.trials)


Lane = tuple[str, Setting]
"""A setting and the kind that it is of."""


@dataclass(frozen=True, slots=True)
class _Task:
    """One tape and what is to be folded over it."""

    site: Site
    path: Path
    trial: Trial
    lanes: Sequence[Lane]


def sweep(
    site: Site, path: Path, found: Sequence[Trial], grid: Grid, *, jobs: int, tell: Callable[[], None] = lambda: None
) -> list[Swept]:
    """Fold the grid over the trials in so many processes; `tell` is called whenever a tape is done.

    Each kind is tried by itself: rules do not see each other. Raises UsageError when no trial's camera has a rule of a
    kind, SiteError when a setting makes no rule, and TapeError when a tape cannot be read.
    """
    whole = {kind: (Setting(), *settings) for kind, settings in grid.items()}
    watched = {kind: _watched(site, path, found, kind) for kind in whole}
    for kind, settings in whole.items():
        _check(site, path, watched[kind], kind, settings)
    lanes = [
        [(kind, setting) for kind, settings in whole.items() if own in watched[kind] for setting in settings]
        for own in found
    ]
    folded: dict[str, list[list[Tally]]] = {kind: [] for kind in whole}
    for own, tallies in zip(found, _folded(site, path, found, lanes, jobs), strict=True):
        for kind, settings in whole.items():
            if own in watched[kind]:
                folded[kind].append([next(tallies) for _ in settings])
        tell()
    return [
        Swept(
            kind,
            standing(site, kind, settings[-1].values),
            tuple(watched[kind]),
            tuple(map(Scored, settings, zip(*folded[kind], strict=True))),
        )
        for kind, settings in whole.items()
    ]


def _watched(site: Site, path: Path, found: Sequence[Trial], kind: str) -> list[Trial]:
    """Return the trials of cameras that a rule of the kind watches."""
    cameras = {rule.camera for rule in site.rule if rule.kind == kind}
    watched = [own for own in found if own.camera in cameras]
    if not watched:
        known = ", ".join(sorted({own.camera for own in found}))
        raise UsageError(f"{path}: no rule of kind {kind!r} watches a camera of these tapes: {known}")
    return watched


def _check(site: Site, path: Path, watched: Sequence[Trial], kind: str, settings: Sequence[Setting]) -> None:
    for own in watched:
        trials.check(own, Setting().applied(site, kind), path)
    for camera in {own.camera for own in watched}:
        for setting in settings:
            rulebook.make_rules(setting.applied(site, kind), camera, path)


def _folded(
    site: Site, path: Path, found: Sequence[Trial], lanes: Sequence[Sequence[Lane]], jobs: int
) -> Iterator[Iterator[Tally]]:
    """Yield the tallies of each trial's lanes; of few tapes, each process is given a part of the lanes."""
    parts = 1 if len(found) >= 2 * jobs else jobs
    tasks = [
        _Task(site, path, own, own_lanes[part::parts])
        for own, own_lanes in zip(found, lanes, strict=True)
        for part in range(parts)
    ]
    results = trials.spread(_fold, tasks, jobs)
    for own_lanes in lanes:
        tallies = [Tally()] * len(own_lanes)
        for part in range(parts):
            tallies[part::parts] = next(results)
        yield iter(tallies)


def _fold(task: _Task) -> list[Tally]:
    rules = [
        rulebook.make_rules(setting.applied(task.site, kind), task.trial.camera, task.path)
        for kind, setting in task.lanes
    ]
    alerts = trials.raised(task.trial, rules)
    return [
        score(task.trial.truth, raised).get(kind, Tally()) for (kind, _), raised in zip(task.lanes, alerts, strict=True)
    ]
