"""Muting: while a camera's pictures cannot be believed, neither can what its rules make of them.

    the pictures are   another rule's alert is
    ----------------   ----------------------------------------------------------------
    sound              told
    doubtful           kept back until the doubt is resolved
    faulty             not told if it is raised now or was while in doubt; the news of an
                       incident that is open says `camera_fault`

Who says how the pictures are is a rule as well, an `Overseer`; without one everything is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from ioc.ports import Confidence, Overseer, Rule, Trust
from ioc.types import Alert, Observation, Phase


class Muting:
    """One camera's rules as one rule, in which those that oversee the camera mute the others."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._overseers = [rule for rule in rules if isinstance(rule, Overseer)]
        self._others = [rule for rule in rules if not isinstance(rule, Overseer)]
        self._kept_back: list[Alert] = []

    def observe(self, obs: Observation) -> Iterator[Alert]:
        """Take the next observation; yield the alerts that it makes due, or that are kept back no longer."""
        for overseer in self._overseers:
            yield from overseer.observe(obs)
        trust = self._trust()
        yield from self._let_go(trust)
        for rule in self._others:
            for alert in rule.observe(obs):
                self._kept_back.append(alert)
                yield from self._let_go(trust)

    def silent(self, at: datetime) -> Iterator[Alert]:
        """Take that no picture has come until `at`; yield the alerts that this makes due."""
        for overseer in self._overseers:
            yield from overseer.silent(at)

    def rest(self) -> Iterator[Alert]:
        """Yield what is still kept back when nothing more will come: a doubt never proved is none."""
        yield from self._let_go(Trust())

    def _trust(self) -> Trust:
        said = [overseer.trust() for overseer in self._overseers]
        order = list(Confidence)
        return max(said, key=lambda trust: order.index(trust.confidence), default=Trust())

    def _let_go(self, trust: Trust) -> Iterator[Alert]:
        if trust.confidence is Confidence.DOUBTFUL:
            return
        alerts, self._kept_back = self._kept_back, []
        for alert in alerts:
            if trust.confidence is Confidence.SOUND:
                yield alert
            elif alert.phase is not Phase.RAISED:
                yield replace(alert, details={**alert.details, "camera_fault": trust.fault})
