"""Gates for the plate rule's tests: vehicles as in `street`, with plates that are read where the vehicles are seen."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from ioc.pipeline import Observer, rounded
from ioc.ports import Sight
from ioc.types import Box, Detection, Frame, Json, Observation, Reading
from tests.detectors.street import CAMERA, Look, Thing, at
from tests.ioc.drawn import picture

Says: TypeAlias = Callable[[float], str | None]
"""What is read at a time in seconds; "" for what cannot be read, None where no plate is found."""


def always(text: str) -> Says:
    """Read it right each time."""
    return lambda t: text


@dataclass(frozen=True)
class Plated:
    """A vehicle with a plate, or a plate alone where no vehicle is found."""

    thing: Thing
    says: Says
    upper_len: int | None = None
    seen: bool = True
    """Whether the vehicle is found; its plate stands alone otherwise."""
    colour: str = "white"
    sure: float = 0.95
    """How sure each character is."""

    def reading(self, t: float) -> Reading | None:
        """Return what is read at that time."""
        box, text = self.thing.way(t), self.says(t)
        if box is None or text is None or box.x1 == 0 or box.x2 == 1:
            return None
        label = self.thing.label if self.seen else None
        return plate_reading(text, plate_on(box), self.upper_len, label=label, colour=self.colour, sure=self.sure)


def plate_on(box: Box) -> Box:
    """Return where a vehicle's plate is: low in its middle."""
    x, y = box.centre.x, box.y1 + 0.7 * box.height
    wide, high = 0.3 * box.width, 0.12 * box.height
    return rounded(Box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2))


def plate_reading(
    text: str,
    box: Box,
    upper_len: int | None = None,
    *,
    label: str | None = "car",
    colour: str = "white",
    sure: float = 0.95,
    height: float = 20.0,
) -> Reading:
    """Return a reading as perception gives it."""
    above = len(text) if upper_len is None else upper_len
    scores: list[Json] = [sure] * len(text)
    value: dict[str, Json] = {
        "text": text,
        "upper_len": above,
        "lines": 1 if above == len(text) else 2,
        "scores": scores,
        "alternatives": [],
        "colour": colour,
        "height": height,
        "sharpness": 1.0,
        "found": 0.9,
        "vehicle": label,
    }
    return Reading("plate", value, round(sure ** len(text), 3), box)


def passing(cast: Iterable[Plated | Thing | Reading], look: Look) -> list[Observation]:
    """Return what our tracker makes of vehicles, with their plates and with readings that stand in every picture."""
    dice = random.Random(look.seed)
    members = list(cast)
    observer = Observer()
    seen = []
    for seq in range(round(look.seconds * look.rate)):
        t = look.begin + seq / look.rate
        detections, readings = [], [own for own in members if isinstance(own, Reading)]
        for own in members:
            thing = own.thing if isinstance(own, Plated) else own
            if not isinstance(thing, Thing) or dice.random() < look.misses:
                continue
            box = thing.way(t)
            if box is not None and (not isinstance(own, Plated) or own.seen):
                detections.append(Detection(thing.label, thing.score, rounded(box)))
            reading = own.reading(t) if isinstance(own, Plated) else None
            readings += [reading] if reading else []
        frame = Frame(CAMERA, look.run, seq, at(t), picture())
        seen.append(observer.observe(frame, Sight(tuple(detections), tuple(readings))))
    return seen
