"""Muting: while a camera's pictures cannot be believed, neither can what its rules make of them.

    the pictures are   another rule's alert is
    ----------------   ----------------------------------------------------------------------
    sound              told, unless the incident began in a fault: then its first update tells
    doubtful           kept back until the doubt is resolved
    faulty             not told if it is raised; the news of an incident that is open says
                       `camera_fault`

A fault reaches back to the doubt before it, and a moment further: what stands still in the first frozen picture has not
stopped there. Who says how the pictures are is a rule as well, an `Overseer`; without one everything is told.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from ioc.ports import Confidence, Overseer, Rule, Trust
from ioc.types import Alert, Observation, Phase

MOMENT = timedelta(seconds=1)
"""So long before the first doubt a fault may have begun."""
FAULTS, MUTED = 100, 1000
"""So many faults, and so many incidents that were muted, are remembered."""


class Muting:
    """One camera's rules as one rule, in which those that oversee the camera mute the others."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._overseers = [rule for rule in rules if isinstance(rule, Overseer)]
        self._others = [rule for rule in rules if not isinstance(rule, Overseer)]
        self._trust = Trust()
        self._doubted: datetime | None = None
        """Since when the pictures have not been sound."""
        self._faults: deque[tuple[datetime, datetime]] = deque(maxlen=FAULTS)
        """From when to when the pictures were faulty, with the doubt before."""
        self._kept_back: list[Alert] = []
        self._muted: OrderedDict[UUID, None] = OrderedDict()
        """Incidents that were raised and not told."""

    def observe(self, obs: Observation) -> Iterator[Alert]:
        """Take the next observation; yield the alerts that it makes due, or that are kept back no longer."""
        for overseer in self._overseers:
            yield from overseer.observe(obs)
        self._look(obs.at)
        yield from self._let_go()
        for rule in self._others:
            for alert in rule.observe(obs):
                self._kept_back.append(alert)
                yield from self._let_go()

    def silent(self, at: datetime) -> Iterator[Alert]:
        """Take that no picture has come until `at`; yield the alerts that this makes due."""
        for overseer in self._overseers:
            yield from overseer.silent(at)

    def rest(self) -> Iterator[Alert]:
        """Yield what is still kept back when nothing more will come: a doubt never proved is none."""
        self._trust = Trust()
        yield from self._let_go()

    def _look(self, at: datetime) -> None:
        """Take how the pictures are now, and remember the fault that they show."""
        said = [overseer.trust() for overseer in self._overseers]
        order = list(Confidence)
        self._trust = max(said, key=lambda trust: order.index(trust.confidence), default=Trust())
        if self._trust.confidence is Confidence.SOUND:
            self._doubted = None
            return
        self._doubted = self._doubted or at - MOMENT
        if self._trust.confidence is Confidence.FAULTY:
            if self._faults and self._faults[-1][0] == self._doubted:
                self._faults.pop()
            self._faults.append((self._doubted, at))

    def _let_go(self) -> Iterator[Alert]:
        if self._trust.confidence is Confidence.DOUBTFUL:
            return
        alerts, self._kept_back = self._kept_back, []
        for alert in alerts:
            yield from self._passed(alert)

    def _passed(self, alert: Alert) -> Iterator[Alert]:
        faulty = self._trust.confidence is Confidence.FAULTY
        if alert.phase is Phase.RAISED and (faulty or self._began_in_a_fault(alert)):
            self._muted[alert.id] = None
            if len(self._muted) > MUTED:
                self._muted.popitem(last=False)
        elif faulty:
            yield replace(alert, details={**alert.details, "camera_fault": self._trust.fault})
        elif alert.id in self._muted:
            del self._muted[alert.id]
            if alert.phase is Phase.UPDATED:
                yield replace(alert, phase=Phase.RAISED)
        else:
            yield alert

    def _began_in_a_fault(self, alert: Alert) -> bool:
        return any(first <= alert.began <= last for first, last in self._faults)
