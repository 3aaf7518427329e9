"""The seams between the core and the rooms around it: small protocols with small fakes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

from ioc.rulers import Ruler
from ioc.types import Alert, Box, Detection, Evidence, Frame, Json, Observation, Point, Reading

Wanted: TypeAlias = Callable[[datetime], bool]
"""Says from a picture's time alone whether it is to be converted and handed on."""


class FrameSource(Protocol):
    """One camera's pictures."""

    def frames(self, wanted: Wanted) -> Iterator[Frame]:
        """Open the source and yield the wanted frames of one run, in order.

        A recording ends by returning. Raises StreamError when it cannot be used at all and
        StreamLost when a live stream ends, stalls or breaks.
        """
        ...


@runtime_checkable
class Bounded(Protocol):
    """A source that ends by itself."""

    def length(self) -> timedelta | None:
        """Return how long it says it is; None when it does not say, or cannot be used."""
        ...


@dataclass(frozen=True, slots=True)
class Span:
    """What a clip is to show of one run: what lies around the moment `at`."""

    run: str
    start: datetime
    at: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class ClipStart:
    """The picture that a clip begins with: its number in the run, and when it was taken."""

    seq: int
    at: datetime


class ClipSource(Protocol):
    """The last seconds of one camera, out of which clips are cut; safe to use from several threads."""

    def hold(self, span: Span) -> None:
        """Keep what the span needs until it is released."""
        ...

    def release(self, span: Span) -> None:
        """Keep what the span needs no longer."""
        ...

    def ready(self, span: Span) -> bool:
        """Return whether all that will ever come of the span has come."""
        ...

    def write(self, path: Path, span: Span) -> ClipStart:
        """Write the span to a file as far as it is there; raise ClipMissing when nothing can be written."""
        ...


@dataclass(frozen=True, slots=True)
class Needs:
    """What a rule, or a camera's rules together, ask of perception."""

    labels: frozenset[str] = frozenset()
    readings: frozenset[str] = frozenset()

    def __or__(self, other: Needs) -> Needs:
        """Return the needs of both."""
        return Needs(self.labels | other.labels, self.readings | other.readings)


@dataclass(frozen=True, slots=True)
class Sight:
    """What perception found in one frame."""

    detections: tuple[Detection, ...] = ()
    readings: tuple[Reading, ...] = ()


class Perception(Protocol):
    """Everything that looks at pixels, shared by all cameras."""

    def look(self, frames: Sequence[Frame]) -> list[Sight]:
        """Return one Sight per frame, in order; a failure raises ModelError, it is never an empty result."""
        ...


class Seer(Protocol):
    """Gives the readings of one kind for the cameras whose rules need them.

    It may remember what it saw earlier of a camera's run; frames of one camera come in order.
    """

    def look(self, frames: Sequence[Frame], found: Sequence[Sequence[Detection]], /) -> list[tuple[Reading, ...]]:
        """Return each frame's readings, in order; `found` is what was detected in each frame.

        A failure raises ModelError, it is never an empty result.
        """
        ...

    def describe(self) -> dict[str, Json]:
        """Return what decides what is read, for a tape's header."""
        ...

    def ran(self) -> list[dict[str, str]]:
        """Return which files of weights run where, for an alert; none when no network is asked."""
        ...


@dataclass(frozen=True, slots=True)
class RuleSetup:
    """Where and under what name one rule of the site file works."""

    name: str
    camera: str
    zone: str | None = None
    polygon: tuple[Point, ...] | None = None
    area: float | None = None
    """How many m² of ground the zone has, where the site file says how large what the camera sees is."""
    time_zone: str = "Asia/Ho_Chi_Minh"
    """The city's, as IANA names it."""
    rulers: tuple[Ruler, ...] = ()
    """Those that the camera shows."""

    @property
    def subject(self) -> str:
        """What an alert is about that is about all of the rule's place."""
        return f"zone:{self.zone}" if self.zone else "frame"


class Rule(Protocol):
    """A pure fold of one camera's observations into alerts: no clock, no I/O, no pixels."""

    def observe(self, obs: Observation) -> Iterable[Alert]:
        """Take the next observation and return the alerts it makes due."""
        ...


@runtime_checkable
class Remembering(Protocol):
    """A rule that goes on where it was when the program begins anew."""

    def state(self) -> Json:
        """Return what it must know for that; asking changes nothing."""
        ...

    def restore(self, state: Json) -> None:
        """Go on from a state, before the first observation; raises ValueError when it is none of this rule."""
        ...


@runtime_checkable
class Citing(Protocol):
    """A rule that may show with a later alert what it sees now."""

    def cited(self) -> Iterable[Evidence]:
        """Return the pictures that it may yet name, after the last observation."""
        ...


class Confidence(StrEnum):
    """How far a camera's pictures can be believed."""

    SOUND = "sound"
    DOUBTFUL = "doubtful"
    FAULTY = "faulty"


@dataclass(frozen=True, slots=True)
class Trust:
    """How far a camera's pictures can be believed, and what is wrong, or may be, in a word."""

    confidence: Confidence = Confidence.SOUND
    fault: str = ""


@runtime_checkable
class Overseer(Protocol):
    """A rule that watches the camera itself: what the camera's other rules say depends on it."""

    def trust(self) -> Trust:
        """Return how far the pictures can be believed after the last observation; a doubt is soon resolved."""
        ...

    def silent(self, at: datetime) -> Iterable[Alert]:
        """Take that no picture has come until `at`, and return the alerts that this makes due."""
        ...


class Stage(StrEnum):
    """How far something that a rule watches is from an alert; the same words for every kind."""

    QUIET = "quiet"
    RISING = "rising"
    HELD = "held"
    TOLD = "told"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Gauge:
    """One reading of a rule, and the limit that it must reach for an alert; `release` is where that lets go again."""

    name: str
    value: float
    limit: float
    unit: str = ""
    release: float | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """Where one thing that a rule watches stands after an observation.

    `subject` and `began` name it (`began` is None for what is always there), `state` is the rule's own word, and `why`
    says in plain words what led to it: a thing that ends, or goes quiet again, untold says there what was missing. The
    first gauge is the one that is reached last: it shows how near an alert is.
    """

    subject: str
    began: datetime | None
    stage: Stage
    state: str
    why: str
    gauges: tuple[Gauge, ...] = ()
    box: Box | None = None


@runtime_checkable
class Watching(Protocol):
    """A rule that says what it watches, for whoever asks; asking changes nothing."""

    def watched(self) -> Iterable[Watched]:
        """Return what it watches after the last observation, and what that observation ended."""
        ...
