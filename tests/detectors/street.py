"""Streets for the rules' tests: things with a box at each time, seen at some rate, some pictures of them missed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from ioc.geometry import bounds, iou
from ioc.pipeline import Observer, rounded
from ioc.ports import Rule, RuleSetup, Sight
from ioc.types import Alert, Box, Detection, Frame, Observation, Phase, Point, Track
from tests.ioc.drawn import picture

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
CAMERA = "bg-017"
RUN = "20260301T080000"

Way: TypeAlias = Callable[[float], Box | None]
"""Where a thing is at a time in seconds; None while it is not in the picture."""


def at(seconds: float) -> datetime:
    """Return the time so many seconds after START."""
    return START + timedelta(seconds=seconds)


def box_on(x: float, y: float, width: float = 0.10, height: float = 0.08) -> Box | None:
    """Return the box whose lower edge's middle is there, as far as it is in the picture."""
    return Box.clipped(x - width / 2, y - height, x + width / 2, y)


def standing(x: float, y: float, begin: float = -1.0, end: float = 1e9, **size: float) -> Way:
    """Stand there from `begin` to `end`, not there before and after."""
    return lambda t: box_on(x, y, **size) if begin <= t < end else None


def stopping(x: float, y: float, begin: float, end: float, speed: float = 0.15, **size: float) -> Way:
    """Drive in from the left, stand from `begin` to `end`, drive on to the right; `speed` in frame widths a second."""

    def way(t: float) -> Box | None:
        off = speed * min(t - begin, 0) + speed * max(t - end, 0)
        return box_on(x + off, y, **size)

    return way


def driving(y: float, begin: float, speed: float = 0.3, **size: float) -> Way:
    """Cross the picture from the left, entering at `begin`."""
    return lambda t: box_on(speed * (t - begin), y, **size)


@dataclass(frozen=True)
class Thing:
    """One thing on the street; `names` are the identities it is followed under, each from a time on."""

    way: Way
    label: str = "car"
    score: float = 0.8
    names: tuple[tuple[float, str], ...] = ()

    def name(self, t: float, index: int) -> str:
        """Return the identity it is followed under at that time."""
        known = [name for since, name in self.names if since <= t]
        return known[-1] if known else str(index)


@dataclass(frozen=True)
class Look:
    """How the street is looked at."""

    seconds: float
    begin: float = 0.0
    rate: float = 5.0
    run: str = RUN
    misses: float = 0.0
    jitter: float = 0.0
    seed: int = 1


def observations(things: Sequence[Thing], look: Look) -> list[Observation]:
    """Return what a perfect tracker makes of the street, boxes jittered and some missed as `look` says."""
    dice = random.Random(look.seed)
    first: dict[str, datetime] = {}
    seen = []
    for seq in range(round(look.seconds * look.rate)):
        t = look.begin + seq / look.rate
        tracks = []
        for index, thing in enumerate(things):
            box = thing.way(t)
            if box is None or dice.random() < look.misses:
                continue
            name = f"{look.run}-{thing.name(t, index)}"
            first.setdefault(name, at(t))
            tracks.append(Track(name, thing.label, thing.score, _shaken(dice, box, look.jitter), first[name]))
        seen.append(Observation(CAMERA, look.run, seq, at(t), tuple(tracks)))
    return seen


def tracked(things: Sequence[Thing], look: Look) -> list[Observation]:
    """Return what our own tracker makes of it; what is hidden by more than half behind a nearer thing is not seen."""
    dice = random.Random(look.seed)
    observer = Observer()
    seen = []
    for seq in range(round(look.seconds * look.rate)):
        t = look.begin + seq / look.rate
        boxes = [(box, thing) for thing in things if (box := thing.way(t)) is not None]
        detections = [
            Detection(thing.label, thing.score, _shaken(dice, box, look.jitter))
            for box, thing in boxes
            if not any(_hides(other, box) for other, _ in boxes) and dice.random() >= look.misses
        ]
        seen.append(observer.observe(Frame(CAMERA, look.run, seq, at(t), picture()), Sight(tuple(detections))))
    return seen


def _hides(other: Box, box: Box) -> bool:
    width = min(other.x2, box.x2) - max(other.x1, box.x1)
    height = min(other.y2, box.y2) - max(other.y1, box.y1)
    return other.y2 > box.y2 and max(width, 0) * max(height, 0) > 0.5 * box.area


def _shaken(dice: random.Random, box: Box, jitter: float) -> Box:
    dx1, dx2 = (dice.gauss(0, jitter) * box.width for _ in range(2))
    dy1, dy2 = (dice.gauss(0, jitter) * box.height for _ in range(2))
    shaken = Box.clipped(box.x1 + dx1, box.y1 + dy1, box.x2 + dx2, box.y2 + dy2)
    return rounded(shaken or box)


def fold(rule: Rule, seen: Iterable[Observation]) -> list[Alert]:
    """Return all alerts of the rule."""
    return [alert for obs in seen for alert in rule.observe(obs)]


def raised(alerts: Iterable[Alert]) -> list[Alert]:
    """Return the beginnings."""
    return [alert for alert in alerts if alert.phase is Phase.RAISED]


def seconds(moment: datetime) -> float:
    """Return the seconds since START."""
    return (moment - START).total_seconds()


def zone(*corners: tuple[float, float], name: str = "kerb") -> RuleSetup:
    """Return the set-up of a rule in that zone."""
    return RuleSetup("the-rule", CAMERA, name, tuple(Point(x, y) for x, y in corners))


def renamed(seen: Iterable[Observation], names: Callable[[str], str]) -> list[Observation]:
    """Return the same with other identities, each picture's tracks in the order of these."""
    return [
        replace(obs, tracks=tuple(sorted((replace(t, id=names(t.id)) for t in obs.tracks), key=lambda t: t.id)))
        for obs in seen
    ]


def shifted(seen: Iterable[Observation], by: timedelta) -> list[Observation]:
    """Return the same at another time."""
    return [
        replace(obs, at=obs.at + by, tracks=tuple(replace(t, first_seen=t.first_seen + by) for t in obs.tracks))
        for obs in seen
    ]


def same_place(a: Alert, b: Alert) -> bool:
    """Return whether two alerts are about one place."""
    return a.box is not None and b.box is not None and iou(a.box, b.box) > 0.5


def zone_box(setup: RuleSetup) -> Box:
    """Return the bounds of the set-up's zone."""
    assert setup.polygon is not None
    return bounds(setup.polygon)
