"""Fire: flames that are found at one place again and again, and that move as flames do.

Watches: the whole picture, or a zone of it.

Fires: when flames have been found at one place in `share` of the looks of `after`, at least `looks` times, and what is
there changes from picture to picture. Beside clear smoke fainter flames are believed; a look in which smoke covers all
of the picture, surer than any flame, is one into fog or out of focus and says nothing. One incident is one alert: told
again as critical when it is `large` or has grown to twice its size, every `update_every` while it lasts, and cleared
when it has not been found for `clear_after`. It is help for somebody who decides, no fire alarm: nothing is dialled.

Needs: readings `hazard` (looks), `flame` and `smoke`.

Known false alarms and misses: lights that flicker and look like flames, such as welding, or an advertisement that shows
a fire; the sun on moving water. Flames smaller than a hundredth of the picture, behind windows, or in the pictures of a
camera without colours are found late or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import Field

from ioc.hazard_watch import LOOK, Found, HazardConfig, HazardWatch, Look, looks_of, states
from ioc.ports import Needs, RuleSetup, Watched
from ioc.types import Alert, Observation

KIND = "fire"
TOLD = "burning"
NEEDS = Needs(readings=frozenset({LOOK}))
STATES = states(TOLD)


class Config(HazardConfig):
    """What a `fire` rule takes from the site file."""

    beside_smoke: float = Field(0.1, gt=0, le=1, description="least score of flames in a look that shows clear smoke")
    clear_smoke: float = Field(0.5, gt=0, le=1, description="least score of clear smoke")
    everywhere: float = Field(
        0.95,
        gt=0,
        le=1,
        description="smoke that covers more of the picture than this is fog, or the camera's own trouble",
    )
    fog: float = Field(0.35, gt=0, le=1, description="least score of fog; flames that are less sure are not believed")


class Detector:
    """Watches one zone of one camera, or the whole picture."""

    def __init__(self, setup: RuleSetup, config: Config) -> None:
        self._config = config
        self._watch = HazardWatch(KIND, TOLD, setup, config)

    def observe(self, obs: Observation) -> Iterator[Alert]:
        """Take the next observation; yield a fire's beginning, its growth and its end."""
        looks = [look for look in looks_of(obs) if not self._is_fog(look)]
        return self._watch.observe(obs, [(look, self._believed(look)) for look in looks])

    def watched(self) -> Iterable[Watched]:
        """Return how far a fire is from being told."""
        return self._watch.watched()

    def _is_fog(self, look: Look) -> bool:
        config = self._config
        least = max([config.fog, *(flame.score for flame in look.flames)])
        return any(one.score >= least and one.box.area > config.everywhere for one in look.smoke)

    def _believed(self, look: Look) -> list[Found]:
        config = self._config
        smoke = any(one.score >= config.clear_smoke and one.lively >= config.lively for one in look.smoke)
        least = config.beside_smoke if smoke else config.score
        return [flame for flame in look.flames if flame.score >= least]
