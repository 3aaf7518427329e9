"""Chooses among swept settings, and says what the choice is worth on tapes that it was not made on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from ioc.scoring import OPERATIONAL, RECORDING, Tally
from ioc.sweep import Scored, Swept
from ioc.sweep_settings import Setting

MARGIN = 0.05
"""How much worse a choice may be on tapes that it was not made on before it is called fitted to them."""


class Role(StrEnum):
    """What is to be best: F with even weights, or for one of the two roles that `ioc score` shows."""

    F1 = "f1"
    ALERT = "alert"
    RECORDING = "recording"

    def of(self, tally: Tally) -> float:
        """Return the role's F; where nothing was to be found and nothing was raised, all is right."""
        bias = {Role.F1: 1.0, Role.ALERT: OPERATIONAL, Role.RECORDING: RECORDING}[self]
        worth = tally.f(bias)
        return 1.0 if worth is None else worth


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The choice made anew without each tape, or each camera, and tried on it; `scored` has no setting of its own."""

    scored: Scored
    parts: int
    by: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The best of one kind's settings, beside the site's own, which are the first of `swept.scored`."""

    swept: Swept
    role: Role
    ranked: tuple[Scored, ...]
    """All, the best first."""
    front: tuple[Scored, ...]
    """Those of which none is better in recall and no worse in false alarms, the fewest false alarms first."""
    held_out: HeldOut | None
    """None where there is one tape only."""

    @property
    def stands(self) -> Scored:
        """The site's own settings."""
        return self.swept.scored[0]

    @property
    def best(self) -> Scored:
        """The winner."""
        return self.ranked[0]

    @property
    def better(self) -> bool:
        """Whether the winner beats the site's own settings: a better F, or as good with fewer false alarms."""
        return self._standing(self.best) < self._standing(self.stands)

    @property
    def doubt(self) -> str | None:
        """Why the winner should not be believed; None where nothing speaks against it."""
        best = self.role.of(self.best.whole)
        if not any(tally.right + tally.missed for tally in self.best.tallies):
            return "these tapes show no event of the kind: the choice says nothing about what it would miss"
        if self.held_out is None:
            return "one tape: the choice is fitted to it, and nothing says what it is worth elsewhere"
        held = self.role.of(self.held_out.scored.whole)
        if held < best - MARGIN:
            return f"fitted to these tapes: {best:.2f} on them, {held:.2f} chosen without each {self.held_out.by}"
        if self.better and held <= self.role.of(self.stands.whole):
            return f"no better than the site's own where it was not chosen ({held:.2f}): keep what stands"
        return None

    def _standing(self, own: Scored) -> tuple[float, int]:
        return _rank(own, self.role, range(len(own.tallies)))[:2]


def choose(swept: Swept, role: Role) -> Choice:
    """Return the choice: the best F; then the fewest false alarms, then the nearest to the defaults, then the first."""
    tried = swept.scored[1:]
    everywhere = range(len(swept.trials))
    ranked = sorted(tried, key=lambda own: _rank(own, role, everywhere))
    return Choice(swept, role, tuple(ranked), tuple(_front(ranked)), _held_out(swept, role))


def _rank(own: Scored, role: Role, places: Iterable[int]) -> tuple[float, int, float]:
    tally = own.over(places)
    return -role.of(tally), tally.wrong, own.setting.away


def _front(ranked: Sequence[Scored]) -> list[Scored]:
    """Return what no other setting beats (Pareto); of those alike, the first."""
    front: list[Scored] = []
    for own in sorted(ranked, key=lambda own: (own.whole.wrong, -own.whole.right)):
        if not front or own.whole.right > front[-1].whole.right:
            front.append(own)
    return front


def _held_out(swept: Swept, role: Role) -> HeldOut | None:
    """Leave each camera out where there are several, for its tapes are alike; each tape otherwise."""
    cameras = [own.camera for own in swept.trials]
    names = cameras if len(set(cameras)) > 1 else [str(own.tape) for own in swept.trials]
    parts = [[place for place, own in enumerate(names) if own == name] for name in dict.fromkeys(names)]
    if len(parts) < 2:
        return None
    tallies = []
    for part in parts:
        others = [place for place in range(len(names)) if place not in part]
        best = min(swept.scored[1:], key=partial(_rank, role=role, places=others))
        tallies.append(best.over(part))
    return HeldOut(Scored(Setting(), tuple(tallies)), len(parts), "camera" if names is cameras else "tape")
