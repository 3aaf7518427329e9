"""The one fold that live and replay share: sights become observations, observations become alerts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ioc.muting import Muting
from ioc.ports import Rule, Sight
from ioc.tracker import Tracker
from ioc.types import BOX_DECIMALS, SCORE_DECIMALS, Alert, Box, Frame, Observation, Reading, Track


class Observer:
    """Turns what perception saw in one camera's frames into what its rules see.

    Boxes are rounded to a ten-thousandth of the frame and scores to a thousandth, here and once, so that a
    tape holds exactly what the rules were given.
    """

    def __init__(self, tracker: Tracker | None = None) -> None:
        self._tracker = tracker or Tracker()

    def observe(self, frame: Frame, sight: Sight) -> Observation:
        """Return the observation of one frame; frames come in order."""
        tracks = self._tracker.update(frame.run, frame.at, sight.detections)
        return Observation(
            camera=frame.camera,
            run=frame.run,
            seq=frame.seq,
            at=frame.at,
            tracks=tuple(map(_rounded_track, tracks)),
            readings=tuple(map(_rounded_reading, sight.readings)),
        )


def _rounded_track(track: Track) -> Track:
    score = round(track.score, SCORE_DECIMALS)
    return Track(track.id, track.label, score, rounded(track.box), track.first_seen)


def _rounded_reading(reading: Reading) -> Reading:
    box = rounded(reading.box) if reading.box else None
    return Reading(reading.kind, reading.value, round(reading.score, SCORE_DECIMALS), box, reading.track)


def rounded(box: Box) -> Box:
    """Return the box on the grid of ten-thousandths, at least one step wide and high."""
    x1, x2 = _rounded_span(box.x1, box.x2)
    y1, y2 = _rounded_span(box.y1, box.y2)
    return Box(x1, y1, x2, y2)


def _rounded_span(low: float, high: float) -> tuple[float, float]:
    steps = 10**BOX_DECIMALS
    a, b = round(low * steps), round(high * steps)
    if a == b:
        a, b = (a, a + 1) if a < steps else (a - 1, a)
    return a / steps, b / steps


def alerts(observations: Iterable[Observation], rules: Sequence[Rule]) -> Iterator[Alert]:
    """Fold one camera's observations into the alerts that its rules make due, in order."""
    together = Muting(rules)
    for obs in observations:
        yield from together.observe(obs)
    yield from together.rest()
