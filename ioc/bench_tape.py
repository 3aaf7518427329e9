"""How fast a tape is folded: reading, the rules and both, measured in turns so that neighbours disturb all alike."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ioc import pipeline
from ioc.errors import UsageError
from ioc.ports import Rule
from ioc.tape import TapeFile
from models.bench import take_turns


@dataclass(frozen=True, slots=True)
class Pace:
    """One step's cost in milliseconds an observation, and how many times real time it goes by processor time."""

    step: str
    cpu_ms: float
    wall_ms: float
    times_real_time: float


@dataclass(frozen=True, slots=True)
class Folding:
    """What a tape holds and how fast it goes."""

    observations: int
    seconds: float
    tracks: float
    """Mean number in a picture."""
    bytes_an_hour: int
    paces: tuple[Pace, ...]


def folding(
    tape: TapeFile, make_rules: Callable[[], Sequence[Rule]], seconds: float, *, each: Callable[[], None] = lambda: None
) -> Folding:
    """Measure for about `seconds` a step; `each` is called after each round.

    Raises UsageError when the tape is too short to be measured, and TapeError.
    """
    seen = list(tape)
    media = (seen[-1].at - seen[0].at) / timedelta(seconds=1) if seen else 0.0
    if not media:
        raise UsageError(f"{tape.path}: holds no time to be measured; take a longer tape")
    steps: dict[str, Callable[[], object]] = {
        "read": lambda: _exhaust(tape),
        "rules": lambda: _exhaust(pipeline.alerts(seen, make_rules())),
        "both": lambda: _exhaust(pipeline.alerts(tape, make_rules())),
    }
    costs = take_turns([*steps.values()], seconds, [len(seen)] * len(steps), each=each)
    return Folding(
        observations=len(seen),
        seconds=media,
        tracks=sum(len(obs.tracks) for obs in seen) / len(seen),
        bytes_an_hour=round(tape.path.stat().st_size / media * 3600),
        paces=tuple(
            Pace(step, cost.cpu_ms, cost.wall_ms, media / (cost.cpu_ms / 1000 * len(seen)))
            for step, cost in zip(steps, costs, strict=True)
        ),
    )


def _exhaust(items: Iterable[object]) -> None:
    deque(items, maxlen=0)
