"""Camera health: the camera's pictures cannot be believed, or it sends none.

Watches: figures of the picture, in itself and against what the camera usually shows.

Fires: when a fault has lasted for `after`. *Black*: nothing is bright. *Covered*: what had structure is flat, and
brightness lies elsewhere. *Blurred*: the fine detail is gone. *Moved*: the picture fits when it is moved back, or it is
quite another one at once. *Frozen*: picture after picture is the same. *Offline*: no pictures came for `offline_after`.
Two more are told of that are no faults: *low light*, and *infrared*, when colours go and edges stay. Each fault is one
alert however often it comes and goes: it is cleared when it has been away for `clear_after`. While a fault lasts, and
already while it is in doubt, the camera's other rules are muted; low light and infrared mute nothing once they are
told. A moved camera stays so until the view is back or, after `settle`, is taken for the usual one.

Needs: readings `camera_health`.

Known false alarms and misses: a lorry right before the lens covers it. Thick fog and a lens in the rain are blur. A
still picture sent as a camera is frozen. An encoder that goes on polishing a frozen picture hides that it is frozen,
and so does a clock burnt into the middle of it. Blur, dirt and dusk that come over minutes become usual. A camera that
is faulty from its first picture is known as black, frozen or in low light, never as blurred, covered or moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from ioc.ports import Confidence, Gauge, Needs, RuleSetup, Stage, Trust, Watched
from ioc.state_table import BEGIN, Move, State, StateTable
from ioc.temporal import in_seconds
from ioc.types import Alert, Evidence, Json, Observation, Phase, Severity

KIND = "camera_health"
NEEDS = Needs(readings=frozenset({KIND}))

BLACK, COVERED, BLURRED, MOVED, FROZEN = "black", "covered", "blurred", "moved", "frozen"
FAULTS = frozenset({BLACK, COVERED, BLURRED, MOVED, FROZEN})
"""Faults of the picture, which mute the camera's other rules."""
OFFLINE, LOW_LIGHT, INFRARED = "offline", "low_light", "infrared"
HARMLESS = {LOW_LIGHT: Severity.LOW, INFRARED: Severity.INFORMATIONAL}
"""What is told of but is no fault, and how much it matters."""

SHARE = 0.5
"""Of the pictures since a fault began, this part must show it."""
AWAY = timedelta(seconds=1.5)
"""A fault that has not been seen for so long is over, or was none."""
RECOVERED = timedelta(seconds=5)
"""So long after the last picture with a fault the camera is believed again: what looks at it must get used to it."""
DOUBTED = timedelta(seconds=10)
"""A fault that is not told is doubted for so long at most: what is due must not wait for ever."""
BLIND = timedelta(seconds=5)
"""Nobody looked for longer than this: what may have begun before is no longer known to last."""
LULLS, LONGEST_LULL = 3, timedelta(minutes=5)
"""A picture must be the same for so many times longer than it was before something moved again, so long ago or less."""

NO_LIGHT, LITTLE_LIGHT = 24.0, 60.0
"""Grey levels that all but a fiftieth of a black picture, and of one in low light, stays below."""
UNSHARP = 0.5
"""Part of the usual sharpness that is left in a blurred picture, at most."""
FLAT = 0.7
"""Part of what has structure that has lost it in a covered picture, at least."""
STRANGE = 0.5
"""Agreement of brightness with the usual picture that a covered one has, at most; or edges agree as little as those of
another view, or it is darker."""
DARKER = 0.4
"""With less than this part of the usual light a picture is darker, and too little sharpness is the darkness's doing."""
BETTER, AGREE = 0.04, 0.2
"""By so much better edges must agree when the picture is moved back, and at least so well, and half as well as usually,
..."""
STEADY = 0.015
"""... and picture after picture must have moved by the same, within this part of it: what only seems so wanders."""
KNOWN, ELSEWHERE, OTHER = 0.4, 0.4, 0.65
"""Edges that usually agree so well, agree less than this part of that, and brightness less: it is another view ..."""
AT_ONCE, USUAL = timedelta(seconds=2), 0.7
"""... if edges agreed this part as well as usually so short a time ago: fire, smoke and dusk change them slowly."""
REPEATED = 5e-4
"""This part of a picture may differ from the last one, and it is the same."""
CALM = 2.0
"""Grey levels by which no block of a frozen picture changes, whatever the encoder does."""
COLOURED, GREY = 2.0, 0.2
"""So far from grey, in grey levels, colours usually are at least, and this part of it, at most, in infrared."""


STATES = StateTable(
    {
        "in doubt": State(Stage.RISING, "it may be there: what other rules raise is kept back"),
        "faulty": State(Stage.TOLD, "told, until it has been away for `clear_after`"),
        "over": State(Stage.OVER, "it is gone, or was none"),
    },
    (
        Move((BEGIN,), "in doubt", "a picture shows it"),
        Move((BEGIN, "in doubt"), "faulty", "shown for `after`, or no picture for `offline_after`"),
        Move(("in doubt", "faulty"), "over", "away for long enough"),
    ),
)


class Config(BaseModel):
    """What a `camera_health` rule takes from the site file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after: timedelta = Field(timedelta(seconds=8), gt=timedelta(0), description="how long a fault must last")
    clear_after: timedelta = Field(
        timedelta(seconds=20), gt=timedelta(0), description="how long it must be away before it is cleared"
    )
    offline_after: timedelta = Field(
        timedelta(seconds=10), gt=timedelta(0), description="how long without a picture is offline"
    )
    moved: float = Field(
        0.05, gt=0, lt=0.5, description="how far the view must have moved, as a part of the picture's width or height"
    )
    settle: timedelta = Field(
        timedelta(minutes=10), gt=timedelta(0), description="how long another view must last to become the usual one"
    )
    severity: Severity = Field(
        Severity.HIGH, description="how much a fault matters; low light is `low`, infrared `informational`"
    )


@dataclass(slots=True)
class _Fault:
    """One fault that is there, or may be."""

    word: str
    began: datetime
    first: Evidence | None
    last: datetime
    """When it was seen last."""
    pictures: int = 0
    """How many there were since it began ..."""
    showing: int = 0
    """... and how many of them show it."""
    told: datetime | None = None

    @property
    def subject(self) -> str:
        """Name it in alerts."""
        return f"fault:{self.word}"

    @property
    def lasted(self) -> timedelta:
        """From its beginning until it was seen last."""
        return self.last - self.began


@dataclass(frozen=True, slots=True)
class _State:
    """What outlives the program."""

    faults: list[_Fault]
    lull: timedelta


_STATE = TypeAdapter(_State)


class Detector:
    """Watches the health of one camera."""

    def __init__(self, setup: RuleSetup, config: Config) -> None:
        self._setup, self._config = setup, config
        self._last: Observation | None = None
        self._awaited: datetime | None = None
        """Since when a camera that has never sent a picture is waited for."""
        self._fitted: datetime | None = None
        """When the view was last the usual one."""
        self._figures: dict[str, Any] = {}
        self._before: dict[str, Any] = {}
        """The figures of the picture before."""
        self._faults: dict[str, _Fault] = {}
        self._ended: list[_Fault] = []
        self._lull = timedelta(0)
        """For how long, at most, the picture was the same without being frozen."""

    def observe(self, obs: Observation) -> Iterator[Alert]:
        """Take the next observation; yield the beginnings and ends of faults."""
        self._ended = []
        yield from self.silent(obs.at)
        new_run = self._last is None or self._last.run != obs.run
        known = [fault for fault in self._faults.values() if fault.told or obs.at - fault.last <= BLIND]
        self._faults = {fault.word: fault for fault in known}
        self._last, self._before = obs, self._figures
        self._figures = next(
            (dict(r.value) for r in obs.readings if r.kind == KIND and isinstance(r.value, Mapping)), {}
        )
        if new_run or self._fits():
            self._fitted = obs.at
        shown = self._shown(obs.at)
        for word in shown - self._faults.keys():
            self._faults[word] = _Fault(word, obs.at, Evidence("frame", obs.seq, obs.at), obs.at)
        for fault in [*self._faults.values()]:
            yield from self._go_on(fault, obs.at, seen=fault.word in shown)

    def silent(self, at: datetime) -> Iterator[Alert]:
        """Take that no picture has come until now; yield that the camera is offline when that is due."""
        self._awaited = self._awaited or at
        since = self._last.at if self._last else self._awaited
        if at - since < self._config.offline_after:
            return
        gone = self._faults.get(OFFLINE)
        if gone is not None:
            gone.last = at
            return
        shown = Evidence("frame", self._last.seq, self._last.at) if self._last else None
        gone = self._faults[OFFLINE] = _Fault(OFFLINE, since, shown, at, told=at)
        yield self._alert(Phase.RAISED, gone, at)

    def trust(self) -> Trust:
        """Return whether the camera's pictures can be believed after the last observation."""
        if self._last is None:
            return Trust()
        at = self._last.at
        recent = [fault for fault in self._faults.values() if at - fault.last < RECOVERED]
        faulty = [f.word for f in recent if f.told == at or (f.told and f.word in FAULTS)]
        doubtful = [f.word for f in recent if not f.told and f.word != LOW_LIGHT and f.lasted < DOUBTED]
        if faulty:
            return Trust(Confidence.FAULTY, faulty[0])
        return Trust(Confidence.DOUBTFUL, doubtful[0]) if doubtful else Trust()

    def state(self) -> Json:
        """Return the faults, so that they outlive the program."""
        state: Json = _STATE.dump_python(_State([*self._faults.values()], self._lull), mode="json")
        return state

    def restore(self, state: Json) -> None:
        """Go on with the faults of an earlier life; raises ValueError when that is no state of this rule."""
        try:
            known = _STATE.validate_python(state)
        except ValidationError as error:
            raise ValueError(f"no state of a camera's health: {error.error_count()} wrong values") from None
        self._faults, self._lull = {fault.word: fault for fault in known.faults}, known.lull

    def watched(self) -> Iterator[Watched]:
        """Yield the faults that are there or may be, and what has ended."""
        for fault in (*self._faults.values(), *self._ended):
            after = self._after(fault)
            lasts = Gauge("fault for", fault.lasted.total_seconds(), after.total_seconds(), "s")
            state, why = "in doubt", f"told when it has lasted for {in_seconds(after)}"
            if fault.told:
                state, why = "faulty", f"it has lasted for {in_seconds(after)}"
            if fault.word not in self._faults:
                lasted = f"it lasted for {in_seconds(fault.lasted)} of {in_seconds(after)}"
                state, why = "over", "" if fault.told else lasted
            yield Watched(fault.subject, fault.began, STATES.stage(state), state, why, (lasts,))

    def _go_on(self, fault: _Fault, at: datetime, *, seen: bool) -> Iterator[Alert]:
        fault.pictures += 1
        if seen:
            fault.last = at
            fault.showing += 1
        moves = fault.word == FROZEN and (self._figures.get("motion") or 0.0) > CALM
        if moves and fault.lasted <= LONGEST_LULL:
            self._lull = max(self._lull, fault.lasted)
        away = at - fault.last
        if not fault.told and seen and fault.lasted >= self._after(fault) and fault.showing >= SHARE * fault.pictures:
            fault.told = at
            yield self._alert(Phase.RAISED, fault, at)
        elif away >= (self._config.clear_after if fault.told else AWAY) or (moves and not fault.told):
            self._ended.append(self._faults.pop(fault.word))
            if fault.told:
                yield self._alert(Phase.CLEARED, fault, at)

    def _after(self, fault: _Fault) -> timedelta:
        if fault.word == OFFLINE:
            return self._config.offline_after
        return max(self._config.after, LULLS * self._lull) if fault.word == FROZEN else self._config.after

    def _shown(self, at: datetime) -> set[str]:
        """Return what the picture shows: one fault at most, or else what is no fault."""
        f = self._figures
        if not f:
            return set()
        fault = self._fault(at)
        if fault is not None:
            return {fault}
        shown = {LOW_LIGHT} if f["bright"] < LITTLE_LIGHT else set()
        return shown | {INFRARED} if self._colourless() else shown

    def _colourless(self) -> bool:
        f = self._figures
        return "kept" in f and bool(f["colour"] <= GREY * f["colour_usually"] and f["colour_usually"] >= COLOURED)

    def _fault(self, at: datetime) -> str | None:
        f = self._figures
        if f["bright"] < NO_LIGHT:
            return BLACK
        if "kept" in f:
            flat, dark = f["flat"] >= FLAT, f["light"] < DARKER * f["light_usually"]
            if flat and (dark or f["alike"] <= STRANGE or f["kept"] < ELSEWHERE * f["kept_usually"]):
                return COVERED
            if flat or (f["detail"] <= UNSHARP and not dark):
                return BLURRED
            if self._turned() or (self._elsewhere(at) and not self._colourless()):
                return MOVED
        return FROZEN if f["changed"] is not None and f["changed"] <= REPEATED else None

    def _turned(self) -> bool:
        """Return whether the picture fits the usual one when it is moved back, by as much as the last one."""
        f, before = self._figures, self._before
        far = max(abs(f["across"]), abs(f["down"])) >= self._config.moved
        steady = all(abs(f[way] - before.get(way, 1.0)) <= STEADY for way in ("across", "down"))
        return far and steady and bool(f["moved_back"] >= max(f["kept"] + BETTER, AGREE, f["kept_usually"] / 2))

    def _fits(self) -> bool:
        f = self._figures
        return "kept" in f and bool(f["kept"] >= USUAL * f["kept_usually"])

    def _elsewhere(self, at: datetime) -> bool:
        """Return whether the view became quite another one, at once."""
        f = self._figures
        other = (
            f["proven"]
            and f["kept_usually"] >= KNOWN
            and f["kept"] < ELSEWHERE * f["kept_usually"]
            and f["alike"] < OTHER
        )
        at_once = self._fitted is not None and at - self._fitted <= AT_ONCE
        return bool(other and (at_once or MOVED in self._faults))

    def _alert(self, phase: Phase, fault: _Fault, at: datetime) -> Alert:
        now = Evidence("frame", self._last.seq, self._last.at) if self._last else None
        details: dict[str, Json] = {"fault": fault.word, "lasted_s": round(fault.lasted.total_seconds(), 1)}
        if fault.word in FAULTS:
            details["mutes"] = phase is not Phase.CLEARED
        if fault.word == MOVED and phase is Phase.RAISED:
            details |= {name: self._figures[name] for name in ("across", "down")}
        return Alert(
            rule=self._setup.name,
            kind=KIND,
            camera=self._setup.camera,
            subject=fault.subject,
            phase=phase,
            severity=HARMLESS.get(fault.word, self._config.severity),
            began=fault.began,
            at=at,
            details=details,
            evidence=tuple(dict.fromkeys(e for e in (fault.first, now) if e is not None)),
        )
