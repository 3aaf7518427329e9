"""An hour of actors costs a moment no more than those who are there."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np

from streams.scene import Actor, solid
from streams.scene_cars import car
from streams.scene_cast import Cast
from streams.scene_motion import ALWAYS, Flow, Pose, Script, Span, Still
from tests.streams.small_scenes import passing_car


class Counting:
    """A motion that counts how often it is asked."""

    def __init__(self, span: Span) -> None:
        self.span = span
        self.asked = 0

    def at(self, seconds: float) -> Pose | None:
        self.asked += 1
        return Pose(0, 12, 0, 0, 0) if self.span[0] <= seconds < self.span[1] else None


def test_everyone_who_is_there_is_found_in_order_at_any_time() -> None:
    rng = np.random.default_rng(3)
    spans = [(float(a), float(a + d)) for a, d in zip(rng.uniform(-20, 300, 80), rng.uniform(0, 60, 80), strict=True)]
    cast = Cast(range(80), spans)
    for seconds in np.arange(0, 320, 0.37).tolist():
        found = cast.at(seconds)
        assert list(found) == sorted(found)
        assert {k for k, (first, last) in enumerate(spans) if first <= seconds <= last} <= set(found)


def test_few_others_are_looked_at() -> None:
    cast = Cast(range(1000), [(k * 3.6, k * 3.6 + 10) for k in range(1000)])
    assert max(len(cast.at(seconds)) for seconds in range(3600)) < 8


def test_a_scene_asks_only_those_who_may_be_there() -> None:
    motions = [Counting((k * 10.0, k * 10.0 + 5)) for k in range(50)]
    mesh = car(np.random.default_rng(1), "sedan")
    scene = passing_car(actors=tuple(Actor("car", motion, lambda _: mesh) for motion in motions))
    seen = scene.picture(timedelta(seconds=101)).seen
    assert sum(motion.asked for motion in motions) == motions[10].asked == 1
    assert "car-12" in {one.actor for one in seen}, "the eleventh behind the two that are always there"


def test_the_picture_does_not_depend_on_which_was_asked_for_before() -> None:
    actors = tuple(
        solid("car", Still(0, 12, 0, (k * 1.0, k + 1.0)), car(np.random.default_rng(k), "sedan")) for k in range(20)
    )
    straight, back = passing_car(actors=actors), passing_car(actors=actors)
    times = [timedelta(seconds=k + 0.5) for k in range(20)]
    forward = [straight.picture(t) for t in times]
    backward = [back.picture(t) for t in reversed(times)][::-1]
    assert all((a.image == b.image).all() and a.seen == b.seen for a, b in zip(forward, backward, strict=True))


def test_motions_say_when_they_may_be_there() -> None:
    path = ((2.0, 0.0, 0.0), (7.0, 9.0, 0.0))
    assert Script(path).span == (2.0, 7.0)
    assert Script(path, 40.0).span == Still(0, 0, 0).span == Flow((0, 0), (1, 0), 1, 0).span == ALWAYS


def test_a_script_without_a_period_happens_once() -> None:
    once = Script(((-1.0, 0.0, 0.0), (7.0, 9.0, 0.0)))
    assert once.at(0.0) is not None
    assert once.at(7.0) is None
    assert once.at(47.0) is None
    assert once.period == math.inf


def test_what_stands_for_a_while_is_gone_afterwards() -> None:
    stands = Still(1.0, 2.0, 0.5, (3.0, 4.0))
    assert stands.at(3.5) == Pose(1.0, 2.0, 0.5, 0.0, 0.0)
    assert stands.at(2.9) is None
    assert stands.at(4.0) is None
