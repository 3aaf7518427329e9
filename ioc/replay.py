"""Replay: the same fold as live over a recording or its tape, waiting instead of dropping."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ioc import pipeline
from ioc.ports import FrameSource, Perception, Rule
from ioc.runner import Admit
from ioc.sampler import Sampler
from ioc.types import Alert, Observation


def observations(source: FrameSource, sampler: Sampler, perception: Perception) -> Iterator[Observation]:
    """Yield the observations of a recording, one sampled frame at a time.

    Frames are looked at one by one: a batch may round otherwise, and a tape must not depend on that.
    """
    observer = pipeline.Observer()
    for frame in source.frames(sampler.wants):
        (sight,) = perception.look([frame])
        yield observer.observe(frame, sight)


def alerts(seen: Iterable[Observation], rules: Sequence[Rule], policy: Admit) -> Iterator[Alert]:
    """Yield the alerts that are to be delivered."""
    yield from admitted(pipeline.alerts(seen, rules), policy)


def admitted(alerts: Iterable[Alert], policy: Admit) -> Iterator[Alert]:
    """Yield those of the alerts that the policy lets through."""
    for alert in alerts:
        admitted = policy.admit(alert)
        if admitted is not None:
            yield admitted
