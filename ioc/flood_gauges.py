"""What the rule `flood` goes by: which part of a zone is under water, or how deep it is at a ruler.

Both give one figure that rises with the water, how much of it matters how much, and what speaks against believing it.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from typing import Protocol, TypeVar

from ioc.geometry import bounds, stands_in
from ioc.ports import RuleSetup
from ioc.rulers import DRY, Ruler
from ioc.temporal import Window, in_seconds
from ioc.types import Box, Json, Observation, Severity
from ioc.water_trend import WaterTrend

T = TypeVar("T")

SPREAD = timedelta(seconds=6)
"""The median of the looks of so much time is what counts."""
USUAL = timedelta(minutes=30)
"""How slowly what is usual follows."""
JUMP = 0.25
"""Water that rises by so much of the zone from one look to the next did not come by itself ..."""
SETTLE = timedelta(seconds=8)
"""... and has to stay for so long."""
SMOOTH = 0.4
"""Less detail than this part of what the rest of the zone has, below people's feet, is a polished floor's."""
SHARE_SLACK, DEPTH_SLACK = 0.05, 1.5
"""It has gone down to a lower level when it is so much below, as a part of the zone and in centimetres."""


@dataclass(frozen=True, slots=True)
class Level:
    """From `least` on it is called so, and matters so much."""

    least: float
    name: str
    severity: Severity


PARTS = (Level(0.0, "part", Severity.MEDIUM), Level(0.5, "half", Severity.HIGH), Level(0.75, "most", Severity.CRITICAL))
"""How much of the zone is under water."""
SEVERITIES: Mapping[str, Severity] = {
    DRY: Severity.INFORMATIONAL,
    "wet": Severity.LOW,
    "ankle": Severity.MEDIUM,
    "kerb": Severity.MEDIUM,
    "axle": Severity.HIGH,
    "impassable": Severity.CRITICAL,
}


@dataclass(frozen=True, slots=True)
class GaugeState:
    """What a gauge must know to go on: its last looks, and what is usual."""

    looks: list[tuple[datetime, float]]
    detail: list[tuple[datetime, float]]
    people: list[tuple[datetime, int]]
    usual: float | None = None
    jumped: datetime | None = None


class Gauge(Protocol):
    """One figure that rises with the water."""

    levels: Sequence[Level]
    slack: float
    unit: str
    now: float
    """The median of the last looks."""

    @property
    def limit(self) -> float:
        """From this figure on it is a flood."""
        ...

    @property
    def release(self) -> float:
        """Below this figure it is none any more."""
        ...

    @property
    def box(self) -> Box | None:
        """Where it is looked."""
        ...

    def restart(self) -> None:
        """Forget the last looks: nothing is known of what was since."""
        ...

    def state(self) -> GaugeState:
        """Return what it must know to go on."""
        ...

    def restore(self, state: GaugeState) -> None:
        """Go on from there."""
        ...

    def take(self, obs: Observation) -> bool:
        """Take an observation; return whether it holds a look."""
        ...

    def learn(self) -> None:
        """Take what the last look showed for what may be usual."""
        ...

    def doubts(self) -> tuple[str, str] | None:
        """Return what speaks against believing it, in a word and in a sentence; None when nothing does."""
        ...

    def details(self, peak: float, trend: WaterTrend) -> dict[str, Json]:
        """Return what an alert tells of it; `peak` is the highest figure so far."""
        ...


def level_of(levels: Sequence[Level], value: float, before: int, slack: float) -> int:
    """Return the level of a value that was at level `before`; down it goes only when it is clearly below."""
    up, down = (sum(level.least <= figure for level in levels) - 1 for figure in (value, value + slack))
    return max(min(before, down), up, 0)


def _window(values: Iterable[tuple[datetime, T]] = ()) -> Window[T]:
    window: Window[T] = Window(SPREAD)
    for at, value in values:
        window.add(at, value)
    return window


def _value(obs: Observation, kind: str, named: str, name: str) -> Mapping[str, Json] | None:
    """Return what the reading of a kind says whose value is `named` so."""
    values: Iterable[Json] = (reading.value for reading in obs.readings if reading.kind == kind)
    return next((value for value in values if isinstance(value, dict) and value.get(named) == name), None)


def _figure(value: Mapping[str, Json], name: str) -> float:
    figure = value.get(name)
    return float(figure) if isinstance(figure, int | float) else 0.0


class ZoneGauge:
    """Which part of a zone is under water, 0 to 1, against what is usual for the camera."""

    levels: Sequence[Level] = PARTS
    slack = SHARE_SLACK
    unit = ""

    def __init__(self, setup: RuleSetup, *, share: float, rise: float, people: int) -> None:
        self._setup, self._share, self._rise, self._most = setup, share, rise, people
        self._usual: float | None = None
        self.restart()

    def restart(self) -> None:
        """Forget the last looks."""
        self.restore(GaugeState([], [], [], self._usual))

    def state(self) -> GaugeState:
        """Return the last looks, and what is usual."""
        looks, detail, people = self._looks.timed, self._detail.timed, self._people.timed
        return GaugeState(looks, detail, people, self._usual, self._jumped)

    def restore(self, state: GaugeState) -> None:
        """Go on from there."""
        self._looks, self._detail, self._people = _window(state.looks), _window(state.detail), _window(state.people)
        self._usual, self._jumped = state.usual, state.jumped
        self._last = self._looks.timed[-1][0] if state.looks else None
        self._step = timedelta(0)
        self.now = statistics.median(self._looks) if state.looks else 0.0

    @property
    def limit(self) -> float:
        """So much of the zone, and so much more than usual."""
        return max(self._share, (self._usual or 0.0) + self._rise)

    @property
    def release(self) -> float:
        """Half of what is needed."""
        return self.limit / 2

    @property
    def box(self) -> Box | None:
        """The zone's."""
        return bounds(self._setup.polygon) if self._setup.polygon else None

    def take(self, obs: Observation) -> bool:
        """Take an observation; return whether it holds a look."""
        value = _value(obs, "water", "zone", self._setup.zone or "")
        if value is None:
            return False
        share = _figure(value, "share")
        self._jumped = self._jump(obs.at, share, max(self._looks, default=share))
        self._step = obs.at - self._last if self._last else timedelta(0)
        self._last = obs.at
        self._looks.add(obs.at, share)
        self._detail.add(obs.at, _figure(value, "detail"))
        self._people.add(obs.at, sum(t.label == "person" and stands_in(self._setup.polygon, t.box) for t in obs.tracks))
        self.now = statistics.median(self._looks)
        return True

    def _jump(self, at: datetime, share: float, highest: float) -> datetime | None:
        """Return since when water that came at once has been there; None where none did, or it has stayed."""
        if share - highest >= JUMP:
            return at
        if self._jumped is None or highest < self._share or at - self._jumped >= SETTLE:
            return None
        return self._jumped if share >= self._share else at

    def learn(self) -> None:
        """Let what is usual follow the last look, slowly; at first it is what is there, if that is no flood."""
        share = self._looks.last
        if self._usual is None:
            self._usual = share if share < self._share else 0.0
        self._usual += (1 - exp(-self._step / USUAL)) * (share - self._usual)

    def doubts(self) -> tuple[str, str] | None:
        """Return that people stand on a floor, or that it came from one look to the next."""
        people = round(statistics.median(self._people)) if len(self._people) else 0
        if people > self._most and statistics.median(self._detail) < SMOOTH:
            return "a floor", f"it is smooth and {people} people stand on it"
        if self._jumped is not None:
            return "came at once", f"told if it stays for {in_seconds(SETTLE)}"
        return None

    def details(self, peak: float, trend: WaterTrend) -> dict[str, Json]:
        """Return an index, 0 to 100, the highest and the usual one, and how it went."""
        line: list[Json] = [[before, round(100 * share)] for before, share in trend.line()]
        index, highest, usual = (round(100 * share) for share in (self.now, peak, self._usual or 0.0))
        return {"index": index, "peak_index": highest, "usual_index": usual, "line": line}


class RulerGauge:
    """How many centimetres of water stand at a ruler."""

    slack = DEPTH_SLACK
    unit = "cm"

    def __init__(self, ruler: Ruler, at_least: str) -> None:
        self._ruler = ruler
        self.levels: Sequence[Level] = [
            Level(least, name, SEVERITIES[name]) for name, least in {DRY: 0.0, **ruler.classes}.items()
        ]
        self._limit = next(level.least for level in self.levels if level.name == at_least)
        self.restart()

    def restart(self) -> None:
        """Forget the last looks."""
        self.restore(GaugeState([], [], []))

    def state(self) -> GaugeState:
        """Return the last looks."""
        return GaugeState(self._looks.timed, [], [])

    def restore(self, state: GaugeState) -> None:
        """Go on from there."""
        self._looks = _window(state.looks)
        self.now = statistics.median(self._looks) if state.looks else 0.0

    @property
    def limit(self) -> float:
        """Where the least class begins that is told."""
        return self._limit

    @property
    def release(self) -> float:
        """Clearly below that."""
        return self._limit - min(self.slack, self._limit / 2)

    @property
    def box(self) -> Box | None:
        """The strip's."""
        return self._ruler.box

    def take(self, obs: Observation) -> bool:
        """Take an observation; return whether it holds a look."""
        value = _value(obs, "water_level", "ruler", self._ruler.name)
        if value is None:
            return False
        self._looks.add(obs.at, _figure(value, "depth_cm"))
        self.now = statistics.median(self._looks)
        return True

    def learn(self) -> None:
        """Nothing is usual at a ruler."""

    def doubts(self) -> tuple[str, str] | None:
        """Return None: what hides the ruler leaves no reading."""
        return None

    def details(self, peak: float, trend: WaterTrend) -> dict[str, Json]:
        """Return the depth, the deepest, how fast it rises once that can be said, and how it went."""
        rise = trend.per_hour()
        line: list[Json] = [[before, round(depth, 1)] for before, depth in trend.line()]
        rising: dict[str, Json] = {} if rise is None else {"trend_cm_h": round(rise)}
        return {"depth_cm": round(self.now, 1), "peak_cm": round(peak, 1), **rising, "line": line}
