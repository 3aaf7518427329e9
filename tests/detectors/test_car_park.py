"""A car park over a whole day: every stay too long is one alert, whatever hides it and whatever it is called."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from detectors.illegal_parking import Config, Detector
from ioc.types import Box, Observation, Track
from tests.detectors.street import CAMERA, RUN, at, box_on, fold, raised, seconds, zone

DAY = 24 * 3600.0
STAYS = 300
AFTER = 60.0
BAYS = [(0.08 + 0.12 * column, y) for y in (0.45, 0.6) for column in range(8)]
PARK = zone((0.0, 0.3), (1.0, 0.3), (1.0, 0.62), (0.0, 0.62))
LANE = 0.8
ARRIVES = 6.0
"""Seconds from the picture's edge to the bay, and back."""
BUS_EVERY, BUS_STOPS = 900.0, 45.0


@dataclass(frozen=True)
class Car:
    """One that stands in a bay from `begin` to `end`; `names` says when it gets another identity."""

    bay: tuple[float, float]
    begin: float
    end: float
    renamed: tuple[float, ...]

    def box(self, t: float) -> Box | None:
        """Return where it is: it comes along the lane, stands, and goes on along the lane."""
        x, y = self.bay
        away = max(self.begin - t, t - self.end, 0.0)
        if away == 0:
            return box_on(x, y)
        side = -1 if t < self.begin else 1
        turned = min(away / 2, 1.0)
        return box_on(x + side * 0.3 * max(away - 2, 0), y + turned * (LANE - y))

    def name(self, t: float) -> str:
        """Return what the tracker calls it."""
        return f"{RUN}-{self.bay}-{self.begin}-{sum(since <= t for since in self.renamed)}"


def cars(dice: random.Random) -> list[Car]:
    """Return a day's cars, bay by bay: a third stand briefly, some for hours; none within 5 s of the limit."""
    found: list[Car] = []
    for number, bay in enumerate(BAYS):
        count = STAYS // len(BAYS) + (number < STAYS % len(BAYS))
        share = DAY / count
        for turn in range(count):
            long = dice.uniform(AFTER + 5, 0.8 * share)
            length = dice.choice((dice.uniform(10, AFTER - 5), long, long))
            begin = turn * share + dice.uniform(20, 0.95 * share - length)
            renamed = tuple(sorted(dice.uniform(begin, begin + length) for _ in range(dice.choice((0, 1, 3)))))
            found.append(Car(bay, begin, begin + length, renamed))
    return found


def bus(t: float) -> Box | None:
    """Return the bus that stops in front of the nearer row every quarter of an hour."""
    into = t % BUS_EVERY
    if into > BUS_STOPS:
        return None
    return Box(0.25, 0.5, 0.75, 0.9)


def moments(park: list[Car]) -> list[float]:
    """Return when it is looked: four times a second around whatever happens, every five seconds otherwise."""
    happens = [moment for car in park for moment in (car.begin, car.begin + AFTER, car.end)]
    steps = {round(4 * moment) + step for moment in happens for step in range(-5 * 4, 5 * 4)}
    return sorted(step / 4 for step in steps | {20 * n for n in range(int(DAY / 5))} if 0 <= step / 4 < DAY)


def day(park: list[Car], dice: random.Random) -> Iterator[Observation]:
    """Yield what is seen: boxes tremble, one in twenty is missed, and now and then the light hides them all."""
    waiting = sorted(park, key=lambda car: car.begin)
    here: list[Car] = []
    for seq, t in enumerate(moments(park)):
        while waiting and waiting[0].begin - ARRIVES <= t:
            here.append(waiting.pop(0))
        here = [car for car in here if t <= car.end + ARRIVES]
        before = bus(t)
        blind = t % 3600 < 3
        tracks = [Track(f"{RUN}-bus-{t // BUS_EVERY}", "bus", 0.8, before, at(t))] if before and not blind else []
        for car in here:
            box = car.box(t)
            if box is None or blind or dice.random() < 0.05 or (before and hides(before, box)):
                continue
            first = max(since for since in (car.begin - ARRIVES, *car.renamed) if since <= t)
            tracks.append(Track(car.name(t), dice.choice(("car", "car", "truck")), 0.8, shaken(dice, box), at(first)))
        yield Observation(CAMERA, RUN, seq, at(t), tuple(tracks))


def hides(before: Box, box: Box) -> bool:
    return before.y2 > box.y2 and before.x1 < box.centre.x < before.x2 and before.y1 < box.centre.y


def shaken(dice: random.Random, box: Box) -> Box:
    dx, dy = (dice.gauss(0, 0.02) for _ in range(2))
    x, y = dx * box.width, dy * box.height
    return Box.clipped(box.x1 + x, box.y1 + y, box.x2 + x, box.y2 + y) or box


def in_sight(car: Car, t: float) -> bool:
    """Return whether it can be seen around that time."""
    around = [t + step / 4 for step in range(-4, 5)]
    return not any(moment % 3600 < 3 or ((b := bus(moment)) and hides(b, box_on(*car.bay) or b)) for moment in around)


def test_every_stay_too_long_is_told_once_and_no_other() -> None:
    dice = random.Random(1)
    park = cars(dice)
    rule = Detector(PARK, Config(after=timedelta(seconds=AFTER), queue=0))
    told = raised(fold(rule, day(park, dice)))
    owed = {(car.bay, car.begin): car for car in park if car.end - car.begin > AFTER}
    assert (len(park), len(told)) == (STAYS, len(owed))
    clocks = alerts = 0
    for alert in told:
        assert alert.box is not None
        foot = alert.box.foot
        bay = min(BAYS, key=lambda bay: math.dist(bay, (foot.x, foot.y)))
        car = next(car for car in owed.values() if car.bay == bay and car.begin <= seconds(alert.at) <= car.end)
        del owed[car.bay, car.begin]
        if in_sight(car, car.begin):
            clocks += 1
            assert abs(seconds(alert.began) - car.begin) <= 1
            if in_sight(car, car.begin + AFTER):
                alerts += 1
                assert abs(seconds(alert.at) - car.begin - AFTER) <= 1
    assert not owed
    assert min(clocks, alerts) > 0.9 * len(told), "hardly anything was in sight: this proves nothing"
