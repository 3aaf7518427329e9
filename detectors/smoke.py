"""Smoke: what looks like smoke, is found at one place again and again, and drifts.

Watches: the whole picture, or a zone of it.

Fires: when smoke has been found at one place in `share` of the looks of `after`, at least `looks` times, and what is
there changes from picture to picture. What covers all of the picture is fog, rain on the lens or a camera out of focus.
One incident is one alert: told again as critical when it is `large` or has grown to twice its size, every
`update_every` while it lasts, and cleared when it has not been found for `clear_after`. It is help for somebody who
decides, no fire alarm: nothing is dialled.

Needs: readings `hazard` (looks) and `smoke`.

Known false alarms and misses: steam, dust and low clouds that move are taken for smoke. A plume thinner than the haze
behind it is missed, and at night smoke is seen only where light falls on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from pydantic import Field

from ioc.hazard_watch import LOOK, Found, HazardConfig, HazardWatch, Look, looks_of
from ioc.ports import Needs, RuleSetup, Watched
from ioc.types import Alert, Observation, Severity

KIND = "smoke"
NEEDS = Needs(readings=frozenset({LOOK}))


class Config(HazardConfig):
    """What a `smoke` rule takes from the site file."""

    score: float = Field(0.35, gt=0, le=1, description="least score of what counts as found")
    share: float = Field(0.6, gt=0, le=1, description="in which part of the looks meanwhile it must have been found")
    large: float = Field(0.3, gt=0, le=1, description="from this part of the picture on it is critical")
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
        self._watch = HazardWatch(KIND, setup, config)

    def observe(self, obs: Observation) -> Iterator[Alert]:
        """Take the next observation; yield the smoke's beginning, its growth and its end."""
        looks = [look for look in looks_of(obs) if look.whole]
        return self._watch.observe(obs, [(look, self._believed(look)) for look in looks])

    def watched(self) -> Iterable[Watched]:
        """Return how far smoke is from being told."""
        return self._watch.watched()

    def _believed(self, look: Look) -> list[Found]:
        config = self._config
        return [one for one in look.smoke if one.score >= config.score and one.box.area <= config.everywhere]
