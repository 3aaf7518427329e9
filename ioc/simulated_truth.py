"""The truth about a scene: which alerts its rules owe, from its script's geometry and the rules' own settings.

Nothing is looked at: a vehicle that the script stops in a zone has stopped there. What lies so near a threshold that
being a moment early or late decides is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ioc.geometry import bounds
from ioc.rulebook import module_of
from ioc.truth import Count, Event, Ignored, PlatePass, Truth
from ioc.types import Box, Point
from streams.scene_motion import Span
from streams.scene_play import Play
from streams.scene_script import SceneScript
from streams.scene_shown import shown
from streams.scene_truth import STEP, PlateLog, box_of, people_in, presence, spans_where, stays_in

NEAR = 1.5
"""Seconds around a rule's `after` within which an alert is neither owed nor false."""
COUNT_EVERY = 30.0
"""Seconds between two counts of people that the truth tells."""
Zone: TypeAlias = "tuple[Point, ...] | None"
Owed: TypeAlias = "tuple[Span, Box | None]"
"""From when to when it goes on, and where."""


def truth_of(script: SceneScript, play: Play, clip: str) -> Truth:
    """Return what is owed for a scene that is recorded as `clip`, event by event, in the order in which it is due.

    What the scene shows of kinds that none of its rules watches is told as well, due after DWELL.
    """
    zones = {zone.name: zone.points for zone in script.zones}
    events: list[Event] = []
    ignored: list[Ignored] = []
    dwell = DWELL
    for rule in script.rule:
        config = module_of(rule.kind).Config.model_validate(rule.settings)
        zone = zones[rule.zone] if rule.zone else None
        if rule.kind in DWELL:
            dwell = {**dwell, rule.kind: config.after}
        else:
            for span, box in OWED[rule.kind](play, zone, config):
                _judge(rule.kind, span, box, config.after, script.seconds, events, ignored)
    for one in shown(script, play):
        after = dwell[one.kind]
        box = _seen(play, one.name, one.span[0] + after.total_seconds())
        _judge(one.kind, one.span, box, after, script.seconds, events, ignored)
    events.sort(key=lambda event: (event.due_s, event.kind))
    return Truth(
        clip=clip,
        duration_s=script.seconds,
        events=tuple(events),
        ignore=tuple(ignored),
        counts=tuple(_counts(script, play, zones)),
    )


def with_plates(truth: Truth, log: PlateLog) -> Truth:
    """Return the truth with the plates that were seen as the scene was drawn."""
    passes = [PlatePass(text=text, start_s=first, end_s=last) for text, first, last in log.passes]
    return truth.model_copy(update={"plates": tuple(passes)})


def _counts(script: SceneScript, play: Play, zones: Mapping[str, tuple[Point, ...]]) -> Iterator[Count]:
    """Yield how many people the zones of crowds hold, every COUNT_EVERY seconds."""
    moments = np.arange(COUNT_EVERY / 2, script.seconds, COUNT_EVERY).tolist()
    for name in {rule.zone: None for rule in script.rule if rule.kind == "overcrowding"}:
        people = people_in(play, zones[name] if name else None, moments)
        yield from (Count(at_s=at, people=count, zone=name) for at, count in zip(moments, people, strict=True))


def _judge(
    kind: str, span: Span, box: Box | None, after: timedelta, length: float, events: list[Event], ignored: list[Ignored]
) -> None:
    start, end = round(span[0], 2), round(span[1], 2)
    due = round(start + after.total_seconds(), 2)
    if abs(end - due) <= NEAR:
        ignored.append(Ignored(kind=kind, start_s=max(due - NEAR, 0), end_s=min(due + 10, length)))
    elif end > due:
        events.append(Event(kind=kind, start_s=start, due_s=due, end_s=end, box=None if box is None else _rounded(box)))


def _rounded(box: Box) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = (round(edge, 4) for edge in box.as_tuple())
    return (x1, y1, x2, y2)


def _parked(play: Play, zone: Zone, config: Any) -> Iterator[Owed]:
    """Yield the stays of vehicles in a zone where they may not stand; traffic that waits does not park."""
    assert zone is not None
    for stay in stays_in(play, zone):
        if stay.actor.label in config.labels:
            yield stay.span, box_of(play, stay)


def _stayed(play: Play, zone: Zone, config: Any) -> Iterator[Owed]:
    """Yield for how long people are in a zone, or in the picture, each time that they are."""
    after = config.after.total_seconds()
    for actor in play.scene.actors:
        if actor.label == "person":
            for first, last in presence(play, actor, zone):
                yield (first, last), _seen(play, actor.name, first + after) if last - first >= after else None


def _crowded(play: Play, zone: Zone, config: Any) -> Iterator[Owed]:
    """Yield when more people are in a zone than may be; it is over when so many have left that the rule says so."""
    moments = np.arange(0.0, play.scene.duration.total_seconds(), STEP).tolist()
    counts = _smooth(np.array(people_in(play, zone, moments)), config.smooth)
    limit = config.limit(None)
    beyond = spans_where(counts > limit, STEP)
    low = spans_where(counts <= config.low(limit), STEP)
    calm = [begin for begin, end in low if end - begin >= config.clear_after.total_seconds()]
    box = None if zone is None else bounds(zone)
    over = -1.0
    for first, last in beyond:
        if first < over:
            continue
        beyond_after = last - first - config.after.total_seconds()
        if beyond_after >= 0:
            over = min((begin for begin in calm if begin >= last), default=len(counts) * STEP)
        yield (first, over if beyond_after > NEAR else last), box


def _told_as_passes(_play: Play, _zone: Zone, _config: Any) -> Iterator[Owed]:
    """Yield nothing: plates are owed as passes, which are known when the scene is drawn (see `with_plates`)."""
    return iter(())


def _seen(play: Play, name: str, seconds: float) -> Box | None:
    """Return the box of something in the picture of that time; None where it has none."""
    if not name or seconds >= play.scene.duration.total_seconds():
        return None
    seen = play.scene.picture(timedelta(seconds=seconds)).seen
    return next((one.detection.box for one in seen if one.actor == name), None)


def _smooth(counts: npt.NDArray[np.int64], span: timedelta) -> npt.NDArray[np.int64]:
    """Return the median over a span around each count: somebody at the zone's edge is no other crowd each time."""
    reach = round(span.total_seconds() / STEP / 2)
    padded = np.pad(counts, reach, mode="edge")
    return np.asarray(
        np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1), axis=1), dtype=np.int64
    )


OWED: dict[str, Callable[[Play, Zone, Any], Iterator[Owed]]] = {
    "illegal_parking": _parked,
    "loitering": _stayed,
    "overcrowding": _crowded,
    "plate": _told_as_passes,
}
"""How to find what a rule of a kind owes."""

DWELL = {
    kind: timedelta(seconds=seconds)
    for kind, seconds in {"fire": 5, "smoke": 10, "littering": 10, "flood": 20, "camera_health": 10}.items()
}
"""When the kinds that the script itself tells of are owed, where no rule says `after` how long."""
