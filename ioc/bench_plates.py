"""How many vehicles that pass a drawn gate are told of once, and read right: pictures drawn, looked at and folded."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from ioc import pipeline, replay, rulebook
from ioc.ports import Wanted
from ioc.sampler import Sampler
from ioc.scoring import PLATE
from ioc.scoring_plates import Hit, PlateTally, score_plates
from ioc.seers import perception_for
from ioc.simulated_site import checked, site_table
from ioc.simulated_truth import truth_of, with_plates
from ioc.truth import Truth
from ioc.types import Alert, Frame
from streams.scene_demo import CITY
from streams.scene_play import Play, play
from streams.scene_script import SceneScript, load_script
from streams.scene_source import pictures_of
from streams.scene_truth import PlateLog
from streams.timing import RECORDING_START, run_id

GATE = CITY / "demo-gate.toml"
PER_MINUTE = 15.0
"""Vehicles a minute and lane: with so many, some are hidden behind others."""
TAIL = 8.0
"""Plates that are first legible in the last seconds do not count: nobody may see how their passes end."""


def gate(passes: int, fps: int, seed: int) -> SceneScript:
    """Return the demo's gate with traffic in which about so many plates pass legibly."""
    script = load_script(GATE)
    lanes = tuple(lane.model_copy(update={"per_minute": PER_MINUTE}) for lane in script.lane)
    seconds = 60 * passes / (len(lanes) * PER_MINUTE) + TAIL
    changed = {
        "duration": timedelta(seconds=math.ceil(seconds)),
        "fps": fps,
        "seed": seed,
        "lane": lanes,
        "moving": (),
        "loop": False,
    }
    return script.model_copy(update=changed)


@dataclass(frozen=True, slots=True)
class Gate:
    """A scene as a camera that notes which plates pass legibly in the pictures that it takes."""

    script: SceneScript
    played: Play
    logs: tuple[PlateLog, ...]
    step: Callable[[], None]
    """Called after each picture."""

    def frames(self, wanted: Wanted) -> Iterator[Frame]:
        """Draw and yield the wanted pictures, as one run."""
        run = run_id(RECORDING_START)
        for picture in pictures_of(self.played.scene):
            self.step()
            for log in self.logs:
                log.take(picture.drawn, picture.at.total_seconds())
            at = RECORDING_START + picture.at
            if wanted(at):
                image = picture.drawn.image
                image.flags.writeable = False
                yield Frame(self.script.id, run, picture.seq, at, image)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the passes whose plates were legible, and how many hits told of no plate that was in sight."""

    tally: PlateTally
    strange: int

    def figures(self) -> dict[str, Any]:
        """Return the counts, and the shares that matter.

        `once` of the passes had one hit and no other, `doubled` of the hits told of a pass again, `exact` of the passes
        that were told of were read right.
        """
        tally = self.tally
        read = tally.right + tally.wrong
        passes, hits = read + tally.missed, read + tally.doubled + self.strange
        return {
            "passes": passes,
            "missed": tally.missed,
            "wrong": tally.wrong,
            "twice": tally.doubled,
            "false": self.strange,
            "once": max(read - tally.doubled, 0) / passes if passes else None,
            "doubled": tally.doubled / hits if hits else None,
            "exact": tally.right / read if read else None,
        }


def measure(script: SceneScript, step: Callable[[], None]) -> Outcome:
    """Look at a scene as a live camera would be looked at, and return what its plate rule made of the passes.

    Raises ModelError when a model cannot be used.
    """
    where = Path(f"{script.id}.toml")
    site = checked(site_table([script], inference={"rate": float(script.fps), "variant": "float32"}), where)
    legible, in_sight = PlateLog(), PlateLog(legible=0.0)
    gate = Gate(script, play(script), (legible, in_sight), step)
    seen = replay.observations(gate, Sampler(script.fps), perception_for(site, site.camera))
    rules = rulebook.make_rules(site, script.id, where)
    hits = [_hit(alert) for alert in pipeline.alerts(seen, rules) if alert.kind == PLATE]
    owed = truth_of(script, gate.played, script.id)
    return Outcome(
        tally=score_plates(_without_end(with_plates(owed, legible)), hits),
        strange=score_plates(with_plates(owed, in_sight), hits).false,
    )


def _without_end(truth: Truth) -> Truth:
    counted = (own for own in truth.plates or () if own.start_s < truth.duration_s - TAIL)
    return truth.model_copy(update={"plates": tuple(counted)})


def _hit(alert: Alert) -> Hit:
    return Hit(alert.subject.removeprefix(f"{PLATE}:"), (alert.at - RECORDING_START).total_seconds(), None)
