"""Looks that are taken seldom keep to the pictures' own times, each camera and run apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from ioc.types import Frame
from models.slow_looks import SlowLooks

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
PICTURE = np.zeros((4, 4, 3), np.uint8)


def frame(seconds: float, camera: str = "c1", run: str = "r1") -> Frame:
    return Frame(camera, run, round(5 * seconds), START + timedelta(seconds=seconds), PICTURE)


def test_a_look_is_due_at_first_and_then_so_often() -> None:
    looks = SlowLooks(timedelta(seconds=2))
    due = [n / 5 for n in range(31) if looks.is_due(frame(n / 5))]
    assert due == [0.0, 2.0, 4.0, 6.0]


def test_after_a_pause_one_look_is_due_not_those_that_were_missed() -> None:
    looks = SlowLooks(timedelta(seconds=2))
    assert [looks.is_due(frame(t)) for t in (0.0, 30.0, 30.2, 32.0)] == [True, True, False, True]


def test_cameras_and_runs_are_apart() -> None:
    looks = SlowLooks(timedelta(seconds=2))
    frames = [frame(0), frame(0.2, "c2"), frame(0.4), frame(0.6, run="r2"), frame(0.8, run="r2")]
    assert [looks.is_due(one) for one in frames] == [True, True, False, True, False]
