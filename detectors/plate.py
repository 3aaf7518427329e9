"""Number plates: one hit for each vehicle that passes with a legible plate, as a record.

Watches: plates as they are read, each with the vehicle that bears it, or by itself where the camera sees no more than
plates. All reads of a pass are voted on, place by place (see `ioc.plate_ballot`).

Fires: once a pass, when the vehicle has not been seen for `gone`; before that when the text is sure and no view has
been better for SETTLED, or after `wait` when it is sure or the vehicle stands. A vehicle that parks is told of once,
however its identity changes.
The same plate again within `again` is the same pass. A text that no plate of Vietnam bears is told of, as not valid,
when the reads of a moving vehicle agree on it. With a `line` a hit says whether the vehicle went in or out.

Needs: readings of kind `plate`, and tracks of vehicles.

Known false alarms and misses: what stands still by itself, or while vehicles move past it, is taken for a sign or a
caption; a camera that moves makes signs move. Where no vehicles are found, one that stands from the first picture
to the last is not told of. Two vehicles whose plates differ in one or two characters, one at the other's heels,
may be taken for one. What is in sight when the camera begins a new run, or when a recording ends, and was not told
of before, is begun anew, or not told at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ioc.geometry import contains, crossing
from ioc.plate_pass import Look, Pass, looks
from ioc.ports import Gauge, Needs, RuleSetup, Stage, Watched
from ioc.types import Alert, Evidence, Json, Observation, Phase, Point, Severity, Track

KIND = "plate"
NEEDS = Needs(
    labels=frozenset({"car", "bus", "truck", "motorcycle", "bicycle"}),
    readings=frozenset({KIND}),
)

SETTLED = timedelta(seconds=1)
"""When no view has been better for so long, none may be."""
LEGIBLE = 15.0
"""Characters lower than so many pixels are read with reserve."""
WAY = timedelta(seconds=10)
"""How long it is remembered which way a vehicle went that cannot be seen."""

Part = Annotated[float, Field(ge=0, le=1)]
Place = tuple[Part, Part]


class Config(BaseModel):
    """What a `plate` rule takes from the site file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: tuple[Place, Place] | None = Field(
        None, description="two points; who crosses from the left of the way between them to its right goes in"
    )
    gone: timedelta = Field(
        timedelta(seconds=1), ge=timedelta(0), description="a vehicle that has not been seen for so long has passed"
    )
    wait: timedelta = Field(
        timedelta(seconds=5), ge=timedelta(0), description="how long a better view of a sure plate is waited for"
    )
    again: timedelta = Field(
        timedelta(seconds=10), ge=timedelta(0), description="the same plate again within so long is the same pass"
    )
    sure: float = Field(
        0.8, ge=0, le=1, description="how certain a text must be to be told before the vehicle has passed"
    )
    least: float = Field(0.3, ge=0, le=1, description="least score of a text that is told at all")
    severity: Severity = Field(Severity.INFORMATIONAL, description="how much a hit matters; it is a record, no alarm")

    @field_validator("line")
    @classmethod
    def _check_line(cls, line: tuple[Place, Place] | None) -> tuple[Place, Place] | None:
        if line is not None and line[0] == line[1]:
            raise ValueError("expected two points that differ, such as [[0.1, 0.6], [0.9, 0.6]]")
        return line


class Detector:
    """Tells of the vehicles that pass one camera, or one zone of it, by their plates."""

    def __init__(self, setup: RuleSetup, config: Config) -> None:
        self._setup, self._config = setup, config
        self._run: str | None = None
        self._at: datetime | None = None
        self._passes: list[Pass] = []
        self._ended: list[tuple[Pass, str]] = []
        """Those that the last observation ended untold or forgot, and why."""
        self._read_anew: list[tuple[str, Pass]] = []
        """Those that are read otherwise since the last observation, and as what before."""
        self._feet: dict[str, tuple[datetime, Point]] = {}
        self._ways: dict[str, str] = {}

    def observe(self, obs: Observation) -> Iterator[Alert]:
        """Take the next observation; yield the passes that are told of now."""
        self._ended, self._read_anew = [], []
        if obs.run != self._run:
            self._start_run(obs.run)
        self._at = obs.at
        vehicles = [track for track in obs.tracks if track.label in NEEDS.labels]
        self._cross(obs.at, vehicles)
        by_id = {track.id: track for track in vehicles}
        for own in self._passes:
            own.follow(obs.at, by_id)
        for look in looks(obs, vehicles):
            if self._setup.polygon is None or contains(self._setup.polygon, look.box.centre):
                self._take(look)
        for own in self._passes:
            if own.told is None:
                own.direction = self._ways.get(own.track or "") or own.direction
                yield from self._tell(obs, own)
        self._forget(obs.at)

    def _start_run(self, run: str) -> None:
        """Begin anew with whom nothing was told of; who was told of may still be there."""
        self._run, self._feet, self._ways = run, {}, {}
        self._end([own for own in self._passes if own.told is None], "the camera began a new run")
        for own in self._passes:
            own.forget_track()

    def _end(self, passes: list[Pass], why: str) -> None:
        self._ended += [(own, why) for own in passes]
        self._passes = [own for own in self._passes if own not in passes]

    def _take(self, look: Look) -> None:
        """Give the read to the pass that it belongs to, or begin one."""
        best = max(self._passes, key=lambda own: own.fits(look, self._config.again), default=None)
        if best is None or not best.fits(look, self._config.again):
            rival = look.vehicle is not None and any(own.track == look.vehicle.id for own in self._passes)
            self._passes.append(Pass(look, rival=rival))
            return
        before, was = best.text, best.last.box.centre
        best.take(look)
        if look.vehicle is None and best.told is None:
            best.direction = self._way(was, look.box.centre) or best.direction
        if best.text != before:
            self._read_anew.append((before, best))

    def _cross(self, at: datetime, vehicles: list[Track]) -> None:
        """Note which way vehicles cross the line."""
        for track in vehicles:
            _, before = self._feet.get(track.id, (at, track.box.foot))
            self._feet[track.id] = at, track.box.foot
            way = self._way(before, track.box.foot)
            if way:
                self._ways[track.id] = way
        self._feet = {name: foot for name, foot in self._feet.items() if at - foot[0] <= WAY}
        self._ways = {name: way for name, way in self._ways.items() if name in self._feet}

    def _way(self, before: Point, after: Point) -> str | None:
        """Return which way a step crosses the line; None when it does not."""
        if self._config.line is None:
            return None
        first, second = self._config.line
        side = crossing((Point(*first), Point(*second)), before, after)
        return ("in" if side > 0 else "out") if side else None

    def _tell(self, obs: Observation, own: Pass) -> Iterator[Alert]:
        objection = own.objection(self._config.least)
        if not objection and (self._gone(obs.at, own) or self._settled(obs.at, own)):
            own.told = obs.at
            yield self._alert(obs, own)

    def _gone(self, at: datetime, own: Pass) -> bool:
        return at - own.last_seen >= self._config.gone

    def _settled(self, at: datetime, own: Pass) -> bool:
        """Return whether waiting on would hardly make the text any better."""
        sure = own.elected.certainty >= self._config.sure
        if at - own.first.at >= self._config.wait:
            return sure or own.stands
        crossed = self._config.line is None or own.direction is not None
        return sure and crossed and len(own.looks) > 1 and at - own.best.at >= SETTLED

    def _forget(self, at: datetime) -> None:
        """Forget what can come no more."""
        longest = max(self._config.again, self._config.gone)
        over = [own for own in self._passes if own.over(at, longest)]
        for own in over:
            self._end([own], "passed" if own.told else own.objection(self._config.least))

    def watched(self) -> Iterator[Watched]:
        """Yield the plates in sight, those read anew, and those that were forgotten."""
        for text, own in self._read_anew:
            yield self._watched(own, text, Stage.OVER, "read anew", f"reads as {own.text} now")
        for own in self._passes:
            yield self._watched(own, own.text, *self._standing(own))
        for own, why in self._ended:
            yield self._watched(own, own.text, Stage.OVER, "told" if own.told else "not told", why)

    def _watched(self, own: Pass, text: str, stage: Stage, state: str, why: str) -> Watched:
        gauges = (
            Gauge("certain of the text", own.elected.certainty, self._config.sure),
            Gauge("score", own.elected.guess.score, self._config.least),
        )
        return Watched(f"{KIND}:{text}", own.first.at, stage, state, why, gauges, own.last.box)

    def _standing(self, own: Pass) -> tuple[Stage, str, str]:
        objection = own.objection(self._config.least)
        if own.told is not None:
            return Stage.TOLD, "told", f"{len(own.looks)} reads, {own.elected.certainty:.2f} certain"
        if objection:
            return Stage.HELD, "in doubt", objection
        return Stage.RISING, "being read", f"told when it has passed, or is {self._config.sure:.2f} certain"

    def _alert(self, obs: Observation, own: Pass) -> Alert:
        best = own.best
        frame = best.vehicle.box if best.vehicle else best.box
        return Alert(
            rule=self._setup.name,
            kind=KIND,
            camera=obs.camera,
            subject=f"{KIND}:{own.text}",
            phase=Phase.RAISED,
            severity=self._config.severity,
            began=own.first.at,
            at=obs.at,
            box=best.box,
            details=_details(own),
            evidence=(
                Evidence("crop", best.seq, best.at, best.box),
                Evidence("frame", best.seq, best.at, frame),
            ),
        )


def _details(own: Pass) -> Mapping[str, Json]:
    """Return what is known of a pass: what was voted for, and the clearest read as it was read."""
    elected, plate, best = own.elected, own.plate, own.best
    guess = elected.guess
    alternatives: list[Json] = [[other.text, other.upper_len, round(other.score, 3)] for other in elected.alternatives]
    scores: list[Json] = [round(score, 3) for score in elected.scores]
    return {
        "text": plate.key,
        "raw": best.text,
        "score": round(guess.score, 3),
        "scores": scores,
        "alternatives": alternatives,
        "upper_len": guess.upper_len,
        "lines": 2 if guess.upper_len < len(guess.text) else 1,
        "kind": plate.kind,
        "province": plate.province,
        "colour": own.colour,
        "valid": plate.valid,
        "vehicle": own.vehicle,
        "direction": own.direction,
        "reads": len(own.looks),
        "height_px": best.vote.height,
        "legible": best.vote.height >= LEGIBLE,
        "first_seen": own.first.at.isoformat(),
        "last_seen": own.last_seen.isoformat(),
    }
