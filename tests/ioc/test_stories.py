"""What a rule watched, told over time: thin curves that stay true, and the changes that matter."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from ioc.ports import Gauge, Stage, Watched
from ioc.stories import Curve, Told
from ioc.types import Alert, Observation

START = datetime(2026, 3, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def drawn(curve: Curve, when: datetime) -> float:
    """Return what the curve shows at a time: the straight line between two points."""
    for (t1, y1), (t2, y2) in pairwise(curve.points):
        if t1 <= when <= t2:
            return y1 + (y2 - y1) * ((when - t1) / (t2 - t1))
    return curve.points[0][1]


def curve_of(values: Iterable[float], limit: float = 10.0) -> Curve:
    curve = Curve(Gauge("stood", 0.0, limit, "s"))
    for n, value in enumerate(values):
        curve.add(at(n / 5), value)
    return curve


def test_a_clock_that_runs_and_stops_needs_three_points() -> None:
    curve = curve_of([n / 5 for n in range(100)] + [20.0] * 100)
    assert len(curve.points) <= 4
    assert curve.points[0] == (at(0), 0.0)
    assert curve.points[-1] == (at(199 / 5), 20.0)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_left_out_lies_near_the_line(seed: int) -> None:
    dice = random.Random(seed)
    values = [0.0]
    for _ in range(500):
        values.append(values[-1] + dice.choice((0.0, 0.01, 0.3, -0.2)))
    curve = curve_of(values)
    assert len(curve.points) < len(values)
    for n, value in enumerate(values):
        assert drawn(curve, at(n / 5)) == pytest.approx(value, abs=10 / 200 + 1e-9)


def test_a_reading_that_is_not_later_is_left_out() -> None:
    curve = curve_of([1.0, 2.0])
    curve.add(at(0.1), 99.0)
    assert [value for _, value in curve.points] == [1.0, 2.0]


class Scripted:
    """A rule that watches what the script says, second by second."""

    def __init__(self, *script: tuple[Watched, ...]) -> None:
        self._script = iter(script)
        self._now: tuple[Watched, ...] = ()

    def observe(self, obs: Observation) -> Iterator[Alert]:
        self._now = next(self._script)
        return iter(())

    def watched(self) -> Iterator[Watched]:
        return iter(self._now)


def item(stage: Stage, state: str = "", why: str = "", *, subject: str = "place:1", began: float = 0.0) -> Watched:
    return Watched(subject, at(began), stage, state or stage.value, why, (Gauge("stood", 1.0, 2.0, "s"),))


def told(*script: tuple[Watched, ...]) -> Told:
    rule = Told(Scripted(*script))
    for n in range(len(script)):
        assert list(rule.observe(Observation("c1", "r", n, at(n)))) == []
    return rule


def test_a_story_keeps_the_changes_and_the_reason_of_its_end() -> None:
    rising, held = item(Stage.RISING, why="from now on"), item(Stage.HELD, "in a queue", "3 others")
    over = item(Stage.OVER, "left", "left after 2 s of 10 s")
    (story,) = told((rising,), (rising,), (held,), (rising,), (over,), ()).stories
    assert [(change.at, change.state) for change in story.changes] == [
        (at(0), "rising"),
        (at(2), "in a queue"),
        (at(3), "rising"),
        (at(4), "left"),
    ]
    ((*_, end),) = story.attempts()
    assert (end.stage, end.why) == (Stage.OVER, "left after 2 s of 10 s")
    assert story.last == at(4)


def test_what_comes_again_at_the_same_place_is_another_story() -> None:
    over = item(Stage.OVER)
    stories = told(
        (item(Stage.RISING),), (over, item(Stage.RISING, began=1.0)), (item(Stage.RISING, began=1.0),)
    ).stories
    assert [story.began for story in stories] == [at(0), at(1)]
    stories = told((item(Stage.RISING),), (over,), (item(Stage.RISING),)).stories
    assert len(stories) == 2


def test_what_is_quiet_in_between_makes_two_attempts() -> None:
    quiet, rising = item(Stage.QUIET, why="too few again"), item(Stage.RISING)
    (story,) = told((quiet,), (rising,), (quiet,), (rising,), (item(Stage.TOLD),)).stories
    first, second = story.attempts()
    assert [change.stage for change in first] == [Stage.RISING, Stage.QUIET]
    assert [change.stage for change in second] == [Stage.RISING, Stage.TOLD]


def test_a_rule_that_says_nothing_has_no_story() -> None:
    class Silent:
        def observe(self, obs: Observation) -> Iterator[Alert]:
            return iter(())

    rule = Told(Silent())
    assert list(rule.observe(Observation("c1", "r", 0, at(0)))) == []
    assert rule.stories == []
