"""Smoke: what looks like smoke, is found at one place again and again, and drifts.

Watches: the whole picture, or a zone of it.

Fires: when smoke has been found at one place in `share` of the looks of `after`, at least `looks` times, and what is
there changes from picture to picture. An enlarged part is believed only where flames are: a piece of sky alone looks
like smoke. What covers all of the picture is fog, rain on the lens or a camera out of focus. One incident is one alert:
told again as critical when it is `large` or has grown to twice its size, every `update_every` while it lasts, and
cleared when it has not been found for `clear_after`. It is help for somebody who decides, no fire alarm: nothing is
dialled.

Needs: readings `hazard` (looks) and `smoke`.

Known false alarms and misses: steam, dust and low clouds that move are taken for smoke. A plume thinner than the haze
behind it is missed, and at night smoke is seen only where light falls on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from pydantic import Field

from ioc.geometry import shared
from ioc.hazard_watch import LOOK, Found, HazardConfig, HazardWatch, Look, looks_of, states
from ioc.ports import Needs, RuleSetup, Watched
from ioc.temporal import Window
from ioc.types import Alert, Box, Observation, Severity

KIND = "smoke"
TOLD = "smoking"
FLAMES = timedelta(seconds=3)
"""For so long flames are remembered."""
NEEDS = Needs(readings=frozenset({LOOK}))
STATES = states(TOLD)


class Config(HazardConfig):
    """What a `smoke` rule takes from the site file."""

    score: float = Field(0.35, gt=0, le=1, description="least score of what counts as found")
    share: float = Field(0.6, gt=0, le=1, description="in which part of the looks meanwhile it must have been found")
    large: float = Field(0.3, gt=0, le=1, description="from this part of the picture on it is critical")
    beside_flames: float = Field(
        0.2, gt=0, le=1, description="least score of flames beside which smoke in an enlarged part is believed"
    )
    everywhere: float = Field(
        0.95, gt=0, le=1, description="what covers more of the picture than this is fog, or the camera's own trouble"
    )
    after: timedelta = Field(
        timedelta(seconds=3), ge=timedelta(0), description="how long it must have been found at one place"
    )
    severity: Severity = Field(Severity.MEDIUM, description="how much the alert matters while it is small")


class Detector:
    """Watches one zone of one camera, or the whole picture."""

    def __init__(self, setup: RuleSetup, config: Config) -> None:
        self._config = config
        self._watch = HazardWatch(KIND, TOLD, setup, config)
        self._flames: Window[tuple[datetime, Look]] = Window(FLAMES)

    def observe(self, obs: Observation) -> Iterator[Alert]:
        """Take the next observation; yield the smoke's beginning, its growth and its end."""
        looks = looks_of(obs)
        if len(self._flames) and obs.at - self._flames.last[0] > FLAMES:
            self._flames = Window(FLAMES)
        for look in looks:
            if look.flames:
                self._flames.add(obs.at, (obs.at, look))
        return self._watch.observe(obs, [(look, self._believed(obs.at, look)) for look in looks])

    def watched(self) -> Iterable[Watched]:
        """Return how far smoke is from being told."""
        return self._watch.watched()

    def _believed(self, at: datetime, look: Look) -> list[Found]:
        config = self._config
        if not look.whole and not self._burns_in(at, look.part):
            return []
        return [one for one in look.smoke if one.score >= config.score and one.box.area <= config.everywhere]

    def _burns_in(self, at: datetime, part: Box) -> bool:
        """Return whether flames were found in a part of the picture a moment ago."""
        config = self._config
        return any(
            flame.score >= config.beside_flames and flame.lively >= config.lively and shared(flame.box, part) > 0
            for then, look in self._flames
            if at - then <= FLAMES
            for flame in look.flames
        )
