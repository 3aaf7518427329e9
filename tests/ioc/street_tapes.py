"""Tapes of drawn streets with their truth beside them, and the site whose rules watch them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ioc.tape import TapeHeader, write_tape
from tests.detectors.street import START, Look, Thing, observations, standing, stopping

HERE = Path(__file__).parent
AFTER = 20.0
SITE = """\
# Two cameras of the same street.
[site]
id = "drawn"

[[camera]]
id = "east"
  [[camera.zone]]
  name = "kerb"
  polygon = [[0.0, 0.5], [1.0, 0.5], [1.0, 0.65], [0.0, 0.65]]

[[camera]]
id = "west"
  [[camera.zone]]
  name = "kerb"
  polygon = [[0.0, 0.5], [1.0, 0.5], [1.0, 0.65], [0.0, 0.65]]

[[rule]]
name = "east-kerb"
kind = "illegal_parking"
camera = "east"
zone = "kerb"
after = "PT20S"   # as the sign says

[[rule]]
name = "west-kerb"
kind = "illegal_parking"
camera = "west"
zone = "kerb"
after = "PT20S"

[[rule]]
name = "west-crowd"
kind = "overcrowding"
camera = "west"
at_most = 12
"""


@dataclass(frozen=True)
class Street:
    """What a tape shows: things, and the events that are owed an alert."""

    name: str
    camera: str
    things: Sequence[Thing]
    events: Sequence[dict[str, Any]] = field(default_factory=list)
    seconds: float = 60.0


def parked(x: float, begin: float, score: float = 0.8, end: float = 55.0) -> tuple[Thing, dict[str, Any]]:
    """Return a car that parks there from `begin` to `end`, and its event."""
    event = {"kind": "illegal_parking", "start_s": begin, "due_s": begin + AFTER, "end_s": end}
    return Thing(stopping(x, 0.6, begin, end), score=score), {**event, "box": [x - 0.05, 0.52, x + 0.05, 0.6]}


def ghost(x: float, score: float = 0.3) -> Thing:
    """Return what the detector doubtfully takes for a car, which always stands there."""
    return Thing(standing(x, 0.6), score=score)


def streets(count: int = 4) -> list[Street]:
    """Return streets, in turn of both cameras: a doubtful car that is parked, and a more doubtful one that is none.

    `sure` between .3 and .45 tells them apart: below, each street gives a false alarm; above, an event is missed.
    """
    made = []
    for number in range(count):
        clear, clear_event = parked(0.2, 10.0)
        doubtful, doubtful_event = parked(0.5, 14.0 + number, score=0.45)
        things = [clear, doubtful, ghost(0.8)]
        made.append(Street(f"street-{number}", ("east", "west")[number % 2], things, [clear_event, doubtful_event]))
    return made


def write_streets(folder: Path, drawn: Sequence[Street]) -> Path:
    """Write site.toml, and each street's tape with its truth beside it; return the site file's path."""
    for street in drawn:
        seen = observations(street.things, Look(street.seconds))
        write_tape(folder / f"{street.name}.tape", TapeHeader(camera=street.camera, start=START), seen)
        truth = {"clip": f"{street.name}.mp4", "duration_s": street.seconds, "events": list(street.events)}
        (folder / f"{street.name}.json").write_text(json.dumps(truth), encoding="utf-8")
    path = folder / "site.toml"
    path.write_text(SITE, encoding="utf-8")
    return path
