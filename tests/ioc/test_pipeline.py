"""From sights to observations to alerts: what is rounded, what is kept apart, and in which order things come."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.pipeline import Observer, alerts, rounded
from ioc.ports import Needs, Sight
from ioc.types import Alert, Box, Detection, Observation, Phase, Reading, Severity
from tests.ioc.drawn import RUN, START, after, car, frame, observation


class Every:
    """A rule that raises for each observation."""

    def __init__(self, name: str) -> None:
        self._name = name

    def observe(self, obs: Observation) -> Iterable[Alert]:
        return [Alert(self._name, "test", obs.camera, str(obs.seq), Phase.RAISED, Severity.LOW, obs.at, obs.at)]


def test_an_observation_belongs_to_its_frame() -> None:
    obs = Observer().observe(frame(7, 1.4), Sight())
    assert (obs.camera, obs.run, obs.seq, obs.at) == ("c1", RUN, 7, after(1.4))
    assert (obs.tracks, obs.readings) == ((), ())


def test_an_object_seen_again_is_the_same_track() -> None:
    observer = Observer()
    seen = [observer.observe(frame(n, n / 5), Sight((car(0.2 + n / 200),))) for n in range(10)]
    ids = {track.id for obs in seen for track in obs.tracks}
    assert len(ids) == 1
    assert ids.pop().startswith(f"{RUN}-")
    assert seen[-1].tracks[0].first_seen == START


def test_tracks_are_rounded_to_what_a_tape_holds() -> None:
    observer = Observer()
    for n in range(10):
        obs = observer.observe(frame(n, n / 5), Sight((car(0.2 + n * 0.00123456, score=0.87654321),)))
    (track,) = obs.tracks
    assert all(round(value, 4) == value for value in track.box.as_tuple())
    assert track.score == 0.877


def test_readings_are_rounded_and_passed_on() -> None:
    reading = Reading("density", {"people": 12}, 0.98765, Box(0.123456, 0.2, 0.3, 0.4))
    (kept,) = Observer().observe(frame(0, 0), Sight((), (reading,))).readings
    assert (kept.kind, kept.value, kept.score) == ("density", {"people": 12}, 0.988)
    assert kept.box == Box(0.1235, 0.2, 0.3, 0.4)


fraction = st.floats(0, 1, allow_nan=False)


@given(fraction, fraction, fraction, fraction)
def test_rounding_always_gives_a_box(x1: float, x2: float, y1: float, y2: float) -> None:
    x1, x2, y1, y2 = *sorted((x1, x2)), *sorted((y1, y2))
    if x1 < x2 and y1 < y2:
        box = rounded(Box(x1, y1, x2, y2))
        assert max(abs(a - b) for a, b in zip(box.as_tuple(), (x1, y1, x2, y2), strict=True)) <= 1.1e-4
        assert rounded(box) == box


@pytest.mark.parametrize("at", [0.0, 0.5, 1 - 1e-9])
def test_a_sliver_becomes_one_step_wide(at: float) -> None:
    box = rounded(Box(min(at, 1 - 2e-9), 0, min(at, 1 - 2e-9) + 1e-9, 1))
    assert box.width == pytest.approx(1e-4)


def test_alerts_come_observation_by_observation_and_rule_by_rule() -> None:
    seen = [observation(n, n / 5) for n in range(3)]
    made = [(alert.rule, alert.subject) for alert in alerts(seen, [Every("a"), Every("b")])]
    assert made == [("a", "0"), ("b", "0"), ("a", "1"), ("b", "1"), ("a", "2"), ("b", "2")]


def test_the_fold_is_lazy_so_that_live_can_use_it() -> None:
    asked: list[int] = []

    def source() -> Iterable[Observation]:
        for n in range(3):
            asked.append(n)
            yield observation(n, n / 5)

    made = iter(alerts(source(), [Every("a")]))
    next(made)
    assert asked == [0]


def test_needs_add_up() -> None:
    one = Needs(frozenset({"car"}), frozenset({"density"}))
    two = Needs(frozenset({"car", "person"}))
    assert one | two == Needs(frozenset({"car", "person"}), frozenset({"density"}))


def test_a_new_run_begins_with_new_tracks() -> None:
    observer = Observer()
    first = [observer.observe(frame(n, n / 5), Sight((car(),))) for n in range(8)][-1].tracks
    later: datetime = after(60)
    second = [
        observer.observe(frame(n, 60 + n / 5, run="20260301T080100"), Sight((Detection("car", 0.9, car().box),)))
        for n in range(8)
    ][-1].tracks
    assert first[0].id != second[0].id
    assert second[0].first_seen >= later
