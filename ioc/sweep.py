"""A sweep: a grid of settings folded over tapes, each tape read once, and what became of the alerts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ioc import rulebook, trials
from ioc.errors import UsageError
from ioc.scoring import Raised, Tally, score
from ioc.site import Site
from ioc.sweep_settings import Setting
from ioc.trials import Trial

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
    """One kind's settings over the trials of the cameras that it watches; `scored` begins with the site's own."""

    kind: str
    trials: tuple[Trial, ...]
    scored: tuple[Scored, ...]

    @property
    def hours(self) -> float:
        """How long was watched in all."""
        return sum(own.hours for own in self.trials)


@dataclass(frozen=True, slots=True)
class _Task:
    """One tape and the settings to fold over it."""

    site: Site
    path: Path
    trial: Trial
    grid: Grid


def sweep(
    site: Site, path: Path, found: Sequence[Trial], grid: Grid, *, jobs: int, tell: Callable[[], None] = lambda: None
) -> list[Swept]:
    """Fold the grid over the trials in so many processes; `tell` is called whenever a tape is done.

    Each kind is tried by itself: rules do not see each other. Raises UsageError when no trial's camera has a rule of a
    kind, SiteError when a setting makes no rule, and TapeError when a tape cannot be read.
    """
    whole = {kind: (Setting(), *settings) for kind, settings in grid.items()}
    watched = {kind: _watched(site, path, found, kind) for kind in whole}
    tasks = []
    for place, own in enumerate(found):
        folded = {kind: settings for kind, settings in whole.items() if place in watched[kind]}
        for setting_kind, settings in folded.items():
            _check(site, path, own, setting_kind, settings)
        tasks.append(_Task(site, path, own, folded))
    results = []
    for result in trials.spread(_fold, tasks, jobs):
        results.append(result)
        tell()
    return [
        Swept(
            kind,
            tuple(found[place] for place in watched[kind]),
            tuple(
                Scored(setting, tuple(results[place][kind][number] for place in watched[kind]))
                for number, setting in enumerate(settings)
            ),
        )
        for kind, settings in whole.items()
    ]


def _watched(site: Site, path: Path, found: Sequence[Trial], kind: str) -> list[int]:
    """Return which of the trials are of cameras that a rule of the kind watches."""
    cameras = {rule.camera for rule in site.rule if rule.kind == kind}
    places = [place for place, own in enumerate(found) if own.camera in cameras]
    if not places:
        known = ", ".join(sorted({own.camera for own in found}))
        raise UsageError(f"{path}: no rule of kind {kind!r} watches a camera of these tapes: {known}")
    return places


def _check(site: Site, path: Path, own: Trial, kind: str, settings: Sequence[Setting]) -> None:
    for setting in settings:
        trials.check(own, setting.applied(site, kind), path)


def _fold(task: _Task) -> dict[str, list[Tally]]:
    lanes = [(kind, setting) for kind, settings in task.grid.items() for setting in settings]
    rules = [
        rulebook.make_rules(setting.applied(task.site, kind), task.trial.camera, task.path) for kind, setting in lanes
    ]
    tallies: dict[str, list[Tally]] = {kind: [] for kind in task.grid}
    for (kind, _), alerts in zip(lanes, trials.raised(task.trial, rules), strict=True):
        tallies[kind].append(_tally(task.trial, kind, alerts))
    return tallies


def _tally(own: Trial, kind: str, alerts: Sequence[Raised]) -> Tally:
    return score(own.truth, alerts).get(kind, Tally())
